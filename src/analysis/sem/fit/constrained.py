"""Estimates under constraints: equations h(θ) = 0 and inequalities h(θ) ≥ 0 between the parameters.

Each step solves the quadratic problem with the information as its matrix and the constraints made linear (sequential
quadratic programming, Nocedal & Wright 2006, ch. 18), and is halved until f and what is violated fall together. The
covariance of estimates moves along the constraints that hold only: Z (ZᵀIZ)⁻¹ Zᵀ with Z the directions that leave them
as they are (Aitchison & Silvey 1958), which is what lavaan inverts as an augmented information.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.information import invert_information

Array = NDArray[Any]
_MAX_ITERATIONS = 500
_MAX_CHANGES = 100
"""Changes of the set of inequalities that hold exactly, in one step."""
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""
_HOLDS = 1e-7
"""Distance from its bound at which a constraint holds exactly."""


class Bound(Protocol):
    """Parameters θ (q) and the r constraints on them, `equal` those that are equations."""

    @property
    def constrained(self) -> bool: ...

    @property
    def equal(self) -> NDArray[np.bool_]: ...

    def distances(self, theta: Array, /) -> Array: ...

    def slopes(self, theta: Array, /) -> Array: ...


class Minimised(Protocol):
    """f, its gradient and its information."""

    def at(self, theta: Array, /) -> Any: ...

    def gradient(self, theta: Array, point: Any, /) -> Array: ...

    def expected(self, theta: Array, point: Any, /) -> Array: ...


def equations(bound: Bound, theta: Array) -> int:
    """How many parameters the equations settle."""
    if not bound.constrained or not bound.equal.any():
        return 0
    return int(np.linalg.matrix_rank(bound.slopes(theta)[bound.equal]))


def directions(bound: Bound, theta: Array) -> Array | None:
    """Directions that leave the constraints which hold at θ as they are, q × (q − rank); None without constraints."""
    if not bound.constrained:
        return None
    holding = bound.equal | (np.abs(bound.distances(theta)) < _HOLDS)
    slopes = bound.slopes(theta)[holding]
    if not len(slopes):
        return None
    _, values, rows = np.linalg.svd(slopes)
    return np.asarray(rows[int((values > 1e-10 * values.max(initial=1.0)).sum()) :].T)


def invert_within(bound: Bound, theta: Array, information: Array) -> tuple[Array, bool]:
    """Inverse of the information along the constraints, and whether it is singular there."""
    free = directions(bound, theta)
    if free is None:
        return invert_information(information)
    inverse, singular = invert_information(free.T @ information @ free)
    return free @ inverse @ free.T, singular


def descend_within(objective: Minimised, bound: Bound, theta: Array, *, total: float) -> tuple[Array, bool]:
    """Estimates under the constraints from θ on, and whether they converged; `total` is Σw of the rows."""
    point, penalty = objective.at(theta), 0.0
    for _ in range(_MAX_ITERATIONS):
        information = objective.expected(theta, point)
        slopes, distances = bound.slopes(theta), bound.distances(theta)
        step, pull = _step(information, objective.gradient(theta, point), slopes, distances, bound.equal)
        broken = _violation(distances, bound.equal)
        if np.sqrt(max(total * float(step @ information @ step), 0.0)) < _TOLERANCE and broken < _HOLDS:
            return theta, True
        penalty = max(penalty, 2 * float(np.abs(pull).max(initial=0.0)))
        before = point.value + penalty * broken
        for halvings in range(40):
            candidate = theta + step / 2**halvings
            proposed = objective.at(candidate)
            if proposed.value + penalty * _violation(bound.distances(candidate), bound.equal) <= before + 1e-13:
                break
        else:
            return theta, False
        theta, point = candidate, proposed
    return theta, False


def _violation(distances: Array, equal: NDArray[np.bool_]) -> float:
    return float(np.where(equal, np.abs(distances), np.maximum(-distances, 0.0)).sum())


def _step(
    information: Array, gradient: Array, slopes: Array, distances: Array, equal: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Step d that minimises gᵀd + ½ dᵀId with h + Ad = 0 or ≥ 0, and the multipliers, by an active set.

    The square of what misses the equations is added to what is minimised: at the step it is zero, and an information
    that only the equations make regular can be inverted.
    """
    rows = slopes[equal]
    weight = np.trace(information) / len(information) / np.maximum((rows**2).sum(axis=1), 1e-300)
    gradient = gradient + rows.T @ (weight * distances[equal])
    inverse = invert_information(information + (rows.T * weight) @ rows)[0]
    active = equal | (distances < 0)
    for _ in range(_MAX_CHANGES):
        held = slopes[active]
        pull = np.zeros(len(distances))
        middle = held @ inverse @ held.T
        pull[active] = np.linalg.lstsq(middle, held @ inverse @ gradient - distances[active], rcond=None)[0]
        step = inverse @ (slopes.T @ pull - gradient)
        released = active & ~equal & (pull < -1e-12)
        missed = ~active & ~equal & (distances + slopes @ step < -1e-12)
        if missed.any():
            active = active.copy()
            active[np.argmin(np.where(missed, distances + slopes @ step, np.inf))] = True
        elif released.any():
            active = active.copy()
            active[np.argmin(np.where(released, pull, np.inf))] = False
        else:
            break
    return step, pull
