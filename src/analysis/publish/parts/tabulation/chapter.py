"""Banner tables as a chapter shows them: everybody and one background question, with intervals, bases and letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.publish.parts.tabulation.layout import (
    ColumnKey,
    Grid,
    LineKey,
    column_name,
    figure,
    grids,
    interval,
    line_name,
    question_name,
    title,
    unit_name,
)
from analysis.publish.tables.cells import NAME, NUMBER
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import Printed
from analysis.publish.tables.spec import Column, TableSpec
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

ACROSS = 5
"""Columns beside that of everybody that a page shows side by side; more of them go down the page."""
MOST_TABLES = 60
"""Tables of the classic book that the chapter shows; the workbook has all."""
WIDE = frozenset({"amount", "people"})
"""Rules of figures so long that their intervals have a row of their own."""


def texts(store: Store, labels: Labels) -> Mapping[str, str]:
    """The chapter's tables one after another, and the first of them for the front page."""
    shown = list(grids(store, labels, chapter=True))[:MOST_TABLES]
    parts = [f"## {as_markdown(title(grid, labels))}\n\n{markdown(printed(grid, labels), labels)}" for grid in shown]
    return {"tabulated": "\n".join(parts)}


def printed(grid: Grid, labels: Labels) -> Printed:
    """A banner table with its first background question."""
    banner = next(iter(grid.banners), "")
    columns = (*grid.of_banner(""), *(grid.of_banner(banner) if banner else ()))
    across = len(columns) <= ACROSS + 1
    headings, rows = (_across if across else _down)(grid, columns, labels)
    name = labels.question(banner) if banner and " " not in banner else ""
    names = [labels.question(one) for one in banner.split(" ")] if banner and not name else []
    by = name or " × ".join(names)
    values = {"title": title(grid, labels), "by": by}
    caption = labels.text("tabulation.caption" if by else "tabulation.caption_all", **values)
    spec = TableSpec(
        f"tabulated-{grid.planned.key}",
        tuple(Column(head, (head,), NUMBER if place else NAME) for place, head in enumerate(headings)),
    )
    return Printed(spec, caption, _note(grid, columns, labels), headings, rows)


def _across(grid: Grid, columns: Sequence[ColumnKey], labels: Labels) -> tuple[list[str], list[list[str]]]:
    """Lines down, columns across; the bases below the lines that they belong to."""
    headings = [labels.text("tabulation.line"), *(column_name(column, labels, whole=False) for column in columns)]
    rows: list[list[str]] = []
    for place, line in enumerate(grid.lines):
        rows.append([_named(grid, line, labels), *(_cell(grid, line, column, labels) for column in columns)])
        if line.rule in WIDE:
            bounds = [_bounds(grid, line, column, labels) for column in columns]
            rows.append([labels.text("tabulation.interval", level=_level(labels)), *bounds])
        after = grid.lines[place + 1] if place + 1 < len(grid.lines) else None
        if after is None or [_n(grid, line, one) for one in columns] != [_n(grid, after, one) for one in columns]:
            rows.append([labels.text("tabulation.base"), *(formats.count(_n(grid, line, one)) for one in columns)])
    return headings, rows


def _down(grid: Grid, columns: Sequence[ColumnKey], labels: Labels) -> tuple[list[str], list[list[str]]]:
    """Columns down, the first lines across, each column's base last."""
    lines = grid.lines[:ACROSS]
    headings = [labels.text("tabulation.group"), *(_named(grid, line, labels) for line in lines)]
    headings.append(labels.text("tabulation.base"))
    rows = [
        [
            column_name(column, labels, whole=False),
            *(_cell(grid, line, column, labels, across=False) for line in lines),
            formats.count(_n(grid, lines[0], column)),
        ]
        for column in columns
    ]
    return headings, rows


def _named(grid: Grid, line: LineKey, labels: Labels) -> str:
    """A line by its answer or statistic; by its question too where the table has several."""
    name = line_name(line, labels)
    several = len({one.question for one in grid.lines}) > 1
    if line.rule not in {"share", "category", "people"} and line.statistic != "ratio":
        unit = unit_name(line, labels)
        name = labels.text("tabulation.with_unit", name=name, unit=unit) if unit else name
    if not several:
        return name
    return labels.text("tabulation.column", question=question_name(line.question, labels), category=name)


def _cell(grid: Grid, line: LineKey, column: ColumnKey, labels: Labels, *, across: bool = True) -> str:
    row = grid.cells.get((line, column))
    if row is None or formats.is_missing(row["estimate"]):
        return formats.MISSING
    text = figure(row["estimate"], line)
    bounds = formats.MISSING if line.rule in WIDE and across else interval(row, line, labels)
    letters = "" if formats.is_missing(row["higher_than"]) else str(row["higher_than"])
    if bounds != formats.MISSING:
        text = labels.text("tabulation.cell", value=text, interval=bounds)
    return f"{text} {letters}" if letters else text


def _bounds(grid: Grid, line: LineKey, column: ColumnKey, labels: Labels) -> str:
    row = grid.cells.get((line, column))
    return formats.MISSING if row is None else interval(row, line, labels)


def _level(labels: Labels) -> str:
    return formats.level(labels.edition.index.confidence)


def _n(grid: Grid, line: LineKey, column: ColumnKey) -> float | None:
    row = grid.cells.get((line, column))
    return None if row is None or formats.is_missing(row["n"]) else float(row["n"])


def _note(grid: Grid, columns: Sequence[ColumnKey], labels: Labels) -> str:
    level = _level(labels)
    rows = [grid.cells.get((line, column)) for line in grid.lines for column in columns]
    said = [labels.text("tabulation.note", level=level)]
    if any(row is not None and not formats.is_missing(row["higher_than"]) for row in rows):
        adjustment = labels.text(f"adjustments.{labels.edition.index.adjustment}")
        said.append(labels.text("tabulation.note_letters", level=level, adjustment=adjustment))
    if any(row is not None and formats.is_missing(row["estimate"]) for row in rows):
        rules = labels.edition.disclosure
        said.append(labels.text("notes.suppressed", min_base=rules.min_base, width=rules.width))
    return formats.joined(said, labels.lang)
