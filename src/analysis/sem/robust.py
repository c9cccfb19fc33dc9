"""Inference that does not lean on normal answers, equal weights or independent rows.

The sandwich A⁻¹ B A⁻¹ / N with the observed information A and the variance B of the weighted scores between primary
sampling units (Huber 1967; Binder 1983; Skinner 1989), and the scaled χ² of Yuan & Bentler (2000) as lavaan's MLR
computes it (`yuan.bentler.mplus`): T / c with c = [tr(A₁⁻¹B₁) − tr(A₀⁻¹B₀)] / df, 1 without a model and 0 with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.estimate import Solution, invert_information
from analysis.sem.likelihood import Point
from analysis.sem.moments import Sample

Array = NDArray[Any]
_BLOCK = 4_096
"""Rows whose scores are held at a time."""


@dataclass(frozen=True)
class Robust:
    """Sandwich covariance of the free parameters (q × q) and the scaling factors of χ² (model, baseline)."""

    covariance: Array
    scaling: float
    baseline_scaling: float


def robust_inference(solution: Solution, sample: Sample) -> Robust:
    """Sandwich covariance and scaling factors of a solution fitted to `sample`.

    With PSU given, or with answers missing, the means count among the parameters, as in lavaan.
    """
    objective, total = solution.objective, solution.objective.patterns.total
    means = objective.with_means or sample.psu is not None
    information = objective.observed(solution.x, solution.point)
    bread = invert_information(information)[0]
    between = between_units(sample, ModelScores(solution, means=means))
    own = between[: len(information), : len(information)]
    covariance = bread @ own @ bread / total
    model_trace = float(np.einsum("ij,ji->", bread, own))
    if means and not objective.with_means:
        precision = np.linalg.inv(solution.point.covariance)
        model_trace += float(np.einsum("ij,ji->", np.linalg.inv(precision), between[len(own) :, len(own) :]))
    free_trace = _saturated_trace(solution, sample, means=means)
    p = len(objective.mean)
    df = p * (p + 1) // 2 - objective.q
    baseline = free_trace - _independence_trace(sample, means=means)
    return Robust(
        covariance=covariance[: objective.q, : objective.q],
        scaling=(free_trace - model_trace) / df if df else float("nan"),
        baseline_scaling=baseline / (p * (p - 1) // 2) if p > 1 else float("nan"),
    )


class ModelScores:
    """Scores of single rows at the solution: −∂f/∂θ, and −∂f/∂μ behind them where the means are parameters."""

    def __init__(self, solution: Solution, *, means: bool) -> None:
        self.point, self.means = solution.point, means
        self.structure, self.matrices = solution.structure, solution.matrices
        self.level = self.structure.pulled(self.matrices, self.point.precision)

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        pulled = self.point.pull(values, of_row)
        scores = 0.5 * (self.structure.scores(self.matrices, pulled) - self.level[of_row])
        return np.concatenate([scores, pulled], axis=1) if self.means else scores


class _FreeScores:
    """Scores of single rows without a model: the means, then the covariances by rows of the lower triangle."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.lower = np.tril_indices(len(point.mean))
        self.half = np.where(self.lower[0] == self.lower[1], 0.5, 1.0)
        self.level = point.precision[:, self.lower[0], self.lower[1]]

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        pulled = self.point.pull(values, of_row)
        products = pulled[:, self.lower[0]] * pulled[:, self.lower[1]]
        return np.concatenate([pulled, self.half * (products - self.level[of_row])], axis=1)


def between_units(sample: Sample, scores: Any) -> Array:
    """Variance of the weighted scores between the PSU of each stratum, per row of weight 1.

    B = Σ_h n_h/(n_h − 1) Σ_j (s_hj − s̄_h)(s_hj − s̄_h)ᵀ / N over the totals s_hj of the PSU. Without strata and PSU
    the totals add up to zero by themselves and the factor is left out, as lavaan does.
    """
    of_row, total = sample.patterns.of_row, sample.weights.sum()
    if sample.psu is None and sample.stratum is None:
        between = 0.0
        for start in range(0, sample.n, _BLOCK):
            rows = slice(start, start + _BLOCK)
            block = sample.weights[rows, None] * scores(sample.answers[rows], of_row[rows])
            between = between + block.T @ block
        return np.asarray(between / total)
    stratum = np.zeros(sample.n, dtype=np.int64) if sample.stratum is None else sample.stratum
    unit = np.arange(sample.n) if sample.psu is None else sample.psu
    pairs, unit = np.unique(np.stack([stratum, unit]), axis=1, return_inverse=True)
    totals = _unit_totals(sample, scores, unit.reshape(-1), pairs.shape[1])
    sizes = np.bincount(pairs[0])
    centred = totals
    if sample.stratum is not None:
        sums = np.zeros((len(sizes), totals.shape[1]))
        np.add.at(sums, pairs[0], totals)
        centred = totals - (sums / np.maximum(sizes, 1)[:, None])[pairs[0]]
    factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0.0)[pairs[0]]
    return np.asarray((factor[:, None] * centred).T @ centred / total)


def _unit_totals(sample: Sample, scores: Any, unit: NDArray[np.int64], units: int) -> Array:
    order = np.argsort(unit, kind="stable")
    totals: Array | None = None
    for start in range(0, sample.n, _BLOCK):
        rows = order[start : start + _BLOCK]
        block = sample.weights[rows, None] * scores(sample.answers[rows], sample.patterns.of_row[rows])
        if totals is None:
            totals = np.zeros((units, block.shape[1]))
        edges = np.flatnonzero(np.diff(unit[rows], prepend=-1))
        totals[unit[rows][edges]] += np.add.reduceat(block, edges)
    return totals if totals is not None else np.zeros((units, 0))


def _saturated_trace(solution: Solution, sample: Sample, *, means: bool) -> float:
    """tr(A₁⁻¹ B₁) at the moments without a model.

    For complete independent rows, d² their squared Mahalanobis distances: Σ w² ½ (d⁴ − 2 d² + p) / N.
    """
    moments, patterns = solution.moments, solution.objective.patterns
    if not means and sample.stratum is None:
        centred = sample.answers - moments.mean
        squared = np.einsum("ni,ni->n", centred @ np.linalg.inv(moments.covariance), centred)
        parts = 0.5 * (squared**2 - 2 * squared + len(moments.mean))
        return float(sample.weights**2 @ parts / patterns.total)
    free = Point(patterns, moments.mean, moments.covariance)
    p = len(moments.mean)
    basis = _vech_basis(p)
    by_covariance, mixed, by_mean = free.curvature(basis)
    information = np.block([[by_mean, mixed.T], [mixed, by_covariance]])
    between = between_units(sample, _FreeScores(free))
    if not means:
        information, between = information[p:, p:], between[p:, p:]
    return float(np.trace(np.linalg.solve(information, between)))


def _vech_basis(p: int) -> Array:
    """∂Σ/∂σ_ab for the lower triangle, p(p + 1)/2 × p × p."""
    rows, columns = np.tril_indices(p)
    basis = np.zeros((len(rows), p, p))
    number = np.arange(len(rows))
    basis[number, rows, columns] = 1.0
    basis[number, columns, rows] = 1.0
    return basis


def _independence_trace(sample: Sample, *, means: bool) -> float:
    """tr(A⁻¹ B) of the baseline: every item with its own mean and variance, none correlated."""
    answered = ~np.isnan(sample.answers)
    counted = sample.weights[:, None] * answered
    mass = counted.sum(axis=0)
    filled = np.where(answered, sample.answers, 0.0)
    mean = (counted * filled).sum(axis=0) / mass
    variance = (counted * (filled - mean) ** 2).sum(axis=0) / mass
    p = len(mean)

    def scores(values: Array, _: NDArray[np.int64]) -> Array:
        away = np.where(np.isnan(values), 0.0, values - mean) / np.sqrt(variance)
        spread = 0.5 * np.where(np.isnan(values), 0.0, away**2 - 1)
        return np.concatenate([away, spread], axis=1)

    between = np.diag(between_units(sample, scores)) * sample.weights.sum() / np.concatenate([mass, mass])
    kept = between * np.concatenate([np.ones(p), np.full(p, 2.0)])
    return float(kept.sum() if means else kept[p:].sum())
