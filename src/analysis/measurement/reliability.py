"""Reliability of the constructs: Cronbach's alpha and how each item agrees with the rest of its construct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.instrument import Construct, Instrument

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]


def reliability(responses: pd.DataFrame, *, instrument: Instrument, weights: pd.Series | None = None) -> pd.DataFrame:
    """Cronbach's alpha of each construct from the rows that answered all its items.

    Columns: construct, items (number), n (rows), alpha (raw), alpha_std (of the correlations), mean (of the item means,
    on the scale of the items). Alpha is NaN for a single item or where no answer varies. `weights` (one per row, index
    as in `responses`) weigh means and covariances. Raises MethodError for a missing item or a weight that is no weight.
    Formula: α = k/(k − 1) · (1 − Σ s_ii / Σ s_ij) (Cronbach 1951).
    """
    import pandas as pd

    rows = []
    for construct in instrument.constructs:
        values, weight = _answers(responses, construct, weights)
        covariance = _covariance(values, weight)
        rows.append(
            {
                "construct": construct.key,
                "items": values.shape[1],
                "n": len(values),
                "alpha": _alpha(covariance),
                "alpha_std": _alpha(_correlation(covariance)),
                "mean": float((weight @ values).mean()) if len(values) else float("nan"),
            }
        )
    return pd.DataFrame(rows)


def item_statistics(
    responses: pd.DataFrame, *, instrument: Instrument, weights: pd.Series | None = None
) -> pd.DataFrame:
    """Statistics of each item within its construct, from the same rows as `reliability`.

    Columns: construct, item, n, mean, sd (denominator n − 1 without weights), item_rest (correlation with the sum of
    the construct's other items), alpha_without (raw alpha of the construct without the item). Raises MethodError as
    `reliability` does.
    """
    import pandas as pd

    rows = []
    for construct in instrument.constructs:
        values, weight = _answers(responses, construct, weights)
        covariance = _covariance(values, weight)
        means = weight @ values if len(values) else np.full(values.shape[1], np.nan)
        for position, item in enumerate(construct.items):
            others = [i for i in range(values.shape[1]) if i != position]
            rows.append(
                {
                    "construct": construct.key,
                    "item": item.key,
                    "n": len(values),
                    "mean": float(means[position]),
                    "sd": float(np.sqrt(covariance[position, position])),
                    "item_rest": _item_rest(covariance, position, others),
                    "alpha_without": _alpha(covariance[np.ix_(others, others)]),
                }
            )
    return pd.DataFrame(rows)


def _answers(responses: pd.DataFrame, construct: Construct, weights: pd.Series | None) -> tuple[Array, Array]:
    """Complete answers to a construct's items (n × k) and their weights, which sum to one."""
    items = [item.key for item in construct.items]
    absent = [item for item in items if item not in responses.columns]
    if absent:
        raise MethodError(f"Items of {construct.key!r} are not in the responses.", got=f"no {', '.join(absent)}")
    answers = responses[items].dropna()
    if weights is None:
        return answers.to_numpy(dtype=float), np.full(len(answers), 1 / max(len(answers), 1))
    weight = weights.reindex(answers.index).to_numpy(dtype=float)
    if not np.isfinite(weight).all() or (weight < 0).any() or (len(weight) and weight.sum() == 0):
        raise MethodError(
            "Weights must be given for every row.", expected="numbers ≥ 0, not all zero, indexed like the responses"
        )
    return answers.to_numpy(dtype=float), weight / weight.sum()


def _covariance(values: Array, weight: Array) -> Array:
    """Covariance with Σw = 1 and the factor 1/(1 − Σw²), which is n/(n − 1) for equal weights."""
    freedom = 1 - float((weight**2).sum())
    if len(values) < 2 or freedom <= 0:
        return np.full((values.shape[1], values.shape[1]), np.nan)
    # an item without variation must have none, not the rounding error of its mean
    centred = np.where(np.ptp(values, axis=0) > 0, values - weight @ values, 0.0)
    return np.asarray(np.einsum("n,ni,nj->ij", weight, centred, centred) / freedom)


def _correlation(covariance: Array) -> Array:
    deviations = np.sqrt(np.diag(covariance))
    if not (deviations > 0).all():
        return np.full_like(covariance, np.nan)
    return np.asarray(covariance / np.outer(deviations, deviations))


def _alpha(covariance: Array) -> float:
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 0:
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def _item_rest(covariance: Array, position: int, others: list[int]) -> float:
    """Correlation of one item with the sum of the others."""
    spread = float(covariance[position, position] * covariance[np.ix_(others, others)].sum())
    return float(covariance[position, others].sum() / np.sqrt(spread)) if spread > 0 else float("nan")
