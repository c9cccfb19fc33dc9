"""Rows that break their contract: kept aside whole, each with every reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import Contract, Field, fold
from analysis.data.rawtable import RawTable
from analysis.data.used_keys import UsedKeys
from analysis.data.values import Converted, Mapped, Missing, convert, missing_codes
from analysis.errors import ContractError

Mask = npt.NDArray[np.bool_]

_REMEDIES = {
    "is a date whose": "say the order in {where}.dates (year_first, month_first or day_first)",
    "is not a date": "say how dates are written in {where}.dates, or map another column in {where}.columns",
    "is not a duration": "map another column in {where}.columns, or its texts to seconds in {where}.values",
    "several answers": "move the question to `multiple` in the instrument",
    "comma that may": "say what a comma means in {where}.decimal (point or comma)",
    "is not an answer to": "list it among the options in the instrument, or map it in {where}.values",
    "has no value": "map the right column in {where}.columns, or leave such rows out by {where}.filters",
    "is used before": "map a column with one number for each interview in {where}.columns",
    "is not above": "leave such rows out by {where}.filters, or map another column in {where}.columns",
    "the first class": "begin the classes lower, or name the codes that mean no answer in {where}.missing",
}
_OTHER_REMEDY = (
    "map answers to codes in {where}.values, name missing codes in {where}.missing,"
    " or correct the scale or the categories"
)
"""What to do about a fault, by the words of its reason."""


@dataclass(frozen=True)
class Fault:
    """How often one column broke its contract for one reason, with the first case as the example."""

    column: str
    reason: str
    count: int
    row: int
    value: str

    def __str__(self) -> str:
        value = self.value if len(self.value) <= 60 else self.value[:59] + "…"
        return f"{self.column} {self.reason} ({self.count} rows, such as row {self.row}: {value!r})"


@dataclass(frozen=True)
class Judged:
    """The accepted rows, typed, and the quarantined ones: row, column, value, reason, then the raw cells.

    `faults` are the reasons, the most frequent first; `lost` those of values that were left out while their rows stay;
    `filled` the number of values that stay in each column whose values may be left out; `notes` what else was decided.
    """

    frame: pd.DataFrame
    quarantine: pd.DataFrame
    faults: tuple[Fault, ...]
    lost: tuple[Fault, ...] = ()
    filled: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> int:
        """Number of rows in `frame`."""
        return len(self.frame)

    @property
    def quarantined(self) -> int:
        """Number of rows in `quarantine`."""
        return len(self.quarantine)


class Refusals(Protocol):
    """What `check_refused` looks at: of one judgement, or of a file that was judged in parts."""

    @property
    def accepted(self) -> int:
        """Rows that meet the contract."""

    @property
    def quarantined(self) -> int:
        """Rows that don't."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Why rows were refused."""

    @property
    def lost(self) -> tuple[Fault, ...]:
        """Why values were left out."""

    @property
    def filled(self) -> tuple[tuple[str, int], ...]:
        """Values that stay in each column whose values may be left out."""


class _Quarantine:
    """Collects, row by row, what is wrong with it."""

    def __init__(self, raw: RawTable) -> None:
        self.raw = raw
        self.faults: list[Fault] = []
        size = len(raw.frame)
        self.columns, self.values, self.reasons = (np.full(size, "", dtype=object) for _ in range(3))

    @property
    def clean(self) -> Mask:
        """Rows with nothing wrong so far."""
        mask: Mask = np.equal(self.reasons, "").astype(bool)
        return mask

    def add(self, column: str, texts: pd.Series | None, reasons: npt.NDArray[np.object_]) -> None:
        """Note the rows whose reason is not empty; `texts` are the column's raw values."""
        positions = np.flatnonzero(reasons != "")
        told = reasons[positions]
        values = np.full(len(positions), "", dtype=object)
        if texts is not None:
            values = texts.iloc[positions].to_numpy(dtype=object)
        for kept, new in ((self.columns, column), (self.values, values), (self.reasons, column + " " + told)):
            before = kept[positions]
            joined = before + np.where(self.reasons[positions] == "", "", "; ") + new
            kept[positions] = joined
        for reason in dict.fromkeys(told):
            first = int(np.flatnonzero(told == reason)[0])
            row = int(self.raw.rows[positions[first]])
            self.faults.append(Fault(column, reason, int((told == reason).sum()), row, values[first]))

    def frame(self) -> pd.DataFrame:
        """The quarantined rows."""
        bad = np.flatnonzero(~self.clean)
        told = {"row": pd.Series(self.raw.rows[bad])}
        for name, entries in (("column", self.columns), ("value", self.values), ("reason", self.reasons)):
            told[name] = pd.Series(entries[bad], dtype="str")
        cells = {
            title: self.raw.frame[position].iloc[bad].reset_index(drop=True)
            for position, title in enumerate(raw_titles(self.raw.names))
        }
        return pd.DataFrame(told | cells)


def raw_titles(names: tuple[str, ...]) -> list[str]:
    """Unique titles of the raw columns: a name that is empty, repeated or one of ours gets its position behind it."""
    taken = {"row", "column", "value", "reason"}
    return [
        f"{name or 'column'} [{position}]" if not name or name in taken or names.count(name) > 1 else name
        for position, name in enumerate(names, start=1)
    ]


def judge_rows(
    raw: RawTable,
    *,
    contract: Contract,
    columns: Mapping[str, int],
    values: Mapping[str, Mapped],
    missing: Missing,
    used: UsedKeys | None = None,
) -> Judged:
    """Type the picked `columns` (our name: position in the file) and set aside every row that breaks the contract.

    In a lenient contract a bad value of a column that need not be filled is left out, and its row stays. Of a file
    that is judged some rows at a time, `used` holds the keys of the rows before these; a key of several columns can't
    be told from them, and a numbering used twice is a key used twice. Whether too much was refused is for
    `check_refused` to say.
    """
    quarantine, lost = _Quarantine(raw), _Quarantine(raw)
    typed: dict[str, pd.Series] = {}
    filled: dict[str, int] = {}
    for field in contract.fields:
        if field.name not in columns:
            continue
        text = raw.frame[columns[field.name]]
        codes = missing if field.missing is None else missing_codes(field.missing)
        if field.depends_on:
            converted = _convert_within(text, typed[field.depends_on], field, values.get(field.name, {}), codes)
        else:
            converted = convert(text, field=field, values=values.get(field.name, {}), missing=codes)
        typed[field.name] = converted.typed
        spared = contract.lenient and not field.costs_row and field.name not in contract.unique
        if spared:
            filled[field.name] = int(converted.typed.notna().sum())
        if converted.reasons is not None:
            (lost if spared else quarantine).add(field.name, text, converted.reasons)
    frame = pd.DataFrame(typed, index=pd.RangeIndex(len(raw.frame)), copy=False)
    _check_order(frame, contract, raw, columns, quarantine)
    if used is None:
        frame, notes = _tell_apart(frame, contract, raw, columns)
        _check_unique(frame, contract, raw, columns, quarantine)
    else:
        notes = ()
        _check_used(frame, contract, raw, columns, quarantine, used)
    clean = quarantine.clean
    faults = tuple(sorted(quarantine.faults, key=lambda fault: -fault.count))
    left_out = tuple(sorted(lost.faults, key=lambda fault: -fault.count))
    accepted = frame if clean.all() else frame[clean].reset_index(drop=True)
    return Judged(accepted, quarantine.frame(), faults, left_out, tuple(filled.items()), notes)


def check_refused(path: Path, contract: Contract, judged: Refusals, *, most: float) -> None:
    """Raise ContractError when no row of a file is accepted, or more than the share `most` of the rows is refused.

    Or of the values of one column: then it is misunderstood.
    """
    accepted, rows = judged.accepted, judged.accepted + judged.quarantined
    for column, known in judged.filled:
        own = [fault for fault in judged.lost if fault.column == column]
        bad = sum(fault.count for fault in own)
        if bad > most * (bad + known) + 1e-9:
            raise _too_many_lost(path, contract, column, own, known=known, most=most)
    if not accepted or rows - accepted > most * rows + 1e-9:
        raise _too_many_refused(path, contract, judged.faults, rows=rows, accepted=accepted, most=most)


def _too_many_lost(
    path: Path, contract: Contract, column: str, own: Sequence[Fault], *, known: int, most: float
) -> ContractError:
    bad = sum(fault.count for fault in own)
    where = f"data.tables.{contract.table}"
    return ContractError(
        f"{bad} of {bad + known} values ({bad / (bad + known):.1%}) of the column {column!r} can't be read.",
        where=str(path),
        expected=f"at most {most:.1%} of its values (data.max_refused_share)",
        got="; ".join(map(str, own[:3])),
        hint=f"{_remedy(own, where)}, or leave the column out",
    )


def _tell_apart(
    frame: pd.DataFrame, contract: Contract, raw: RawTable, columns: Mapping[str, int]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A numbering used twice is not a person twice: its interviews get the number of their row as well.

    A numbering is made of whole numbers up to the number of rows, as a platform numbers the answers of one file; rows
    that agree in everything with an earlier one of that number are copies and stay what they are.
    """
    numbered = [field.name for field in contract.fields if field.numbered and field.name in contract.unique]
    if not numbered or numbered[0] not in frame or len(contract.unique) > 1:
        return frame, ()
    name = numbered[0]
    again = frame[name].duplicated(keep="first") & frame[name].notna()
    if not again.any():
        return frame, ()
    number = pd.to_numeric(frame[name].dropna(), errors="coerce")
    if not bool(number.between(1, len(frame)).all() and (number % 1 == 0).all()):
        return frame, ()
    copies = raw.frame.duplicated(keep="first").to_numpy()
    other = again.to_numpy() & ~copies
    if not other.any():
        return frame, ()
    told = frame[name].mask(other, frame[name] + "-" + pd.Series(raw.rows, index=frame.index).astype("str"))
    header = raw.names[columns[name]]
    note = f"the numbering {header!r} is used twice: {int(other.sum())} interviews got the number of their row as well"
    return frame.assign(**{name: told}), (note,)


def _remedy(faults: Sequence[Fault], where: str) -> str:
    """What helps against the most frequent faults."""
    told = [
        next((help_ for words, help_ in _REMEDIES.items() if words in fault.reason), _OTHER_REMEDY)
        for fault in faults[:3]
    ]
    return ", or ".join(dict.fromkeys(told)).format(where=where)


def _convert_within(text: pd.Series, outer: pd.Series, field: Field, values: Mapped, missing: Missing) -> Converted:
    """Convert a column whose categories depend on another column's value."""
    result = pd.Series([None] * len(text), dtype="str")
    reasons = np.full(len(text), "", dtype=object)
    for key, inner in field.within.items():
        positions = np.flatnonzero((outer == key).to_numpy(dtype=bool, na_value=False))
        if not len(positions):
            continue
        part = convert(text.iloc[positions], field=inner, values=values, missing=missing)
        result.iloc[positions] = part.typed.to_numpy()
        if part.reasons is not None:
            reasons[positions] = part.reasons
    return Converted(result, reasons if (reasons != "").any() else None)


def _check_order(
    frame: pd.DataFrame, contract: Contract, raw: RawTable, columns: Mapping[str, int], quarantine: _Quarantine
) -> None:
    """Times that end before they start; an end without a clock time may lie on the day of the start."""
    for start, end in contract.in_order:
        if start not in frame or end not in frame:
            continue
        day_only = frame[end] == frame[end].dt.normalize()
        begins = frame[start].where(~day_only, frame[start].dt.normalize())
        early = (frame[end] < begins).to_numpy(dtype=bool)
        if early.any():
            quarantine.add(end, raw.frame[columns[end]], np.where(early, f"is before {start}", "").astype(object))


def _check_unique(
    frame: pd.DataFrame, contract: Contract, raw: RawTable, columns: Mapping[str, int], quarantine: _Quarantine
) -> None:
    """A key used before by a row that is otherwise in order; the first row with it stays.

    Where joined rows are added up, only what is written alike is used twice.
    """
    keys = [name for name in contract.unique if name in frame]
    if not keys or any(
        field.numbered and field.name in contract.unique and field.name not in frame for field in contract.fields
    ):
        return
    candidates = np.flatnonzero(quarantine.clean)
    keyed = frame.iloc[candidates][keys]
    if contract.adds:
        last = next(field for field in contract.fields if field.name == keys[-1])
        joined = last.joined.union(*(field.joined for field in last.within.values()))
        written = raw.frame[columns[last.name]].iloc[candidates].map(fold)
        keyed = keyed.assign(written=written.where(written.isin(joined), "").to_numpy())
    again = keyed.duplicated(keep="first").to_numpy()
    if not again.any():
        return
    first = pd.Series(raw.rows[candidates], index=keyed.index).groupby([keyed[key] for key in keyed]).transform("first")
    reasons = np.full(len(frame), "", dtype=object)
    reasons[candidates[again]] = [f"is used before, in row {row}" for row in first.to_numpy()[again]]
    quarantine.add(keys[-1] if len(keys) == 1 else " + ".join(keys), raw.frame[columns[keys[0]]], reasons)


def _check_used(
    frame: pd.DataFrame,
    contract: Contract,
    raw: RawTable,
    columns: Mapping[str, int],
    quarantine: _Quarantine,
    used: UsedKeys,
) -> None:
    """As `_check_unique`, for some rows of a file: a key may have been used by the rows before them."""
    key = contract.unique[0]
    if key not in frame:
        return
    candidates = np.flatnonzero(quarantine.clean)
    first = used.first_rows(frame[key].iloc[candidates])
    if (first > 0).any():
        reasons = np.full(len(frame), "", dtype=object)
        reasons[candidates[first > 0]] = [f"is used before, in row {row}" for row in first[first > 0]]
        quarantine.add(key, raw.frame[columns[key]], reasons)
    _check_unique(frame, contract, raw, columns, quarantine)
    kept = quarantine.clean
    used.add(frame.loc[kept, key], raw.rows[kept])


def _too_many_refused(
    path: Path, contract: Contract, faults: Sequence[Fault], *, rows: int, accepted: int, most: float
) -> ContractError:
    where = f"data.tables.{contract.table}"
    refused = rows - accepted
    problem = f"{refused} of {rows} rows ({refused / rows:.1%}) of the table {contract.table!r} break its contract."
    if not accepted:
        problem = f"Not one of the {rows} rows of the table {contract.table!r} meets its contract."
    limit = f"; at most {most:.1%} of the rows refused (data.max_refused_share)" if accepted else ""
    return ContractError(
        problem,
        where=str(path),
        expected=f"answers on the instrument's scale, known categories, readable dates and numbers{limit}",
        got="; ".join(map(str, faults[:3])),
        hint=_remedy(faults, where),
    )
