"""From a starting point to the minimum of f: scoring, and Newton's method where scoring does not get there.

Scoring takes the expected information for the curvature. Far from the truth, or where the two differ much, it runs away
or goes to and fro; then steps by the curvature itself, within a radius that grows and shrinks with their success (Moré
& Sorensen 1983), find the minimum or show that there is none.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.constrained import descend_within
from analysis.sem.fit.information import invert_information
from analysis.sem.model.bounds import Bounds

Array = NDArray[Any]
_SCORING = 100
"""Steps of scoring after which it has run away."""
_NEWTON = 100
_HALVINGS = 30
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""
_REUSED = 12
"""Steps that one information matrix serves when it is dear (missing answers), or the minimum near."""
_NEAR = 0.1
"""Standard errors that a step moves the estimates by, below which the information hardly changes any more."""
_FASTER = 0.3
"""Share of the step before that a step may be as long as where the information still serves."""
_RADIUS = (0.1, 1e-9, 1e3)
"""Radius of Newton's steps, in units of 1 / √(diagonal of the information): at first, least, most."""


class Descended(Protocol):
    """f over free parameters: its value (of what `at` gives), gradient and curvature, and the constraints."""

    @property
    def bounds(self) -> Bounds: ...

    @property
    def total(self) -> float: ...

    @property
    def complete(self) -> bool: ...

    def at(self, theta: Array, /) -> Any: ...

    def gradient(self, theta: Array, point: Any, /) -> Array: ...

    def expected(self, theta: Array, point: Any, /) -> Array: ...

    def observed(self, theta: Array, point: Any, /) -> Array: ...


def descend(objective: Descended, theta: Array) -> tuple[Array, bool]:
    """The estimates that are reached from θ, and whether they are a minimum."""
    if objective.bounds.constrained:
        return descend_within(objective, objective.bounds, theta, total=objective.total)
    scored, settled, stuck = _scoring(objective, theta)
    if settled:
        return scored, True
    found, settled = _newton(objective, scored if stuck else theta)
    return (found, True) if settled else (scored, False)


def _scoring(objective: Descended, theta: Array) -> tuple[Array, bool, bool]:
    """Scoring with step halving: the estimates, whether they are a minimum, whether no step led on.

    The information is renewed at every step, or only now and then where that is dear or the minimum is near: the
    gradient decides.
    """
    point, inverse, age, near, before = objective.at(theta), None, 0, False, np.inf
    for _ in range(_SCORING if objective.complete else _SCORING * _REUSED // 4):
        if inverse is None or age >= (_REUSED if near or not objective.complete else 1):
            inverse, age = invert_information(objective.expected(theta, point))[0], 0
        gradient = objective.gradient(theta, point)
        step = -inverse @ gradient
        moved = np.sqrt(max(-objective.total * float(gradient @ step), 0.0))
        if moved < _TOLERANCE:
            return theta, True, False
        near, before = moved < min(_NEAR, _FASTER * before), moved
        age += 1
        for halvings in range(_HALVINGS):
            candidate = theta + step / 2**halvings
            proposed = objective.at(candidate)
            if proposed.value <= point.value + 1e-13:
                break
        else:
            return theta, False, True
        theta, point = candidate, proposed
    return theta, False, False


def _newton(objective: Descended, theta: Array) -> tuple[Array, bool]:
    """Newton's steps within a radius, from θ: the estimates and whether they are a minimum."""
    point = objective.at(theta)
    scale = np.sqrt(np.maximum(np.diag(objective.expected(theta, point)), 1e-12))
    radius, least, most = _RADIUS
    for _ in range(_NEWTON):
        gradient = objective.gradient(theta, point) / scale
        curvature = objective.observed(theta, point) / np.outer(scale, scale)
        if not (np.isfinite(curvature).all() and np.isfinite(gradient).all()):
            return theta, False
        values, vectors = np.linalg.eigh(curvature)
        along = vectors.T @ gradient
        if values[0] > 0 and np.sqrt(objective.total * float(along @ (along / values))) < _TOLERANCE:
            return theta, True
        while radius > least:
            step = -along / (values + _damping(values, along, radius))
            candidate = theta + (vectors @ step) / scale
            proposed = objective.at(candidate)
            promised = -float(along @ step + 0.5 * values @ step**2)
            gained = point.value - proposed.value
            if gained >= 0.1 * promised or (gained >= -1e-14 and promised < 1e-12):
                break
            radius = 0.25 * min(radius, float(np.linalg.norm(step)))
        else:
            return theta, False
        radius = min(2 * radius, most) if gained > 0.7 * promised else radius
        theta, point = candidate, proposed
    return theta, False


def _damping(values: Array, along: Array, radius: float) -> float:
    """What is added to the curvature so that the step is no longer than the radius, and downhill."""

    def length(added: float) -> float:
        return float(np.linalg.norm(along / (values + added)))

    low = 0.0 if values[0] > 0 else -float(values[0]) + 1e-10 * max(float(np.abs(values).max()), 1.0)
    if length(low) <= radius:
        return low
    high = low + float(np.linalg.norm(along)) / radius + 1e-10
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if length(middle) > radius else (low, middle)
    return high
