"""Published figures carry what a page prints and no more: full precision would tell what one person answered."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.publish.tables.cells import COUNT, INTERVAL, NUMBER, PERCENT, PERCENT_INTERVAL, POINTS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.sections.disclosure import Rounding
    from analysis.publish.tables.spec import Column, Measure, TableSpec

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

LEFT_OPEN = {1: 1.0, 100: 40.0, inf: 2.0}
"""What unit × base must reach, by the top of a measure: people behind a share, points of 0–100, steps of answers."""

INNER = frozenset({"top_1", "top_2"})
"""Columns that only the rules of disclosure read."""


def rounded(frame: pd.DataFrame, spec: TableSpec, *, rules: Rounding) -> pd.DataFrame:
    """`frame` with every figure as coarse as it is printed, and at most as fine as `rules`.

    A column printed with decimals has these, a share so many of a percentage, counts are multiples of `rules.counts`;
    a figure that no column prints keeps `rules.digits` significant digits. What is public stays as it is. An effective
    number of interviews is at most the number of interviews.

    What few people answered (the measures of the spec, their intervals and differences) is coarser: multiples of a unit
    u with u·n of at least a person for a share, 40 points of 0–100 for a score, and two steps for a mean answer.
    Who holds two editions that differ by one person, or knows every answer but one, gets that person's answer as
    n·mean − (n − 1)·mean′ to within ±u·n and no better, however small the published base.
    """
    import pandas as pd

    printed = {source: column for column in spec.columns for source in column.sources}
    shown: dict[str, pd.Series[Any]] = {}
    for key in frame.columns:
        name, values = str(key), frame[key]
        column = printed.get(name)
        if name in INNER:
            continue
        if name == "n_eff" and "n" in frame:
            values = values.clip(upper=frame["n"].astype("float64"))
        counted = name == "n_eff" or (column is not None and column.kind is COUNT and bool(spec.people))
        exact = column is not None and column.public
        if not exact and (counted or pd.api.types.is_float_dtype(values)):
            values = _coarse(values, column, counted=counted, rules=rules)
        shown[name] = values
    for people in (*spec.people, *spec.rounded):
        if people.n in frame:
            bases = frame[people.n].to_numpy(dtype=np.float64, na_value=np.nan)
            rows = _rows(frame, people.rows, without=True)
            for measure in people.measures:
                if measure.digits:
                    _shorten(shown, measure, rules.digits, rows=rows)
                else:
                    in_percent = _rows(frame, measure.percent, without=False)
                    least = np.where(in_percent, 100 * LEFT_OPEN[1], LEFT_OPEN[measure.top])
                    _leave_open(shown, measure, least / np.where(bases > 0, bases, np.nan), rows=rows)
                    _measure_again(shown, measure, rows=rows)
    return pd.DataFrame(shown, index=frame.index)


def _rows(frame: pd.DataFrame, named: tuple[str, tuple[str, ...]], *, without: bool) -> Mask:
    """Rows with one of the values in a column; all, or none, where no column is named."""
    column, values = named
    return frame[column].isin(values).to_numpy() if column else np.full(len(frame), without)


def _leave_open(shown: dict[str, pd.Series[Any]], measure: Measure, least: Floats, *, rows: Mask) -> None:
    """A measure, with the ends and differences beside it, in multiples of the unit that is at least `least`."""
    unit = _unit(least)
    for name in (measure.value, *measure.beside):
        if name in shown and (name == measure.value or name.endswith(("_low", "_high")) or name == "difference"):
            values = shown[name].to_numpy(dtype=np.float64, na_value=np.nan)
            coarse = np.round(np.round(values / unit) * unit, 9)
            shown[name] = shown[name].where(~rows | np.isnan(coarse), coarse)


def _measure_again(shown: dict[str, pd.Series[Any]], measure: Measure, *, rows: Mask) -> None:
    """The distance of a measure from a public value: as coarse as the measure, or it would tell that finely."""
    name, public = measure.gap
    if name in shown:
        distance = (shown[measure.value] - shown[public]).round(9)
        shown[name] = shown[name].where(~rows | distance.isna(), distance)


def coarsest(measure: Measure, n: float) -> float:
    """The unit of which a measure of n people is a multiple once released, unless it is printed coarser still."""
    return float(_unit(np.array([LEFT_OPEN[measure.top] / n]))[0])


def _shorten(shown: dict[str, pd.Series[Any]], measure: Measure, digits: int, *, rows: Mask) -> None:
    """A measure with what stands beside it in significant digits, however large it is."""
    for name in (measure.value, *measure.beside):
        if name in shown and shown[name].dtype.kind == "f":
            values = shown[name].to_numpy(dtype=np.float64, na_value=np.nan)
            shown[name] = shown[name].where(~rows, _significant(values, digits, least=-300))


def _unit(least: Floats) -> Floats:
    """The smallest of …, 0.01, 0.05, 0.1, 0.5, 1, 5, … that is not below `least`; missing where there is nobody."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ten = 10.0 ** np.floor(np.log10(np.where(np.isfinite(least), least, np.nan)) + 1e-9)
    steps = np.where(least > 5 * ten * (1 + 1e-9), 10 * ten, 5 * ten)
    return np.where(least > ten * (1 + 1e-9), steps, ten)


def _coarse(values: pd.Series[Any], column: Column | None, *, counted: bool, rules: Rounding) -> pd.Series[Any]:
    import pandas as pd

    if counted:
        step = rules.counts
        return values.round(0) if step == 1 else (values.astype("float64") / step).round(0) * step
    decimals = _decimals(column, rules)
    if decimals is not None:
        return values.round(decimals)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(_significant(numbers, rules.digits), index=values.index)


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


def _significant(values: Floats, digits: int, least: int = 1) -> Floats:
    """Rounded to significant digits, but to no fewer than `least` decimals."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(values)))
    places = np.where(np.isfinite(size), np.maximum(digits - 1 - size, least), 1).astype(int)
    pairs = zip(values.tolist(), places.tolist(), strict=True)
    return np.array([round(value, n) if np.isfinite(value) else value for value, n in pairs], dtype=np.float64)
