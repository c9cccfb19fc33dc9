"""Scores of single rows: −∂f/∂(parameter), n × k for n rows.

Where a model without structure allows it they are scaled so that their information is the identity: tr(A⁻¹B) is then
a sum of squares. Knows NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.likelihood import Point
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.moments.patterns import Patterns
from analysis.sem.moments.sample import univariate

Array = NDArray[Any]


_NEAR = 512
"""Rows whose products stay in the processor's cache."""


class ModelScores:
    """Scores at one point of a model: −∂f/∂θ."""

    def __init__(self, point: Point, structure: Structure, matrices: Matrices) -> None:
        self.point, self.structure, self.matrices = point, structure, matrices
        self.level = 0.5 * structure.pulled(matrices, point.precision)

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        pulled = self.point.pull(values, of_row)
        by_covariance = self.structure.scores(self.matrices, pulled * np.sqrt(0.5))
        by_covariance -= self.level[0] if len(self.level) == 1 else self.level[of_row]
        if not self.structure.means:
            return by_covariance
        scores = pulled @ self.structure.mean_derivatives(self.matrices)
        scores[:, : self.structure.k] += by_covariance
        return np.asarray(scores)


class FreeScores:
    """Scores without a model where answers are missing: the means, then the lower triangle of Σ by rows.

    Moments of the items at the places `given`, the covariates, are none of its parameters.
    """

    def __init__(self, point: Point, given: Sequence[int] = ()) -> None:
        self.point = point
        self.means, self.lower = free_moments(len(point.mean), given)
        self.diagonal = np.flatnonzero(self.lower[0] == self.lower[1])
        self.rows = [np.flatnonzero(self.lower[0] == row) for row in range(len(point.mean))]
        self.level = np.ascontiguousarray(point.precision[:, self.lower[0], self.lower[1]].T)
        self.level[self.diagonal] *= 0.5

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        pulled = np.ascontiguousarray(self.point.pull(values, of_row).T)
        result = np.empty((len(self.means) + len(self.level), len(values)))
        result[: len(self.means)] = pulled[self.means]
        for start in range(0, len(values), _NEAR):
            part = slice(start, start + _NEAR)
            self._multiply(pulled[:, part], of_row[part], result[len(self.means) :, part])
        return result.T

    def _multiply(self, pulled: Array, of_row: NDArray[np.int64], products: Array) -> None:
        """Scores of the lower triangle of Σ for as many rows as stay in the processor's cache."""
        for row, own in enumerate(self.rows):
            if len(own):
                products[own[0] : own[-1] + 1] = pulled[self.lower[1][own]] * pulled[row]
        products[self.diagonal] *= 0.5
        products -= self.level[:, of_row]


def free_moments(p: int, given: Sequence[int]) -> tuple[Array, tuple[Array, Array]]:
    """Places of the means, and of the lower triangle of Σ by rows, but for those of covariates alone."""
    known = np.isin(np.arange(p), given)
    rows, columns = np.tril_indices(p)
    kept = ~(known[rows] & known[columns])
    return np.flatnonzero(~known), (rows[kept], columns[kept])


class WhiteScores:
    """Scores without a model of complete rows: z = L⁻¹(x − μ) with LLᵀ = Σ, z_a z_b for a > b and (z_a² − 1)/√2.

    Their squared length is ½ (d⁴ − 2d² + p), d² = zᵀz the squared Mahalanobis distance, and d² more with the means.
    `given` are the places of covariates, whose moments are no parameters: they come first in L, and what is of them
    alone is left out.
    """

    def __init__(self, mean: Array, covariance: Array, *, means: bool, given: Sequence[int] = ()) -> None:
        self.order = np.array([*given, *(i for i in range(len(mean)) if i not in set(given))], dtype=np.int64)
        self.mean, self.means, self.given = mean[self.order], means, len(given)
        self.whiten = np.linalg.inv(np.linalg.cholesky(covariance[np.ix_(self.order, self.order)]))
        rows, columns = np.tril_indices(len(mean), -1)
        self.below = rows[rows >= self.given], columns[rows >= self.given]

    def __call__(self, values: Array, _: NDArray[np.int64] | None = None) -> Array:
        z = self.whiten @ (values[:, self.order] - self.mean).T
        free = z[self.given :]
        parts = [(free**2 - 1) / np.sqrt(2), z[self.below[0]] * z[self.below[1]]]
        return np.concatenate([free, *parts] if self.means else parts).T

    def squared(self, values: Array) -> Array:
        values = values[:, self.order] if self.given else values  # else the order is that of the items
        squares: Array = (values - self.mean) @ self.whiten.T
        squares *= squares
        length = self._length(squares)
        return length - self._length(squares[:, : self.given]) if self.given else length

    def totals(self, values: Array, weights: Array, starts: NDArray[np.int64]) -> Array:
        z, ends = self.whiten @ (values[:, self.order] - self.mean).T, [*starts[1:], len(values)]
        found = []
        for start, end in zip(starts, ends, strict=True):
            own, w = z[:, start:end], weights[start:end]
            products = (own * w) @ own.T
            squares = (np.diagonal(products)[self.given :] - w.sum()) / np.sqrt(2)
            parts = [squares, products[self.below]]
            found.append(np.concatenate([own[self.given :] @ w, *parts] if self.means else parts))
        return np.stack(found)

    def _length(self, squares: Array) -> Array:
        distance = squares.sum(axis=1)
        return np.asarray(0.5 * (distance**2 - 2 * distance + squares.shape[1]) + (distance if self.means else 0.0))


class AloneScores:
    """Scores of items that have nothing in common, each with its own mean and variance; 0 where not answered.

    Covariates (`given`) have moments that are no parameters.
    """

    def __init__(self, patterns: Patterns, *, means: bool, given: Sequence[int] = ()) -> None:
        self.free = np.array([i for i in range(patterns.mean.shape[1]) if i not in set(given)], dtype=np.int64)
        mean, variance = univariate(patterns)
        self.mean, self.deviation, self.means = mean[self.free], np.sqrt(variance[self.free]), means
        self.answered = (patterns.weight @ patterns.observed / patterns.total)[self.free]

    def __call__(self, values: Array, _: NDArray[np.int64] | None = None) -> Array:
        away = (values[:, self.free] - self.mean) / self.deviation
        spread = (away**2 - 1) / np.sqrt(2)
        scores = np.stack([away, spread] if self.means else [spread]) / np.sqrt(self.answered)
        scores[np.isnan(scores)] = 0.0
        return np.concatenate(list(scores), axis=1)

    def totals(self, values: Array, weights: Array, starts: NDArray[np.int64]) -> Array:
        return np.asarray(np.add.reduceat(self(values) * weights[:, None], starts))

    def squared(self, values: Array) -> Array:
        values = values if len(self.free) == values.shape[1] else values[:, self.free]
        squares: Array = (values - self.mean) / self.deviation
        squares *= squares
        length = (squares - 1) ** 2
        if self.means:
            length += 2 * squares
        if not (self.answered == 1.0).all():
            length[np.isnan(length)] = 0.0
        return np.asarray(length @ (0.5 / self.answered))
