"""What cleaning does to the results: the same means with and without the interviews that were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

COLUMNS = ("variable", "everyone", "subset", "difference", "se", "ci_low", "ci_high", "n", "n_everyone")


def compare_subset(
    values: pd.DataFrame, *, subset: Mask, weights: ArrayLike | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Weighted mean of every column of `values` over all rows and over the rows of `subset`, with their difference.

    One row per column: variable, everyone, subset, difference (subset − everyone), se, ci_low, ci_high, n (answers in
    the subset), n_everyone. Missing values are left out; `weights` (one per row; none: all equal) have any scale.
    The subset is part of the whole, so that the difference is linearised as one statistic: with r̂ the two means,
    u_i = w_i d_i (y_i − r̂_s) / Σ_s w − w_i (y_i − r̂) / Σ w, V = n/(n − 1) Σ (u_i − ū)², interval by t on n − 1 degrees.
    Raises MethodError when lengths differ or no row is left in the subset.
    Source: Woodruff 1971, JASA 66; Särndal, Swensson & Wretman 1992, §5.5 and 5.6.
    """
    from scipy.stats import t

    rows = len(values)
    w = np.ones(rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(w) != rows or len(subset) != rows or not subset.any():
        raise MethodError(
            "The results with and without the excluded can't be compared.",
            expected=f"{rows} weights and marks, at least one interview in the subset",
            got=f"{len(w)} weights, {len(subset)} marks, {int(np.sum(subset))} interviews",
        )
    quantile = float(t.ppf((1 + confidence) / 2, max(rows - 1, 1)))
    records = []
    for name in values.columns:
        y = values[name].to_numpy(dtype=np.float64, na_value=np.nan)
        present = ~np.isnan(y)
        whole, whole_score = _mean(y, np.where(present, w, 0.0))
        part, part_score = _mean(y, np.where(present & subset, w, 0.0))
        u = part_score - whole_score
        se = float(np.sqrt(rows / max(rows - 1, 1) * ((u - u.mean()) ** 2).sum()))
        gap = part - whole
        counts = (int((present & subset).sum()), int(present.sum()))
        records.append((str(name), whole, part, gap, se, gap - quantile * se, gap + quantile * se, *counts))
    return pd.DataFrame(records, columns=list(COLUMNS))


def _mean(y: Floats, w: Floats) -> tuple[float, Floats]:
    """Weighted mean and its linearised scores, zero where the weight is."""
    total = float(w.sum())
    if total <= 0:
        return np.nan, np.zeros(len(y))
    known = np.where(w > 0, y, 0.0)
    mean = float((w * known).sum() / total)
    return mean, w * (known - mean) / total
