"""Bootstrap of the effects: rows drawn anew within their strata, the model refitted to all replicates at once.

All replicates of a batch start at the estimate and step together, so that a step costs a batch of small matrix
products. Complete rows only; weights go with their rows. Intervals: percentile, and bias-corrected and accelerated
with the acceleration from the rows' influence (Efron 1987; Davison & Hinkley 1997, §5.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.effects import all_effects, jacobian
from analysis.sem.estimate import Objective, Solution, descend, invert_information
from analysis.sem.moments import Sample, replicate_moments
from analysis.sem.patterns import Patterns
from analysis.sem.scores import ModelScores
from analysis.sem.structure import Structure

Array = NDArray[Any]
_STEPS = 25
_MEMORY = 6
_ENOUGH = 0.98
"""Share of the replicates of a batch that the common steps have to settle."""
_TOLERANCE = 1e-3
"""Stop when no replicate would move by more than this many standard errors: far below the Monte Carlo error."""
_BATCH = 250


@dataclass(frozen=True)
class BootstrapEffects:
    """Effects of every replicate that converged (replicates × 6 × m × m, in the order of `all_effects`).

    `failed` replicates found no minimum. percentile and bca: (low, high), each 6 × m × m.
    """

    replicates: Array
    failed: int
    percentile: tuple[Array, Array]
    bca: tuple[Array, Array]


def bootstrap_effects(
    solution: Solution, sample: Sample, *, replicates: int, seed: int, confidence: float
) -> BootstrapEffects:
    """Bootstrap the effects of a solution fitted to the complete rows of `sample`."""
    rng = np.random.default_rng(seed)
    parts = [
        _refitted(solution, *_drawn_moments(rng, sample, min(_BATCH, replicates - start)))
        for start in range(0, replicates, _BATCH)
    ]
    theta, settled = (np.concatenate(part) for part in zip(*parts, strict=True))
    effects = np.moveaxis(all_effects(solution.structure.matrices(theta[settled])), 0, 1)
    estimate = all_effects(solution.matrices)
    tail = (1 - confidence) / 2
    percentile = np.quantile(effects, [tail, 1 - tail], axis=0)
    low, high = _bca_levels(estimate, effects, _acceleration(solution, sample), tail)
    bca = (_quantile_at(effects, low), _quantile_at(effects, high))
    return BootstrapEffects(effects, int((~settled).sum()), (percentile[0], percentile[1]), bca)


def _drawn_moments(rng: np.random.Generator, sample: Sample, count: int) -> tuple[Array, Array]:
    """Covariance of the items (count × p × p) and weight of the rows (count) in each replicate."""
    times = _drawn(rng, sample, count)
    covariance, _, total = replicate_moments(sample, (times * sample.weights).T)
    return covariance, total


def _drawn(rng: np.random.Generator, sample: Sample, count: int) -> Array:
    """How often each row is drawn in each replicate, with as many rows per stratum as the sample has: count × n."""
    stratum = np.zeros(sample.n, dtype=np.int64) if sample.stratum is None else sample.stratum
    parts = []
    for code in np.unique(stratum):
        rows = np.flatnonzero(stratum == code)
        parts.append(rows[rng.integers(0, len(rows), (count, len(rows)))])
    picked = np.concatenate(parts, axis=1) + sample.n * np.arange(count)[:, None]
    return np.bincount(picked.ravel(), minlength=count * sample.n).reshape(count, sample.n).astype(np.float64)


def _refitted(solution: Solution, covariance: Array, total: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Free parameters of each replicate (count × q) and whether it converged.

    Limited-memory BFGS on the whole batch, the inverse information of the sample as its first inverse Hessian. The few
    replicates that this does not bring home are fitted one by one like any other sample.
    """
    structure, objective = solution.structure, solution.objective
    inverse = invert_information(objective.expected(solution.x, solution.point))[0]
    theta = np.tile(solution.theta, (len(covariance), 1))
    settled = np.zeros(len(covariance), dtype=bool)
    pairs: list[tuple[Array, Array]] = []
    before: tuple[Array, Array] | None = None
    for _ in range(_STEPS):
        gradient = _gradient(structure, theta, covariance)
        if before is not None:
            pairs = [*pairs[1 - _MEMORY :], (theta - before[0], gradient - before[1])]
        step = -_scaled(gradient, pairs, inverse)
        decrement = -(gradient * step).sum(axis=1) * total
        settled |= (decrement >= 0) & (np.sqrt(np.abs(decrement)) < _TOLERANCE)
        before = theta, gradient
        theta = np.where(settled[:, None], theta, theta + step)
        if settled.mean() > _ENOUGH:
            break
    whole = np.ones((1, len(objective.mean)), dtype=bool)
    for left in np.flatnonzero(~settled):
        own = Patterns(whole, total[left, None], objective.mean[None], covariance[left, None])
        theta[left], settled[left] = descend(Objective(structure, own, objective.mean), solution.theta)
    return theta, settled


def _gradient(structure: Structure, theta: Array, covariance: Array) -> Array:
    """∂f/∂θ of each replicate, count × q."""
    matrices = structure.matrices(theta)
    precision = np.linalg.inv(matrices.implied)
    return structure.pulled(matrices, 0.5 * (precision - precision @ covariance @ precision))


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


def _acceleration(solution: Solution, sample: Sample) -> Array:
    """a = Σ l³ / (6 (Σ l²)^1.5) over the rows' influence l on each effect: 6 × m × m."""
    of_row = sample.patterns.of_rows(sample.answers)
    scores = ModelScores(solution, means=False)(sample.answers, of_row) * sample.weights[:, None]
    slopes = jacobian(solution, all_effects)
    influence = scores @ solution.covariance @ slopes.reshape(len(slopes), -1)
    square, cube = (influence**2).sum(axis=0), (influence**3).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(square > 0, cube / (6 * square**1.5), 0.0).reshape(slopes.shape[1:]))


def _bca_levels(estimate: Array, effects: Array, acceleration: Array, tail: float) -> tuple[Array, Array]:
    """Levels of the bootstrap distribution at which the interval ends."""
    from scipy.special import ndtr, ndtri

    below = ((effects < estimate).sum(axis=0) + 0.5 * (effects == estimate).sum(axis=0)) / len(effects)
    edge = 0.5 / len(effects)
    bias = ndtri(np.clip(below, edge, 1 - edge))

    def level(z: float) -> Array:
        shifted = bias + z
        return np.asarray(ndtr(bias + shifted / (1 - acceleration * shifted)))

    z = float(ndtri(tail))
    return level(z), level(-z)


def _quantile_at(effects: Array, level: Array) -> Array:
    """Quantile of the replicates at a level of its own for each effect, linear between the order statistics."""
    ordered = np.sort(effects, axis=0)
    place = level * (len(effects) - 1)
    lower = np.floor(place).astype(int)
    upper = np.minimum(lower + 1, len(effects) - 1)
    low, high = (np.take_along_axis(ordered, index[None], axis=0)[0] for index in (lower, upper))
    return np.asarray(low + (place - lower) * (high - low))
