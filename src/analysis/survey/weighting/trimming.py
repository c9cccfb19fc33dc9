"""Trimming as an array kernel: weights within bounds, the total kept, the margins met again.

Weights are those of one copy (rows × columns), each standing `mass` times: a row that a bootstrap sample holds three
times is trimmed like three rows, not like one large weight. NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import MethodError
from analysis.survey.weighting.raking import deviations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.weighting import Trim
    from analysis.survey.weighting.raking import Floats, Margin


def trim_weights(unit: Floats, mass: Floats, *, lower: Floats, upper: Floats) -> Floats:
    """Weights of mean 1 within [lower, upper] per column: clip(λ·w, lower, upper), λ such that the mean is 1.

    Scaling before the cut gives what is cut off back to the weights inside the bounds, in proportion. λ is found by
    Newton's method, kept inside a bracket; columns already within the bounds come back scaled only. Raises
    MethodError when the bounds leave no room for a mean of 1.
    """
    total = mass.sum(axis=0)
    scaled = unit * (total / (unit * mass).sum(axis=0))
    if (lower > 1 + 1e-12).any() or (upper < 1 - 1e-12).any():
        raise MethodError("The bounds of the weights leave no room for a mean of 1.", expected="lower ≤ 1 ≤ upper")
    standing = np.where(mass > 0, scaled, 1.0)
    outside = np.flatnonzero((standing.min(axis=0) < lower) | (standing.max(axis=0) > upper))
    if len(outside):
        low, high = lower[outside], upper[outside]
        factors = _factors(scaled[:, outside], mass[:, outside] / total[outside], low, high)
        scaled[:, outside] = np.clip(scaled[:, outside] * factors, low, high)
    return np.asarray(scaled)


def _factors(scaled: Floats, share: Floats, lower: Floats, upper: Floats) -> Floats:
    """λ per column with Σ share·clip(λ·w, lower, upper) = 1."""
    low, high = np.zeros(scaled.shape[1]), upper / np.where(share > 0, scaled, np.inf).min(axis=0)
    factors = np.ones(scaled.shape[1])
    for _ in range(200):
        moved = scaled * factors
        gap = (share * np.clip(moved, lower, upper)).sum(axis=0) - 1
        if np.abs(gap).max() < 1e-14:
            break
        low, high = np.where(gap < 0, factors, low), np.where(gap > 0, factors, high)
        slope = (share * scaled * ((moved > lower) & (moved < upper))).sum(axis=0)
        step = factors - np.divide(gap, slope, out=np.full_like(gap, np.inf), where=slope > 0)
        factors = np.where((step > low) & (step < high), step, (low + high) / 2)
    return factors


def weight_bounds(unit: Floats, mass: Floats, trim: Trim) -> tuple[Floats, Floats]:
    """Lower and upper bound per column, as multiples of the mean weight.

    With `trim.iqr` the upper bound is at most the median plus that multiple of the interquartile range of the
    weights (Potter & Zheng 2015); where half of the weights are alike there is no range to go by and the fixed
    bound holds.
    """
    columns = unit.shape[1]
    lower, upper = np.full(columns, trim.lower), np.full(columns, trim.upper)
    if trim.iqr is not None:
        scaled = unit * (mass.sum(axis=0) / (unit * mass).sum(axis=0))
        for column in range(columns):
            first, median, third = _quantiles(scaled[:, column], mass[:, column])
            if third > first:
                automatic = max(median + trim.iqr * (third - first), 1.0)
                upper[column] = min(upper[column], automatic)
    return lower, upper


def _quantiles(values: Floats, mass: Floats) -> tuple[float, float, float]:
    """Quartiles of values that each stand `mass` times (inverse of the distribution function)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(mass[order])
    places = np.searchsorted(reached, np.array([0.25, 0.5, 0.75]) * reached[-1] * (1 - 1e-12))
    first, median, third = values[order][places]
    return float(first), float(median), float(third)


def fit_trimmed(
    unit: Floats,
    mass: Floats,
    margins: Sequence[Margin],
    *,
    trim: Trim,
    max_iterations: int,
    tolerance: float,
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Raking and trimming in turns; the last word has the trimming, so that the bounds always hold.

    Returns weights of mean 1 (rows × columns), rounds per column and the upper bound that held. Source: Deville,
    Särndal & Sautory 1993 (calibration within bounds).
    """
    lower, upper = weight_bounds(unit, mass, trim)
    trimmed = trim_weights(unit, mass, lower=lower, upper=upper)
    rounds = np.zeros(unit.shape[1], dtype=np.int64)
    active = np.flatnonzero(deviations(trimmed * mass, margins) > tolerance) if margins else rounds[:0]
    for _ in range(max_iterations):
        if not len(active):
            break
        fitted, weight = trimmed[:, active], mass[:, active]
        for margin in margins:
            fitted = margin.adjust(fitted, weight)
        fitted = trim_weights(fitted, weight, lower=lower[active], upper=upper[active])
        trimmed[:, active] = fitted
        rounds[active] += 1
        active = active[deviations(fitted * weight, margins) > tolerance]
    return trimmed, rounds, upper
