"""What a file holds before anybody has described it: its columns as text, what each asks, and how it had to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.encoding import OTHERS
from analysis.data.rawtable import RawTable
from analysis.data.sources import read_raw
from analysis.data.typed import Labels, sav_labels
from analysis.data.values import as_number, missing_codes
from analysis.edition.sections.data import MISSING, TableSource
from analysis.errors import SourceError, SurveyReportError

Floats = npt.NDArray[np.float64]
ENCODING = "encoding of the file"
_TITLES = ("response", "open-ended response", "open-ended comment")
"""What SurveyMonkey writes below the question in the second row of the header."""


@dataclass(frozen=True)
class Column:
    """One column: position from 0, name in the header, what it asks, cells as text ("" where there is no answer)."""

    position: int
    name: str
    question: str
    text: pd.Series
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()

    @cached_property
    def answers(self) -> pd.Series:
        """Distinct answers with their counts, the most frequent first."""
        return self.text[self.text != ""].value_counts()

    @cached_property
    def numbers(self) -> Floats:
        """The number in each cell, NaN where there is none."""
        positions, distinct = pd.factorize(self.text)
        known = np.array([np.nan if (n := as_number(str(text))) is None else n for text in distinct], dtype=float)
        return np.asarray(known[positions])

    @property
    def filled(self) -> int:
        """Cells with an answer."""
        return int(self.answers.sum())

    @property
    def numeric(self) -> bool:
        """Whether all but a few answers are numbers."""
        return self.filled > 0 and np.isfinite(self.numbers).sum() >= 0.95 * self.filled

    @property
    def whole(self) -> bool:
        """Whether every number is a whole one."""
        found = self.numbers[np.isfinite(self.numbers)]
        return bool((found == np.round(found)).all())

    @property
    def said(self) -> str:
        """Name and question together, folded, to look for words in."""
        return f"{self.name} {self.question}".casefold()


@dataclass(frozen=True)
class Sheet:
    """A file, how the params must describe it (`layout`), and what had to be guessed (key: evidence)."""

    path: Path
    raw: RawTable
    layout: dict[str, Any]
    columns: tuple[Column, ...]
    guessed: dict[str, str]

    @property
    def rows(self) -> int:
        """Rows with a value."""
        return len(self.raw.frame)


def read_sheet(path: Path) -> Sheet:
    """Read a file of any format that the intake reads; raises SourceError as the intake does.

    The rows of the header are told by what stands in them. Where the encoding can't be told, the first that reads the
    file is taken, and noted among what was guessed.
    """
    layout: dict[str, Any] = {}
    raw, guessed = _decoded(path, layout)
    rows = _header_rows(raw)
    if rows:
        layout |= rows
        raw = read_raw(path, TableSource(path=str(path), **layout))
    labels = sav_labels(path) if path.suffix.lower() in {".sav", ".zsav"} else {}
    absent = missing_codes(MISSING).texts
    columns = tuple(_column(raw, position, labels, absent) for position in range(len(raw.names)))
    return Sheet(path, raw, layout, columns, guessed)


def _decoded(path: Path, layout: dict[str, Any]) -> tuple[RawTable, dict[str, str]]:
    try:
        return read_raw(path, TableSource(path=str(path))), {}
    except SourceError as error:
        if "encoding" not in error.problem:
            raise
        for encoding in (*OTHERS, "latin-1"):
            try:
                raw = read_raw(path, TableSource(path=str(path), encoding=encoding))
            except SurveyReportError:
                continue
            layout["encoding"] = encoding
            return raw, {ENCODING: f"read as {encoding}; {error.hint}"}
        raise


def _header_rows(raw: RawTable) -> dict[str, Any]:
    """Keys of the layout where the header has more rows than one: Qualtrics has three, SurveyMonkey and others two."""
    first, second = (list(raw.frame.iloc[row]) if len(raw.frame) > row else [] for row in (0, 1))
    if any(text.startswith('{"ImportId"') for text in second):
        return {"header_rows": 3}
    if any(text.startswith('{"ImportId"') for text in first):
        return {"header_rows": 2}
    if sum(text.strip().casefold() in _TITLES for text in first) >= 1 and len(raw.frame) > 1:
        return {"header_rows": 2, "header_row": [1, 2]}
    rest = raw.frame.iloc[1:]
    if len(rest) < 2:
        return {}
    words = [
        place
        for place, text in enumerate(first)
        if text.strip() and as_number(text) is None and _all_numbers(rest[place])
    ]
    if len(words) < 3:
        return {}
    blank = sum(not name for name in raw.names)
    return {"header_rows": 2, "header_row": [1, 2] if blank else 1}


def _all_numbers(text: pd.Series) -> bool:
    filled = text[text.str.strip() != ""]
    return len(filled) > 0 and all(as_number(value) is not None for value in filled.unique())


def _column(raw: RawTable, position: int, labels: Mapping[str, Labels], absent: frozenset[str]) -> Column:
    text = raw.frame[position].str.strip()
    known = {value for value in text.unique() if value.casefold() in absent}
    name, found = raw.names[position], labels.get(raw.names[position])
    column = Column(position, name, raw.asks(position) or name, text.mask(text.isin(list(known)), ""))
    if found is None:
        return column
    return replace(column, question=found.question or name, labels=found.answers, codes=found.missing)
