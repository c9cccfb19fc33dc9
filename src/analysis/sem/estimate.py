"""Maximum likelihood for a mean and covariance structure, with or without missing answers, with or without weights.

semopy finds the region of the minimum; scoring steps then take the gradient to rounding error without semopy's
bounds on variances, so that an inadmissible solution shows instead of sitting on a bound, as in lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.likelihood import Point
from analysis.sem.model import ModelSyntax
from analysis.sem.moments import Source, saturated
from analysis.sem.patterns import Patterns
from analysis.sem.start import semopy_estimates
from analysis.sem.structure import Matrices, Structure

Array = NDArray[Any]
_MAX_ITERATIONS = 500
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""
_SINGULAR = 1e-9
"""Smallest eigenvalue of the information, scaled to a unit diagonal, below which it counts as singular."""
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
    """f over the vector x: the free parameters θ, then the item means where answers are missing."""

    structure: Structure
    patterns: Patterns
    mean: Array

    @property
    def q(self) -> int:
        """Number of free parameters without the means."""
        return len(self.structure.free)

    @property
    def with_means(self) -> bool:
        """Whether the means are part of x; with complete data they are the sample's."""
        return not self.patterns.complete

    def at(self, x: Array) -> Point:
        """The likelihood at x."""
        mean = x[self.q :] if self.with_means else self.mean
        return Point(self.patterns, mean, self.structure.matrices(x[: self.q]).implied)

    def gradient(self, x: Array, point: Point) -> Array:
        """∂f/∂x."""
        by_mean, through = point.gradient()
        by_theta = self.structure.pulled(self.structure.matrices(x[: self.q]), through)
        return np.concatenate([by_theta, by_mean]) if self.with_means else by_theta

    def expected(self, x: Array, point: Point) -> Array:
        """Expected information of one row (θ and means are independent in it)."""
        information = point.expected(self.structure.derivatives(self.structure.matrices(x[: self.q])))
        if not self.with_means:
            return information
        means = np.einsum("g,gij->ij", point.share, point.precision)
        zero = np.zeros((len(information), len(means)))
        return np.block([[information, zero], [zero.T, means]])

    def observed(self, x: Array, point: Point) -> Array:
        """Second derivative of f."""
        theta = x[: self.q]
        matrices = self.structure.matrices(theta)
        by_theta, mixed, by_mean = point.curvature(self.structure.derivatives(matrices))
        by_theta = by_theta + self.structure.curvature(theta, point.gradient()[1])
        if not self.with_means:
            return by_theta
        return np.block([[by_theta, mixed], [mixed.T, by_mean]])


@dataclass(frozen=True)
class Solution:
    """A maximum-likelihood solution x, the covariance of its free parameters (q × q), and F = 2 (f − f₁) there."""

    objective: Objective
    moments: Moments
    x: Array
    covariance: Array
    minimum: float
    loglikelihood: float
    converged: bool
    singular: bool

    @property
    def structure(self) -> Structure:
        """The model."""
        return self.objective.structure

    @property
    def theta(self) -> Array:
        """Free parameters without the means."""
        return self.x[: self.objective.q]

    @property
    def parameters(self) -> int:
        """Number of estimated parameters, the means among them where answers are missing."""
        return len(self.x)

    @cached_property
    def matrices(self) -> Matrices:
        """Model matrices at the solution."""
        return self.structure.matrices(self.theta)

    @cached_property
    def point(self) -> Point:
        """The likelihood at the solution."""
        return self.objective.at(self.x)


def fit_maximum_likelihood(sample: Source, syntax: ModelSyntax, *, start: Array | None = None) -> Solution:
    """Fit the model to a sample whose columns are the items of the model, in their order.

    `start` are free parameters to begin with; without them semopy's estimates are taken.
    Standard errors come from the expected information, and from the observed one where answers are missing (as in
    lavaan). Raises MethodError when no starting point has a likelihood.
    """
    structure, patterns = Structure(syntax), sample.patterns
    mean, covariance, converged = saturated(patterns)
    moments = Moments(covariance, mean, sample.n, converged)
    theta = semopy_estimates(syntax, covariance) if start is None else start
    if not Point(patterns, mean, structure.matrices(theta).implied).admissible:
        raise MethodError(
            "The structural model could not be fitted: no solution has a likelihood.",
            expected="items that the model's constructs can explain",
            hint="check the model for constructs that measure the same thing, or simplify it",
        )
    if not patterns.complete:  # two-stage estimates are close to those of full information
        whole = Patterns(np.ones((1, len(mean)), dtype=bool), np.array([patterns.total]), mean[None], covariance[None])
        theta, _ = descend(Objective(structure, whole, mean), theta)
    objective = Objective(structure, patterns, mean)
    x, settled = descend(objective, np.concatenate([theta, mean]) if objective.with_means else theta)
    point = objective.at(x)
    information = (objective.observed if objective.with_means else objective.expected)(x, point)
    inverse, singular = invert_information(information)
    free = Point(patterns, mean, covariance)
    return Solution(
        objective,
        moments,
        x,
        inverse[: objective.q, : objective.q] / patterns.total,
        2 * (point.value - free.value),
        point.loglikelihood,
        settled and converged,
        singular,
    )


def descend(objective: Objective, x: Array) -> tuple[Array, bool]:
    """Scoring with step halving; returns the estimates and whether they converged.

    The information is renewed at every step, or only now and then where that is dear: the gradient decides.
    """
    point, inverse, age = objective.at(x), None, 0
    for _ in range(_MAX_ITERATIONS):
        if inverse is None or age >= (_REUSED if objective.with_means else 1):
            inverse, age = invert_information(objective.expected(x, point))[0], 0
        gradient = objective.gradient(x, point)
        step = -inverse @ gradient
        if np.sqrt(max(-objective.patterns.total * float(gradient @ step), 0.0)) < _TOLERANCE:
            return x, True
        age += 1
        for halvings in range(30):
            candidate = x + step / 2**halvings
            proposed = objective.at(candidate)
            if proposed.value <= point.value + 1e-13:
                break
        else:
            return x, False
        x, point = candidate, proposed
    return x, False


def invert_information(information: Array) -> tuple[Array, bool]:
    """Inverse of the information and whether it is singular (then its pseudo-inverse)."""
    scale = np.sqrt(np.abs(np.diag(information)))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    kept = np.abs(values) > _SINGULAR
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return inverse / np.outer(scale, scale), not bool((values > _SINGULAR).all())
