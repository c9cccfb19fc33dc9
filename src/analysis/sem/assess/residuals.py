"""Residual correlations: which pairs of items the model explains badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]
LARGE_RESIDUAL = 0.1
"""Residual correlation beyond which a pair counts as badly explained (Kline 2016)."""


def residual_correlations(names: Sequence[str], sample: Array, implied: Array) -> pd.DataFrame:
    """Observed, implied and residual correlation of every pair of items, the largest residual first.

    `sample` and `implied` are covariances or polychoric correlations, p × p, in the order of `names`. Columns: item,
    other, observed, implied, residual. residual = (s_ij − σ_ij) / √(s_ii s_jj), both over the sample's standard
    deviations (Bentler 1995; lavaan's `cor.bentler`); where answers are missing, s are the maximum-likelihood moments
    without a model.
    """
    import pandas as pd

    one, other = np.triu_indices(len(sample), 1)
    scale = np.sqrt(sample[one, one] * sample[other, other])
    items = np.array(names)
    frame = pd.DataFrame(
        {
            "item": items[one],
            "other": items[other],
            "observed": sample[one, other] / scale,
            "implied": implied[one, other] / scale,
        }
    )
    frame["residual"] = frame["observed"] - frame["implied"]
    order = frame["residual"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)
