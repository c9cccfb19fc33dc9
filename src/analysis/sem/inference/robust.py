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

from analysis.sem.fit.constrained import invert_within
from analysis.sem.fit.estimate import Solution, degrees_of_freedom
from analysis.sem.fit.information import invert_information
from analysis.sem.fit.likelihood import Point
from analysis.sem.inference.corrected import Corrected, GapParts, corrected_for_gaps, gap_parts, information_of_moments
from analysis.sem.inference.scores import AloneScores, FreeScores, ModelScores, WhiteScores
from analysis.sem.moments.between_units import between_units
from analysis.sem.moments.sample import Source

Array = NDArray[Any]


@dataclass(frozen=True)
class Robust:
    """Sandwich covariance of the free parameters (q × q) and the scaling factors of χ² (model, baseline).

    Factors are NaN without degrees of freedom, and where the whole population was drawn: χ² has no scale then; and
    where few units for many parameters give one that is not above zero, as in lavaan. `adjusted`: divisor and shift of
    a χ² that has the variance of χ² as well, where that is asked for; `corrected`: χ² of complete data, where answers
    are missing.
    """

    covariance: Array
    scaling: float
    baseline_scaling: float
    adjusted: tuple[float, float] | None = None
    corrected: Corrected | None = None
    without: WithoutModel | None = None


def robust_inference(solution: Solution, sample: Source, *, without: WithoutModel | None = None) -> Robust:
    """Sandwich covariance and scaling factors of a solution fitted to `sample`, in one pass over its rows.

    `without`: what another model of the same rows found, where there was one.
    """
    objective, parts = solution.objective, score_parts(solution, sample, without)
    observed = objective.observed(solution.theta, solution.point)
    bread = invert_within(objective.bounds, solution.theta, observed)[0]
    df, varied = degrees_of_freedom(solution), bool(parts.between.any())
    correlations = solution.structure.syntax.correlations
    return Robust(
        without=parts.without,
        covariance=bread @ parts.between @ bread / objective.total,
        scaling=scaling_factor(parts.free - float(np.einsum("ij,ji->", bread, parts.between)), df * varied),
        baseline_scaling=scaling_factor(parts.free - parts.alone, correlations * varied),
        corrected=corrected_for_gaps(
            [parts.gaps], lambda one: one[0], objective.bounds, solution.theta, df=df, baseline_df=correlations
        )
        if parts.gaps is not None
        else None,
    )


@dataclass(frozen=True)
class WithoutModel:
    """What a robust test takes of the rows whatever the model is: the variance B₁ of the scores without a model where
    answers are missing, and its trace where none are; tr(A⁻¹B) of items that have nothing in common (`alone`).
    """

    spread: Array | float
    alone: float


@dataclass(frozen=True)
class ScoreParts:
    """What a robust test is made of: the variance B of the scores between units (q × q), per row of weight 1, and
    tr(A⁻¹B) without a model (`free`) and of items that have nothing in common (`alone`); what the correction for
    missing answers takes (`gaps`); what other models of the same rows can take over (`without`).
    """

    between: Array
    free: float
    alone: float
    gaps: GapParts | None = None
    without: WithoutModel | None = None


def score_parts(solution: Solution, sample: Source, without: WithoutModel | None = None) -> ScoreParts:
    """The parts of one solution, in one pass over the rows that it was fitted to."""
    objective, moments = solution.objective, solution.moments
    model = ModelScores(solution.point, solution.structure, solution.matrices)
    given = solution.structure.syntax.placed_covariates
    free = None if objective.complete else Point(objective.patterns, moments.mean, moments.covariance)
    if without is not None:
        (between,) = between_units(sample, matrices=[model], traces=[])
    else:
        between, without = _with_and_without(solution, sample, model, free)
    if free is None:
        return ScoreParts(between, float(without.spread), without.alone, without=without)
    spread = np.asarray(without.spread)
    information = information_of_moments(free, given)
    inverse, singular = invert_information(information)
    free_trace = float("nan") if singular else float(np.einsum("ij,ji->", inverse, spread))
    gaps = None if singular else gap_parts(solution, spread, information, inverse)
    return ScoreParts(between, free_trace, without.alone, gaps, without)


def _with_and_without(
    solution: Solution, sample: Source, model: ModelScores, free: Point | None
) -> tuple[Array, WithoutModel]:
    """B of the model, and what is the same for all models of the rows; `free`: moments of rows with gaps."""
    means, given = solution.structure.means, solution.structure.syntax.placed_covariates
    alone = AloneScores(solution.objective.patterns, means=means, given=given)
    if free is not None:
        between, spread, trace = between_units(sample, matrices=[model, FreeScores(free, given)], traces=[alone])
        return between, WithoutModel(spread, trace)
    moments = solution.moments
    white = WhiteScores(moments.mean, moments.covariance, means=means, given=given)
    between, whole, trace = between_units(sample, matrices=[model], traces=[white, alone])
    return between, WithoutModel(whole, trace)


def scaling_factor(trace: float, df: int) -> float:
    """What χ² is divided by, from the trace that is `df` under normal answers; NaN where there is no such factor."""
    return trace / df if df and trace > 0 else float("nan")
