"""Which rows of a file belong to the survey: by what stands in the file, or by what it is read as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import Contract, Field
from analysis.data.picking import shown_names
from analysis.data.rawtable import RawTable, clean_name
from analysis.data.values import Mapped, as_number, convert, is_one_of, missing_codes
from analysis.edition.sections.data import Filter, TableSource
from analysis.errors import ContractError, did_you_mean

Mask = npt.NDArray[np.bool_]


def filter_rows(
    raw: RawTable,
    *,
    source: TableSource,
    contract: Contract,
    columns: Mapping[str, int],
    values: Mapping[str, Mapped],
    may_leave_none: bool = False,
) -> RawTable:
    """Rows that every filter of `source` keeps.

    A filter of a `key` judges that column of ours as it is read: mapped answers, classes and joined categories. Raises
    ContractError for a column that is not there, not the only one of its name, or, unless it
    `may_leave_none`, when no row is left.
    """
    keep = np.ones(len(raw.frame), dtype=bool)
    where = f"{raw.path}, data.tables.{contract.table}.filters"
    for rule in source.filters:
        if rule.key is not None:
            text = _as_read(rule.key, raw, contract, columns, values, where)
        else:
            text = raw.frame[_position(rule, raw, contract, where)]
        keep &= _kept_by(rule, text)
    if keep.all():
        return raw
    if not keep.any() and not may_leave_none:
        raise none_left(len(keep), source, where)
    return replace(raw, frame=raw.frame[keep].reset_index(drop=True), rows=raw.rows[keep])


def none_left(rows: int, source: TableSource, where: str) -> ContractError:
    """The error of filters that no row passes."""
    return ContractError(
        f"The filters leave none of the {rows} rows.",
        where=where,
        expected="at least one row",
        got="; ".join(map(str, source.filters)),
        hint="compare the codes of the filters with the values in the file",
    )


def _position(rule: Filter, raw: RawTable, contract: Contract, where: str) -> int:
    if isinstance(rule.column, int):
        if 1 <= rule.column <= len(raw.names):
            return rule.column - 1
        got, hint = str(rule.column), "count the columns of the header from 1"
        problem, expected = "A filter names a column that is not there.", f"a position from 1 to {len(raw.names)}"
        raise ContractError(problem, where=where, expected=expected, got=got, hint=hint)
    found = raw.places_of(rule.column)
    if len(found) == 1:
        return found[0]
    places = ", ".join(str(i + 1) for i in found)
    raise ContractError(
        f"A filter names the column {rule.column!r}, which the file has {len(found)} times.",
        where=where,
        expected="the name of exactly one column of the file, or its position",
        got=f"columns {places}" if found else shown_names(raw.names),
        hint=f"give the position: column: {found[0] + 1}" if found else _close(clean_name(rule.column), raw, contract),
    )


def _close(name: str, raw: RawTable, contract: Contract) -> str | None:
    if name in contract.names:
        return f"it is a column of ours: write `key: {name}`"
    return did_you_mean(name, [column for column in raw.names if column])


def _as_read(
    key: str, raw: RawTable, contract: Contract, columns: Mapping[str, int], values: Mapping[str, Mapped], where: str
) -> pd.Series:
    """A column of ours as text, "" where it has no value."""
    field = next((field for field in contract.fields if field.name == key), Field(key, "category"))
    if key not in columns:
        raise ContractError(
            f"A filter names {key!r}, which the file does not have.",
            where=where,
            expected="a column of ours that the file has",
            got=shown_names(list(columns)),
            hint=f"map it in data.tables.{contract.table}.columns",
        )
    codes = missing_codes(field.missing or ())
    read = convert(raw.frame[columns[key]], field=field, values=values.get(key, {}), missing=codes).typed
    text: pd.Series = read.astype("str").where(read.notna(), "")
    return text


def _kept_by(rule: Filter, text: pd.Series) -> Mask:
    """Whether each value lies in the rule's range, or is one of its codes: as text or as the same number."""
    if rule.keep or rule.drop:
        return is_one_of(text, rule.keep) if rule.keep else ~is_one_of(text, rule.drop)
    low = -np.inf if rule.min is None else rule.min
    high = np.inf if rule.max is None else rule.max
    positions, distinct = pd.factorize(text)
    inside = [number is not None and low <= number <= high for number in map(as_number, distinct)]
    return np.asarray(np.array(inside, dtype=bool)[positions])
