"""Columns of ours that a file holds in another form: one value throughout, days counted back, days behind an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.data.columns import Contract, fold
from analysis.data.rawtable import RawTable, clean_name
from analysis.data.values import as_number
from analysis.edition.sections.data import Ago, TableSource
from analysis.errors import ContractError, did_you_mean

DAYS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""Mean length of what time is counted in."""
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
