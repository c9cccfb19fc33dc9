"""What to train whom: dimensions in which a kind of institution lags, which matter, and which its staff see as better.

need = gap × importance × overrating. gap: points to the best-rated kind of institution, which is what can be reached;
importance: share of the explained satisfaction over the mean share of all dimensions, so that 1 is average; overrating:
points by which practitioners of the kind rate it above its customers, since what staff see for themselves needs no
course. Negative gaps and overratings count as none. Where no practitioners were asked the need is gap × importance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.importance import lmg
from analysis.drivers.sampling_error import draw, estimate_from_covariances
from analysis.errors import MethodError
from analysis.survey.estimation.differences import estimate_jointly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[Any]

NEED_COLUMNS = (
    *("category", "construct", "gap", "importance", "overrating", "need", "ci_low", "ci_high", "p_first_two"),
    *("n", "n_staff", "group"),
)
FIRST = 2


def training_needs(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    dimensions: Sequence[str],
    outcome: str,
    customers: pd.Series[bool],
    design: SurveyDesign,
    min_n: int = 30,
    draws: int = 4000,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The grid of kinds of institution × dimensions, most needed first within each kind.

    scores: of all respondents (0–100); customers: whether each is one, the others are practitioners. Columns:
    `NEED_COLUMNS`; need with interval, and p_first_two, the chance that the dimension is among the first two of its
    kind, over draws from the sampling error of scores (jointly, by the replicates of the design where it has any) and
    of importance.
    A kind counts from `min_n` customers, its practitioners from `min_n` too: where one kind has fewer, overrating is
    left out for that kind (missing). Raises MethodError where the kinds of institution are not told apart.
    """
    if "institution_type" not in responses:
        raise MethodError("The survey does not ask for the kind of institution.", expected="institution_type")
    asked = customers.to_numpy(dtype=bool)
    kind = responses["institution_type"].astype(object).map(str, na_action="ignore")
    kinds = _large(kind[asked], min_n)
    if len(kinds) < 2 or len(dimensions) < FIRST:
        raise MethodError(
            "There are no kinds of institution to compare.", expected="two with enough interviews", got=str(len(kinds))
        )
    staffed = [name for name in _large(kind[~asked], min_n) if name in kinds]
    role = np.where(asked, "c:", "s:")
    cells = [*(f"c:{name}" for name in kinds), *(f"s:{name}" for name in staffed)]
    domain = pd.Series(pd.Categorical(role + kind.fillna("").to_numpy(dtype=object), categories=cells))
    values = scores[list(dimensions)].astype(float).reset_index(drop=True)
    joint = estimate_jointly(values, domain=domain, design=design)
    sampled = draw(joint.estimate, np.nan_to_num(joint.covariance), count=draws, seed=(seed, 1))
    own = scores[[*dimensions, outcome]].astype(float).where(pd.Series(asked, index=scores.index), axis=0)
    weights = estimate_from_covariances(own.to_numpy(), lmg, design=design)
    counts = values.notna().groupby(domain, observed=False).sum().min(axis=1)
    shape = (len(dimensions), len(cells))
    found = _needs(joint.estimate.reshape(1, *shape), weights.estimate[None], len(kinds), kinds, staffed)
    drawn_weights = draw(weights.estimate, weights.covariance, count=draws, seed=(seed, 2))
    drawn = _needs(sampled.reshape(-1, *shape), drawn_weights, len(kinds), kinds, staffed)["need"]
    return _table(found, drawn, kinds, staffed, list(dimensions), counts, confidence)


def _large(kind: pd.Series[Any], least: int) -> list[str]:
    counts = kind.value_counts()
    return sorted(str(name) for name in counts[counts >= least].index)


def _needs(scores: Floats, weights: Floats, count: int, kinds: list[str], staffed: list[str]) -> dict[str, Floats]:
    """gap, importance, overrating and need, each draws × dimensions × kinds; scores: draws × dimensions × cells."""
    customers = scores[:, :, :count]
    gap = customers.max(axis=2, keepdims=True) - customers
    importance = np.maximum(weights, 0.0)
    importance = importance / importance.mean(axis=1, keepdims=True)
    over = np.full(customers.shape, np.nan)
    for place, name in enumerate(staffed):
        at = kinds.index(name)
        over[:, :, at] = scores[:, :, count + place] - customers[:, :, at]
    factor = np.where(np.isnan(over), 1.0, np.maximum(over, 0.0))
    each = np.broadcast_to(importance[:, :, None], gap.shape)
    return {"gap": gap, "importance": each, "overrating": over, "need": gap * each * factor}


def _table(
    found: dict[str, Floats],
    drawn: Floats,
    kinds: list[str],
    staffed: list[str],
    dimensions: list[str],
    counts: pd.Series[Any],
    confidence: float,
) -> pd.DataFrame:
    """One row for each kind and dimension."""
    rank = (-drawn).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    first = ((rank < FIRST) & (drawn > 0)).mean(axis=0)
    low, high = np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    parts = []
    for at, kind in enumerate(kinds):
        table = pd.DataFrame({"category": kind, "construct": dimensions})
        for name, values in found.items():
            table[name] = values[0, :, at]
        table["ci_low"], table["ci_high"], table["p_first_two"] = low[:, at], high[:, at], first[:, at]
        table["n"] = int(counts[f"c:{kind}"])
        table["n_staff"] = int(counts[f"s:{kind}"]) if kind in staffed else 0
        table["group"] = f"institution_type={kind}"
        parts.append(table.sort_values("need", ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)[list(NEED_COLUMNS)]
