"""What χ² of missing and of ordered answers would be were they complete and normal: robust indices of fit rest on it.

An index of the scaled χ² changes with the share of missing answers, or with the thresholds, where the model fits alike.
The corrected ones hold the model to the moments that were estimated without it, by the normal-theory F of complete
data, and divide by c = tr(ΓQᵀVQ) / df, its mean where the model holds: Γ the covariance of √n times these moments, V
their information in complete data, Q = I − Δ(ΔᵀWΔ)⁻¹ΔᵀW what the fit with weights W leaves of them. Sources: Zhang &
Savalei (2023) for missing answers (their FIML-C, V3), Savalei (2021) for ordered ones; lavaan's `cfi.robust` and kin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.categorical import CategoricalSolution, LeastSquares
from analysis.sem.fit.constrained import invert_within
from analysis.sem.fit.estimate import Solution
from analysis.sem.fit.information import invert_information
from analysis.sem.fit.likelihood import Point
from analysis.sem.inference.scores import free_moments
from analysis.sem.model.bounds import Bounds
from analysis.sem.model.syntax import LOCATIONS
from analysis.sem.moments.patterns import Patterns
from analysis.sem.moments.sample import univariate

Array = NDArray[Any]
_SMALLEST = float(np.sqrt(np.finfo(float).eps))
"""Smallest eigenvalue with which correlations are positive definite, as in lavaan."""


@dataclass(frozen=True)
class Corrected:
    """χ² of complete data and its scaling c, of the model and of items that have nothing in common."""

    chi2: float
    scaling: float
    baseline: float
    baseline_scaling: float


@dataclass(frozen=True)
class GapParts:
    """What the correction for missing answers takes from one group.

    chi2, baseline : N F of complete data. weights : ΔᵀWΔ. spread : ΔᵀWΓWΔ. complete : ΔᵀVΔ. crossed : ΔᵀWΓVΔ, all
    q × q. trace : tr(ΓV). alone : tr(ΓQᵀVQ) of items that have nothing in common.
    """

    chi2: float
    baseline: float
    weights: Array
    spread: Array
    complete: Array
    crossed: Array
    trace: float
    alone: float


def gap_parts(solution: Solution, between: Array, observed: Array, inverse: Array) -> GapParts:
    """Of a solution with missing answers: `between` is the variance of the scores without a model, W Γ W, `observed`
    their information W and `inverse` its inverse (P × P: means, then the lower triangle of Σ by rows, of what the model
    explains).
    """
    syntax, moments = solution.structure.syntax, solution.moments
    whole = Patterns(
        np.ones((1, len(moments.mean)), dtype=bool),
        np.array([solution.objective.total]),
        moments.mean[None],
        moments.covariance[None],
    )
    free = Point(whole, moments.mean, moments.covariance)
    complete = _information_of_complete(free.precision[0], syntax.placed_covariates)
    slopes = _slopes(solution)
    means, (rows, columns) = free_moments(len(moments.mean), syntax.placed_covariates)
    own = np.flatnonzero(np.concatenate([np.ones(len(means), dtype=bool), rows == columns]))
    parts = _Traces(observed, between, complete, inverse)
    mean, variance = univariate(solution.objective.patterns)
    apart, given = np.diag(variance), syntax.placed_covariates
    apart[np.ix_(given, given)] = moments.covariance[np.ix_(given, given)]
    n = moments.n
    return GapParts(
        chi2=2 * n * (Point(whole, solution.point.mean, solution.point.covariance).value - free.value),
        baseline=2 * n * (Point(whole, mean, apart).value - free.value),
        weights=slopes.T @ observed @ slopes,
        spread=slopes.T @ between @ slopes,
        complete=slopes.T @ complete @ slopes,
        crossed=(between @ slopes).T @ inverse @ (complete @ slopes),
        trace=parts.whole,
        alone=parts.left_by(own),
    )


def _slopes(solution: Solution) -> Array:
    """Δ: derivatives of the means and of the lower triangle of Σ by θ, P × q."""
    structure, matrices = solution.structure, solution.matrices
    means, (rows, columns) = free_moments(len(structure.items), structure.syntax.placed_covariates)
    by_covariance = structure.derivatives(matrices)[:, rows, columns].T
    by_covariance = np.pad(by_covariance, ((0, 0), (0, len(structure.free) - structure.k)))
    return np.concatenate([structure.mean_derivatives(matrices)[means], by_covariance])


class _Traces:
    """tr(ΓV), and what of it is left by a model that frees some of the moments."""

    def __init__(self, observed: Array, between: Array, complete: Array, inverse: Array) -> None:
        self.observed, self.between, self.complete, self.inverse = observed, between, complete, inverse
        self.whole = float(np.einsum("ij,ji->", inverse @ complete, inverse @ between))

    def left_by(self, free: Array) -> float:
        """tr(ΓQᵀVQ) where Δ picks the moments at these places."""
        within = np.ix_(free, free)
        crossed = self.between[free] @ self.inverse @ self.complete[:, free]
        inside = self.observed[within], self.between[within], self.complete[within]
        return _left(self.whole, invert_information(inside[0])[0], inside[1], inside[2], crossed)


def _left(whole: float, inverse: Array, spread: Array, complete: Array, crossed: Array) -> float:
    """tr(ΓQᵀVQ) = tr(ΓV) − 2 tr((ΔᵀWΔ)⁻¹ ΔᵀWΓVΔ) + tr((ΔᵀWΔ)⁻¹ ΔᵀWΓWΔ (ΔᵀWΔ)⁻¹ ΔᵀVΔ)."""
    twice = float(np.einsum("ij,ji->", inverse, crossed))
    return whole - 2 * twice + float(np.einsum("ij,ji->", inverse @ spread, inverse @ complete))


def corrected_for_gaps(
    parts: Sequence[GapParts],
    gathered: Callable[[list[Array]], Array],
    bounds: Bounds,
    theta: Array,
    *,
    df: int,
    baseline_df: int,
) -> Corrected:
    """Of one group or several; `gathered` adds their matrices up over all parameters, by their share of the weight."""
    names = ("weights", "spread", "complete", "crossed")
    weights, spread, complete, crossed = (gathered([getattr(one, name) for one in parts]) for name in names)
    whole, inverse = sum(one.trace for one in parts), invert_within(bounds, theta, weights)[0]
    return Corrected(
        chi2=sum(one.chi2 for one in parts),
        scaling=_left(whole, inverse, spread, complete, crossed) / df if df else float("nan"),
        baseline=sum(one.baseline for one in parts),
        baseline_scaling=sum(one.alone for one in parts) / baseline_df if baseline_df else float("nan"),
    )


def information_of_moments(free: Point, given: Sequence[int]) -> Array:
    """Observed information of the means and of the lower triangle of Σ by rows, without a model."""
    means, (rows, columns) = free_moments(len(free.mean), given)
    number = np.arange(len(rows))
    basis = np.zeros((len(rows), *free.covariance.shape))
    basis[number, rows, columns] = basis[number, columns, rows] = 1.0
    by_covariance, mixed, by_mean = free.curvature(basis)
    mixed = mixed[:, means]
    return np.block([[by_mean[np.ix_(means, means)], mixed.T], [mixed, by_covariance]])


def _information_of_complete(precision: Array, given: Sequence[int]) -> Array:
    """The same where every item was answered: Σ⁻¹ of the means, and W_ac W_bd + W_ad W_bc for W = Σ⁻¹ (half of it for a
    variance) of the cells (a, b) and (c, d) of Σ.
    """
    means, (rows, columns) = free_moments(len(precision), given)
    by_covariance = precision[np.ix_(rows, rows)] * precision[np.ix_(columns, columns)]
    by_covariance += precision[np.ix_(rows, columns)] * precision[np.ix_(columns, rows)]
    half = np.where(rows == columns, 0.5, 1.0)
    result = np.zeros((len(means) + len(rows),) * 2)
    result[: len(means), : len(means)] = precision[np.ix_(means, means)]
    result[len(means) :, len(means) :] = by_covariance * half[:, None] * half
    return result


def corrected_for_categories(parts: Sequence[CategoricalSolution]) -> Corrected | None:
    """Of ordered answers, in all groups: the polychoric correlations held to the model by the normal-theory F.

    None where the correlations are not positive definite, which have no such F, and where it is not known: items taken
    as numbers, given covariates, with thresholds or means that the model restricts.
    """
    joint, theta = parts[0].whole.joint, parts[0].whole.theta
    if any(not one.moments.ordered.all() or one.moments.slopes.size for one in parts) or _restricts_levels(
        joint, theta
    ):
        return None
    from scipy.linalg import block_diag

    groups = [(one.moments.n, one.moments.covariance, one.structure.response_covariance(one.matrices)) for one in parts]
    if any(np.linalg.eigvalsh(matrix)[0] < _SMALLEST for _, *pair in groups for matrix in pair):
        return None
    kept, df, chi2, alone, complete = joint.alone, parts[0].test.df, 0.0, 0.0, []
    for n, observed, implied in groups:
        precision = np.linalg.inv(implied)
        own = -float(np.linalg.slogdet(observed)[1])
        chi2 += n * float(np.linalg.slogdet(implied)[1] + np.trace(observed @ precision) - len(observed) + own)
        alone += n * own
        first, second = np.triu_indices(len(observed), 1)
        information = precision[np.ix_(first, first)] * precision[np.ix_(second, second)]
        information += precision[np.ix_(first, second)] * precision[np.ix_(second, first)]
        complete.append(n / joint.n * information)
    slopes = joint.jacobian(joint.matrices(theta))
    weighted = slopes * joint.weight[:, None]
    left = np.eye(len(slopes)) - slopes @ invert_within(joint.bounds, theta, slopes.T @ weighted)[0] @ weighted.T
    left, gamma = left[np.ix_(kept, kept)], joint.gamma[np.ix_(kept, kept)]
    trace = float(np.einsum("ij,ji->", left.T @ block_diag(*complete) @ left, gamma))
    return Corrected(
        chi2=chi2,
        scaling=trace / df if df else float("nan"),
        baseline=alone,
        baseline_scaling=float(np.trace(gamma)) / len(gamma),
    )


def _restricts_levels(joint: LeastSquares, theta: Array) -> bool:
    """Whether there are fewer thresholds and means among the parameters than in the answers, or constraints on any."""
    parameters = (p for one in joint.structures for p in one.syntax.parameters)
    free = {p.name for p in parameters if p.op in LOCATIONS and p.name is not None}
    if joint.bounds.constrained and joint.bounds.slopes(theta)[:, [joint.free[name] for name in free]].any():
        return True
    return len(free) < sum(len(one.levels[0]) for one in joint.moments)
