"""Errors and tests of maximum likelihood for answers of any distribution: lavaan's MLM and MLMV.

With Γ the covariance of the rows' products about their means, W the information of the moments at the solution and Δ
their derivatives: covariance (ΔᵀWΔ)⁻¹ ΔᵀWΓWΔ (ΔᵀWΔ)⁻¹ / n, and U = W − WΔ(ΔᵀWΔ)⁻¹ΔᵀW, whose tr(UΓ) / df divides χ²
(Satorra & Bentler 1994); MLMV gives it the variance of χ² as well (Asparouhov & Muthén 2010). The moments are whitened
by the solution, so that W is the identity. Complete rows that are drawn independently of each other.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.constrained import invert_within
from analysis.sem.fit.estimate import Solution, degrees_of_freedom
from analysis.sem.inference.robust import Robust, scaling_factor
from analysis.sem.inference.scores import WhiteScores
from analysis.sem.moments.sample import Source

Array = NDArray[Any]


def adjusted_inference(solution: Solution, sample: Source, *, shifted: bool) -> Robust:
    """Covariance of the free parameters and scaling of χ²; `shifted`: MLMV's test, else MLM's.

    Memory: P² numbers for P moments, twice.
    """
    structure, means = solution.structure, solution.structure.means
    white = _whitener(solution, solution.matrices.implied)
    slopes = _whitened_slopes(white, structure.derivatives(solution.matrices))
    if means:
        by_mean = white.whiten @ structure.mean_derivatives(solution.matrices)[white.order]
        slopes = np.pad(slopes, ((0, 0), (0, len(solution.theta) - structure.k)))
        slopes = np.concatenate([by_mean[white.given :], slopes])
    gamma = _gamma(white, sample, solution)
    bread = invert_within(structure.bounds, solution.theta, slopes.T @ slopes)[0]
    left = gamma - slopes @ (bread @ (slopes.T @ gamma))
    df, trace = degrees_of_freedom(solution), float(np.trace(left))
    scaling = scaling_factor(trace, df)
    adjusted = None
    if shifted and not math.isnan(scaling):
        own = math.sqrt(float(np.einsum("ij,ji->", left, left)) / df)
        adjusted = (own, df - trace / own)
    pull = bread @ slopes.T
    covariance = pull @ gamma @ pull.T / solution.objective.total
    return Robust(covariance, scaling, _baseline_scaling(solution, sample), adjusted)


def _whitener(solution: Solution, covariance: Array) -> WhiteScores:
    given = solution.structure.syntax.placed_covariates
    return WhiteScores(solution.moments.mean, covariance, means=solution.structure.means, given=given)


def _whitened_slopes(white: WhiteScores, derivatives: Array) -> Array:
    """Derivatives of the whitened covariances, in the order of the scores: P × k."""
    within = np.ix_(white.order, white.order)
    moved = np.array([white.whiten @ one[within] @ white.whiten.T for one in derivatives])
    diagonal = np.arange(white.given, len(white.order))
    parts = [moved[:, diagonal, diagonal] / np.sqrt(2), moved[:, white.below[0], white.below[1]]]
    return np.concatenate(parts, axis=1).T


def _gamma(white: WhiteScores, sample: Source, solution: Solution) -> Array:
    """Covariance of the rows' whitened moments, with n for the denominator.

    Of what covariates are part of, only the part counts that does not follow from them, as in lavaan.
    """
    given, moments = solution.structure.syntax.placed_covariates, solution.moments
    total, first, second = 0, np.zeros(0), np.zeros(0)
    for block in sample.blocks():
        scores = white(block.answers)
        if given:
            scores = scores - white(_fitted(block.answers, given, moments.mean, moments.covariance))
        first = first + scores.sum(axis=0) if total else scores.sum(axis=0)
        second = second + scores.T @ scores if total else scores.T @ scores
        total += block.n
    mean = first / total
    return np.asarray(second / total - np.outer(mean, mean))


def _fitted(answers: Array, given: list[int], mean: Array, covariance: Array) -> Array:
    """What the covariates say of every item, by least squares: n × p."""
    slopes = np.linalg.solve(covariance[np.ix_(given, given)], covariance[given])
    return np.asarray(mean + (answers[:, given] - mean[given]) @ slopes)


def _baseline_scaling(solution: Solution, sample: Source) -> float:
    """tr(UΓ) / df of items that have nothing in common but for what covariates have between them."""
    syntax, moments = solution.structure.syntax, solution.moments
    given = syntax.placed_covariates
    covariance = np.diag(np.diag(moments.covariance))
    covariance[np.ix_(given, given)] = moments.covariance[np.ix_(given, given)]
    white = _whitener(solution, covariance)
    gamma = _gamma(white, sample, solution)
    free = len(white.order) - white.given
    left = np.diag(gamma)[free * (2 if solution.structure.means else 1) :]
    return scaling_factor(float(left.sum()), syntax.correlations)
