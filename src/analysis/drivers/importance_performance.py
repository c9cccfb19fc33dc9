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
    """Scores (0–100) of some columns in some groups.

    table: variable, category (None: everybody), ci_low, ci_high, n, top_1, top_2, and estimate, in the order of
    variables, then categories; drawn: scores of each group as other samples might have found them, draws × names.
    """

    names: tuple[str, ...]
    categories: tuple[str | None, ...]
    table: pd.DataFrame
    estimate: Floats
    drawn: Mapping[str | None, Floats]

    def of(self, category: str | None) -> NDArray[np.int64]:
        """Places of the scores of one group, in the order of the names."""
        place, count = self.categories.index(category), len(self.categories)
        return np.arange(len(self.names)) * count + place


def measure_performance(
    values: pd.DataFrame,
    *,
    segment: pd.Series[Any] | None,
    design: SurveyDesign,
    confidence: float,
    draws: int,
    seed: int,
) -> Performance:
    """Mean of every column (0–100) in every category of the segment, or overall where there is none, and its draws.

    `segment` is a categorical without unused categories. Intervals are those of `survey.estimation.estimates.means`.
    """
    from scipy.special import stdtrit

    joint = estimate_jointly(values, domain=segment, design=design)
    half = stdtrit(np.maximum(joint.degrees, 1), 0.5 + confidence / 2) * joint.se
    table = joint.labels.assign(ci_low=joint.estimate - half, ci_high=joint.estimate + half)
    table[list(TOP)] = concentration(values, design=design, domain=segment)
    answered = values.notna() & (design.weights != 0)[:, None]
    grouped = answered.sum().to_frame().T if segment is None else answered.groupby(segment, observed=True).sum()
    table["n"] = grouped.to_numpy().T.ravel()
    categories = tuple(dict.fromkeys(joint.labels["category"]))
    covariance, count = np.nan_to_num(joint.covariance), values.shape[1]
    drawn = {}
    for place, category in enumerate(categories):
        own = np.arange(count) * len(categories) + place
        stream = (seed, SCORES, place, count)
        drawn[category] = draw(joint.estimate[own], covariance[np.ix_(own, own)], count=draws, seed=stream)
    return Performance(tuple(map(str, values.columns)), categories, table, joint.estimate, drawn)


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
            scores = measured.drawn[category]
            quadrant, probability = _quadrants(matters, scores > scores.mean(axis=1, keepdims=True))
            rows = measured.table.iloc[measured.of(category)]
            table = pd.DataFrame({"item": measured.names if items else None, "quadrant": quadrant})
            table["construct"] = [constructs[name] for name in measured.names]
            table["category"], table["segment"] = category, None if category is None else segment
            table["importance"] = weights.estimate
            table["importance_low"], table["importance_high"] = weights.estimate - half, weights.estimate + half
            table["probability"] = probability
            table["performance"] = measured.estimate[measured.of(category)]
            shown = ["performance_low", "performance_high", "n", *TOP]
            table[shown] = rows[["ci_low", "ci_high", "n", *TOP]].to_numpy()
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
