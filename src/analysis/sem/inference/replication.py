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
from analysis.sem.inference.bootstrap import refitted
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

    `replicates.weights` stand in the order of the rows of `sample`. Complete rows are refitted in batches; with gaps
    each replicate is a full-information fit of its own, which takes as long. Where replicates fail, the factors of the
    others are raised to make up for them. Raises MethodError when fewer than half of them converge.
    """
    weights = replicates.weights
    if solution.objective.patterns.complete:
        parts = [
            refitted(solution, *replicate_moments(sample, weights[:, start : start + _BATCH]))
            for start in range(0, weights.shape[1], _BATCH)
        ]
        theta, settled = (np.concatenate(part) for part in zip(*parts, strict=True))
    else:
        fits = [_refitted_with_gaps(solution, sample, column) for column in weights.T]
        theta, settled = np.array([fit[0] for fit in fits]), np.array([fit[1] for fit in fits])
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


def _refitted_with_gaps(solution: Solution, sample: Sample, weights: Array) -> tuple[Array, bool]:
    rows = np.flatnonzero(weights > 0)
    drawn = Sample(sample.answers[rows], weights[rows] / weights[rows].mean())
    objective = Objective(solution.structure, drawn.patterns, solution.objective.mean)
    return descend(objective, solution.theta)
