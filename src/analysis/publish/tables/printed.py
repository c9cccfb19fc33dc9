"""A table as a reader sees it, before it becomes markdown or HTML: headings, cells, caption and note as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import Labels, catalogue

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.tables.spec import TableSpec, Values


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
    own = dict(values) | dict(spec.placeholders(frame) if spec.placeholders else {})
    return Printed(
        spec=spec,
        caption=caption(spec, labels),
        note=note(spec, frame, labels, own),
        headings=headings(spec, labels, own),
        rows=cells(spec, frame, labels),
    )


def caption(spec: TableSpec, labels: Labels) -> str:
    """Title of the table, without the word for table and without a number."""
    return labels.text(f"tables.{spec.name}")


def headings(spec: TableSpec, labels: Labels, values: Values) -> list[str]:
    """Column headings in the reader's language."""
    return [labels.text(f"columns.{column.heading}", **values) for column in spec.columns]


def cells(spec: TableSpec, frame: pd.DataFrame, labels: Labels) -> list[list[str]]:
    """Cells of every row as text; a value of a `once` column that repeats the one above is blank."""
    rows: list[list[str]] = []
    above: list[str] = []
    for record in frame.to_dict("records"):
        row = {str(key): value for key, value in record.items()}
        written = [plain(column.kind.write(row, column, labels)) for column in spec.columns]
        rows.append(_without_repeats(spec, written, above))
        above = written
    return rows


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
    sentences = [labels.text(f"notes.{spec.name}", **own)] if f"notes.{spec.name}" in catalogue() else []
    if "suppressed" in frame and frame["suppressed"].notna().any():
        rules = labels.edition.disclosure
        sentences.append(labels.text("notes.suppressed", min_base=rules.min_base, width=rules.width))
    return formats.joined(sentences, labels.lang)
