"""Maximum likelihood for a mean and covariance structure, with or without missing answers, with or without weights.

Scoring steps take the gradient to rounding error, from the moments' own suggestion and from plain values; where they
end apart, the better end is taken. Where none of them ends, semopy finds the region of the minimum first. Variances
have no bounds, so that an inadmissible solution shows, as in lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.constrained import descend_within, equations, invert_within
from analysis.sem.fit.information import invert_information
from analysis.sem.fit.likelihood import Point
from analysis.sem.fit.reference import semopy_estimates
from analysis.sem.fit.start import plain_values, starting_values, with_own_starts
from analysis.sem.model.bounds import Bounds
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.patterns import Patterns
from analysis.sem.moments.sample import Source, saturated

Array = NDArray[Any]
_MAX_ITERATIONS = 500
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""
_PLAIN = 0.3
"""Standardised loading of the plain start."""
_SAME = 1e-6
"""Difference in f below which two ends are one."""
_NO_RANK = 1e-12
"""Smallest eigenvalue of the items' correlations, where only rounding is left."""
_REUSED = 12
"""Steps that one information matrix serves when it is dear (missing answers)."""


@dataclass(frozen=True)
class Moments:
    """Moments that the model is held against: covariance (p × p, denominator n) of `n` rows.

    The sample's where every item was answered, else the ML estimate without a model.
    """

    covariance: Array
    mean: Array
    n: int
    converged: bool


@dataclass(frozen=True)
class Objective:
    """f over the free parameters θ; without a mean structure the means are the sample's, `mean`."""

    structure: Structure
    patterns: Patterns
    mean: Array

    @property
    def bounds(self) -> Bounds:
        """Constraints on θ."""
        return self.structure.bounds

    @property
    def total(self) -> float:
        """Σw of all rows."""
        return self.patterns.total

    @property
    def complete(self) -> bool:
        """Whether every row has every answer."""
        return self.patterns.complete

    def at(self, theta: Array) -> Point:
        """The likelihood at θ."""
        matrices = self.structure.matrices(theta)
        return Point(self.patterns, matrices.mean if self.structure.means else self.mean, matrices.implied)

    def gradient(self, theta: Array, point: Point) -> Array:
        """∂f/∂θ."""
        return self.structure.gradient(self.structure.matrices(theta), *point.gradient())

    def expected(self, theta: Array, point: Point) -> Array:
        """Expected information of one row, q × q."""
        matrices = self.structure.matrices(theta)
        by_covariance = point.expected(self.structure.derivatives(matrices), partial(self.structure.products, matrices))
        return self._with_means(matrices, point, by_covariance)

    def observed(self, theta: Array, point: Point) -> Array:
        """Second derivative of f, q × q."""
        matrices = self.structure.matrices(theta)
        products = partial(self.structure.products, matrices)
        by_covariance, mixed, _ = point.curvature(self.structure.derivatives(matrices), products)
        result = self._with_means(matrices, point, by_covariance)
        if self.structure.means:
            crossed = mixed @ self.structure.mean_derivatives(matrices)
            result[: len(crossed)] += crossed
            result[:, : len(crossed)] += crossed.T
        return result + self.structure.curvature(theta, *point.gradient())

    def _with_means(self, matrices: Matrices, point: Point, by_covariance: Array) -> Array:
        """The information by way of Σ (k × k), and by way of μ where it has a structure: q × q."""
        if not self.structure.means:
            return by_covariance
        slopes = self.structure.mean_derivatives(matrices)
        result = slopes.T @ np.einsum("g,gij->ij", point.share, point.precision) @ slopes
        result[: len(by_covariance), : len(by_covariance)] += by_covariance
        return np.asarray(result)


@dataclass(frozen=True)
class Solution:
    """A maximum-likelihood solution θ, its covariance (q × q), and F = 2 (f − f₁) there; `start` is where it began."""

    objective: Objective
    moments: Moments
    start: Array
    theta: Array
    covariance: Array
    minimum: float
    loglikelihood: float
    converged: bool
    singular: bool

    @property
    def structure(self) -> Structure:
        """The model."""
        return self.objective.structure

    @cached_property
    def matrices(self) -> Matrices:
        """Model matrices at the solution."""
        return self.structure.matrices(self.theta)

    @cached_property
    def point(self) -> Point:
        """The likelihood at the solution."""
        return self.objective.at(self.theta)


def fit_maximum_likelihood(sample: Source, syntax: ModelSyntax, *, start: Array | None = None) -> Solution:
    """Fit the model to a sample whose columns are the items of the model, in their order.

    `start` are free parameters that move Σ to begin with; without them the moments suggest some, and where these lead
    nowhere semopy's estimates are taken. The model gets a mean structure where answers are missing or rows belong to
    PSU. Standard errors come from the expected information, and from the observed one where answers are missing (all
    as in lavaan). Raises MethodError for items that repeat each other, and when no starting point has a likelihood.
    """
    patterns = sample.patterns
    mean, covariance, converged = saturated(patterns)
    _check_rank(covariance)
    syntax = (syntax.with_means() if _has_means(sample) else syntax).given(mean, covariance)
    structure = Structure(syntax)
    objective = Objective(structure, patterns, mean)
    begun, theta, settled = _minimum(objective, syntax, covariance, start)
    point = objective.at(theta)
    information = (objective.expected if patterns.complete else objective.observed)(theta, point)
    inverse, singular = invert_within(structure.bounds, theta, information)
    return Solution(
        objective,
        Moments(covariance, mean, sample.n, converged),
        begun,
        theta,
        inverse / patterns.total,
        2 * (point.value - Point(patterns, mean, covariance).value),
        point.loglikelihood,
        settled and converged,
        singular,
    )


def _check_rank(covariance: Array) -> None:
    """Raise MethodError where an item follows from the others: the likelihood then grows without end."""
    deviations = np.sqrt(np.diag(covariance))
    if np.linalg.eigvalsh(covariance / np.outer(deviations, deviations))[0] < _NO_RANK:
        raise MethodError(
            "The structural model could not be fitted: items repeat each other.",
            expected="items none of which follows from the others",
            hint="remove one of them from the model",
        )


@dataclass(frozen=True)
class _End:
    """Where a descent began and ended, f there, and whether it converged."""

    begun: Array
    theta: Array
    value: float
    settled: bool


def _minimum(
    objective: Objective, syntax: ModelSyntax, covariance: Array, start: Array | None
) -> tuple[Array, Array, bool]:
    """Where the best of the descents began and ended, and whether it converged; from `start` alone where one is given.

    The best has the largest likelihood, proper or not. semopy's estimates are where to begin if nothing else converges.
    """
    if start is not None:
        ends = _ends(objective, [start], covariance)
    else:
        suggested = with_own_starts(objective.structure, starting_values(syntax, covariance))
        starts = [suggested, plain_values(syntax, covariance, loading=_PLAIN)]
        ends = _ends(objective, starts, covariance)
    if syntax.is_factor_model and not any(end.settled for end in ends) and (start is None or not ends):
        ends += _ends(objective, [semopy_estimates(syntax, covariance)], covariance)
    if not ends:
        raise MethodError(
            "The structural model could not be fitted: no solution has a likelihood.",
            expected="items that the model's constructs can explain",
            hint="check the model for constructs that measure the same thing, or simplify it",
        )
    best = min(ends, key=lambda end: (not end.settled, round(end.value / _SAME)))
    return best.begun, best.theta, best.settled


def _ends(objective: Objective, starts: list[Array], covariance: Array) -> list[_End]:
    """Descents from all starts that have a likelihood; those that the moments lead to the same place go on as one.

    With gaps the descent is first on the moments alone: two-stage estimates are close to those of full information.
    """
    patterns, mean = objective.patterns, objective.mean
    whole = Patterns(np.ones((1, len(mean)), dtype=bool), np.array([patterns.total]), mean[None], covariance[None])
    staged = objective if patterns.complete else Objective(objective.structure, whole, mean)
    ends: list[_End] = []
    for values in starts:
        begun = with_intercepts(objective.structure, values, mean)
        if not _admissible(objective, begun):
            continue
        end = _descended(staged, begun, begun)
        if not any(end.settled and other.settled and abs(end.value - other.value) < _SAME for other in ends):
            ends.append(end)
    return ends if patterns.complete else [_descended(objective, end.theta, end.begun) for end in ends]


def _descended(objective: Objective, theta: Array, begun: Array) -> _End:
    theta, settled = descend(objective, theta)
    return _End(begun, theta, objective.at(theta).value, settled)


def _admissible(objective: Objective, theta: Array) -> bool:
    return Point(objective.patterns, objective.mean, objective.structure.matrices(theta).implied).admissible


def degrees_of_freedom(solution: Solution) -> int:
    """Moments of the items (means where they have a structure) less free parameters, but for what equations settle."""
    structure = solution.structure
    return structure.syntax.moments - len(structure.free) + equations(structure.bounds, solution.theta)


def _has_means(sample: Source) -> bool:
    return not sample.patterns.complete or sample.clustered


def with_intercepts(structure: Structure, theta: Array, mean: Array) -> Array:
    """Starting values: θ as given for Σ, and the intercepts that bring the means closest to the sample's by Σ⁻¹."""
    result = np.zeros(len(structure.free))
    result[: structure.k] = theta[: structure.k]
    if not structure.means:
        return result
    matrices = structure.matrices(result)
    values, vectors = np.linalg.eigh(matrices.implied)
    root = vectors.T / np.sqrt(np.maximum(values, 1e-8 * values[-1]))[:, None]
    slopes = structure.mean_derivatives(matrices)[:, structure.k :]
    result[structure.k :] = np.linalg.lstsq(root @ slopes, root @ (mean - matrices.mean), rcond=None)[0]
    return result


class Descended(Protocol):
    """f over free parameters: its value (of what `at` gives), gradient and information, and the constraints."""

    @property
    def bounds(self) -> Bounds: ...

    @property
    def total(self) -> float: ...

    @property
    def complete(self) -> bool: ...

    def at(self, theta: Array, /) -> Any: ...

    def gradient(self, theta: Array, point: Any, /) -> Array: ...

    def expected(self, theta: Array, point: Any, /) -> Array: ...


def descend(objective: Descended, theta: Array) -> tuple[Array, bool]:
    """Scoring with step halving; returns the estimates and whether they converged.

    The information is renewed at every step, or only now and then where that is dear: the gradient decides.
    """
    if objective.bounds.constrained:
        return descend_within(objective, objective.bounds, theta, total=objective.total)
    point, inverse, age = objective.at(theta), None, 0
    for _ in range(_MAX_ITERATIONS):
        if inverse is None or age >= (1 if objective.complete else _REUSED):
            inverse, age = invert_information(objective.expected(theta, point))[0], 0
        gradient = objective.gradient(theta, point)
        step = -inverse @ gradient
        if np.sqrt(max(-objective.total * float(gradient @ step), 0.0)) < _TOLERANCE:
            return theta, True
        age += 1
        for halvings in range(30):
            candidate = theta + step / 2**halvings
            proposed = objective.at(candidate)
            if proposed.value <= point.value + 1e-13:
                break
        else:
            return theta, False
        theta, point = candidate, proposed
    return theta, False
