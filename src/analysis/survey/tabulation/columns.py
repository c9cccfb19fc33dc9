"""Estimates of a question's statistics in every column of a banner, and which columns differ: from sums alone.

Ratio r = Σw·a'f / Σw·b'f with the score w·(a − r·b)'f / Σw·b'f, total t = Σw·a'f with the score w·a'f; variance and
covariance over the units of the design or from its replicates, as `survey.estimation` has them row by row. Sources:
Särndal, Swensson & Wretman 1992, §5.5–5.6; Lumley 2010, §5; Welch 1947. Knows NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.survey.estimation.differences import adjust_p_values, welch_degrees
from analysis.survey.estimation.linearisation import Estimates, answering_degrees, deviations, simple_variance
from analysis.survey.estimation.sandwich import sum_rows
from analysis.survey.tabulation.sums import quadratics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.survey.design.sampling_stages import Stage
    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.survey.estimation.differences import Adjustment
    from analysis.survey.tabulation.sums import CellSums

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


ROUNDING = 1e-12
"""A residual this small beside what it is the difference of is 0 (all answered alike), and a variance this small beside
that of a simple random sample (all in one unit)."""


@dataclass(frozen=True)
class Coefficients:
    """S statistics as Σw·above'f / Σw·below'f over F features; below is 0 throughout for a total. Both S × F."""

    above: Floats
    below: Floats

    @property
    def totals(self) -> Mask:
        """Which statistics are totals."""
        return np.asarray(~self.below.any(axis=1))


@dataclass(frozen=True)
class Columns:
    """Estimates of S statistics in D columns (D × S each), and their covariance between columns (S × D × D)."""

    estimates: Estimates
    covariance: Floats


def estimate_columns(sums: CellSums, statistics: Coefficients, one: Floats, design: SurveyDesign) -> Columns:
    """Estimates, variances and covariances of every column; `one`: the features' coefficients that add up to 1.

    An estimate from fewer than two answers has no variance, as in `survey.estimation.estimates.means`.
    """
    total = statistics.totals
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = sums.first @ statistics.above.T, sums.first @ statistics.below.T
        scale = np.where(total, 1.0, below)
        estimate = np.where(sums.n[:, None] > 0, above / scale, np.nan)
        ratio = np.where(total | ~np.isfinite(estimate), 0.0, estimate)
        taken = ratio[:, :, None] * statistics.below
        scores = statistics.above - taken
        scores[np.abs(scores) <= ROUNDING * (np.abs(statistics.above) + np.abs(taken))] = 0.0
        covariance = _covariance(sums, scores, scale, statistics, estimate, design)
        centre = np.where(total, above / sums.weight[:, None], 0.0)
        spread = quadratics(sums.spread, scores - centre[:, :, None] * one, diagonal=sums.diagonal)
        n = np.broadcast_to(sums.n[:, None], estimate.shape)
        simple = simple_variance(n, sums.weight[:, None], spread, scale, design)
        kish = np.broadcast_to((sums.weight**2 / sums.square)[:, None], estimate.shape)
    covariance[:, sums.n <= 1, :] = covariance[:, :, sums.n <= 1] = np.nan
    variance = np.diagonal(covariance, axis1=1, axis2=2).T
    variance = np.where(variance <= ROUNDING * np.maximum(simple, 0.0), 0.0, variance)
    degrees = answering_degrees(sums.answered, design.stages[0])
    if design.replicates is not None:
        degrees = np.minimum(degrees, design.replicates.degrees)
    degrees = np.broadcast_to(degrees[:, None], estimate.shape)
    return Columns(Estimates(estimate, variance, degrees, n, simple, kish), covariance)


def _covariance(
    sums: CellSums,
    scores: Floats,
    scale: Floats,
    statistics: Coefficients,
    estimate: Floats,
    design: SurveyDesign,
) -> Floats:
    """Covariance of the columns' estimates: S × D × D."""
    if design.replicates is not None and sums.replicates is not None:
        above = np.einsum("dfr,sf->sdr", sums.replicates, statistics.above)
        below = np.einsum("dfr,sf->sdr", sums.replicates, statistics.below)
        each = above / np.where(statistics.totals[:, None, None], 1.0, below)
        moved = deviations(each, estimate.T, design.replicates)
        return np.asarray(moved @ moved.transpose(0, 2, 1), dtype=np.float64)
    found = np.zeros((scores.shape[1], len(scores), len(scores)))
    squares = sums.squares
    for stage, totals in zip(design.stages, sums.totals, strict=True):
        units = np.einsum("udf,dsf->sud", totals, scores, optimize=True)
        over_rows = None if squares is None else quadratics(squares, scores, diagonal=sums.diagonal)
        found += _stage_covariance(stage, units, over_rows)
    return found / (scale.T[:, :, None] * scale.T[:, None, :])


def _stage_covariance(stage: Stage, units: Floats, over_rows: Floats | None) -> Floats:
    """Σ_h factor_h Σ_j (u_hja − ū_ha)(u_hjb − ū_hb) for every statistic and two columns.

    units: statistic × unit × column; where rows are the units, their totals by stratum, with the squares of the rows in
    `over_rows` (strata × column × statistic): two columns have no row in common.
    """
    size, (count, _, columns) = np.maximum(stage.sizes, 1).astype(np.float64), units.shape
    if over_rows is None:
        flat = units.transpose(1, 0, 2).reshape(len(stage.parent), -1)
        sums = sum_rows(flat, None, stage.parent, len(size)).reshape(-1, count, columns).transpose(1, 0, 2)
        around = units * np.sqrt(stage.factors)[stage.parent][None, :, None]
        within = around.transpose(0, 2, 1) @ around
    else:
        sums = units
        within = np.einsum("h,hds->sd", stage.factors, over_rows)[:, :, None] * np.eye(columns)
    middle = sums * np.sqrt(np.where(stage.centred, 0.0, stage.factors / size))[None, :, None]
    return np.asarray(within - middle.transpose(0, 2, 1) @ middle, dtype=np.float64)


def higher_than(
    columns: Columns, *, tested: Mask, limit: float, confidence: float, adjustment: Adjustment
) -> list[list[list[int]]]:
    """For every statistic and column the columns that it is higher than, by the rule of all comparisons of the book.

    All pairs of `tested` columns are compared, statistic by statistic: t of the difference with its covariance, Welch's
    degrees of freedom but at most `limit`, those of the design, p adjusted over the pairs. S × D lists of columns.
    """
    from scipy.special import stdtr

    found, count = columns.estimates, len(tested)
    below: list[list[list[int]]] = [[[] for _ in range(count)] for _ in range(found.estimate.shape[1])]
    first, second = (
        side[tested[np.triu_indices(count, 1)[0]] & tested[np.triu_indices(count, 1)[1]]]
        for side in np.triu_indices(count, 1)
    )
    if not len(first):
        return below
    variance, degrees = found.variance.T, found.degrees.T.astype(np.float64)
    difference = found.estimate.T[:, first] - found.estimate.T[:, second]
    error = np.sqrt(
        np.maximum(variance[:, first] + variance[:, second] - 2 * columns.covariance[:, first, second], 0.0)
    )
    freedom = welch_degrees(variance[:, first], variance[:, second], degrees[:, first], degrees[:, second])
    freedom = np.minimum(freedom, limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, difference / error, np.nan)
        p = 2 * stdtr(np.where(freedom > 0, freedom, np.nan), -np.abs(t))
    for statistic, (values, gaps) in enumerate(zip(p, difference, strict=True)):
        clear = adjust_p_values(values, method=adjustment) < 1 - confidence
        for pair in np.flatnonzero(clear).tolist():
            one, other = (first, second) if gaps[pair] > 0 else (second, first)
            below[statistic][int(one[pair])].append(int(other[pair]))
    return below
