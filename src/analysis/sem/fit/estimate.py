"""Maximum likelihood for a mean and covariance structure, with or without missing answers, with or without weights.

The gradient is taken to rounding error from several starts (`search`), of which the best end counts. Variances have no
bounds, so that an inadmissible solution shows, as in lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.constrained import equations, invert_within
from analysis.sem.fit.likelihood import Point
from analysis.sem.fit.search import find_minimum
from analysis.sem.model.bounds import Bounds
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.patterns import Patterns
from analysis.sem.moments.sample import Source, saturated

Array = NDArray[Any]
_NO_RANK = 1e-12
"""Smallest eigenvalue of the items' correlations, where only rounding is left."""


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
        derivatives = None if self.complete else self.structure.derivatives(matrices)
        by_covariance = point.expected(derivatives, partial(self.structure.products, matrices))
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
        result = slopes.T @ point.summed @ slopes
        result[: len(by_covariance), : len(by_covariance)] += by_covariance
        return np.asarray(result)


@dataclass(frozen=True)
class Solution:
    """A maximum-likelihood solution θ, its covariance (q × q), and F = 2 (f − f₁) there; `start` is where it began.

    `starts` were tried, and led to so many different `minima`, of which this is the best.
    """

    objective: Objective
    moments: Moments
    start: Array
    theta: Array
    covariance: Array
    minimum: float
    loglikelihood: float
    converged: bool
    singular: bool
    starts: int = 1
    minima: int = 1

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
    found = find_minimum(objective, syntax, covariance, start)
    theta, point = found.theta, objective.at(found.theta)
    information = (objective.expected if patterns.complete else objective.observed)(theta, point)
    inverse, singular = invert_within(structure.bounds, theta, information)
    return Solution(
        objective,
        Moments(covariance, mean, sample.n, converged),
        found.begun,
        theta,
        inverse / patterns.total,
        2 * (point.value - Point(patterns, mean, covariance).value),
        point.loglikelihood,
        found.settled and converged,
        singular,
        found.starts,
        found.minima,
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


def degrees_of_freedom(solution: Solution) -> int:
    """Moments of the items (means where they have a structure) less free parameters, but for what equations settle."""
    structure = solution.structure
    return structure.syntax.moments - len(structure.free) + equations(structure.bounds, solution.theta)


def _has_means(sample: Source) -> bool:
    return not sample.patterns.complete or sample.clustered
