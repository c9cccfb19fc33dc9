"""The waves of the responses: which rows of a file are of which, what earlier ones did not ask, all as one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import fold
from analysis.data.rawtable import RawTable
from analysis.data.values import Mapped
from analysis.edition.sections.data import WAVE, TableSource, one_of_waves
from analysis.errors import ContractError, MethodError, listing
from analysis.periods import read_waves

Mask = npt.NDArray[np.bool_]
MOST_WAVES = 400
"""Waves of one file: more are days of interviews, or numbers of people."""


@dataclass(frozen=True)
class Reading:
    """A file up to the judgement of its rows.

    raw: all rows; kept: those that the filters keep; columns: where each of ours stands; answers: codes by text;
    ignored: names of columns that nothing reads; notes: what the reader of the file should know.
    """

    raw: RawTable
    kept: RawTable
    columns: dict[str, int]
    answers: dict[str, Mapped]
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, texts: Collection[str], at: int) -> Reading:
        """The rows that have one of `texts` in the column `at`."""
        raw, kept = (_part(table, table.frame[at].isin(texts).to_numpy()) for table in (self.raw, self.kept))
        return replace(self, raw=raw, kept=kept)

    def asked(self) -> Reading:
        """The same without the columns that no row has anything in: they were not asked."""
        silent = [name for name, at in self.columns.items() if (self.kept.frame[at].str.strip() == "").all()]
        return replace(self, columns={name: at for name, at in self.columns.items() if name not in silent})


def split_waves(reading: Reading, source: TableSource) -> dict[str, Reading]:
    """The rows of every wave up to the edition's own one, by label, the earliest first, told by the column of waves.

    Rows that say no wave stand with those of the edition's own, where the contract refuses them. Raises ContractError
    for a column that names no waves, for too many, and for an own wave that is none of them.
    """
    at, known = reading.columns[WAVE], {fold(text): str(to) for text, to in reading.answers[WAVE].items()}
    where = f"{reading.raw.path}, column {reading.raw.names[at]!r}"
    names = {raw: _named(raw, known) for raw in reading.raw.frame[at].unique()}
    told = [name for name in dict.fromkeys(map(names.__getitem__, reading.kept.frame[at].unique())) if name]
    if len(told) > MOST_WAVES:
        raise ContractError(
            "The column of waves has too many of them.",
            where=where,
            expected=f"at most {MOST_WAVES} waves",
            got=f"{len(told)} different texts",
            hint="map `wave` to the column that says the period, not the moment of an interview",
        )
    order, own = _order(told, source, where)
    labels = list(dict.fromkeys(order.values()))
    found = {}
    for label in labels[: labels.index(own) + 1]:
        texts = [raw for raw, name in names.items() if order.get(name) == label or (not name and label == own)]
        found[label] = reading.of(texts, at)
    return found


def _order(told: list[str], source: TableSource, where: str) -> tuple[dict[str, str], str]:
    """Label of every wave by its name, the earliest first, and the edition's own label."""
    try:
        order = read_waves(told)
        return order, order[one_of_waves(source.wave, order)]
    except MethodError as error:
        raise ContractError(
            error.problem,
            where=f"{where}: {error.where}",
            expected=error.expected,
            got=listing(told, most=8),
            hint="say what each text stands for: data.tables.responses.values.wave: {text: 2025Q3}",
        ) from None
    except ValueError as error:
        raise ContractError(
            "The edition's own wave is not in the file.",
            where=where,
            got=str(error),
            hint="correct data.tables.responses.wave",
        ) from None


def _named(text: str, known: Mapping[str, str]) -> str:
    return known.get(fold(text), text.strip())


def _part(raw: RawTable, rows: Mask) -> RawTable:
    return replace(raw, frame=raw.frame[rows].reset_index(drop=True), rows=raw.rows[rows])


def as_asked(raw: RawTable, source: TableSource, *, own: RawTable | None) -> TableSource:
    """The source of an earlier wave without the columns that its file lacks.

    A position holds for every file only while the columns stand alike: raises ContractError for one that has another
    name here than in the file of the edition's own wave.
    """
    columns: dict[str, str | int] = {}
    for name, theirs in source.columns.items():
        if isinstance(theirs, int):
            _check_position(raw, own, name, theirs)
        if theirs <= len(raw.names) if isinstance(theirs, int) else raw.places_of(theirs):
            columns[name] = theirs
    return source.model_copy(update={"columns": columns})


def _check_position(raw: RawTable, own: RawTable | None, name: str, position: int) -> None:
    here, there = (table.names[position - 1 : position] if table else () for table in (raw, own))
    if here and there and here != there:
        raise ContractError(
            f"Column {position}, which {name!r} is read from, is another one in this wave.",
            where=str(raw.path),
            expected=repr(there[0]),
            got=repr(here[0]),
            hint="name the column in place of counting, or give this wave `columns` of its own",
        )


def stacked(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The tables of several waves as one, with the label of the wave before the other columns."""
    parts = []
    for label, frame in frames.items():
        part = frame.drop(columns=WAVE, errors="ignore")
        part.insert(0, WAVE, pd.Series(label, index=part.index, dtype="str"))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
