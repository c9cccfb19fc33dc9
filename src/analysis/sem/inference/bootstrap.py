"""Bootstrap: rows drawn anew within their strata, the model refitted to all replicates at once.

All replicates of a batch start at the estimate and step together, so that a step costs a batch of small matrix
products. Complete rows only; weights go with their rows. Intervals: percentile, and bias-corrected and accelerated
with the acceleration from the rows' influence (Efron 1987; Davison & Hinkley 1997, §5.3), for any function of the
model matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.descent import descend
from analysis.sem.fit.estimate import Objective, Solution
from analysis.sem.fit.information import invert_information
from analysis.sem.inference.effects import jacobian
from analysis.sem.inference.scores import ModelScores
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.moments.patterns import Patterns
from analysis.sem.moments.sample import Sample, replicate_moments

Array = NDArray[Any]
Gradient = Callable[[Array, NDArray[np.int64]], Array]
"""∂f/∂θ of the replicates of these numbers at their θ (some × q)."""
_STEPS = 25
_MEMORY = 6
_ENOUGH = 0.98
"""Share of the replicates of a batch that the common steps have to settle."""
_TOLERANCE = 1e-3
"""Stop when no replicate would move by more than this many standard errors: far below the Monte Carlo error."""
_BATCH = 250
"""Replicates that are fitted together."""
_DRAWN = 250_000_000
"""Rows × replicates that are drawn at a time, a byte each."""


@dataclass(frozen=True)
class Replicates:
    """Free parameters of every replicate that converged (replicates × q); `failed` ones found no minimum.

    `solution` is the fit to `sample` itself.
    """

    solution: Solution
    theta: Array
    failed: int
    sample: Sample

    def influence(self, slopes: Array) -> Iterator[Array]:
        """Influence of the rows on quantities with these slopes by the free parameters (q × v): rows × v, in blocks."""
        solution, patterns = self.solution, self.sample.patterns
        rows = ModelScores(solution.point, solution.structure, solution.matrices)
        towards = solution.covariance @ slopes
        for block in self.sample.blocks():
            yield (rows(block.answers, patterns.of_rows(block.answers)) * block.weights[:, None]) @ towards


@dataclass(frozen=True)
class Intervals:
    """A quantity in every replicate (replicates × its shape) and its percentile and BCa intervals (low, high)."""

    replicates: Array
    percentile: tuple[Array, Array]
    bca: tuple[Array, Array]


def bootstrap(solution: Solution, sample: Sample, *, replicates: int, seed: int) -> Replicates:
    """Refit a solution to samples drawn from the complete rows of `sample` that it was fitted to."""
    rng, at_once = np.random.default_rng(seed), min(_BATCH, max(_DRAWN // sample.n, 1))
    counts = [min(at_once, replicates - start) for start in range(0, replicates, at_once)]
    drawn = [replicate_moments(sample, _times_drawn(rng, sample, count), times=True) for count in counts]
    moments = [np.concatenate(part) for part in zip(*drawn, strict=True)]
    parts = [
        refitted(solution, *(one[start : start + _BATCH] for one in moments)) for start in range(0, replicates, _BATCH)
    ]
    theta, settled = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Replicates(solution, theta[settled], int((~settled).sum()), sample)


def bootstrap_intervals(drawn: Replicates, function: Callable[[Matrices], Array], *, confidence: float) -> Intervals:
    """Intervals of a function of the matrices, which takes a stack of them (… × m × m) and returns … × its shape."""
    solution, tail = drawn.solution, (1 - confidence) / 2
    values, estimate = function(solution.structure.matrices(drawn.theta)), function(solution.matrices)
    percentile = np.quantile(values, [tail, 1 - tail], axis=0)
    low, high = _bca_levels(estimate, values, _acceleration(drawn, function), tail)
    bca = (_quantile_at(values, low), _quantile_at(values, high))
    return Intervals(values, (percentile[0], percentile[1]), bca)


def _times_drawn(rng: np.random.Generator, sample: Sample, count: int) -> NDArray[np.uint8]:
    """How often each row is in each replicate (n × count): of a stratum as many are drawn as it has rows in the sample.

    A row counts with its own weight as often as it is drawn. `replicate_moments` sums single precision within blocks:
    its error is a thousandth of that of the bootstrap. That a row is drawn 256 times has a chance below 10⁻⁵⁰⁰.
    """
    stratum = np.zeros(sample.n, dtype=np.int64) if sample.stratum is None else sample.stratum
    drawn = np.empty((count, sample.n), dtype=np.uint8)
    for code in np.unique(stratum):
        rows = np.flatnonzero(stratum == code)
        places = slice(None) if len(rows) == sample.n else rows
        for own in drawn:
            own[places] = np.bincount(rng.integers(0, len(rows), len(rows)), minlength=len(rows))
    return drawn.T


def refitted(solution: Solution, covariance: Array, mean: Array, total: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Free parameters of each replicate (count × q) and whether it converged.

    Limited-memory BFGS on the whole batch, the inverse information of the sample as its first inverse Hessian. The few
    replicates that this does not bring home are fitted one by one like any other sample, and so are all of them where
    constraints bind the parameters.
    """
    structure, objective = solution.structure, solution.objective
    inverse = invert_information(objective.expected(solution.theta, solution.point))[0]

    def gradient(theta: Array, chosen: NDArray[np.int64]) -> Array:
        return _gradient(structure, theta, mean[chosen], covariance[chosen])

    theta, settled = descend_together(solution, gradient, inverse, total)
    whole = np.ones((1, mean.shape[1]), dtype=bool)
    for left in np.flatnonzero(~settled):
        own = Patterns(whole, total[left, None], mean[left, None], covariance[left, None])
        theta[left], settled[left] = descend(Objective(structure, own, mean[left]), solution.theta)
    return theta, settled


def descend_together(
    solution: Solution, gradient_of: Gradient, inverse: Array, total: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Free parameters of every replicate (count × q) from those of the sample, and which of them have come home.

    `inverse`: the sample's inverse information (q × q); `total`: Σw of each replicate.
    """
    theta = np.tile(solution.theta, (len(total), 1))
    gradient, settled = np.zeros_like(theta), np.zeros(len(total), dtype=bool)
    pairs: list[tuple[Array, Array]] = []
    before: tuple[Array, Array] | None = None
    for _ in range(0 if solution.structure.bounds.constrained else _STEPS):
        away = np.flatnonzero(~settled)
        gradient = gradient.copy()
        gradient[away] = gradient_of(theta[away], away)
        if before is not None:
            pairs = [*pairs[1 - _MEMORY :], (theta - before[0], gradient - before[1])]
        step = -_scaled(gradient, pairs, inverse)
        decrement = -(gradient * step).sum(axis=1) * total
        settled |= (decrement >= 0) & (np.sqrt(np.abs(decrement)) < _TOLERANCE)
        before = theta, gradient
        theta = np.where(settled[:, None], theta, theta + step)
        if settled.mean() > _ENOUGH:
            break
    return theta, settled


def _gradient(structure: Structure, theta: Array, mean: Array, covariance: Array) -> Array:
    """∂f/∂θ of each replicate, count × q."""
    matrices = structure.matrices(theta)
    precision = _inverses(matrices.implied)
    away = (mean - matrices.mean if structure.means else np.zeros_like(mean))[:, :, None]
    spread = covariance + away * away.swapaxes(-1, -2)
    by_mean = -(precision @ away)[:, :, 0]
    return structure.gradient(matrices, by_mean, 0.5 * (precision - precision @ spread @ precision))


def _inverses(implied: Array) -> Array:
    """Inverse of every matrix; missing where a replicate has gone astray and left none: it is then fitted alone."""
    try:
        return np.asarray(np.linalg.inv(implied))
    except np.linalg.LinAlgError:
        size = implied.shape[-1]
        known = np.array([np.isfinite(one).all() and np.linalg.matrix_rank(one) == size for one in implied])
        out = np.full_like(implied, np.nan)
        out[known] = np.linalg.inv(implied[known])
        return out


def _scaled(gradient: Array, pairs: list[tuple[Array, Array]], inverse: Array) -> Array:
    """Inverse Hessian times gradient by the two-loop recursion (Nocedal 1980), every replicate with its own memory."""
    direction, weights = gradient, []
    for moved, changed in reversed(pairs):
        curvature = (moved * changed).sum(axis=1, keepdims=True)
        rho = np.where(curvature > 0, 1 / np.where(curvature > 0, curvature, 1.0), 0.0)
        alpha = rho * (moved * direction).sum(axis=1, keepdims=True)
        direction = direction - alpha * changed
        weights.append((rho, alpha))
    direction = direction @ inverse
    for (moved, changed), (rho, alpha) in zip(pairs, reversed(weights), strict=True):
        beta = rho * (changed * direction).sum(axis=1, keepdims=True)
        direction = direction + moved * (alpha - beta)
    return direction


def _acceleration(drawn: Replicates, function: Callable[[Matrices], Array]) -> Array:
    """a = Σ l³ / (6 (Σ l²)^1.5) over the rows' influence l on each value."""
    slopes = jacobian(drawn.solution, function)
    flat = slopes.reshape(len(slopes), -1)
    moved = np.flatnonzero(flat.any(axis=0))
    square, cube = np.zeros(flat.shape[1]), np.zeros(flat.shape[1])
    for influence in drawn.influence(flat[:, moved]):
        squares = influence * influence
        square[moved] += squares.sum(axis=0)
        cube[moved] += np.einsum("nv,nv->v", squares, influence)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(square > 0, cube / (6 * square**1.5), 0.0).reshape(slopes.shape[1:]))


def _bca_levels(estimate: Array, values: Array, acceleration: Array, tail: float) -> tuple[Array, Array]:
    """Levels of the bootstrap distribution at which the interval ends."""
    from scipy.special import ndtr, ndtri

    below = ((values < estimate).sum(axis=0) + 0.5 * (values == estimate).sum(axis=0)) / len(values)
    edge = 0.5 / len(values)
    bias = ndtri(np.clip(below, edge, 1 - edge))

    def level(z: float) -> Array:
        shifted = bias + z
        return np.asarray(ndtr(bias + shifted / (1 - acceleration * shifted)))

    z = float(ndtri(tail))
    return level(z), level(-z)


def _quantile_at(values: Array, level: Array) -> Array:
    """Quantile of the replicates at a level of its own for each value, linear between the order statistics."""
    ordered = np.sort(values, axis=0)
    place = level * (len(values) - 1)
    lower = np.floor(place).astype(int)
    upper = np.minimum(lower + 1, len(values) - 1)
    low, high = (np.take_along_axis(ordered, index[None], axis=0)[0] for index in (lower, upper))
    return np.asarray(low + (place - lower) * (high - low))
