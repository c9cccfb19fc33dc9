"""One run of a grid, from its file to its index: check, make the whole, decide, make the cells, gather."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.edition import load_edition
from analysis.edition.sections.data import TAKEN
from analysis.grid.build import Made, Task, stands, surroundings
from analysis.grid.cells import RESERVED, Grid, cells_of, check_against, check_size, load_grid, stated_answers
from analysis.grid.engine import Engine, EngineError, Session
from analysis.grid.exchange import Exchange, note
from analysis.grid.index import write_index
from analysis.grid.plan import Plan, answers_given, folder_of, note_records, plan, sizes, whole_of, work_of, write_whole
from analysis.pipeline.command import say
from analysis.pipeline.lock import claim
from analysis.pipeline.part_of_whole import taken_files
from analysis.project import ROOT, shown, steps

UP_TO_INDEX = (
    *(f"results/intake/{table}.json" for table in TAKEN),
    *("notebooks/05_satisfaction.ipynb", *(f"results/pages/{step}.html" for step in steps())),
)
"""What of the whole has to be there before its parts can be decided on and made, and what they take as it is."""
FAILED = "failed"


@dataclass(frozen=True)
class Asked:
    """What `make grid` was asked for."""

    path: Path
    engine: str = "local"
    workers: int = 0
    renderer: str = "auto"
    only: tuple[str, ...] = ()


def telling(fault: str) -> str:
    """The line of a fault that says most: the first one of a message, the last one of a traceback."""
    lines = fault.splitlines() or [""]
    return lines[-1] if lines[0].startswith((" ", "Traceback")) else lines[0]


@dataclass
class Progress:
    """Says which cell has ended, and when the last one may."""

    total: int
    slots: int
    started: float = field(default_factory=time.monotonic)
    ended: int = 0
    span: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def tell(self, task: Task, made: Made | None, fault: str) -> None:
        """One line for a cell that has ended."""
        self.ended += 1
        self.span = time.monotonic() - self.started
        place = f"[{self.ended:>{len(str(self.total))}}/{self.total}]"
        if made is None:
            self.faults[task.name] = fault
            say(f"{place} {task.name}  FAILED: {telling(fault)}{self.left()}")
            return
        if not made.stood:
            self.seconds.append(made.seconds)
        say(f"{place} {task.name}  {'stood' if made.stood else f'{made.seconds:.1f} s'}{self.left()}")

    def left(self) -> str:
        """How long the rest will take, by what those made so far took."""
        rest = self.total - self.ended
        if not rest or not self.seconds:
            return ""
        seconds = rest * sum(self.seconds) / len(self.seconds) / min(self.slots, rest)
        return f"  ·  about {seconds:.0f} s left" if seconds < 100 else f"  ·  about {seconds / 60:.0f} min left"


def publish_grid(asked: Asked, watch: Callable[[Progress], None] = lambda _: None) -> int:
    """Make the grid; returns 1 where a cell failed, else 0. Raises SurveyReportError before anything runs.

    `watch` is given what the cells took, once they have ended.
    """
    grid = load_grid(asked.path)
    edition = load_edition(grid.base)
    check_against(grid, edition)
    known = stated_answers(edition)
    check_size(grid, known)
    stated = all(one.where is None or one.only or one.where in known for one in grid.file.vary)
    cells = cells_of(grid, known) if stated else ()
    claim(folder_of(grid))
    engine = Engine(asked.engine, asked.workers, grid.file.retries)
    with engine.connected() as session:
        session.check_workers()
        if grid.file.exchange:
            session.check_exchange(grid.file.exchange)
        say(f"workers: {session.slots}  ·  dashboard: {session.dashboard}")
        languages = tuple(grid.file.languages) or edition.languages
        _make_whole(grid, session, asked, languages)
        cells = cells if stated else cells_of(grid, answers_given(grid))
        plans = plan(grid, cells)
        progress = _make_cells(grid, plans, session, asked, languages)
        if not progress.faults.keys() & {grid.base.stem} and note_records(grid, plans):
            say("some groups of records would follow from the cells together: what withholds them is released again")
            plans = plan(grid, cells)
            again = _make_cells(grid, plans, session, asked, languages)
            progress = replace(again, seconds=progress.seconds + again.seconds)
    watch(progress)
    _unpublish(grid, plans, progress)
    refused = plans.refused | {name: (FAILED, fault) for name, fault in progress.faults.items()}
    target = write_index(grid, cells, plans, refused, languages)
    published = len(plans.made) - len(progress.faults.keys() - {grid.base.stem})
    say(f"{published} of {len(cells)} cells published  →  {shown(target)}")
    return 1 if progress.faults else 0


def _task(
    grid: Grid, session: Session, asked: Asked, name: str, params: Path, languages: Sequence[str], **more: object
) -> Task:
    exchange = grid.file.exchange
    return Task(
        name=name,
        params=shown(params),
        work=shown(work_of(grid, name)),
        publish=shown(folder_of(grid) / name),
        languages=tuple(languages),
        formats=tuple(grid.file.formats),
        renderer=asked.renderer,
        environment=surroundings(shown(params)),
        patience=grid.file.patience * 60.0,
        memory=session.memory(grid.file.memory),
        exchange=exchange,
        text=params.read_text(encoding="utf-8") if exchange else "",
        **more,  # type: ignore[arg-type]
    )


def _make_whole(grid: Grid, session: Session, asked: Asked, languages: Sequence[str]) -> None:
    """Run the whole up to its index: what all cells take over is made once."""
    say(f"the whole ({grid.base.stem}) up to its index")
    path = folder_of(grid) / "params" / f"{grid.base.stem}.yml"
    path = path if path.exists() else write_whole(grid)
    task = _task(grid, session, asked, grid.base.stem, path, languages, targets=UP_TO_INDEX, jobs=session.slots)
    task = replace(task, publish="")
    faults: list[str] = []
    session.run([task], lambda _, made, fault: None if made else faults.append(fault))
    if grid.file.exchange and not faults:
        faults += _arrived(task, whole_of(grid))
    if faults:
        raise EngineError(
            "The whole could not be made, and so none of its parts.", where=shown(grid.base), got=faults[0]
        )
    if grid.file.exchange:
        note(whole_of(grid), _digest(whole_of(grid)))


def _make_cells(grid: Grid, plans: Plan, session: Session, asked: Asked, languages: Sequence[str]) -> Progress:
    """Make all cells and the report on the whole, the largest first."""
    inputs, whole = _digest(whole_of(grid)), shown(whole_of(grid)) if grid.file.exchange else ""
    order = sizes(grid, plans).sort_values(ascending=False, kind="stable").index
    planned = {one.cell.name: one for one in plans.made}
    of_whole = {"inputs": inputs, "whole": whole}
    tasks = [_task(grid, session, asked, grid.base.stem, plans.whole, languages, **of_whole)]
    for name in order:
        one = planned[str(name)]
        if not asked.only or one.cell.name in asked.only:
            more = of_whole if one.cell.where else {}
            tasks.append(_task(grid, session, asked, one.cell.name, one.params, one.languages, **more))
    progress = Progress(len(tasks), session.slots)

    def tell(task: Task, made: Made | None, fault: str) -> None:
        if made is not None and task.exchange:
            fault = "".join(_arrived(task, ROOT / task.publish))
        progress.tell(task, None if fault else made, fault)

    standing = [task for task in tasks if stands(task)]
    for task in standing:
        progress.tell(task, Made(task.name, 0.0, stood=True), "")
    session.run([task for task in tasks if task not in standing], tell)
    if grid.file.exchange:
        Exchange(grid.file.exchange).drop(f"{grid.base.stem}.work")
    return progress


def _arrived(task: Task, folder: Path) -> list[str]:
    """Put what was made elsewhere in its place here; why not where that can't be done."""
    exchange = Exchange(task.exchange)
    try:
        exchange.take(task.packed, folder)
        if task.publish:
            exchange.drop(task.packed)
    except (OSError, tarfile.TarError) as error:
        return [f"it was made, and did not arrive: {error}"]
    return []


def _digest(whole: Path) -> str:
    """Of the results of the whole that its parts take over."""
    from analysis.edition.sections.domain import Domain
    from analysis.pipeline.prepare import fingerprint

    own = Domain(of=shown(whole))
    return fingerprint(*(path for table in TAKEN for path in taken_files(own, table)))


def _unpublish(grid: Grid, plans: Plan, progress: Progress) -> None:
    """Remove what stands of cells that are refused, failed, or are no cells of the grid any more.

    What was published under another plan may tell what this plan withholds.
    """
    made = {one.cell.name for one in plans.made} - set(progress.faults)
    kept = {*made, grid.base.stem, *RESERVED}
    for folder in folder_of(grid).iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
