"""Scores of single rows: −∂f/∂(parameter), n × k for n rows.

Where a model without structure allows it they are scaled so that their information is the identity: tr(A⁻¹B) is then
a sum of squares. Knows NumPy only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.likelihood import Point
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.moments.patterns import Patterns
from analysis.sem.moments.sample import univariate

Array = NDArray[Any]


class ModelScores:
    """Scores at one point of a model: −∂f/∂θ."""

    def __init__(self, point: Point, structure: Structure, matrices: Matrices) -> None:
        self.point, self.structure, self.matrices = point, structure, matrices
        self.level = structure.pulled(matrices, point.precision)

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        pulled = self.point.pull(values, of_row)
        by_covariance = self.structure.scores(self.matrices, pulled)
        by_covariance -= self.level[0] if len(self.level) == 1 else self.level[of_row]
        by_covariance *= 0.5
        if not self.structure.means:
            return by_covariance
        scores = pulled @ self.structure.mean_derivatives(self.matrices)
        scores[:, : self.structure.k] += by_covariance
        return np.asarray(scores)


class FreeScores:
    """Scores without a model where answers are missing: the means, then the lower triangle of Σ by rows."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.lower = np.tril_indices(len(point.mean))
        self.half = np.where(self.lower[0] == self.lower[1], 0.5, 1.0)
        self.level = point.precision[:, self.lower[0], self.lower[1]]

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        pulled = self.point.pull(values, of_row)
        products = pulled[:, self.lower[0]] * pulled[:, self.lower[1]]
        return np.concatenate([pulled, self.half * (products - self.level[of_row])], axis=1)


class WhiteScores:
    """Scores without a model of complete rows: z = L⁻¹(x − μ) with LLᵀ = Σ, z_a z_b for a > b and (z_a² − 1)/√2.

    Their squared length is ½ (d⁴ − 2d² + p), d² = zᵀz the squared Mahalanobis distance, and d² more with the means.
    """

    def __init__(self, mean: Array, covariance: Array, *, means: bool) -> None:
        self.mean, self.means = mean, means
        self.whiten = np.linalg.inv(np.linalg.cholesky(covariance))
        self.below = np.tril_indices(len(mean), -1)

    def __call__(self, values: Array, _: NDArray[np.int64] | None = None) -> Array:
        z = self.whiten @ (values - self.mean).T
        parts = [(z**2 - 1) / np.sqrt(2), z[self.below[0]] * z[self.below[1]]]
        return np.concatenate([z, *parts] if self.means else parts).T

    def squared(self, values: Array) -> Array:
        distance = (((values - self.mean) @ self.whiten.T) ** 2).sum(axis=1)
        return np.asarray(0.5 * (distance**2 - 2 * distance + len(self.mean)) + (distance if self.means else 0.0))


class AloneScores:
    """Scores of items that have nothing in common, each with its own mean and variance; 0 where not answered."""

    def __init__(self, patterns: Patterns, *, means: bool) -> None:
        self.mean, variance = univariate(patterns)
        self.deviation, self.means = np.sqrt(variance), means
        self.answered = patterns.weight @ patterns.observed / patterns.total

    def __call__(self, values: Array, _: NDArray[np.int64] | None = None) -> Array:
        away = (values - self.mean) / self.deviation
        spread = (away**2 - 1) / np.sqrt(2)
        scores = np.stack([away, spread] if self.means else [spread]) / np.sqrt(self.answered)
        scores[np.isnan(scores)] = 0.0
        return np.concatenate(list(scores), axis=1)

    def squared(self, values: Array) -> Array:
        squares = ((values - self.mean) / self.deviation) ** 2
        squares = 0.5 * (squares - 1) ** 2 + (squares if self.means else 0.0)
        squares[np.isnan(squares)] = 0.0
        return np.asarray(squares @ (1 / self.answered))
