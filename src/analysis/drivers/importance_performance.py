"""Importance and performance: what matters, how well it is rated, and how sure its place on the map is.

A dimension (or a question) lies in one of four quadrants: important or less so, rated well or less well, each against
the mean of all on the map. The probability of a quadrant is counted over draws of both sides, effects and scores, each
with its covariances and independent of the other side: in answers without skew, means and covariances are independent.
Sources: Martilla & James 1977; Ringle & Sarstedt 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.drivers.sampling_error import draw
from analysis.survey.estimation.concentration import TOP, concentration
from analysis.survey.estimation.differences import estimate_jointly
from analysis.survey.estimation.estimates import means

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.drivers.effects import OutcomeEffects
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

Quadrant = Literal["act", "keep", "later", "enough"]
"""Important and rated low; important and rated high; less important and low; less important and high."""
MAP_COLUMNS = (
    *("outcome", "segment", "category", "construct", "item", "basis"),
    *("importance", "importance_low", "importance_high", "performance", "performance_low", "performance_high"),
    *("quadrant", "probability", "n", *TOP),
)
EFFECTS, SCORES = 1, 2
"""Streams of random numbers: one for the effects, one for the scores."""


@dataclass(frozen=True)
class Performance:
    """Scores (0–100) of some columns in some groups, with the covariance of all of them.

    table: variable, category (None: everybody), estimate, ci_low, ci_high, n, top_1, top_2; joint: the same in the
    order of variables, then categories.
    """

    names: tuple[str, ...]
    categories: tuple[str | None, ...]
    table: pd.DataFrame
    estimate: Floats
    covariance: Floats

    def of(self, category: str | None) -> NDArray[np.int64]:
        """Places of the scores of one group, in the order of the names."""
        place, count = self.categories.index(category), len(self.categories)
        return np.arange(len(self.names)) * count + place

    def drawn(self, category: str | None, *, count: int, seed: int) -> Floats:
        """Scores of one group as other samples might have found them: count × names."""
        own, place = self.of(category), self.categories.index(category)
        return draw(
            self.estimate[own], self.covariance[np.ix_(own, own)], count=count, seed=(seed, SCORES, place, len(own))
        )


def measure_performance(
    values: pd.DataFrame, *, segment: pd.Series[Any] | None, design: SurveyDesign, confidence: float
) -> Performance:
    """Mean of every column (0–100) in every category of the segment, or overall where there is none."""
    table = means(values, domain=segment, design=design, confidence=confidence)
    table[list(TOP)] = concentration(values, design=design, domain=segment)
    joint = estimate_jointly(values, domain=segment, design=design)
    categories = tuple(dict.fromkeys(joint.labels["category"]))
    covariance = np.nan_to_num(joint.covariance)
    return Performance(tuple(map(str, values.columns)), categories, table, joint.estimate, covariance)


def importance_performance(
    effects: OutcomeEffects,
    performance: Sequence[Performance],
    *,
    constructs: Mapping[str, str],
    items: bool,
    segment: str | None,
    confidence: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """The map of one outcome: a row for every dimension (or, with `items`, question) in every group.

    `performance`: overall, and by category of the `segment`. `constructs`: the construct of each name. Importance is
    the same in every group; its mean and that of the group's scores divide the quadrants, in every draw anew. Columns:
    `MAP_COLUMNS`; quadrant is the most probable one.
    """
    weights = effects.items if items else effects.constructs
    if weights is None:
        return pd.DataFrame(columns=list(MAP_COLUMNS))
    half = weights.half_width(confidence)
    drawn = draw(weights.estimate, weights.covariance, count=draws, seed=(seed, EFFECTS, len(half)))
    matters = drawn > drawn.mean(axis=1, keepdims=True)
    tables = []
    for measured in performance:
        for category in measured.categories:
            scores = measured.drawn(category, count=draws, seed=seed)
            quadrant, probability = _quadrants(matters, scores > scores.mean(axis=1, keepdims=True))
            rows = measured.table.iloc[measured.of(category)]
            table = pd.DataFrame({"item": measured.names if items else None, "quadrant": quadrant})
            table["construct"] = [constructs[name] for name in measured.names]
            table["category"], table["segment"] = category, None if category is None else segment
            table["importance"] = weights.estimate
            table["importance_low"], table["importance_high"] = weights.estimate - half, weights.estimate + half
            table["probability"] = probability
            shown = ["performance", "performance_low", "performance_high", "n", *TOP]
            table[shown] = rows[["estimate", "ci_low", "ci_high", "n", *TOP]].to_numpy()
            tables.append(table.assign(outcome=effects.outcome, basis=effects.basis))
    return pd.concat(tables, ignore_index=True).astype({"category": object, "segment": object})[list(MAP_COLUMNS)]


def _quadrants(matters: NDArray[np.bool_], rated: NDArray[np.bool_]) -> tuple[list[str], Floats]:
    """The most probable quadrant of each column, and its share of the draws."""
    cells = (matters & ~rated, matters & rated, ~matters & ~rated, ~matters & rated)
    shares = np.array([cell.mean(axis=0) for cell in cells])
    best = shares.argmax(axis=0)
    return [get_args(Quadrant)[place] for place in best], shares.max(axis=0)


def whole_scale(answers: pd.DataFrame, *, low: float, high: float) -> pd.DataFrame:
    """Answers from `low` to `high` on the 0–100 scale of the scores."""
    return (answers.astype(np.float64) - low) / (high - low) * 100
