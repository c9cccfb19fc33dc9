"""What weights were fitted to, so that a standard error knows what the fit took away.

An estimate with calibrated weights varies only by what the known totals do not explain: the score of each row is
replaced by its residual on the calibration variables, e = z/w − fit, and w·e enters the variance of the design.
Sources: Deville & Särndal 1992, §3; Deville, Särndal & Sautory 1993; Lumley 2010, §7.2–7.4; R survey, svyrecvar.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import MethodError
from analysis.survey.design.codes import category_codes, numeric_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

RAKING_CYCLES = 10
"""Times the margins take their means out in turn; R survey does as many."""


@dataclass(frozen=True)
class Calibration:
    """Fit of the weights: to cells (one margin), to several margins (raking), or to columns whose totals are known.

    margins: category of each row per margin; base: the weights before; steps: the weights after each margin of the
    last cycle of a raking that was stopped early (none: the final ones); columns: rows × any, in place of margins.
    """

    base: Floats
    margins: tuple[Codes, ...] = ()
    steps: tuple[Floats, ...] = ()
    columns: Floats | None = None

    def residuals(self, scores: Floats, weights: Floats) -> Floats:
        """Scores (rows × estimates, weights included) without what the calibration explains.

        Cells: z/w less its mean in the cell, weighted by `base`. Raking: less the plain mean of each margin's
        category, margin after margin, RAKING_CYCLES times. Columns: z/w less its regression on them by `base`.
        """
        if self.columns is not None:
            residual, root = _unweighted(scores, weights), np.sqrt(self.base)[:, None]
            slopes = np.linalg.lstsq(self.columns * root, residual * root, rcond=None)[0]
            return np.asarray((residual - self.columns @ slopes) * weights[:, None])
        if len(self.margins) == 1:
            residual = _unweighted(scores, weights)
            return (residual - _category_means(residual, self.margins[0], self.base)) * weights[:, None]
        if not self.steps:
            return self._without_margins(scores, weights)
        plain = np.ones(len(scores))
        for _ in range(RAKING_CYCLES):
            for margin, step in zip(self.margins, self.steps, strict=True):
                scores = scores - _category_means(_unweighted(scores, step), margin, plain) * step[:, None]
        return scores

    def _without_margins(self, scores: Floats, weights: Floats) -> Floats:
        """The cycles of a raking with one weight for all margins.

        What a margin takes out is the same for all rows of a cell of the crossed margins, so that the cycles run on
        sums of the cells, and the rows are read twice whatever the number of cycles.
        """
        cell, first = self._cells
        weighted = np.bincount(cell, weights > 0, len(first))[:, None]
        left, taken = _sums(_unweighted(scores, weights), cell, len(first)), np.zeros((len(first), scores.shape[1]))
        size = np.bincount(cell, minlength=len(first)).astype(np.float64)
        margins = [margin[first] for margin in self.margins]
        sizes = [np.maximum(np.bincount(margin, size), 1.0)[:, None] for margin in margins]
        for _ in range(RAKING_CYCLES):
            for margin, count in zip(margins, sizes, strict=True):
                mean = (_sums(left, margin, len(count)) / count)[margin]
                taken, left = taken + mean, left - weighted * mean
        return np.asarray(scores - taken[cell] * weights[:, None], dtype=np.float64)

    @cached_property
    def _cells(self) -> tuple[Codes, Codes]:
        """Cell of each row in the cross-classification of the margins, and a row of each cell."""
        joint = np.zeros(len(self.base), dtype=np.int64)
        for margin in self.margins:
            _, joint = np.unique(joint * (int(margin.max()) + 1) + margin, return_inverse=True)
        _, first = np.unique(joint, return_index=True)
        return joint.astype(np.int64), first.astype(np.int64)


def margin_calibration(
    base: ArrayLike, margins: Sequence[ArrayLike], *, steps: Sequence[ArrayLike] = ()
) -> Calibration:
    """Describe weights fitted to the known sizes of categories: one margin (post-stratification) or more (raking).

    `base`: the weights before, one per row; `margins`: one column of categories per margin, none missing;
    `steps`: see Calibration. Raises MethodError without a margin, and for lengths that differ.
    """
    weights = np.asarray(base, dtype=np.float64)
    if not len(margins):
        raise MethodError("A calibration needs a margin.", expected="one column of categories or more")
    codes = tuple(category_codes(margin, len(weights), "margin")[0] for margin in margins)
    reached = tuple(numeric_column(step, len(weights), "steps") for step in steps)
    if reached and len(reached) != len(codes):
        raise MethodError("steps do not match the margins.", expected=f"{len(codes)} columns", got=str(len(reached)))
    return Calibration(numeric_column(weights, len(weights), "base"), margins=codes, steps=reached)


def regression_calibration(base: ArrayLike, columns: ArrayLike) -> Calibration:
    """Describe weights fitted to the known totals of `columns` (rows × any, numbers) by any distance.

    Source: Deville & Särndal 1992, §3: all distances have the variance of the generalised regression estimator.
    Raises MethodError for lengths that differ.
    """
    known = np.asarray(columns, dtype=np.float64)
    return Calibration(numeric_column(base, len(known), "base"), columns=known)


def _unweighted(scores: Floats, weights: Floats) -> Floats:
    """z/w, 0 for rows without a weight."""
    safe = np.where(weights != 0, weights, 1.0)[:, None]
    return np.where(weights[:, None] != 0, scores / safe, 0.0)


def _category_means(residual: Floats, codes: Codes, weights: Floats) -> Floats:
    """Weighted mean of every column in the category of each row."""
    size = np.bincount(codes, weights)
    means = _sums(residual * weights[:, None], codes, len(size)) / np.where(size > 0, size, 1.0)[:, None]
    return np.asarray(means[codes], dtype=np.float64)


def _sums(columns: Floats, codes: Codes, count: int) -> Floats:
    """Sums of every column by code: count × columns."""
    from scipy.sparse import csc_array

    member = csc_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)), shape=(count, len(codes)))
    return np.asarray(member @ columns, dtype=np.float64)
