"""Reliability of the constructs: Cronbach's alpha with its interval, and how each item agrees with the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.instrument import Construct, Instrument
from analysis.edition.scales import aligned
from analysis.measurement.answers import complete_answers, correlation_of

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]


def reliability(
    responses: pd.DataFrame,
    *,
    instrument: Instrument,
    weights: pd.Series | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Cronbach's alpha of each construct from the rows that answered all its items.

    Columns: construct, items (number), n (rows), alpha (raw), alpha_low, alpha_high (Feldt's interval), alpha_std (of
    the correlations), mean (of the item means, on the scale of the first). Alpha is NaN for a single item or where no
    answer varies; items of another scale are first put on that of the first. `weights` (one per row, index as in
    `responses`) weigh means and covariances; the interval then rests on Kish's effective n. Raises MethodError for a
    missing item or a weight that is no weight.
    Formulas: α = k/(k − 1) · (1 − Σ s_ii / Σ s_ij) (Cronbach 1951); (1 − α)/(1 − α̂) ~ F(n − 1, (n − 1)(k − 1))
    inverted (Feldt 1965).
    """
    import pandas as pd

    rows = []
    for construct in instrument.constructs:
        answers = complete_answers(_comparable(responses, construct, instrument), _keys(construct), weights)
        alpha = _alpha(answers.covariance)
        low, high = _feldt(alpha, len(construct.items), answers.n_eff, confidence)
        rows.append(
            {
                "construct": construct.key,
                "items": len(construct.items),
                "n": answers.n,
                "alpha": alpha,
                "alpha_low": low,
                "alpha_high": high,
                "alpha_std": _alpha(correlation_of(answers.covariance)),
                "mean": float(answers.means.mean()),
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
        comparable = _comparable(responses, construct, instrument)
        answers = complete_answers(comparable, _keys(construct), weights)
        given = answers if comparable is responses else complete_answers(responses, _keys(construct), weights)
        covariance = answers.covariance
        for position, item in enumerate(construct.items):
            others = [i for i in range(len(construct.items)) if i != position]
            rows.append(
                {
                    "construct": construct.key,
                    "item": item.key,
                    "n": answers.n,
                    "mean": float(given.means[position]),
                    "sd": float(np.sqrt(given.covariance[position, position])),
                    "item_rest": _item_rest(covariance, position, others),
                    "alpha_without": _alpha(covariance[np.ix_(others, others)]),
                }
            )
    return pd.DataFrame(rows)


def _keys(construct: Construct) -> list[str]:
    return [item.key for item in construct.items]


def _comparable(responses: pd.DataFrame, construct: Construct, instrument: Instrument) -> pd.DataFrame:
    """Answers whose variances can be added: items of another scale on that of the construct's first."""
    scales = instrument.scales
    own = {key: scales[key] for key in _keys(construct)}
    return aligned(responses, own) if set(own) <= set(responses) else responses


def _alpha(covariance: Array) -> float:
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 0:
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def _feldt(alpha: float, k: int, n: float, confidence: float) -> tuple[float, float]:
    """Interval of alpha; NaN where alpha is."""
    from scipy.special import fdtri

    if np.isnan(alpha) or n <= 1:
        return float("nan"), float("nan")
    tail, freedom = (1 - confidence) / 2, (n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - alpha) * float(fdtri(*freedom, share)) for share in (1 - tail, tail))
    return low, high


def _item_rest(covariance: Array, position: int, others: list[int]) -> float:
    """Correlation of one item with the sum of the others."""
    spread = float(covariance[position, position] * covariance[np.ix_(others, others)].sum())
    return float(covariance[position, others].sum() / np.sqrt(spread)) if spread > 0 else float("nan")
