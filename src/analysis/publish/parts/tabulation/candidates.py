"""What banner tables offer for the front page of a survey without an index: levels, and groups that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from analysis.publish.part import Candidate
from analysis.publish.parts.tabulation.findings import clear_differences, group_named, leading_line, with_unit
from analysis.publish.parts.tabulation.layout import Grid, grids, interval, line_name, title
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.parts.tabulation.layout import LineKey
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LEVEL = 6.0
"""Size of a level, which is compared with nothing."""


def candidates(store: Store, labels: Labels) -> Iterable[Candidate]:
    """For each table of the book its clearest difference between groups, and its level."""
    if labels.edition.indexed or not store.has_table("tabulation"):
        return
    for grid in grids(store, labels, chapter=True):
        yield from _difference(grid, labels)
        yield from _level(grid, labels)


def _difference(grid: Grid, labels: Labels) -> Iterator[Candidate]:
    found = max(clear_differences(grid), key=lambda one: one[0], default=None)
    if found is None:
        return
    size, line, higher, lower = found
    rows = [grid.cells[line, column] for column in (higher, lower)]
    values = [with_unit(row["estimate"], line, labels) for row in rows]
    names = [group_named(column, labels) for column in (higher, lower)]
    yield Candidate(
        theme=f"group.{line.question}",
        sentence=labels.text(
            f"front.tabulated.{_kind(line)}_groups",
            title=title(grid, labels),
            name=_name(line, labels),
            higher=names[0],
            lower=names[1],
            high=values[0],
            low=values[1],
        ),
        basis=labels.text(
            "front.tabulated.basis",
            high=interval(rows[0], line, labels),
            low=interval(rows[1], line, labels),
            n=formats.count(rows[0]["n"]),
            others=formats.count(rows[1]["n"]),
        ),
        section="sec-tabulation",
        about=(line.question, higher.banner),
        size=size,
        contrast=0.6,
        surprise=0.3,
        use=0.2,
    )


def _level(grid: Grid, labels: Labels) -> Iterator[Candidate]:
    line = leading_line(grid)
    (everybody,) = grid.of_banner("") or (None,)
    if line is None or everybody is None:
        return
    row = grid.cells[line, everybody]
    yield Candidate(
        theme=f"level.{line.question}",
        sentence=labels.text(
            f"front.tabulated.{_kind(line)}",
            title=title(grid, labels),
            name=_name(line, labels),
            value=with_unit(row["estimate"], line, labels),
        ),
        basis=labels.text("front.based", interval=interval(row, line, labels), n=formats.count(row["n"])),
        section="sec-tabulation",
        about=(line.question,),
        size=LEVEL,
    )


def _kind(line: LineKey) -> str:
    return "answer" if line.answer and line.rule != "people" else "statistic"


def _name(line: LineKey, labels: Labels) -> str:
    name = line_name(line, labels)
    return name if _kind(line) == "answer" else lowered(name, labels)
