"""What weights were fitted to, so that a standard error knows what the fit took away.

An estimate with calibrated weights varies only by what the known totals do not explain: the score of each row is
replaced by its residual on the calibration variables, e = z/w − fit, and w·e enters the variance of the design.
Sources: Deville & Särndal 1992, §3; Deville, Särndal & Sautory 1993; Lumley 2010, §7.2–7.4; R survey, svyrecvar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import MethodError
from analysis.survey.design.design import category_codes, numeric_column, same_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

RAKING_CYCLES = 10
"""Times the margins take their means out in turn; R survey does as many."""


@dataclass(frozen=True)
class Calibration:
    """Fit of the weights: to cells (one margin), to several margins (raking) or to totals of variables (regression).

    margins: category of each row per margin; auxiliaries: rows × variables of a regression; base: the weights before;
    steps: the weights after each margin of the last cycle of a raking that was stopped early (none: the final ones).
    """

    base: Floats
    margins: tuple[Codes, ...] = ()
    steps: tuple[Floats, ...] = ()
    auxiliaries: Floats | None = None

    def residuals(self, scores: Floats, weights: Floats) -> Floats:
        """Scores (rows × estimates, weights included) without what the calibration explains.

        Cells: z/w less its mean in the cell, weighted by `base`. Raking: less the plain mean of each margin's
        category, margin after margin, RAKING_CYCLES times. Regression: residual of the least squares fit on the
        auxiliaries, weighted by `base`.
        """
        if self.auxiliaries is not None:
            return self._regression_residuals(_unweighted(scores, weights)) * weights[:, None]
        if len(self.margins) == 1:
            residual = _unweighted(scores, weights)
            return (residual - _category_means(residual, self.margins[0], self.base)) * weights[:, None]
        plain = np.ones(len(scores))
        steps = self.steps or (weights,) * len(self.margins)
        for _ in range(RAKING_CYCLES):
            for margin, step in zip(self.margins, steps, strict=True):
                scores = scores - _category_means(_unweighted(scores, step), margin, plain) * step[:, None]
        return scores

    def _regression_residuals(self, residual: Floats) -> Floats:
        """Residuals of the least squares fit on the auxiliaries, weighted by `base`."""
        root = np.sqrt(self.base)[:, None]
        basis = np.linalg.qr(self.auxiliaries * root)[0]
        scaled = residual * root
        scaled -= basis @ (basis.T @ scaled)
        return np.asarray(scaled / np.where(root > 0, root, 1.0), dtype=np.float64)


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


def regression_calibration(base: ArrayLike, auxiliaries: ArrayLike, totals: ArrayLike) -> tuple[Calibration, Floats]:
    """Fit weights to the known totals of auxiliary variables by generalised regression (GREG), and describe the fit.

    w = d · (1 + x'λ), λ = (Σ d·x·x')⁻¹ (t − Σ d·x), with d = `base`, x = `auxiliaries` (rows × variables, the constant
    included) and t = `totals` (Deville & Särndal 1992, eq. 2.4; R survey, calibrate with calfun "linear"). Weights may
    come out negative: the caller looks. Raises MethodError for lengths that differ or auxiliaries that are collinear.
    """
    d = numeric_column(base, len(np.asarray(base)), "base")
    x, t = np.asarray(auxiliaries, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    same_length(len(x), len(d), "auxiliaries")
    if x.ndim != 2 or t.shape != (x.shape[1],):
        raise MethodError("totals do not match the auxiliaries.", expected="one total per column", got=str(t.shape))
    moments = x.T @ (x * d[:, None])
    if np.linalg.matrix_rank(moments) < len(t):
        raise MethodError("The auxiliaries are collinear.", hint="leave one category of each margin out")
    ratio = 1 + x @ np.linalg.solve(moments, t - x.T @ d)
    return Calibration(d, auxiliaries=x), d * ratio


def _unweighted(scores: Floats, weights: Floats) -> Floats:
    """z/w, 0 for rows without a weight."""
    safe = np.where(weights > 0, weights, 1.0)[:, None]
    return np.where(weights[:, None] > 0, scores / safe, 0.0)


def _category_means(residual: Floats, codes: Codes, weights: Floats) -> Floats:
    """Weighted mean of every column in the category of each row."""
    from scipy.sparse import csr_array

    rows = np.arange(len(codes))
    member = csr_array((weights, (codes, rows)), shape=(int(codes.max()) + 1, len(codes)))
    size = np.asarray(member.sum(axis=1)).ravel()
    means = (member @ residual) / np.where(size > 0, size, 1.0)[:, None]
    return np.asarray(means[codes], dtype=np.float64)
