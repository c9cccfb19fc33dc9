"""Weighted regressions with the influence of every row on their coefficients: arrays in, arrays out.

The influence of row i on an estimate is its derivative by the row's weight, times the weight. Estimates that are
built of others add up their influences, and pseudo-values, θ + influence·Σw/w_i, turn any of them into a weighted
mean: the survey estimators then give its variance under the design, from linearisation or from replicates (Deville
1999, Survey Methodology 25, 193–203; Binder 1983). Influences are made when they are asked for: those on a sum of
coefficients need no array of rows × coefficients. Knows NumPy and SciPy only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from analysis.survey.design.codes import text_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Link = Literal["logit", "probit"]
NEAR_ROWS = 2048
"""Rows whose products stay near the processor."""
MAX_STEPS = 50
TOLERANCE = 1e-13
"""Relative change of the deviance at which a binary regression has settled."""
BOUND = 1e-9
"""Least distance of a fitted probability from 0 and 1."""


@dataclass(frozen=True)
class LeastSquares:
    """Coefficients, and what their influence is made of: columns x, w·residual of each row, and (x'Wx)⁻¹."""

    coefficients: Floats
    x: Floats
    residual: Floats
    inverse: Floats

    @property
    def influence(self) -> Floats:
        """Influence of each row on the coefficients: rows × coefficients, 0 where the weight is 0."""
        return self.influence_on(np.eye(len(self.coefficients)))

    def influence_on(self, sums: Floats) -> Floats:
        """Influence of each row on sums of the coefficients (coefficients, or coefficients × m): rows, or rows × m."""
        return _times(self.residual, self.x @ (self.inverse @ sums))


@dataclass(frozen=True)
class BinaryRegression:
    """Coefficients, fitted probability of each row and its derivative by x'b, and what the influence is made of.

    x: columns; score: derivative of each row's weighted log likelihood by x'b; bend: what its square expects.
    """

    coefficients: Floats
    probability: Floats
    slope: Floats
    x: Floats
    score: Floats
    bend: Floats

    @cached_property
    def inverse(self) -> Floats:
        """Inverse of the observed information."""
        return _inverse(weighted_products(self.x, self.bend))

    @property
    def influence(self) -> Floats:
        """Influence of each row on the coefficients: rows × coefficients, 0 where the weight is 0."""
        return self.influence_on(np.eye(len(self.coefficients)))

    def influence_on(self, sums: Floats) -> Floats:
        """Influence of each row on sums of the coefficients (coefficients, or coefficients × m): rows, or rows × m."""
        return _times(self.score, self.x @ (self.inverse @ sums))


def asked(profile: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Those of the questions `names` that somebody answered."""
    return [name for name in names if name in profile and profile[name].notna().any()]


def indicators(answers: pd.DataFrame, names: Sequence[str]) -> tuple[Floats, list[tuple[str, str]]]:
    """An indicator of every answer but the first (in sorted order) to each question, and (question, answer) of each.

    No answer is an answer of its own, "".
    """
    columns, labels = [], []
    for name in names:
        codes, texts = text_codes(answers[name])
        if (codes < 0).any():
            texts = texts if "" in texts else [*texts, ""]
            codes = np.where(codes < 0, texts.index(""), codes)
        for text in sorted(texts)[1:]:
            columns.append((codes == texts.index(text)).astype(np.float64))
            labels.append((name, text))
    found = np.column_stack(columns) if columns else np.empty((len(answers), 0))
    return np.asarray(found, dtype=np.float64), labels


def with_intercept(x: Floats) -> Floats:
    """`x` behind a column of ones."""
    return np.column_stack([np.ones(len(x)), x])


def least_squares(y: Floats, x: Floats, weights: Floats) -> LeastSquares:
    """Weighted least squares of `y` on the columns of `x`; of dependent columns one of the solutions."""
    inverse = _inverse(weighted_products(x, weights))
    coefficients = inverse @ (x.T @ (weights * y))
    return LeastSquares(coefficients, x, weights * (y - x @ coefficients), inverse)


def binary_regression(t: Floats, x: Floats, weights: Floats, *, link: Link = "logit") -> BinaryRegression:
    """Weighted maximum likelihood of P(t = 1) = F(x'b) by Fisher scoring; F logistic or normal.

    Where an answer goes with t = 1 alone the likelihood has no maximum: the steps end after `MAX_STEPS` with
    probabilities near 0 or 1, which are no overlap.
    """
    coefficients, deviance = np.zeros(x.shape[1]), np.inf
    for _ in range(MAX_STEPS):
        p, slope = _probability(x @ coefficients, link)
        last, deviance = deviance, -2 * float(weights @ (t * np.log(p) + (1 - t) * np.log1p(-p)))
        if abs(last - deviance) <= TOLERANCE * (abs(deviance) + TOLERANCE):
            break
        working = weights * slope**2 / (p * (1 - p))
        step = _inverse(weighted_products(x, working)) @ (x.T @ (weights * slope * (t - p) / (p * (1 - p))))
        coefficients = coefficients + step
    p, slope = _probability(x @ coefficients, link)
    score, bend = slope * (t - p) / (p * (1 - p)), slope**2 / (p * (1 - p))
    if link == "probit":  # the observed information, which the logit link makes the expected one
        bend = score * (score + _normal_quantile(p))
    return BinaryRegression(coefficients, p, slope, x, weights * score, weights * bend)


def weighted_products(x: Floats, weights: Floats, *, middle: Floats | float = 0.0) -> Floats:
    """Σ w·(x − m)(x − m)ᵀ over the rows, some of them at a time; m is the `middle` of every column."""
    total = np.zeros((x.shape[1],) * 2)
    for start in range(0, len(x), NEAR_ROWS):
        part = x[start : start + NEAR_ROWS] - middle
        total += part.T @ (weights[start : start + NEAR_ROWS][:, None] * part)
    return total


def pseudo_values(estimate: float | Floats, influence: Floats, weights: Floats) -> Floats:
    """Values whose weighted mean is `estimate` and whose variance is the estimate's; `influence` adds up to 0.

    Several estimates are columns of `influence`.
    """
    each = weights if influence.ndim == 1 else weights[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(estimate + np.where(each > 0, influence * weights.sum() / each, 0.0), dtype=np.float64)


def rank(x: Floats) -> int:
    """Number of independent columns of `x`."""
    return int(np.linalg.matrix_rank(x.T @ x, hermitian=True)) if x.shape[1] else 0


def _probability(linear: Floats, link: Link) -> tuple[Floats, Floats]:
    from scipy.special import expit, ndtr

    p = np.clip(expit(linear) if link == "logit" else ndtr(linear), BOUND, 1 - BOUND)
    slope = p * (1 - p) if link == "logit" else np.exp(-(np.minimum(np.abs(linear), 8.0) ** 2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(p, dtype=np.float64), np.asarray(slope, dtype=np.float64)


def _times(each: Floats, values: Floats) -> Floats:
    """A number per row times the values of the row."""
    return np.asarray(each * values if values.ndim == 1 else each[:, None] * values, dtype=np.float64)


def _normal_quantile(p: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(p), dtype=np.float64)


def _inverse(information: Floats) -> Floats:
    """Inverse of x'Wx, of dependent columns the generalised one; columns are brought to one length before."""
    length = np.sqrt(np.diag(information))
    scale = np.where(length > 0, 1 / np.where(length > 0, length, 1.0), 0.0)
    even = scale[:, None] * information * scale
    return np.asarray(scale[:, None] * np.linalg.pinv(even, rcond=1e-12, hermitian=True) * scale, dtype=np.float64)
