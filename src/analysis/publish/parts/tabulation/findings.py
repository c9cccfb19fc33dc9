"""What the tables of the book tell first: the level of each, and the clearest difference between groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.publish.parts.tabulation.layout import ColumnKey, Grid, LineKey, figure, grids, interval, line_name, title
from analysis.publish.parts.tabulation.layout import unit_of_question as unit_of
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST = 5
"""Tables that the findings tell of."""


def levels(store: Store, labels: Labels) -> str:
    """The first figure of each table of the book for everybody; of answers that of the most frequent."""
    told: list[str] = []
    seen: set[str] = set()
    for grid in grids(store, labels, chapter=True):
        line = leading_line(grid)
        if line is not None and line.question not in seen:
            seen.add(line.question)
            told.append(_level(grid, line, labels))
        if len(told) == MOST:
            break
    return formats.joined(told, labels.lang)


def groups(store: Store, labels: Labels) -> str:
    """The widest difference between two columns of each table, of those that the comparison of all finds clear."""
    told: list[str] = []
    seen: set[str] = set()
    for grid in grids(store, labels, chapter=True):
        found = max(clear_differences(grid), key=lambda one: one[0], default=None)
        if found is not None and found[1].question not in seen:
            seen.add(found[1].question)
            told.append(_difference(grid, *found[1:], labels))
        if len(told) == MOST:
            break
    return formats.joined(told, labels.lang)


def leading_line(grid: Grid) -> LineKey | None:
    """The line that a table leads with: its first, or the answer given most often."""
    (everybody,) = grid.of_banner("") or (None,)
    if everybody is None:
        return None
    there = [
        line
        for line in grid.lines
        if (line, everybody) in grid.cells and not formats.is_missing(grid.cells[line, everybody]["estimate"])
    ]
    if not there:
        return None
    if there[0].answer and there[0].rule in {"share", "category"}:
        alike = [line for line in there if line.answer and line.question == there[0].question]
        return max(alike, key=lambda line: float(grid.cells[line, everybody]["estimate"]))
    return there[0]


def _level(grid: Grid, line: LineKey, labels: Labels) -> str:
    (everybody,) = grid.of_banner("")
    row = grid.cells[line, everybody]
    kind = "answer" if line.answer and line.rule != "people" else "statistic"
    return labels.text(
        f"findings.tabulated.{kind}",
        title=title(grid, labels),
        name=line_name(line, labels) if kind == "answer" else lowered(line_name(line, labels), labels),
        value=with_unit(row["estimate"], line, labels),
        interval=interval(row, line, labels),
        n=formats.count(row["n"]),
    )


def clear_differences(grid: Grid) -> Iterator[tuple[float, LineKey, ColumnKey, ColumnKey]]:
    """Standardised difference, line, and the two columns that differ; totals grow with the size of the group alone."""
    for (line, column), row in grid.cells.items():
        if line.statistic == "total" or " " in column.banner:
            continue
        letters = "" if formats.is_missing(row["higher_than"]) else str(row["higher_than"])
        for other in grid.of_banner(column.banner) if letters else ():
            lower = grid.cells.get((line, other))
            if other.letter not in letters.split() or lower is None or formats.is_missing(lower["estimate"]):
                continue
            spread = float(row["se"]) + float(lower["se"])
            if spread > 0:
                yield (float(row["estimate"]) - float(lower["estimate"])) / spread, line, column, other


def _difference(grid: Grid, line: LineKey, higher: ColumnKey, lower: ColumnKey, labels: Labels) -> str:
    kind = "answer" if line.answer and line.rule != "people" else "statistic"
    rows = {"high": grid.cells[line, higher], "low": grid.cells[line, lower]}
    values = {key: with_unit(row["estimate"], line, labels) for key, row in rows.items()}
    bounds = {f"{key}_interval": interval(row, line, labels) for key, row in rows.items()}
    return labels.text(
        f"findings.tabulated_groups.{kind}",
        title=title(grid, labels),
        name=line_name(line, labels) if kind == "answer" else lowered(line_name(line, labels), labels),
        **values,
        **bounds,
        higher=group_named(higher, labels),
        lower=group_named(lower, labels),
    )


def group_named(column: ColumnKey, labels: Labels) -> str:
    """The group of a column by its answers."""
    questions, codes = column.banner.split(" "), column.category.split(" | ")
    names = [labels.category(question, code) for question, code in zip(questions, codes, strict=True)]
    return " × ".join(names)


def with_unit(value: float, line: LineKey, labels: Labels) -> str:
    """A figure of a line with its unit, where it has one."""
    unit = unit_of(line.question, labels) if line.rule == "amount" else ""
    text = figure(value, line)
    return labels.text("tabulation.amount", value=text, unit=unit) if unit else text
