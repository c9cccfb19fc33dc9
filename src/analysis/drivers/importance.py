"""Relative importance of correlated predictors: how the explained variance of an outcome is shared out among them.

Arrays in, arrays out; knows NumPy only. Every function takes covariance matrices of p predictors and the outcome, which
comes last: (…, p + 1, p + 1) in, (…, p) out, so that all replicates of a survey are one call.

With R²(S) for the variance that the predictors in S explain, the contribution of k to S is R²(S ∪ k) − R²(S). LMG
(Lindeman, Merenda & Gold 1980; the Shapley value) is its mean over all orders in which k may join, which equals the
general dominance of Budescu (1993): the mean over the sizes of S of the mean contribution among sets of that size
(Azen & Budescu 2003; Grömping 2007, The American Statistician 61). The shares add up to R².
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_PREDICTORS = 15
"""Predictors whose 2^p subsets are all looked at; Johnson's weights know no such limit."""
NO_SPREAD = 1e-10
"""Share of a predictor's variance below which what others leave of it is rounding error."""
BLOCK_ROWS = 4096
"""Rows whose products are summed at a time: those of 8 variables are 1.5 MB."""
LARGEST_BATCH = 1 << 22
"""Subsets × matrices that are held at a time (32 MB)."""


def lmg(covariance: Floats) -> Floats:
    """LMG of every predictor: its share of the explained variance, averaged over all orders; the shares add up to R².

    Exact over all subsets. A predictor that is a linear combination of others adds nothing after them, and shares with
    them before. Raises MethodError for more than `MOST_PREDICTORS`.
    """
    return np.asarray(conditional_dominance(covariance).mean(axis=-1), dtype=np.float64)


def conditional_dominance(covariance: Floats) -> Floats:
    """Mean contribution of every predictor (rows) to sets of 0 … p − 1 others (columns): (…, p, p).

    The mean of a row is the general dominance of the predictor, that is its LMG. Raises MethodError as `lmg`.
    """
    lead, size = covariance.shape[:-2], covariance.shape[-1] - 1
    if not 1 <= size <= MOST_PREDICTORS:
        raise MethodError(
            "The importance of so many predictors can't be found exactly.",
            expected=f"1 to {MOST_PREDICTORS} predictors, whose subsets can all be looked at",
            got=f"{size} predictors",
            hint=f"name at most {MOST_PREDICTORS} in drivers.predictors",
        )
    flat = np.asarray(covariance, dtype=np.float64).reshape(-1, size + 1, size + 1)
    step = max(1, LARGEST_BATCH >> (size + 2))
    parts = [_dominance(flat[start : start + step]) for start in range(0, len(flat), step)]
    return np.concatenate(parts).reshape(*lead, size, size)


def subset_r_squared(covariance: Floats) -> Floats:
    """R² of every subset of the predictors: (r, p + 1, p + 1) in, (r, 2^p) out; bit k − 1 − j from the left is j.

    Predictor by predictor, each set of those before is split into one without it and one with it, in which it is
    swept out of the covariance of what is still to come: 2^p divisions in all instead of 2^p systems of equations.
    """
    count, size = len(covariance), covariance.shape[-1] - 1
    spread = np.diagonal(covariance, axis1=-2, axis2=-1)
    left = covariance[:, None]
    for place in range(size):
        pivot, rest = left[..., 0, 0], left[..., 1:, 1:]
        kept = pivot > NO_SPREAD * spread[:, place, None]
        column = left[..., 1:, 0] / np.sqrt(np.where(kept, pivot, np.inf))[..., None]
        swept = rest - column[..., :, None] * column[..., None, :]
        left = np.stack([rest, swept], axis=2).reshape(count, -1, *rest.shape[-2:])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - left[..., 0, 0] / spread[:, -1, None], dtype=np.float64)


def _dominance(covariance: Floats) -> Floats:
    explained = subset_r_squared(covariance)
    count, size = len(covariance), covariance.shape[-1] - 1
    members = np.array([number.bit_count() for number in range(1 << (size - 1))])
    sizes = (members[:, None] == np.arange(size)).astype(np.float64)
    sizes /= sizes.sum(axis=0)
    found = np.empty((count, size, size))
    for place in range(size):
        split = explained.reshape(count, 1 << place, 2, -1)
        found[:, place] = (split[:, :, 1] - split[:, :, 0]).reshape(count, -1) @ sizes
    return found


def johnson_weights(covariance: Floats) -> Floats:
    """Johnson's relative weights (2000, Multivariate Behavioral Research 35): close to LMG, for any number.

    With the correlations R = V·D·Vᵀ of the predictors, Λ = V·√D·Vᵀ and β = Λ⁻¹·r the regression on the orthogonal
    variables nearest to them, the weight of k is Σ_j Λ_kj²·β_j². They add up to R² too.
    """
    predictors, outcome = _correlations(covariance)
    values, vectors = np.linalg.eigh(predictors)
    root = np.sqrt(np.maximum(values, 0.0))
    whole = (vectors * root[..., None, :]) @ vectors.swapaxes(-1, -2)
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=values > NO_SPREAD)
    back = (vectors * inverse[..., None, :]) @ vectors.swapaxes(-1, -2)
    beta = (back @ outcome[..., None])[..., 0]
    return np.asarray(((whole**2) @ (beta**2)[..., None])[..., 0], dtype=np.float64)


def pratt_shares(covariance: Floats) -> Floats:
    """Pratt's measure β_k·r_k with the standardised coefficient β: adds up to R², and may be negative."""
    predictors, outcome = _correlations(covariance)
    beta = np.linalg.pinv(predictors, rcond=NO_SPREAD, hermitian=True) @ outcome[..., None]
    return np.asarray(beta[..., 0] * outcome, dtype=np.float64)


def zero_order(covariance: Floats) -> Floats:
    """Squared correlation of each predictor with the outcome: what it explains alone."""
    return np.asarray(_correlations(covariance)[1] ** 2, dtype=np.float64)


def _correlations(covariance: Floats) -> tuple[Floats, Floats]:
    """Correlations among the predictors, and of each with the outcome; 0 where one does not vary."""
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    scaled = covariance * scale[..., :, None] * scale[..., None, :]
    return scaled[..., :-1, :-1], scaled[..., :-1, -1]


def weighted_covariances(values: Floats, weights: NDArray[Any], *, used: NDArray[np.bool_] | None = None) -> Floats:
    """Covariance of the columns of `values` (rows × k, complete) under each column of weights: (r, k, k).

    Σw(x − m)(x − m)ᵀ / Σw with the mean m under the same weights. `weights`: rows × r, or one per row; only the rows
    `used` count (none: all).
    """
    columns = weights.reshape(len(values), -1)
    middle = values.mean(axis=0)
    size, upper = values.shape[1], np.triu_indices(values.shape[1])
    sums = np.zeros((1 + size + len(upper[0]), columns.shape[1]))
    for start in range(0, len(values), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        away = np.ascontiguousarray((values[part] - middle).T)
        terms = np.concatenate([np.ones((1, away.shape[1])), away, away[upper[0]] * away[upper[1]]])
        terms = terms if used is None else terms * used[part]
        sums += terms @ np.asarray(columns[part], dtype=np.float64)
    total, first, second = sums[0], sums[1 : 1 + size].T, sums[1 + size :].T
    count = columns.shape[1]
    mean, product = first / total[:, None], second / total[:, None]
    found = np.empty((count, values.shape[1], values.shape[1]))
    found[:, upper[0], upper[1]] = product - mean[:, upper[0]] * mean[:, upper[1]]
    found[:, upper[1], upper[0]] = found[:, upper[0], upper[1]]
    return found
