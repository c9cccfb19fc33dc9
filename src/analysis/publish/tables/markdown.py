"""A table as a pipe table of Quarto's markdown."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from analysis.publish.words.escape import as_markdown
from analysis.publish.words.voices import voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.tables.printed import Printed
    from analysis.publish.tables.spec import Column
    from analysis.publish.words.labels import Labels

MIN_WIDTH, MAX_WIDTH = 4, 44
"""Bounds of a column's share of the line, in characters of the Latin alphabet."""


def markdown(table: Printed, labels: Labels, *, made: str = "") -> str:
    """The table with caption, label and note; dashes give the columns' share of the line.

    made: what the note says at its end, as markdown.

    Where no estimate may be printed, one sentence says so in its place, under the caption that references need.
    """
    if table.tells_nothing:
        caption = f": {as_markdown(table.caption)} {{#{table.spec.label}}}"
        said = labels.text("notes.nothing", min_base=labels.edition.disclosure.min_base)
        return "\n".join([f"| {as_markdown(said)} |", "|:---|", "", caption]) + "\n"
    columns = table.spec.columns
    heads = [as_markdown(text) for text in table.headings]
    rows = [[_cell(text, column, labels) for text, column in zip(row, columns, strict=True)] for row in table.rows]
    ruler = [
        _dashes(column, [head, *(row[i] for row in table.rows)])
        for i, (column, head) in enumerate(zip(columns, table.headings, strict=True))
    ]
    lines = [_line(heads), f"|{'|'.join(ruler)}|", *(_line(row) for row in rows)]
    lines += ["", f": {as_markdown(table.caption)} {{#{table.spec.label}}}"]
    told = labels.text("notes.lead", note=as_markdown(table.note)) if table.note else ""
    if told or made:
        lines += ["", "::: {.table-note}", f"{told} {made}".strip(), ":::"]
    return "\n".join(lines) + "\n"


def _cell(text: str, column: Column, labels: Labels) -> str:
    if column.kind.voice:
        return voice(text, labels)
    return text if column.kind.markup else as_markdown(text)


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _dashes(column: Column, texts: Sequence[str]) -> str:
    width = max((display_width(text) for text in texts[1:]), default=0)
    head = max((display_width(word) for word in texts[0].split()), default=0)
    width = min(max(width, head, display_width(texts[0]) // 2, MIN_WIDTH), MAX_WIDTH)
    return f"{'-' * (width + 1)}:" if column.kind.numeric else f":{'-' * (width + 1)}"


def display_width(text: str) -> int:
    """Width of `text` in Latin characters: a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
