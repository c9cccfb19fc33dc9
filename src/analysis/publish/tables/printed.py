"""A table as a reader sees it, before it becomes markdown or HTML: headings, cells, caption and note as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.publish.tables.cells import TEXT
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import Labels, catalogue

if TYPE_CHECKING:
    from analysis.publish.tables.spec import Column, TableSpec, Values


MOST_EMPTY = 10
"""Rows without any figure that a page shows."""


@dataclass(frozen=True)
class Printed:
    """Text of a table in one language; `note` is empty when there is nothing to say."""

    spec: TableSpec
    caption: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def tells_nothing(self) -> bool:
        """Whether no estimate of any row may be printed: how many were asked is no estimate."""
        figures = [
            place
            for place, column in enumerate(self.spec.columns)
            if column.kind.numeric and not (column.kind.names or column.public or column.heading == "n")
        ]
        shown = [row[place] for row in self.rows for place in figures]
        return bool(shown) and set(shown) <= {formats.MISSING, ""}


def printed(spec: TableSpec, frame: pd.DataFrame, labels: Labels, values: Values) -> Printed:
    """`frame` in the words of one language; `values` fill the placeholders of headings and note."""
    spec = spec if labels.edition.interviewed else spec.of_records
    idle = [column.heading for column in spec.columns if _is_blank(column, frame) or _repeats(column, frame)]
    spec = spec.only([column.heading for column in spec.columns if column.heading not in idle])
    own = dict(values) | dict(spec.placeholders(frame) if spec.placeholders else {})
    rows, empty = _without_empty(spec, cells(spec, frame, labels))
    told = [note(spec, frame, labels, own)] + [labels.text("notes.empty", n=empty)] * bool(empty)
    return Printed(
        spec=spec,
        caption=caption(spec, labels),
        note=formats.joined([one for one in told if one], labels.lang),
        headings=headings(spec, labels, own),
        rows=rows,
    )


def _is_blank(column: Column, frame: pd.DataFrame) -> bool:
    """Whether an optional column, or one of text given in both languages, holds nothing in any row."""
    if not column.optional and (column.kind is not TEXT or len(column.sources) < 2):
        return False
    return bool(len(frame)) and all(formats.is_missing(value) for source in column.sources for value in frame[source])


def _repeats(column: Column, frame: pd.DataFrame) -> bool:
    """Whether a column says in every row what the one does, or the number, that it is to differ from."""
    if column.unlike == "" or not len(frame):
        return False
    own, other = (
        pd.to_numeric(frame[one]).to_numpy(dtype=float, na_value=np.nan) if isinstance(one, str) else one
        for one in (column.sources[0], column.unlike)
    )
    return bool(np.allclose(own, other, equal_nan=True))


def caption(spec: TableSpec, labels: Labels) -> str:
    """Title of the table, without the word for table and without a number."""
    return labels.text(f"tables.{spec.name}")


def headings(spec: TableSpec, labels: Labels, values: Values) -> list[str]:
    """Column headings in the reader's language."""
    return [labels.text(f"columns.{column.heading}", **values) for column in spec.columns]


def cells(spec: TableSpec, frame: pd.DataFrame, labels: Labels) -> list[list[str]]:
    """Cells of every row as text."""
    records = ({str(key): value for key, value in record.items()} for record in frame.to_dict("records"))
    return [[plain(column.kind.write(row, column, labels)) for column in spec.columns] for row in records]


def _without_empty(spec: TableSpec, rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """Rows as printed, a value of a `once` column that repeats the one above blank; and how many were left out.

    Where more than MOST_EMPTY rows hold nothing but their names, these are left out.
    """
    figures = [place for place, column in enumerate(spec.columns) if not column.kind.names]
    empty = [bool(figures) and all(row[place] == formats.MISSING for place in figures) for row in rows]
    left = sum(empty) if sum(empty) > MOST_EMPTY else 0
    kept = [row for row, gone in zip(rows, empty, strict=True) if not (left and gone)]
    return [_without_repeats(spec, row, above) for row, above in zip(kept, [[], *kept], strict=False)], left


def _without_repeats(spec: TableSpec, written: list[str], above: list[str]) -> list[str]:
    shown, same = list(written), bool(above)
    for position, column in enumerate(spec.columns):
        same = same and column.once and written[position] == above[position]
        if same:
            shown[position] = ""
    return shown


def note(spec: TableSpec, frame: pd.DataFrame, labels: Labels, values: Values) -> str:
    """Base, interval and suppression of the table in one line of sentences; empty when there is nothing to say."""
    own = dict(values) | dict(spec.placeholders(frame) if spec.placeholders else {})
    names = spec.noted(frame) if spec.noted else (spec.name,)
    wordings = ["notes.suppressed", *(f"notes.{name}" for name in names)]
    if not labels.edition.interviewed:
        wordings = [f"{key}_of_records" if f"{key}_of_records" in catalogue() else key for key in wordings]
    suppressed, *told = wordings
    sentences = [labels.text(key, **own) for key in told if key in catalogue()]
    if "suppressed" in frame and frame["suppressed"].notna().any():
        rules = labels.edition.disclosure
        sentences.append(labels.text(suppressed, min_base=rules.min_base, width=rules.width))
    return formats.joined(sentences, labels.lang)
