"""Banner tables as sheets of the workbook: each figure of a line is a row, each column of the banner a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from analysis.publish.parts.tabulation.layout import (
    Grid,
    LineKey,
    column_name,
    grids,
    line_name,
    question_name,
    title,
    unit_name,
)
from analysis.publish.tables.sheet import CONFIDENTIAL, INAPPLICABLE, UNAVAILABLE, Sheet, in_all
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

FIGURES = ("estimate", "ci_low", "ci_high", "n", "n_eff", "higher_than")
"""Figures of every line, a row each."""
OF_PERCENT = frozenset({"estimate", "ci_low", "ci_high"})


def sheets(store: Store, languages: Sequence[Labels]) -> Iterator[Sheet]:
    """A sheet for every banner table, in the order of the plan."""
    for number, grid in enumerate(grids(store, languages[0]), start=1):
        yield _sheet(f"T{number}_{grid.planned.key}"[:31], grid, languages)


def _sheet(name: str, grid: Grid, languages: Sequence[Labels]) -> Sheet:
    several = len({line.question for line in grid.lines}) > 1
    said = ("question",) * several + ("statistic", "unit", "figure")
    header = [in_all(languages, [labels.text(f"tabulation.{key}") for labels in languages]) for key in said]
    header += [
        in_all(languages, [column_name(column, labels, whole=True) for labels in languages]) for column in grid.columns
    ]
    rows = []
    for line in grid.lines:
        named = _named(line, languages, several=several)
        for figure in FIGURES:
            shown = in_all(languages, [labels.text(f"tabulation.figure_{figure}") for labels in languages])
            rows.append([*named, shown, *(_value(grid, line, column, figure) for column in grid.columns)])
    levels = {"level": formats.level(languages[0].edition.index.confidence)}
    return Sheet(
        name,
        in_all(languages, [title(grid, labels) for labels in languages]),
        [labels.text("tabulation.sheet_note", **levels) for labels in languages],
        header,
        rows,
    )


def _named(line: LineKey, languages: Sequence[Labels], *, several: bool) -> list[str]:
    texts = [[line_name(line, labels) for labels in languages], [unit_name(line, labels) for labels in languages]]
    if line.answer and line.rule != "people":
        share = [labels.text("statistics.share") for labels in languages]
        whole = zip(languages, share, texts[0], strict=True)
        texts[0] = [labels.text("tabulation.column", question=kind, category=name) for labels, kind, name in whole]
    if several:
        texts.insert(0, [question_name(line.question, labels) for labels in languages])
    return [in_all(languages, text) for text in texts]


def _value(grid: Grid, line: LineKey, column: Any, figure: str) -> Any:
    """A figure for its cell, percentages out of 100; shorthand where there is none."""
    row = grid.cells.get((line, column))
    if row is None:
        return INAPPLICABLE
    withheld = not formats.is_missing(row.get("suppressed")) or formats.is_missing(row["n"])
    value = row[figure]
    if figure == "higher_than":
        if withheld and formats.is_missing(row["estimate"]):
            return CONFIDENTIAL
        return INAPPLICABLE if formats.is_missing(value) else str(value)
    if formats.is_missing(value):
        return CONFIDENTIAL if withheld else UNAVAILABLE
    percent = figure in OF_PERCENT and line.rule in {"share", "category"}
    return round(float(value) * 100, 10) if percent else float(value)
