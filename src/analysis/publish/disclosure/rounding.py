"""Published figures carry what a page prints and no more: full precision would tell what one person answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.publish.tables.cells import COUNT, INTERVAL, NUMBER, PERCENT, PERCENT_INTERVAL, POINTS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.sections.disclosure import Rounding
    from analysis.publish.tables.spec import Column, TableSpec

    Floats = NDArray[np.float64]

INNER = frozenset({"top_1", "top_2"})
"""Columns that only the rules of disclosure read."""


def rounded(frame: pd.DataFrame, spec: TableSpec, *, rules: Rounding) -> pd.DataFrame:
    """`frame` with every figure as coarse as it is printed, and at most as fine as `rules`.

    A column printed with decimals has these, a share so many of a percentage, counts are multiples of `rules.counts`;
    a figure that no column prints keeps `rules.digits` significant digits. What is public stays as it is. An effective
    number of interviews is at most the number of interviews.
    """
    from pandas.api.types import is_float_dtype

    shown = frame.drop(columns=[name for name in INNER if name in frame])
    if {"n", "n_eff"} <= set(shown):
        shown = shown.assign(n_eff=shown["n_eff"].clip(upper=shown["n"].astype("float64")))
    printed = {source: column for column in spec.columns for source in column.sources}
    new = {}
    for name in shown.columns:
        column = printed.get(str(name))
        counted = column is not None and column.kind is COUNT and bool(spec.people)
        if (column is not None and column.public) or not (is_float_dtype(shown[name]) or counted):
            continue
        new[str(name)] = _rounded(shown[name], column, counted=counted or name == "n_eff", rules=rules)
    return shown.assign(**new)


def _rounded(values: pd.Series[float], column: Column | None, *, counted: bool, rules: Rounding) -> pd.Series[float]:
    if counted:
        step = rules.counts
        return values.round(0) if step == 1 else ((values.astype("float64") / step).round(0) * step)
    decimals = _decimals(column, rules)
    if decimals is not None:
        return values.round(decimals)
    return values.where(values.isna(), _significant(values.to_numpy(dtype=np.float64, na_value=np.nan), rules.digits))


def _decimals(column: Column | None, rules: Rounding) -> int | None:
    """Decimals of a column; None where the page prints it in a way of its own."""
    if column is None:
        return None
    if column.kind in (PERCENT, PERCENT_INTERVAL, POINTS):
        return rules.shares + 2
    if column.kind in (NUMBER, INTERVAL):
        decimals = int(column.detail)
        return min(decimals, rules.scores) if decimals <= 1 else decimals
    return 0 if column.kind is COUNT else None


def _significant(values: Floats, digits: int) -> Floats:
    """Rounded to significant digits; of figures above ten, one decimal at least stays."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(values)))
    places = np.where(np.isfinite(size), np.maximum(digits - 1 - size, 1), 1).astype(int)
    return np.array(
        [value if not np.isfinite(value) else round(float(value), int(n)) for value, n in zip(values, places, strict=True)]
    )
