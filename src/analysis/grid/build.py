"""One cell, made on a worker by what `make report` calls, and put in its place when all of it stands.

Imported by every worker, so that it needs little: the stages run in processes of make's own, forked from one warm
process that lives as long as the worker.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from analysis.errors import SurveyReportError
from analysis.grid.exchange import Exchange, state_of
from analysis.pipeline.lock import NOTE
from analysis.project import ROOT, tree_digest

CODE = ("src", "notebooks", "report", "Makefile", "pyproject.toml", "requirements.lock")
"""What decides, with params and data, what a cell becomes."""
PROSE = "report/overlays"
"""Prose of editions, by their names: each decides of its own cell alone."""
PACKAGES = (
    *("pandas", "numpy", "scipy", "statsmodels", "semopy", "pyarrow", "scikit-learn", "matplotlib", "pydantic"),
    *("papermill", "ipykernel", "typst", "pypandoc_binary", "lxml", "dask", "distributed"),
)
"""Packages that have to be of one version wherever cells are made."""
RECORD = "made.json"
"""What a cell was made from, in its folder: written last."""
LEFT = frozenset({"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "RUN_PID", "PYTHONWARNINGS"})
"""What a make above leaves in the environment."""
NOT_DECIDING = frozenset({"jobs", "patience", "name", "memory", "exchange", "text", "whole"})
"""What of a task does not decide what its cell becomes."""
FULL = (errno.ENOSPC, errno.EDQUOT)
LAST_LINES = 25


class CellError(SurveyReportError):
    """A cell could not be made."""


@dataclass(frozen=True)
class Task:
    """What a worker is asked to make; folders are told from the project's root, which may lie elsewhere there.

    targets: what make is asked for (report, or some of its products below `work`). publish: where the whole of `work`
    is put when it stands ("" nowhere). inputs: digest of the results of the whole that it takes over. environment:
    digest of code, packages and prose of whoever asks (`surroundings`). patience: seconds. memory: bytes that a process
    of the cell may take (0: no limit). exchange: the address through which folders travel to workers that share no disk
    ("": they do); then text are the params themselves, and whole the folder of the whole that has to be there.
    """

    name: str
    params: str
    work: str
    publish: str
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    renderer: str
    environment: str
    inputs: str = ""
    targets: tuple[str, ...] = ("report",)
    jobs: int = 1
    patience: float = 3600.0
    memory: int = 0
    exchange: str = ""
    text: str = ""
    whole: str = ""

    @property
    def packed(self) -> str:
        """What its folder is called on the way."""
        return f"{self.name}.{'cell' if self.publish else 'work'}"


@dataclass(frozen=True)
class Made:
    """A cell that stands: seconds that it took, whether it stood already, the worker's process."""

    name: str
    seconds: float
    stood: bool = False
    worker: int = field(default_factory=os.getpid)


@lru_cache(maxsize=1)
def environment() -> dict[str, str]:
    """Versions of Python, of the packages and of the project's code on this machine."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found | {"code": tree_digest(*(ROOT / name for name in CODE), without=ROOT / PROSE)[:16]}


def surroundings(params: str) -> str:
    """Digest of what on this machine, besides params and data, decides what their cell becomes."""
    return digest_of(environment() | {"prose": tree_digest(ROOT / PROSE / Path(params).stem)})


def digest_of(content: Mapping[str, object]) -> str:
    """SHA-256 of plain values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def build(task: Task) -> Made:
    """Make a cell; raises CellError with what make said where it can't, and where this machine has other versions."""
    started = time.monotonic()
    if surroundings(task.params) != task.environment:
        raise CellError(
            "This worker has other versions than whoever asks.",
            got=", ".join(f"{name} {number}" for name, number in environment().items()),
            hint="set the worker up from the same requirements.lock and the same commit",
        )
    work = ROOT / task.work
    try:
        if task.exchange:
            _receive(task)
        with _alone(work) as held:
            _make(task, held)
            if task.publish:
                _publish(work, ROOT / task.publish, made_from(task))
            if task.exchange:
                Exchange(task.exchange).put(ROOT / (task.publish or task.work), task.packed)
    except OSError as error:
        raise CellError(
            "A file of the cell can't be written or read on this worker.",
            where=str(error.filename or task.work).replace(f"{ROOT}/", ""),
            got=error.strerror or str(error),
            hint="make room, or have the worker run elsewhere" if error.errno in FULL else None,
        ) from None
    return Made(task.name, time.monotonic() - started)


def made_from(task: Task) -> str:
    """Digest of all that decides what a cell becomes; its params must be here."""
    params = (ROOT / task.params).read_bytes()
    own = {key: value for key, value in asdict(task).items() if key not in NOT_DECIDING}
    return digest_of(own | {"params": hashlib.sha256(params).hexdigest()})


def stands(task: Task) -> bool:
    """Whether a cell was made from just this, and all its books are there."""
    folder = ROOT / task.publish
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return record.get("made_from") == made_from(task) and all(
        (folder / "report" / lang / "index.html").is_file() for lang in task.languages
    )


def _receive(task: Task) -> None:
    """Have the params here, and the whole as whoever asks has it."""
    params, whole = ROOT / task.params, ROOT / task.whole
    params.parent.mkdir(parents=True, exist_ok=True)
    if not params.exists() or params.read_text(encoding="utf-8") != task.text:
        params.write_text(task.text, encoding="utf-8")
    if not task.whole:
        return
    with _alone(whole):
        if state_of(whole) != task.inputs:
            Exchange(task.exchange).take(f"{whole.name}.work", whole, task.inputs)


@contextlib.contextmanager
def _alone(work: Path) -> Iterator[int]:
    """Nobody else works in a folder while the descriptor that this gives is open, here or in a process started here.

    A worker that was killed may leave stages behind that end a moment later: whoever makes the cell next waits.
    """
    work.parent.mkdir(parents=True, exist_ok=True)
    with (work.parent / f".{work.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _make(task: Task, held: int) -> None:
    """Ask make for the cell, in a group of processes that ends with this worker or when patience is out."""
    targets = [name if name == "report" else f"{task.work}/{name}" for name in task.targets]
    command = ["make", f"--jobs={task.jobs}", *targets, f"PARAMS={task.params}", f"OUT={task.work}"]
    command += [f"LANGS={' '.join(task.languages)}", f"FORMATS={' '.join(task.formats)}", f"RENDERER={task.renderer}"]
    leash = [sys.executable, "-I", "-S", "-E", str(Path(__file__).with_name("leash.py"))]
    leash += [str(os.getpid()), str(task.memory)]
    own = {key: value for key, value in os.environ.items() if key not in LEFT}
    own |= {"RUN_PID": str(os.getpid()), "MAKELEVEL": "1"}
    log = ROOT / task.work / "make.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    (log.parent / NOTE).unlink(missing_ok=True)  # of a worker that may live on: the lock says that it is done here
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*leash, *command], cwd=ROOT, env=own, stdout=out, stderr=out, pass_fds=(held,), start_new_session=True
        )
        try:
            code = process.wait(task.patience)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise CellError(
                    "The cell was stuck.", where=task.name, got=f"{task.patience:g} s without an end"
                ) from None
            raise
    if code:
        raise CellError(_said(log, task), where=task.work)


def _said(log: Path, task: Task) -> str:
    """The end of what make said, without its progress and without folders of this machine."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    told = [line.replace(f"{ROOT}/", "") for line in lines if not line.startswith(("[", "make"))]
    if task.memory and any("MemoryError" in line for line in lines):
        told.append(
            f"A process of the cell needs more than the {task.memory / 2**30:.1f} GiB that it may take (`memory`)."
        )
    return "\n".join(told[-LAST_LINES:]) or f"make stopped without a word: {lines[-1] if lines else 'killed'}"


def _publish(work: Path, target: Path, origin: str) -> None:
    """Put all that was made into its place in one move, as second names of the files where the disk knows them."""
    from analysis.publish.book.render import replace_folder

    scratch = target.parent / f".{target.name}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        shutil.copytree(work, scratch, copy_function=link_or_copy, ignore=shutil.ignore_patterns(".*", "make.log"))
        (scratch / RECORD).write_text(json.dumps({"made_from": origin}) + "\n", encoding="utf-8")
        replace_folder(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def link_or_copy(source: str, target: str) -> None:
    """A second name for a file, or a copy where the disk knows no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
