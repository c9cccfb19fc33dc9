"""What a raw file is read into: text columns with their names and row numbers, and errors that name the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

KINDS = {"csv": "delimited text", "xlsx": "an Excel workbook", "sav": "an SPSS file", "parquet": "a Parquet file"}
"""Formats, as messages call them."""


MAX_COLUMNS, MAX_CELLS = 20_000, 1_000_000_000
"""Columns and cells of a raw table."""


@dataclass(frozen=True)
class RawTable:
    """One file as text.

    `names` are the header's names in file order, `frame` holds one text column per position (0, 1, …; "" where the
    cell is empty), `rows` the row number of each record as a spreadsheet shows it, `blank` how many rows held nothing,
    `beside` the rows of the header that do not hold the names, `notes` what the reader should be told, `sha256` the
    hash of the bytes that were read.
    """

    path: Path
    names: tuple[str, ...]
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    blank: int
    beside: tuple[tuple[str, ...], ...] = ()
    sha256: str = ""
    notes: tuple[str, ...] = ()

    def places_of(self, name: object) -> list[int]:
        """Positions of the columns of this name, from 0."""
        wanted = clean_name(name)
        return [place for place, column in enumerate(self.names) if column == wanted]

    def asks(self, position: int) -> str:
        """What the rows beside the names say of a column, in short; "" where there is nothing."""
        texts = [row[position].strip() for row in self.beside if position < len(row)]
        return next((text[:60] for text in texts if text and not text.startswith("{")), "")


def clean_name(name: object) -> str:
    """A header name without invisible characters, with every run of white space made one space."""
    text = str(name).replace("\ufeff", "").replace("\u200b", "")
    return " ".join(text.split())


def cell_text(value: Any) -> str:
    """A typed value as text: 5.0 becomes "5", a date its ISO form, true "TRUE" (which is no score), nothing ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if hasattr(value, "total_seconds"):
        return str(value.total_seconds())
    return str(value)


def unreadable(path: Path, problem: str, *, row: str = "", **details: str | None) -> SourceError:
    """The error that ends a reading: it names the file, and the row where there is one."""
    return SourceError(problem, where=f"{path}{', ' if row else ''}{row}", **details)


def header_names(path: Path, header: Sequence[Sequence[str]], source: TableSource) -> tuple[str, ...]:
    """Names in the header row that the source points at; raises SourceError when the file has no such row."""
    if len(header) < source.header_rows:
        raise unreadable(
            path,
            "The file has fewer rows than its header should have.",
            expected=f"{source.header_rows} header row(s) and data",
            got=f"{len(header)} row(s)",
            hint="correct `header_rows` of this table in the params",
        )
    names = _joined([[clean_name(name) for name in header[row - 1]] for row in source.name_rows])
    if not any(names):
        raise unreadable(
            path,
            "The header row names no column.",
            row=f"row {', '.join(map(str, source.name_rows))}",
            expected="column names",
            got="a blank row",
            hint="set `header_row` and `header_rows` to where the names are",
        )
    return names


def _joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names of which each row of the header holds a part: a heading of several columns stands over their first."""
    *above, last = rows
    names = list(last)
    for row in reversed(above):
        heading = ""
        for place, name in enumerate(names):
            heading = (row[place] if place < len(row) else "") or (heading if name else "")
            names[place] = f"{heading} {name}" if heading and name and heading != name else heading or name
    return tuple(names)


def check_extent(path: Path, *, columns: int, rows: int = 0) -> None:
    """Raise SourceError for more columns or cells than a table of a survey has: reading them might take for ever."""
    if columns > MAX_COLUMNS or columns * rows > MAX_CELLS:
        raise unreadable(
            path,
            "The table is too large.",
            expected=f"at most {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells",
            got=f"{columns:,} columns" + f" and {rows:,} rows" * bool(rows),
            hint="leave out the columns that the report does not use, or check `delimiter`",
        )


def no_rows(path: Path, source: TableSource) -> SourceError:
    """The error of a file that ends after its header."""
    return unreadable(
        path,
        "The file holds a header and no rows.",
        expected="at least one row of data",
        got=f"{source.header_rows} header row(s) only",
        hint="check the export, or `header_rows` of this table in the params",
    )


def finish(
    path: Path,
    names: tuple[str, ...],
    frame: pd.DataFrame,
    *,
    header: Sequence[Sequence[str]] = (),
    source: TableSource,
) -> RawTable:
    """Leave out rows without a single value, keeping the row numbers of the others, which follow the `header` rows."""
    blank = np.ones(len(frame), dtype=bool)
    for position in frame.columns:
        if not blank.any():
            break
        values = frame.loc[blank, position]
        blank[np.flatnonzero(blank)] = (values.str.strip() == "").to_numpy(dtype=bool)
    if blank.all():
        raise no_rows(path, source)
    first_row = len(header) + 1
    rows = np.arange(first_row, first_row + len(frame), dtype=np.int64)[~blank]
    kept = frame if not blank.any() else frame.loc[~blank].reset_index(drop=True)
    beside = tuple(tuple(row) for number, row in enumerate(header, start=1) if number not in source.name_rows)
    return RawTable(path=path, names=names, frame=kept, rows=rows, blank=int(blank.sum()), beside=beside)
