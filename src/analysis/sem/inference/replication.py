"""Sampling variance of a solution from the replicate weights of the survey.

V(θ) = Σ_r f_r (θ_r − θ)(θ_r − θ)ᵀ, θ_r the estimate with the weights of replicate r (Wolter 2007, §4.2). Weighting
that was repeated for every replicate has its part in that variance, of which the sandwich knows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.descent import descend
from analysis.sem.fit.estimate import Objective, Solution
from analysis.sem.fit.information import invert_information
from analysis.sem.inference.bootstrap import descend_together, refitted
from analysis.sem.moments.gaps import Gaps
from analysis.sem.moments.sample import Sample, replicate_moments

if TYPE_CHECKING:
    from analysis.survey.design.replicate_weights import ReplicateWeights

Array = NDArray[Any]
_BATCH = 250


@dataclass(frozen=True)
class ReplicateVariance:
    """Covariance of the free parameters (q × q) from replicates, and how many of them found no minimum."""

    covariance: Array
    failed: int


def replicate_variance(solution: Solution, sample: Sample, replicates: ReplicateWeights) -> ReplicateVariance:
    """Refit `solution`, which was fitted to `sample`, with the weights of every replicate.

    `replicates.weights` stand in the order of the rows of `sample`. They are refitted in batches, with gaps by full
    information; the few that do not settle so, and all of them under constraints, one by one. Where replicates fail,
    the factors of the others are raised to make up for them. Raises MethodError when fewer than half of them converge.
    """
    weights = replicates.weights
    if solution.objective.patterns.complete:
        parts = [
            refitted(solution, *replicate_moments(sample, weights[:, start : start + _BATCH]))
            for start in range(0, weights.shape[1], _BATCH)
        ]
        theta, settled = (np.concatenate(part) for part in zip(*parts, strict=True))
    else:
        theta, settled = _refitted_with_gaps(solution, sample, weights)
    failed = int((~settled).sum())
    if 2 * failed > len(settled):
        raise MethodError(
            "The structural model could not be fitted to most of the replicate weights.",
            expected="a model that the data carry in most replicates",
            got=f"{failed} of {len(settled)} found no minimum",
            hint="simplify the model, or set structural.variance to taylor",
        )
    kept = theta[settled]
    away = kept - (kept.mean(axis=0) if replicates.centre == "mean" else solution.theta)
    factors = replicates.factors[settled] * len(settled) / len(kept)
    return ReplicateVariance((factors[:, None] * away).T @ away, failed)


def _refitted_with_gaps(solution: Solution, sample: Sample, weights: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Free parameters under each column of weights (R × q), and whether it found a minimum."""
    structure, answered = solution.structure, ~np.isnan(sample.answers)
    gaps = Gaps.of(sample.patterns.observed, sample.patterns.of_rows(sample.answers))
    answers = np.where(answered, sample.in_double, 0.0)

    def pulled(mean: Array, covariance: Array, own: Array) -> tuple[Array, Array]:
        share = own / own.sum(dtype=np.float64)
        away, summed, _ = gaps.pull(covariance, (answers - mean) * answered, share)
        return -share @ away, 0.5 * (summed - (away * share[:, None]).T @ away)

    def gradient(theta: Array, chosen: NDArray[np.int64]) -> Array:
        matrices = structure.matrices(theta)
        parts = map(pulled, matrices.mean, matrices.implied, weights.T[chosen])
        by_mean, by_covariance = (np.array(part) for part in zip(*parts, strict=True))
        return structure.gradient(matrices, by_mean, by_covariance)

    information = solution.objective.observed(solution.theta, solution.point)
    total = np.full(weights.shape[1], float(sample.n))
    theta, settled = descend_together(solution, gradient, invert_information(information)[0], total)
    for left in np.flatnonzero(~settled):
        rows = np.flatnonzero(weights[:, left] > 0)
        drawn = Sample(sample.answers[rows], weights[rows, left] / weights[rows, left].mean())
        objective = Objective(structure, drawn.patterns, solution.objective.mean)
        theta[left], settled[left] = descend(objective, solution.theta)
    return theta, settled
