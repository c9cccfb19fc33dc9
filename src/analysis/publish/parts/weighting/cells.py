"""Cells of the weighting: classes of response by their members."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _class(row: Row, column: Column, labels: Labels) -> str:
    """Members of a class: categories of one cell joined by ·, cells that differ in the last variable only by a list."""
    cells = [cell.split("; ") for cell in str(row[column.sources[0]]).split(" | ")]
    if cells[0][0].startswith("propensity="):
        return labels.text("text.propensity_class", number=cells[0][0].partition("=")[2])
    groups: dict[str, list[str]] = {}
    for cell in cells:
        *head, last = (_member(text, labels) for text in cell)
        groups.setdefault(" · ".join(head), []).append(last)
    listed = [" · ".join(filter(None, [head, formats.listed(tails, labels.lang)])) for head, tails in groups.items()]
    return formats.semicolons(listed, labels.lang)


def _member(text: str, labels: Labels) -> str:
    question, _, code = text.partition("=")
    return labels.category(question, code) if code else labels.text("text.not_answered")


CLASS = Kind(_class, names=True)
