"""Columns of ours that a file holds in another form: one value throughout, days, days behind an answer, expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.data.columns import Contract, Field, fold
from analysis.data.expressions import Column, Evaluation, as_texts
from analysis.data.rawtable import RawTable, clean_name
from analysis.data.values import Mapped, as_number, convert, missing_codes
from analysis.edition.expressions import Name, parse
from analysis.edition.sections.data import EVERY, Ago, TableSource
from analysis.errors import ContractError, did_you_mean, listing

DAYS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""Mean length of what time is counted in."""
_MOSTLY = 0.9
"""Share of the rows below which it is told for how many a column could be derived."""
LONGEST = 100 * 365.25
"""Days further back than which nothing is counted."""


def with_derived(raw: RawTable, source: TableSource) -> RawTable:
    """The file with a column more for each of ours that the params derive: `constant` and `ago`.

    What can't be counted stays as it is written, and is refused like any other text that is no day.
    """
    added = {name: pd.Series(str(value), index=raw.frame.index, dtype="str") for name, value in source.constant.items()}
    for name, rule in source.ago.items():
        added[name] = _counted_back(raw.frame[_position(raw, name, rule)], rule)
    if not added:
        return raw
    frame = raw.frame.copy(deep=False)
    for place, column in enumerate(added.values(), start=len(raw.names)):
        frame[place] = column
    return replace(raw, names=(*raw.names, *added), frame=frame)


def with_days(raw: RawTable, source: TableSource, contract: Contract, columns: Mapping[str, int]) -> RawTable:
    """The file with the days that `values` gives for the answers of a column of days, such as a flag of those who left.

    An answer without a day in `values` stays as it is written.
    """
    answers = source.values  # noqa: PD011 - a key of the params
    days = {field.name for field in contract.fields if field.kind == "datetime"} & set(answers) & set(columns)
    if not days:
        return raw
    frame = raw.frame.copy(deep=False)
    for name in days:
        known = {fold(text): str(day) for text, day in answers[name].items()}
        column = frame[columns[name]]
        frame[columns[name]] = column.map({text: known.get(fold(text), text) for text in column.unique()})
    return replace(raw, frame=frame)


def _counted_back(column: pd.Series, rule: Ago) -> pd.Series:
    """Text of the day that lies so long before `rule.day`; a text that is no number is left as it is."""
    positions, distinct = pd.factorize(column)
    found = [_day(str(text), rule) for text in distinct]
    return pd.Series(np.array(found, dtype=object)[positions], index=column.index, dtype="str")


def _day(text: str, rule: Ago) -> str:
    number = as_number(text)
    if number is None or not 0 <= number * DAYS[rule.unit] <= LONGEST:
        return text
    return (pd.Timestamp(rule.day) - pd.Timedelta(days=round(number * DAYS[rule.unit]))).date().isoformat()


def _position(raw: RawTable, name: str, rule: Ago) -> int:
    found = raw.places_of(rule.column)
    if len(found) != 1:
        raise ContractError(
            f"The day {name!r} is to be counted back by the column {rule.column!r}, which the file has"
            f" {len(found)} times.",
            where=f"{raw.path}, ago.{name}.column",
            expected="the name of exactly one column of the file",
            got=", ".join(raw.names[:12]),
            hint=did_you_mean(clean_name(rule.column), [column for column in raw.names if column]),
        )
    return found[0]


def with_expressions(
    raw: RawTable,
    columns: Mapping[str, int],
    *,
    source: TableSource,
    contract: Contract,
    values: Mapping[str, Mapped],
) -> tuple[RawTable, dict[str, int], frozenset[int]]:
    """The file with a column more for each expression of `derive`, where each stands, and which columns they read.

    An expression reads columns of ours as they are read (mapped, reversed, without codes for no answer; the number of a
    question in classes), other derived ones, and columns of the file. Raises ContractError that names the expression
    and the place in it.
    """
    if not source.derive:
        return raw, dict(columns), frozenset()
    making = _Making(raw, columns, source, contract, values)
    frame, places, notes = raw.frame.copy(deep=False), dict(columns), list(raw.notes)
    for place, name in enumerate(source.derive, start=len(raw.names)):
        found = making.made(name)
        frame[place], places[name] = found.texts, place
        if (known := int(found.known.sum())) < _MOSTLY * len(frame):
            notes.append(f"{name} is derived for {known} of {len(frame)} rows: in the others something is not answered")
    made = replace(raw, names=(*raw.names, *source.derive), frame=frame, notes=tuple(notes))
    return made, places, frozenset(making.read)


class _Making:
    """Derived columns, each worked out when it is first asked for."""

    def __init__(
        self,
        raw: RawTable,
        columns: Mapping[str, int],
        source: TableSource,
        contract: Contract,
        values: Mapping[str, Mapped],
    ) -> None:
        self.raw, self.columns, self.source, self.values = raw, columns, source, values
        self.table, self.fields = contract.table, {field.name: field for field in contract.fields}
        self.done: dict[str, Column] = {}
        self.open: list[str] = []
        self.read: set[int] = set()

    def made(self, name: str) -> Column:
        """The derived column of this name."""
        if name not in self.done:
            where = f"data.tables.{self.table}.derive.{name}"
            if name in self.open:
                chain = " → ".join([*self.open[self.open.index(name) :], name])
                problem = "Derived columns are made of each other."
                raise ContractError(problem, where=where, got=chain, hint="take one of them out of the other")
            self.open.append(name)
            rows = len(self.raw.frame)
            evaluation = Evaluation(rows=rows, column=lambda node: self._column(node, evaluation), where=where)
            self.done[name] = evaluation.of(parse(self.source.derive[name]))
            self.open.pop()
        return self.done[name]

    def _column(self, node: Name, evaluation: Evaluation) -> Column:
        name = node.name
        if not node.of_file and name in self.source.derive and name != self.open[-1]:
            return self.made(name)
        if not node.of_file and name in self.columns:
            return self._as_read(self.fields.get(name) or Field(name), self.columns[name])
        found = self.raw.places_of(name)
        if node.of_file and name.isdigit() and not found:
            found = [int(name) - 1] if 1 <= int(name) <= len(self.raw.names) else []
        if len(found) == 1:
            return self._as_written(found[0])
        known = [*self.columns, *self.source.derive, *(column for column in self.raw.names if column)]
        asked = {at + 1: self.raw.asks(at) for at in found}
        raise evaluation.refused(
            node,
            f"There are {len(found)} columns {name!r}." if found else f"There is no column {name!r}.",
            expected="a column of ours that the file has, another derived one, or a column of the file",
            got="; ".join(f"column {at} {text}".strip() for at, text in asked.items()) or listing(known, most=12),
            hint=f"give the position: column({found[0] + 1})" if found else did_you_mean(clean_name(name), known),
        )

    def _as_read(self, field: Field, place: int) -> Column:
        """A column of ours: a question in classes as its number, categories as their codes."""
        self.read.add(place)
        codes = missing_codes(field.missing if field.missing is not None else self.source.missing_of(field.name))
        if field.bounds:
            field = replace(field, kind="number", bounds=(), categories=(), labels={})
        read = convert(self.raw.frame[place], field=field, values=self.values.get(field.name, {}), missing=codes).typed
        if field.kind in {"number", "duration"}:
            return Column("number", read.to_numpy(dtype=np.float64, na_value=np.nan))
        if field.kind == "datetime":
            return Column("day", read.to_numpy("datetime64[us]"))
        return as_texts(read)

    def _as_written(self, place: int) -> Column:
        """A column of the file: numbers where all that is filled are numbers, else texts."""
        self.read.add(place)
        codes = missing_codes(self.source.missing_of(EVERY))
        read = convert(self.raw.frame[place], field=Field("", "text"), values={}, missing=codes).typed
        positions, distinct = pd.factorize(read)
        numbers = [as_number(fold(str(text))) for text in distinct]
        codes_as_numbers = [None if number in codes.numbers else number for number in numbers]
        if all(number is not None for number in numbers):
            return Column("number", np.array([*codes_as_numbers, None], dtype=np.float64)[positions])
        return as_texts(read)
