"""Where to begin: what the outcome would gain if a dimension reached its target, and how sure that order is.

One rule for all: priority = importance × gap. The gap is what is missing to the target; with the effects of the
structural model the product is the expected gain of the outcome in points. The target of a dimension is what the
best-rated group of the segment has reached, so that it can be reached; without groups, full marks. The target of a
published suggestion is the level published with it (`suggestions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.importance_performance import EFFECTS
from analysis.drivers.sampling_error import draw, rank_probabilities
from analysis.survey.estimation.concentration import TOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.drivers.effects import OutcomeEffects
    from analysis.drivers.importance_performance import Performance

    Floats = NDArray[np.float64]

FULL_MARKS = 100.0
PRIORITY_COLUMNS = (
    *("outcome", "segment", "category", "construct", "rank", "basis", "importance"),
    *("performance", "target", "target_segment", "target_category", "gap", "gap_low", "gap_high"),
    *("priority", "priority_low", "priority_high"),
    *("first", "leading", "index_point", "index_gain", "index_low", "index_high", "n", *TOP),
)


def set_priorities(
    effects: OutcomeEffects,
    overall: Performance,
    groups: Performance | None,
    *,
    index_weights: Sequence[float],
    segment: str | None,
    min_n: int,
    confidence: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Rank the dimensions by importance × gap for everybody and for every group of the segment, the first first.

    A group counts as a target from `min_n` interviews; `index_weights` are those of the dimensions in the index (0 for
    what is none). Returns outcome, segment and category (None: everybody), construct, rank, basis, importance,
    performance, target, target_segment and target_category (None: full marks), gap (0 for the best group itself) and
    priority with intervals (quantiles of the draws), first and leading (probability of rank 1, of 1–3), index_point and
    index_gain (points of the index for one point and for the gap, the latter with index_low and index_high), n, top_1,
    top_2. The best group is taken as found.
    """
    weights, names = effects.constructs, overall.names
    drawn = draw(weights.estimate, weights.covariance, count=draws, seed=(seed, EFFECTS, len(names)))
    target, best, reached = _targets(overall, groups, min_n=min_n)
    share = np.asarray(index_weights, dtype=np.float64)
    share = share / share.sum() if share.sum() > 0 else share
    tables = []
    for measured, category in _groups(overall, groups):
        own = measured.estimate[measured.of(category)]
        itself = np.array([category is not None and category == name for name in best])
        gap = np.where(itself, 0.0, target - own)
        missing = np.where(itself, 0.0, reached - measured.drawn[category])
        table = ranked_gains(weights.estimate * gap, drawn * missing, confidence=confidence)
        table["construct"], table["importance"], table["performance"] = names, weights.estimate, own
        table["target"], table["target_category"], table["gap"] = target, best, gap
        table["target_segment"] = [None if name is None else segment for name in best]
        table["index_point"], table["index_gain"] = share, share * gap
        table["gap_low"], table["gap_high"] = _bounds(missing, confidence)
        table["index_low"], table["index_high"] = share * table["gap_low"], share * table["gap_high"]
        rows = measured.table.iloc[measured.of(category)]
        table[["n", *TOP]] = rows[["n", *TOP]].to_numpy()
        table["category"], table["segment"] = category, None if category is None else segment
        tables.append(table.sort_values("rank", kind="stable"))
    found = pd.concat(tables, ignore_index=True).assign(outcome=effects.outcome, basis=effects.basis)
    of_groups = ["segment", "category", "target_segment", "target_category"]
    return found.astype(dict.fromkeys(of_groups, object))[list(PRIORITY_COLUMNS)]


def ranked_gains(priority: Floats, drawn: Floats, *, confidence: float) -> pd.DataFrame:
    """Priorities (estimates and draws) with rank, interval, and probability of rank 1 (first) and of 1–3 (leading)."""
    probability = rank_probabilities(drawn)
    low, high = _bounds(drawn, confidence)
    return pd.DataFrame(
        {
            "rank": (-priority).argsort(kind="stable").argsort(kind="stable") + 1,
            "priority": priority,
            "priority_low": low,
            "priority_high": high,
            "first": probability[:, 0],
            "leading": probability[:, :3].sum(axis=1),
        }
    )


def _bounds(drawn: Floats, confidence: float) -> Floats:
    """Lower and upper quantile of the draws of each dimension."""
    return np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)


def _groups(overall: Performance, groups: Performance | None) -> list[tuple[Performance, Any]]:
    found: list[tuple[Performance, Any]] = [(overall, None)]
    return found if groups is None else [*found, *((groups, category) for category in groups.categories)]


def _targets(
    overall: Performance, groups: Performance | None, *, min_n: int
) -> tuple[Floats, list[str | None], Floats]:
    """Best score of each dimension among the groups with enough people, whose it is, and draws of it."""
    count = len(overall.names)
    found: list[tuple[str, Floats, Floats]] = []
    for category in groups.categories if groups else ():
        if groups is not None and category is not None and groups.table["n"].iloc[groups.of(category)].min() >= min_n:
            own = groups.estimate[groups.of(category)]
            found.append((category, own, groups.drawn[category]))
    if len(found) < 2:
        return np.full(count, FULL_MARKS), [None] * count, np.full(overall.drawn[None].shape, FULL_MARKS)
    scores = np.array([own for _, own, _ in found])
    best = scores.argmax(axis=0)
    reached = np.column_stack([found[place][2][:, column] for column, place in enumerate(best)])
    return scores.max(axis=0), [found[place][0] for place in best], reached
