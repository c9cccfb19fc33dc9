"""Where to act: the map of importance and performance of an edition, and the order of work that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.effects import outcome_effects
from analysis.drivers.importance_performance import importance_performance, measure_performance
from analysis.drivers.leading import final_outcome
from analysis.drivers.priorities import set_priorities
from analysis.drivers.regression_tables import ordered
from analysis.errors import MethodError
from analysis.survey.design.survey_design import design_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.drivers.effects import OutcomeEffects
    from analysis.drivers.importance_performance import Performance
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.drivers import Drivers
    from analysis.survey.design.survey_design import SurveyDesign


@dataclass(frozen=True)
class ActionMap:
    """Importance, performance and priorities of an edition.

    dimensions, groups: the map of the dimensions for everybody and by category of the segment; items, item_groups: the
    same of single questions; for every outcome. priorities, group_priorities: the order of work for `outcome`, the
    final one. basis: model or importance, by outcome.
    """

    dimensions: pd.DataFrame
    groups: pd.DataFrame
    items: pd.DataFrame
    item_groups: pd.DataFrame
    priorities: pd.DataFrame
    group_priorities: pd.DataFrame
    outcome: str
    basis: dict[str, str]

    def record(self) -> dict[str, Any]:
        """Plain values by name."""
        return {"outcome": self.outcome, "basis": self.basis}


def map_action(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    drivers: Drivers,
    outcomes: Sequence[str],
    index_weights: dict[str, float],
    segment: str | None,
    model: pd.DataFrame | None,
    min_n: int,
    seed: int,
    design: SurveyDesign | None = None,
) -> ActionMap:
    """Set the effects on every outcome against the scores, of dimensions and questions, for everybody and by group.

    `responses` and `scores` have the rows of the design and no answers of those who are no customers; `segment` is a
    profile question. `model`: the total effects that the structural model left (none: importance takes their place).
    `index_weights`: weight of each dimension in the index, empty where all are equal. Groups of fewer than `min_n` set
    no target. Raises MethodError where too few interviews answer the dimensions, or no dimension is left beside the
    outcomes.
    """
    predictors = tuple(key for key in drivers.driving(instrument) if key not in outcomes)
    if not predictors:
        raise MethodError(
            "No dimension is left to explain the outcome.", expected="a dimension besides it", got=", ".join(outcomes)
        )
    items = {item.key: key for key in predictors for item in instrument.find(key).items}
    rated = pd.DataFrame({key: instrument.scale_of(key).score(responses[key].astype(np.float64)) for key in items})
    basics = _Basics(
        values=pd.concat([scores[[*predictors, *outcomes]], rated], axis=1),
        predictors=predictors,
        items=items,
        segment=None if segment is None else ordered(responses[segment], instrument),
        design=design_of(design, len(scores)),
        model=model,
        options={"confidence": drivers.confidence, "draws": drivers.draws, "seed": seed},
    )
    levels = basics.performance(predictors), basics.performance(list(items))
    effects = {key: basics.effects(key) for key in outcomes}
    maps = [basics.maps(found, levels) for found in effects.values()]
    dimensions, single = (_split(pd.concat(parts, ignore_index=True)) for parts in zip(*maps, strict=True))
    final = final_outcome(pd.DataFrame({"outcome": list(outcomes)}), instrument)
    shares = [_index_weight(key, index_weights, instrument) for key in predictors]
    priorities = _split(basics.priorities(effects[final], levels[0], index_weights=shares, min_n=min_n))
    basis: dict[str, str] = {key: found.basis for key, found in effects.items()}
    return ActionMap(*dimensions, *single, *priorities, final, basis)


@dataclass(frozen=True)
class _Basics:
    """What every outcome is set against: scores on 0–100, their names, the groups, the draw of the sample."""

    values: pd.DataFrame
    predictors: tuple[str, ...]
    items: dict[str, str]
    segment: pd.Series[Any] | None
    design: SurveyDesign
    model: pd.DataFrame | None
    options: dict[str, Any]

    def performance(self, names: Sequence[str]) -> list[Performance]:
        """Scores of everybody, then of the groups where there are any."""
        values = self.values[list(names)]
        asked: list[pd.Series[Any] | None] = [None] if self.segment is None else [None, self.segment]
        return [measure_performance(values, segment=segment, design=self.design, **self.options) for segment in asked]

    def effects(self, outcome: str) -> OutcomeEffects:
        """Effects of dimensions and items on an outcome."""
        names: dict[str, Any] = {"predictors": self.predictors, "items": list(self.items)}
        return outcome_effects(outcome, self.values, design=self.design, model=self.model, **names)

    def maps(self, effects: OutcomeEffects, levels: Sequence[Sequence[Performance]]) -> tuple[pd.DataFrame, ...]:
        """Map of the dimensions and map of the items for one outcome."""
        known = {key: key for key in self.predictors} | self.items
        return tuple(
            importance_performance(
                effects, measured, constructs=known, items=bool(place), segment=self.question, **self.options
            )
            for place, measured in enumerate(levels)
        )

    def priorities(
        self,
        effects: OutcomeEffects,
        levels: Sequence[Performance],
        *,
        index_weights: Sequence[float],
        min_n: int,
    ) -> pd.DataFrame:
        """The order of work for one outcome."""
        among = levels[1] if len(levels) > 1 else None
        same: dict[str, Any] = {**self.options, "index_weights": index_weights, "min_n": min_n}
        return set_priorities(effects, levels[0], among, segment=self.question, **same)

    @property
    def question(self) -> str | None:
        """The profile question of the groups."""
        return None if self.segment is None else str(self.segment.name)


def _split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of everybody, and rows of groups."""
    everybody = table["category"].isna()
    return table[everybody].reset_index(drop=True), table[~everybody].reset_index(drop=True)


def _index_weight(key: str, weights: dict[str, float], instrument: Instrument) -> float:
    """Weight of a construct in the index, 0 for one that is no dimension."""
    if instrument.find(key).role != "dimension":
        return 0.0
    return weights.get(key, 0.0) if weights else 1.0
