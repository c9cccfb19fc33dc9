"""Shares of texts, corrected where a person has labelled some of them.

What rules and lexicons say of all texts is cheap and biased, what a person says of a few is right and noisy. The two
are joined by prediction-powered inference with a tuned weight (PPI++: Angelopoulos, Duchi & Zrnic 2023), within the
strata that the labelled texts were drawn from (Fisch et al. 2024). Without labels a share is what the rules say, with
Wilson's interval, and is marked as uncorrected: its interval holds the error of chance alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.service.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MIN_LABELS = 30
"""Labelled texts without which nothing is corrected."""
SHARE_COLUMNS = ("category", "n", "mentions", "share", "ci_low", "ci_high", "rules", "labelled", "corrected")


@dataclass(frozen=True)
class Labelled:
    """What a person said of some texts (truth, by the index of the texts), and the stratum of every text (strata).

    A stratum is what the texts to be labelled were drawn by: within it each had the same chance.
    """

    truth: pd.Series[Any]
    strata: pd.Series[Any]


def corrected_share(
    predicted: Floats,
    strata: NDArray[Any],
    labelled: NDArray[np.int64],
    truth: Floats,
    *,
    weights: Floats | None = None,
) -> tuple[float, float]:
    """Share and its standard error by PPI++ within strata.

    predicted: what the rules say of each text (n, 0 or 1). strata: from which each was drawn (n). labelled: positions
    of those that a person has labelled (m), each drawn with the same chance as the others of its stratum; truth: what
    the person said (m). weights: of the texts in a survey (n); sizes are then sums of weights, means weighted, and n
    and N Kish's effective numbers. In stratum h, with weight W = N_h / N and tuned λ = cov(y, f) / (var(f) (1 + n/N)):
    θ_h = mean(y) − λ (mean of f among the labelled − mean of f among all), and Var = Σ W² [λ² var(f)/N + var(y − λf)/n]
    + Σ W (θ_h − θ)² / N, the last for the strata's own sizes. Strata with fewer than two labels join the nearest share.
    """
    groups = _joined(strata, strata[labelled])
    own, w = groups[labelled], np.ones(len(predicted)) if weights is None else weights
    parts = []
    for group in np.unique(groups):
        inside, told = groups == group, own == group
        f_all, f, y = predicted[inside], predicted[labelled][told], truth[told]
        w_all, w_own = w[inside], w[labelled][told]
        n, size = (float(v.sum() ** 2 / (v**2).sum()) for v in (w_own, w_all))
        mean = float(np.average(f_all, weights=w_all))
        f_mean, y_mean = (float(np.average(v, weights=w_own)) for v in (f, y))
        spread, tuned = mean * (1 - mean), 0.0
        if spread > 0 and n > 2:
            covariance = float(np.average((f - f_mean) * (y - y_mean), weights=w_own))
            tuned = float(np.clip(covariance / (spread * (1 + n / size)), 0.0, 1.0))
        level = float(np.clip(y_mean - tuned * (f_mean - mean), 0.0, 1.0))
        sure = (n * y_mean + 0.75) / (n + 1.5)  # a stratum in which all agree is not known for certain
        left = (y - y_mean) - tuned * (f - f_mean)
        noise = float(np.average(left**2, weights=w_own)) if tuned else sure * (1 - sure)
        parts.append((w_all.sum() / w.sum(), level, tuned**2 * spread / size + noise / max(n - 1, 1)))
    weight, levels, variance = (np.array(column) for column in zip(*parts, strict=True))
    share = float(weight @ levels)
    between = float(weight @ (levels - share) ** 2) * float((w**2).sum() / w.sum() ** 2)
    return share, float(np.sqrt(weight**2 @ variance + between))


def _joined(strata: NDArray[Any], drawn: NDArray[Any]) -> NDArray[Any]:
    """Strata with fewer than two labels under the name of the one with the most."""
    names, counts = np.unique(drawn, return_counts=True)
    known = names[counts >= 2]
    most = names[counts.argmax()]
    return np.where(np.isin(strata, known), strata, most)


def shares_of(
    predicted: pd.Series[Any],
    categories: Sequence[str],
    *,
    labels: Labelled | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share of each category among the texts (n), corrected where `labels` are given.

    labels: what a person said of some texts. Returns SHARE_COLUMNS: mentions are the texts of it by the
    rules, rules the share by the rules alone, labelled how many texts a person labelled, corrected whether share and
    interval are.
    """
    said = predicted.to_numpy(dtype=object)
    n = len(said)
    hits = np.array([(said == category).sum() for category in categories], dtype=float)
    low, high = wilson(hits, np.full(len(hits), float(n)), confidence=confidence)
    rules = hits / n if n else np.full(len(hits), np.nan)
    table = pd.DataFrame(
        {
            "category": list(categories),
            "n": n,
            "mentions": hits.astype(int),
            "share": rules,
            "ci_low": low,
            "ci_high": high,
        }
    )
    told = 0 if labels is None else len(labels.truth)
    table = table.assign(rules=rules, labelled=told, corrected=told >= MIN_LABELS)
    if labels is None or told < MIN_LABELS:
        return table[list(SHARE_COLUMNS)]
    strata = labels.strata.reindex(predicted.index).to_numpy(dtype=object).astype(str)
    places = predicted.index.get_indexer(labels.truth.index)
    for row, category in enumerate(categories):
        truth = (labels.truth.to_numpy(dtype=object) == category).astype(float)
        share, se = corrected_share((said == category).astype(float), strata, places, truth)
        table.loc[row, ["share", "ci_low", "ci_high"]] = share, *logit_interval(share, se, confidence=confidence)
    return table[list(SHARE_COLUMNS)]


def logit_interval(share: float, se: float, *, confidence: float) -> tuple[float, float]:
    """Interval of a share on the scale of its logit, which stays between 0 and 1; the share itself at an end."""
    from scipy.special import expit, logit, ndtri

    half = float(ndtri(0.5 + confidence / 2)) * se
    if not 0 < share < 1:
        return max(share - half, 0.0), min(share + half, 1.0)
    middle, half = logit(share), half / (share * (1 - share))
    return float(expit(middle - half)), float(expit(middle + half))


def quality(
    predicted: pd.Series[Any], categories: Sequence[str], labels: Labelled, *, confidence: float, seed: int
) -> pd.DataFrame:
    """How well the rules do by the labels: macro-F1 (category "") and recall of each category, with intervals.

    Labelled texts count as many as they stand for. Intervals by the bootstrap within strata (500 samples, percentiles).
    Columns: category, n (labelled texts of it), recall or macro-F1 as value, ci_low, ci_high.
    """
    rng = np.random.default_rng([seed, 71])
    said = predicted.reindex(labels.truth.index).to_numpy(dtype=object)
    truth = labels.truth.to_numpy(dtype=object)
    strata = labels.strata.reindex(labels.truth.index).to_numpy(dtype=object).astype(str)
    sizes = labels.strata.astype(str).value_counts()
    drawn = pd.Series(strata).value_counts()
    weight = np.array([sizes[stratum] / drawn[stratum] for stratum in strata])
    members = [np.flatnonzero(strata == stratum) for stratum in drawn.index]
    point = _scores(said, truth, weight, categories)
    each = []
    for _ in range(500):
        rows = np.concatenate([rng.choice(inside, len(inside)) for inside in members])
        each.append(_scores(said[rows], truth[rows], weight[rows], categories))
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(np.array(each), [tail, 1 - tail], axis=0)
    counts = [len(truth), *((truth == category).sum() for category in categories)]
    columns = {"category": ["", *categories], "n": counts, "value": point, "ci_low": low, "ci_high": high}
    return pd.DataFrame(columns)


def _scores(said: NDArray[Any], truth: NDArray[Any], weight: Floats, categories: Sequence[str]) -> Floats:
    """Macro-F1, then the recall of each category."""
    recalls, f1 = [], []
    for category in categories:
        right, found = truth == category, said == category
        both, real = float(weight[right & found].sum()), float(weight[right].sum())
        claimed = float(weight[found].sum())
        recalls.append(both / real if real else np.nan)
        f1.append(2 * both / (real + claimed) if real + claimed else np.nan)
    return np.array([np.nanmean(f1) if not np.all(np.isnan(f1)) else np.nan, *recalls])
