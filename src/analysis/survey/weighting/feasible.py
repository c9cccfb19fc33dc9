"""Whether weights within bounds can meet what they are fitted to, and which bounds would do, by linear programming.

Bounds L and U of the ratio F are moved away from 1 together, to 1 − s(1 − L) and 1 + s(U − 1), never below 0: the
least s for which some F meets every margin and mean tells how far the bounds are from leaving a solution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import MethodError

if TYPE_CHECKING:
    from analysis.edition.sections.weighting import Calibration
    from analysis.survey.weighting.raking import Constraint, Floats

ROUNDING = 1e-6
"""Relative accuracy of the least s."""


def check_feasible(mass: Floats, constraints: Sequence[Constraint], rule: Calibration) -> None:
    """Raise MethodError where no ratios within the bounds meet the constraints, with how far the best are off.

    `mass`: totals of cells (cells × 1).
    """
    bounds = rule.bounds or (0.0, math.inf)
    held = np.flatnonzero(mass[:, 0] > 0)
    share, kept = mass[held] / mass[held].sum(), [constraint.at(held) for constraint in constraints]
    columns = np.hstack([constraint.columns(share) for constraint in kept]) * share
    widened = _least(share[:, 0], columns, bounds)
    if widened is not None and widened <= 1 + ROUNDING:
        return
    best = share * _nearest(share[:, 0], columns, bounds)[:, None]
    gaps = [float(constraint.gaps(best)[0]) for constraint in kept]
    furthest = kept[int(np.argmax(gaps))].furthest(best)
    if widened is None or rule.bounds is None:
        raise MethodError(
            "No positive weights meet all margins and means together.",
            where=", ".join(constraint.name for constraint in constraints),
            expected="margins and means that weights of 0 or more can meet at once",
            got=f"at best, {furthest}",
            hint="join small categories, or leave a margin or a mean out",
        )
    lower, upper = _moved(rule.bounds, widened)
    raise MethodError(
        "No weights within the bounds meet the margins.",
        where=f"weighting.calibration.bounds: [{rule.bounds[0]:g}, {rule.bounds[1]:g}]",
        expected=f"bounds of [{lower:g}, {upper:g}] or wider",
        got=f"at best, {furthest}",
        hint="widen the bounds, join small categories, or leave a margin out",
    )


def _moved(bounds: tuple[float, float], widened: float) -> tuple[float, float]:
    """The bounds that would do, rounded outwards to three decimals."""
    lower = max(1 - widened * (1 - bounds[0]), 0.0)
    upper = 1 + widened * (bounds[1] - 1)
    return max(math.floor(lower * 1000) / 1000, 0.0), math.ceil(upper * 1000) / 1000


def _least(share: Floats, columns: Floats, bounds: tuple[float, float]) -> float | None:
    """The least s ≥ 0 for which the bounds that it moves leave a solution; None where none does."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    unit, limits, values = eye_array(len(share), format="csr"), [], []
    for sign, reach in ((1.0, bounds[1] - 1), (-1.0, 1 - bounds[0])):  # F − s(U − 1) ≤ 1 and −F − s(1 − L) ≤ −1
        if math.isfinite(reach):
            limits.append(hstack([sign * unit, csr_array(np.full((len(share), 1), -reach))]))
            values.append(np.full(len(share), sign))
    equal = np.column_stack([share, columns]).T
    found = linprog(
        np.r_[np.zeros(len(share)), 1.0],
        A_ub=vstack(limits),
        b_ub=np.concatenate(values),
        A_eq=np.hstack([equal, np.zeros((len(equal), 1))]),
        b_eq=np.r_[1.0, np.zeros(len(equal) - 1)],
        method="highs",
    )
    return float(found.x[-1]) if found.status == 0 else None


def _nearest(share: Floats, columns: Floats, bounds: tuple[float, float]) -> Floats:
    """Ratios within the bounds that keep the total and whose largest gap is least."""
    from scipy.optimize import linprog

    away = np.vstack([columns.T, -columns.T])
    found = linprog(
        np.r_[np.zeros(len(share)), 1.0],
        A_ub=np.hstack([away, -np.ones((len(away), 1))]),
        b_ub=np.zeros(len(away)),
        A_eq=np.r_[share, 0.0][None],
        b_eq=[1.0],
        bounds=[(bounds[0], bounds[1])] * len(share) + [(0, None)],
        method="highs",
    )
    return np.asarray(found.x[:-1], dtype=np.float64)
