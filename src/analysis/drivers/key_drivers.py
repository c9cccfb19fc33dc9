"""Key drivers: how much each dimension has to do with satisfaction and loyalty, and how sure its rank is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.importance import johnson_weights, lmg, pratt_shares, zero_order
from analysis.drivers.sampling_error import draw, estimate_from_covariances, rank_probabilities
from analysis.survey.design.survey_design import design_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

IMPORTANCE_COLUMNS = (
    *("outcome", "predictor", "rank", "share", "share_low", "share_high", "first", "leading"),
    *("lmg", "johnson", "pratt", "zero_order", "r_squared", "r_squared_low", "r_squared_high", "n"),
)


@dataclass(frozen=True)
class KeyDrivers:
    """What drives each outcome, the most important first.

    importance: outcome, predictor, rank, share of the explained variance (0–1, LMG over R²) with share_low and
    share_high, first (probability of rank 1), leading (of rank 1–3), lmg, johnson, pratt, zero_order, r_squared with
    its interval, n. ranks: outcome, predictor, rank, probability.
    """

    importance: pd.DataFrame
    ranks: pd.DataFrame


def key_drivers(
    scores: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    predictors: Sequence[str],
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> KeyDrivers:
    """Share out the variance of every outcome among the predictors (columns of `scores`; missing outside the survey).

    Importance is LMG (`importance.lmg`); its intervals are those of the design (`estimate_from_covariances`), and the
    probability of a rank is counted in `draws` samples around the estimates, with their covariance. Raises MethodError
    for more predictors than can be looked at, and where too few interviews answer all of them.
    """
    chosen, tables, places = design_of(design, len(scores)), [], []
    for outcome in outcomes:
        values = scores[[*predictors, outcome]].to_numpy(dtype=np.float64)
        found = _importance(values, chosen, predictors, confidence=confidence, draws=draws, seed=seed)
        tables.append(found[0].assign(outcome=outcome))
        places.append(found[1].assign(outcome=outcome))
    importance, ranks = (pd.concat(parts, ignore_index=True) for parts in (tables, places))
    return KeyDrivers(importance[list(IMPORTANCE_COLUMNS)], ranks[["outcome", "predictor", "rank", "probability"]])


def _importance(
    values: Floats,
    design: SurveyDesign,
    predictors: Sequence[str],
    *,
    confidence: float,
    draws: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Importance and ranks for one outcome, the last column of `values`."""
    count = len(predictors)
    joint = estimate_from_covariances(values, _shares_and_measures, design=design)
    half, shares = joint.half_width(confidence), joint.estimate[:count]
    drawn = draw(shares, joint.covariance[:count, :count], count=draws, seed=seed)
    probability = rank_probabilities(drawn)
    others = joint.estimate[count:-1].reshape(-1, count)
    table = pd.DataFrame({"predictor": list(predictors), "share": shares})
    table["rank"] = (-shares).argsort(kind="stable").argsort(kind="stable") + 1
    table["share_low"], table["share_high"] = np.maximum(shares - half[:count], 0.0), shares + half[:count]
    table["first"], table["leading"] = probability[:, 0], probability[:, :3].sum(axis=1)
    table["lmg"], table["johnson"], table["pratt"], table["zero_order"] = shares * joint.estimate[-1], *others
    table["r_squared"], table["n"] = joint.estimate[-1], joint.n
    table["r_squared_low"], table["r_squared_high"] = joint.estimate[-1] - half[-1], joint.estimate[-1] + half[-1]
    order = table["rank"].to_numpy().argsort(kind="stable")
    return table.iloc[order], _long(probability[order], [predictors[place] for place in order])


def _shares_and_measures(covariance: Floats) -> Floats:
    """LMG over R², the other measures, and R² itself: (r, k, k) in, (r, 4·p + 1) out."""
    found = lmg(covariance)
    total = found.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = found / total
    others: list[Any] = [measure(covariance) for measure in (johnson_weights, pratt_shares, zero_order)]
    return np.concatenate([shares, *others, total], axis=-1)


def _long(probability: Floats, predictors: Sequence[str]) -> pd.DataFrame:
    count = len(predictors)
    names, ranks = np.repeat(list(predictors), count), np.tile(np.arange(1, count + 1), count)
    return pd.DataFrame({"predictor": names, "rank": ranks, "probability": probability.ravel()})
