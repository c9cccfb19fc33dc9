"""The variance of totals of scores under a design: the middle of every sandwich, A⁻¹ B A⁻¹.

B = Σ_h (1 − f_h) · n_h/(n_h − 1) · Σ_j (u_hj − ū_h)(u_hj − ū_h)ᵀ over the totals u_hj of the scores in the units of a
stage, summed over the stages. Scores come as one array, or block by block from rows that don't fit into memory: what
is kept is a total per unit, or per stratum where every row is its own unit. Units without a score have u = 0 and count
in n_h: a subpopulation is a domain of the whole draw. Sources: Binder 1983; Woodruff 1971; Särndal, Swensson & Wretman
1992, §5.5; R survey, svyrecvar. Knows NumPy and SciPy only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from analysis.survey.design.sampling_stages import Stage
    from analysis.survey.design.survey_design import SurveyDesign

    Array = NDArray[Any]
    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

BLOCK_ROWS = 16384
"""Rows whose scores are held at a time: with 40 estimates 5 MB."""


def covariance_of_scores(scores: Floats, design: SurveyDesign, *, diagonal: bool = False) -> Floats:
    """Covariance (estimates × estimates), or the variances alone, of the totals of `scores` (rows × estimates).

    The scores of a calibrated design are taken as they are, except for `diagonal`, which takes their residuals first.
    """
    if diagonal and design.calibration is not None:
        scores = design.calibration.residuals(scores, design.weights)
    return covariance_by_rows(lambda rows: scores[rows], scores.shape[1], design, diagonal=diagonal)


def covariance_by_rows(
    scores: Callable[[Codes], Floats], width: int, design: SurveyDesign, *, diagonal: bool = False
) -> Floats:
    """The same of scores that are made when they are asked for: `scores` gives those of some rows, rows × `width`."""
    total = np.zeros(width if diagonal else (width, width))
    for stage in design.stages:
        sums = ScoreSums(squares if diagonal else products, rows_are_units=stage.unit is None)
        group = stage.parent if stage.unit is None else stage.unit
        order = np.argsort(group, kind="stable")
        for start in range(0, len(order), BLOCK_ROWS):
            rows = order[start : start + BLOCK_ROWS]
            own = scores(rows)
            if stage.unit is None:
                own = own * np.sqrt(stage.factors)[stage.parent[rows]][:, None]
            sums.add(own, group[rows])
        total += sums.variance(stage)
    return np.maximum(total, 0.0) if diagonal else total


def products(scores: Array) -> Any:
    """Σ u uᵀ over the rows of `scores`: k × k, in double precision whatever the rows are in."""
    return np.asarray(scores.T @ scores, dtype=np.float64)


def squares(scores: Array) -> Any:
    """Σ u² over the rows of `scores`, by column: k."""
    return (scores * scores).sum(axis=0)


def trace(scores: Array) -> Any:
    """Σ uᵀu over the rows of `scores`: a number."""
    return float(np.vdot(scores, scores))


class ScoreSums:
    """Sums of scores of one stage, block by block.

    `product` says what becomes of scores (`products`, `squares` or `trace`). Where rows are the units, their scores
    come times √factor of their stratum, so that one sum of products serves all strata.
    """

    def __init__(self, product: Callable[[Array], Any], *, rows_are_units: bool) -> None:
        self.product, self.rows_are_units = product, rows_are_units
        self.over_rows: Any = 0.0
        self.totals: Array | None = None

    def add(self, scores: Array, group: Codes) -> None:
        """Add the rows of a block (weights included); `group`: unit of each, or stratum, in ascending order."""
        if self.rows_are_units:
            self.over_rows += self.product(scores)
        if not len(group):
            return
        first = np.flatnonzero(np.diff(group, prepend=-1))
        self.add_totals(np.add.reduceat(scores, first, dtype=np.float64), group[first])

    def add_totals(self, totals: Floats, group: Codes) -> None:
        """Add the totals of some groups, one row for each."""
        held = np.zeros((0, totals.shape[1])) if self.totals is None else self.totals
        self.totals = enlarged(held, int(group[-1]) + 1)
        self.totals[group] += totals

    def variance(self, stage: Stage) -> Any:
        """Σ_h factor_h Σ_j (u_hj − ū_h)(u_hj − ū_h)ᵀ, or its diagonal, or its trace."""
        if self.totals is None:
            return self.over_rows
        size = np.maximum(stage.sizes, 1).astype(np.float64)
        if self.rows_are_units:
            sums = enlarged(self.totals, len(size))[: len(size)]
            middle = np.where(stage.centred[:, None], 0.0, sums / np.sqrt(size)[:, None])
            return self.over_rows - self.product(middle)
        units = enlarged(self.totals, len(stage.parent))[: len(stage.parent)]
        sums = sum_rows(units, None, stage.parent, len(size))
        around = units - np.where(stage.centred[:, None], 0.0, sums / size[:, None])[stage.parent]
        return self.product(around * np.sqrt(stage.factors)[stage.parent][:, None])


def stage_variance(stage: Stage, totals: Floats, over_rows: Floats | None) -> Floats:
    """Σ_h factor_h (Σ_j u_j² − (Σ_j u_j)²/n_h) of many estimates: units (or strata) × estimates in, one number each.

    `totals` are those of the units, or of the strata with the squares of their rows in `over_rows`.
    """
    sums = totals
    if over_rows is None:
        over_rows = sum_rows(totals * totals, None, stage.parent, len(stage.sizes))
        sums = sum_rows(totals, None, stage.parent, len(stage.sizes))
    size = np.maximum(stage.sizes, 1)[:, None].astype(np.float64)
    between = np.where(stage.centred[:, None], over_rows, np.maximum(over_rows - sums**2 / size, 0.0))
    return np.asarray(stage.factors @ between, dtype=np.float64)


def sum_rows(columns: Floats, weights: Floats | None, code: Codes, count: int) -> Floats:
    """Σ weights · columns by code: count × columns. One pass over the rows, all columns at once."""
    from scipy.sparse import csc_array

    size = len(code)
    data = np.ones(size) if weights is None else weights
    member = csc_array((data, code, np.arange(size + 1)), shape=(count, size))
    return np.asarray(member @ columns, dtype=np.float64)


def enlarged(held: Array, rows: int) -> Array:
    """`held` itself where it has as many rows, else with zeros behind it: twice as long, or as long as is needed."""
    if rows <= len(held):
        return held
    return np.concatenate([held, np.zeros((max(rows, 2 * len(held)) - len(held), *held.shape[1:]), dtype=held.dtype)])
