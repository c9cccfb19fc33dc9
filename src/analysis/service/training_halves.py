"""What training had done by each half-year, and whether customers noticed what the units learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.service.training import MEASURES, tests_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HALF_COLUMNS = ("measure", "half", "n_trained", "n_untrained", "effect", "ci_low", "ci_high")
RATING_COLUMNS = ("measure", "n", "units", "tests", "slope", "se", "ci_low", "ci_high", "p")
RATED = "satisfaction"
"""The measure that customers give."""


def half_of(period: str) -> str:
    """Half-year of a quarter or half-year: 2025Q3 → 2025H2; "" for tests before and after."""
    if len(period) != 6 or period[4] not in "QH":
        return ""
    return f"{period[:4]}H{1 + (int(period[5]) > 2) if period[4] == 'Q' else period[5]}"


def effects_by_half(training: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Effect on each measure in the tests of each half-year, on those whose training had begun by then.

    HALF_COLUMNS; the mean of the group-time effects (`group_time_effects`) of the tests in the half-year, weighted by
    the size of the groups. Empty where tests tell no quarter.
    """
    from scipy.special import stdtrit

    rows = []
    for measure in (name for name in MEASURES if name in training):
        tests = tests_of(training, measure)
        effects = None if tests is None else tests.effects()
        if tests is None or effects is None or tests.degrees < 1:
            continue
        half = np.array([half_of(period) for period in tests.periods], dtype=object)
        time, group = (effects.table[name].to_numpy() for name in ("time", "group"))
        t = float(stdtrit(tests.degrees, 0.5 + confidence / 2))
        for name in dict.fromkeys(half[half != ""]):
            own = (half[time.astype(int)] == name) & (time >= group)
            if not own.any():
                continue
            effect, se = effects.mean(own)
            trained = int(np.isin(effects.start, group[own]).sum())
            counts = (trained, int(np.isinf(effects.start).sum()))
            rows.append((measure, str(name), *counts, effect, effect - t * se, effect + t * se))
    return pd.DataFrame(rows, columns=list(HALF_COLUMNS))


def ratings_by_unit(training: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame | None:
    """Points by which customers rate a unit higher for each point more that its staff reach in a test of their own.

    Difference in differences over the means of units (u) and tests (t): rating_ut = a_u + b_t + slope·mean_ut + e_ut,
    by least squares weighted with the staff of each, errors clustered by unit with G/(G − 1) and G − 1 degrees of
    freedom (Liang & Zeger 1986). What is peculiar to a unit, and what moved all of them, is thus out of it.

    RATING_COLUMNS, one row for knowledge and for communication; n: staff; for_ten, ten_low and ten_high: the slope and
    its interval for ten points. None without units, ratings, or two tests.
    """
    from scipy.special import stdtr, stdtrit

    if "unit" not in training or RATED not in training:
        return None
    rows = []
    for measure in (name for name in MEASURES if name in training and name != RATED):
        told = training.dropna(subset=["unit", measure, RATED])
        means = told.groupby(["unit", "period"]).agg(x=(measure, "mean"), y=(RATED, "mean"), n=("staff_id", "size"))
        tests = means.groupby("unit")["n"].transform("size")
        means = means[tests > 1].reset_index()
        units = int(means["unit"].nunique())
        if units < 3 or means["period"].nunique() < 2:
            continue
        slope, se = _slope_within(means)
        if not se > 0:
            continue
        half = float(stdtrit(units - 1, 0.5 + confidence / 2)) * se
        p = 2 * float(stdtr(units - 1, -abs(slope / se)))
        counts = (int(told["staff_id"].nunique()), units, int(means["period"].nunique()))
        rows.append((measure, *counts, slope, se, slope - half, slope + half, p))
    if not rows:
        return None
    table = pd.DataFrame(rows, columns=list(RATING_COLUMNS))
    ends = {"for_ten": "slope", "ten_low": "ci_low", "ten_high": "ci_high"}
    return table.assign(**{name: 10 * table[source] for name, source in ends.items()})


def _slope_within(means: pd.DataFrame) -> tuple[float, float]:
    """Slope of y on x within units and tests, and its error clustered by unit."""
    weight = np.sqrt(means["n"].to_numpy(dtype=np.float64))
    unit = pd.factorize(means["unit"])[0]
    dummies: Any = pd.get_dummies(means[["unit", "period"]].astype(str), dtype=float).to_numpy()
    design = dummies * weight[:, None]
    x, y = (_residual(design, means[name].to_numpy(dtype=np.float64) * weight) for name in ("x", "y"))
    if not x @ x > 1e-9:
        return float("nan"), float("nan")
    slope = float(x @ y / (x @ x))
    scores = np.bincount(unit, x * (y - slope * x))
    count = len(scores)
    return slope, float(np.sqrt(count / (count - 1) * (scores**2).sum()) / (x @ x))


def _residual(design: Floats, values: Floats) -> Floats:
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])
