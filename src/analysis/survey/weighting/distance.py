"""Calibration by a distance as an array kernel: the weights nearest to those before that meet margins and means.

The weight of a row is d·F(x'λ): d its weight before, x its categories and numbers, and F follows from the distance:
1 + u (linear: the generalised regression estimator), exp(u) (raking) or a logistic curve between two bounds (logit).
Bounds hold for F, the ratio of a weight to the one before. Like raking it runs on cells, many replicates at once.
Sources: Deville & Särndal 1992, cases 1, 2, 6 and 7; Deville, Särndal & Sautory 1993. NumPy only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.survey.weighting.raking import deviations, fit_margins, margins_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.weighting import Calibration
    from analysis.survey.weighting.raking import Constraint, Floats

STEEPEST = 50.0
"""Largest |u| that is put into an exponential: where margins can't be met λ grows without end."""
HELD = 1e-4
"""Share of its slope that a factor at its bound counts with, so that a step is always defined."""
HALVINGS = 30


def fit_cells(
    mass: Floats,
    constraints: Sequence[Constraint],
    *,
    calibration: Calibration | None,
    max_iterations: int,
    tolerance: float,
) -> tuple[Floats, NDArray[np.int64]]:
    """Factors (cells × columns) that fit the totals of cells to the constraints, and rounds; by raking if not told."""
    limits: dict[str, Any] = {"max_iterations": max_iterations, "tolerance": tolerance}
    if calibration is None or calibration.plain:
        return fit_margins(mass, margins_of(constraints), **limits)
    return fit_nearest(mass, constraints, rule=calibration, **limits)


def fit_nearest(
    mass: Floats, constraints: Sequence[Constraint], *, rule: Calibration, max_iterations: int, tolerance: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Calibrate totals (cells × columns) to target shares of margins and to means, keeping the total of each column.

    Returns the factor of each cell (cells × columns) and the rounds of Newton's method that each column took. Rows that
    did not answer a question count in the total alone: the others meet the targets among themselves. A category that a
    column left empty is left out of its targets. Where bounds leave no solution the factors hold them, and `deviations`
    tells how far the margins are off.
    """
    columns = mass.shape[1]
    factors, rounds = np.ones_like(mass), np.zeros(columns, dtype=np.int64)
    for column in range(columns):
        total = mass[:, column].sum()
        if total > 0:
            share = mass[:, [column]] / total
            factors[:, column], rounds[column] = _newton(share, constraints, rule, max_iterations, tolerance)
    return factors, rounds


def _newton(
    share: Floats, constraints: Sequence[Constraint], rule: Calibration, max_iterations: int, tolerance: float
) -> tuple[Floats, int]:
    """Factors that solve Σ share·F(x'λ)·x = t: the λ where t'λ − Σ share·Φ(x'λ), with Φ' = F, is largest.

    A step that does not come nearer is halved.
    """
    design = np.hstack([np.ones((len(share), 1)), *(constraint.columns(share) for constraint in constraints)])
    wanted = np.r_[1.0, np.zeros(design.shape[1] - 1)]
    weight, coefficients = share[:, 0], np.zeros(design.shape[1])
    factor, slope, area = _distance(np.zeros(len(design)), rule)
    reached = -weight @ area
    for number in range(max_iterations):
        off = deviations((weight * factor)[:, None], constraints).max(), abs(weight @ factor - 1)
        if max(off) <= tolerance:
            return factor, number
        information = design.T @ (design * (weight * slope)[:, None])
        gap = wanted - design.T @ (weight * factor)
        step = np.linalg.pinv(information, rcond=1e-12, hermitian=True) @ gap
        for _ in range(HALVINGS):
            tried = coefficients + step
            factor, slope, area = _distance(design @ tried, rule)
            value = wanted @ tried - weight @ area
            if value >= reached - 1e-15 * abs(reached):
                break
            step = step / 2
        coefficients, reached = tried, value
    return factor, max_iterations


def _distance(u: Floats, rule: Calibration) -> tuple[Floats, Floats, Floats]:
    """F(u), its derivative, and the area Φ(u) below it; where a bound holds F the derivative is nearly nothing."""
    if rule.method == "logit" and rule.bounds is not None:
        return _logistic(u, *rule.bounds)
    lower, upper = rule.bounds or (-math.inf, math.inf)
    if rule.method == "linear":
        held = np.clip(u, lower - 1, upper - 1)
        factor, slope, area = 1 + held, np.ones_like(u), held + held**2 / 2
    else:
        least = math.log(lower) if lower > 0 else -STEEPEST
        held = np.clip(u, least, min(math.log(upper), STEEPEST))
        factor = slope = area = np.exp(held)
    return factor, np.where(held == u, slope, HELD * slope), area + factor * (u - held)


def _logistic(u: Floats, lower: float, upper: float) -> tuple[Floats, Floats, Floats]:
    """The curve from one bound to the other that is 1, and rises by 1, at u = 0."""
    scale = (upper - lower) / ((1 - lower) * (upper - 1))
    rest, part = np.log(upper - 1), np.log(1 - lower) + scale * u
    total = np.logaddexp(rest, part)
    risen = np.exp(part - total)
    factor = lower + (upper - lower) * risen
    return factor, (upper - lower) * scale * risen * (1 - risen), lower * u + (upper - lower) / scale * total
