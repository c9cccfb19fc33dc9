"""A table as a pipe table of Quarto's markdown."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.tables.printed import Printed
    from analysis.publish.tables.spec import Column
    from analysis.publish.words.labels import Labels

MIN_WIDTH, MAX_WIDTH = 4, 44
"""Bounds of a column's share of the line, in characters of the Latin alphabet."""


def markdown(table: Printed, labels: Labels) -> str:
    """The table with caption, label and note; dashes give the columns' share of the line."""
    columns = table.spec.columns
    heads = [escape(text) for text in table.headings]
    rows = [
        [text if column.kind.markup else escape(text) for text, column in zip(row, columns, strict=True)]
        for row in table.rows
    ]
    ruler = [
        _dashes(column, [head, *(row[i] for row in rows)])
        for i, (column, head) in enumerate(zip(columns, heads, strict=True))
    ]
    lines = [_line(heads), f"|{'|'.join(ruler)}|", *(_line(row) for row in rows)]
    lines += ["", f": {escape(table.caption)} {{#{table.spec.label}}}"]
    if table.note:
        lines += ["", "::: {.table-note}", labels.text("notes.lead", note=escape(table.note)), ":::"]
    return "\n".join(lines) + "\n"


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _dashes(column: Column, texts: list[str]) -> str:
    width = max((display_width(text) for text in texts[1:]), default=0)
    head = max((display_width(word) for word in texts[0].split()), default=0)
    width = min(max(width, head, display_width(texts[0]) // 2, MIN_WIDTH), MAX_WIDTH)
    return f"{'-' * (width + 1)}:" if column.kind.numeric else f":{'-' * (width + 1)}"


def display_width(text: str) -> int:
    """Width of `text` in Latin characters: a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def escape(text: str) -> str:
    """`text` with the characters that markdown or a pipe table would take for its own."""
    for char in ("\\", "|", "*", "_", "`", "$", "[", "]", "<", "#", "@", "~", "^"):
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split("\n"))
