"""Mean and covariance of incomplete answers by maximum likelihood, and distances that use what was answered.

NumPy only. Everything works on the precision matrix K = Σ⁻¹: what a row of the pattern "m missing" would have answered
is μ_m − K_mm⁻¹ K_mo (x_o − μ_o), so that only matrices as wide as the gaps are inverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.survey.cleaning.like_rows import like_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

MAX_CONDITION = 1e12
"""Condition number above which a covariance matrix counts as singular."""


@dataclass(frozen=True)
class NormalMoments:
    """Mean (items) and covariance (items × items, divisor n) of a multivariate normal, and how the search ended."""

    mean: Floats
    covariance: Floats
    iterations: int
    converged: bool


def missing_patterns(answers: Floats) -> tuple[Mask, Ints]:
    """Distinct patterns of gaps (patterns × items, True is missing) and the pattern of each row."""
    gaps = np.isnan(answers)
    first, place = like_rows(gaps)
    return gaps[first], place


def normal_moments(answers: Floats, *, max_iterations: int = 500, tolerance: float = 1e-9) -> NormalMoments | None:
    """Maximum-likelihood mean and covariance of rows × items with gaps, by EM; rows without any answer do not count.

    None where the covariance is singular: an item that nobody answered or all answered alike, or fewer rows than items.
    Converged: no standardised moment moves by more than `tolerance` in a step.
    Source: Dempster, Laird & Rubin 1977, J. Royal Statistical Society B 39; Little & Rubin 2020, ch. 11.2.
    """
    answered = ~np.isnan(answers)
    answers = answers[answered.any(axis=1)]
    if len(answers) <= answers.shape[1] or (answered.sum(axis=0) < 2).any():
        return None
    patterns, place = missing_patterns(answers)
    mean: Floats = np.nanmean(answers, axis=0)
    spread: Floats = np.nanstd(answers, axis=0)
    if (spread <= 0).any():
        return None
    covariance: Floats = np.diag(spread**2)
    for step in range(1, max_iterations + 1):
        precision = _inverse(covariance)
        if precision is None:
            return None
        filled, added = _expected(answers, patterns, place, mean, precision)
        new_mean: Floats = np.asarray(filled.mean(axis=0), dtype=np.float64)
        centred = filled - new_mean
        new_covariance: Floats = (centred.T @ centred + added) / len(filled)
        moved = np.abs(new_covariance - covariance) / np.outer(spread, spread)
        largest = max(float(moved.max()), float((np.abs(new_mean - mean) / spread).max()))
        mean, covariance = new_mean, new_covariance
        if largest < tolerance or not patterns.any():
            return None if _inverse(covariance) is None else NormalMoments(mean, covariance, step, converged=True)
    return NormalMoments(mean, covariance, max_iterations, converged=False)


def squared_distances(answers: Floats, mean: Floats, covariance: Floats) -> Floats:
    """Squared Mahalanobis distance of each row in the items it answered: (x_o − μ_o)ᵀ Σ_oo⁻¹ (x_o − μ_o).

    Taken over the whole row with its gaps at their conditional means, which gives the same number.
    Raises numpy.linalg.LinAlgError for a singular covariance. Source: Mahalanobis 1936; Little 1988.
    """
    patterns, place = missing_patterns(answers)
    precision = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    filled, _ = _expected(answers, patterns, place, mean, precision)
    away = filled - mean
    distances: Floats = np.einsum("ij,ij->i", away @ precision, away)
    return distances


def rows_by_pattern(place: Ints, count: int) -> Iterator[Ints]:
    """Positions of the rows of each pattern, in the order of the patterns."""
    order = np.argsort(place, kind="stable")
    yield from np.split(order, np.cumsum(np.bincount(place, minlength=count))[:-1])


def _expected(answers: Floats, patterns: Mask, place: Ints, mean: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Answers with their gaps at the conditional means, and the sum of the conditional covariances."""
    filled, added = answers.copy(), np.zeros_like(precision)
    for missing, rows in zip(patterns, rows_by_pattern(place, len(patterns)), strict=True):
        if not missing.any():
            continue
        gaps, given = np.flatnonzero(missing), np.flatnonzero(~missing)
        inner = np.linalg.inv(precision[np.ix_(gaps, gaps)])
        away = answers[np.ix_(rows, given)] - mean[given]
        filled[np.ix_(rows, gaps)] = mean[gaps] - away @ precision[np.ix_(given, gaps)] @ inner
        added[np.ix_(gaps, gaps)] += len(rows) * inner
    return filled, added


def _inverse(covariance: Floats) -> Floats | None:
    scale = np.sqrt(np.diag(covariance))
    if not np.isfinite(covariance).all() or (scale <= 0).any():
        return None
    if np.linalg.cond(covariance / np.outer(scale, scale)) > MAX_CONDITION:
        return None
    return np.asarray(np.linalg.inv(covariance), dtype=np.float64)
