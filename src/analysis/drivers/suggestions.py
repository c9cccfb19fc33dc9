"""Published levels of satisfaction: what reaching each would be worth, percent with percent.

The effect of a share on a share is the slope of the linear probability regression of being loyal (or satisfied: a high
score of the outcome) on having given what the level speaks of a high rating, with the high ratings of the other
dimensions held constant: percentage points of the outcome for one percentage point. Times the distance to the published
level it is the expected gain, and the order of the suggestions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers.importance_performance import EFFECTS, SCORES
from analysis.drivers.priorities import ranked_gains
from analysis.drivers.sampling_error import draw, estimate_from_covariances
from analysis.edition.quantity import Quantity
from analysis.survey.estimation.differences import estimate_jointly
from analysis.survey.estimation.estimates import proportions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.standards import Benchmark
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

SUGGESTION_COLUMNS = (
    *("key", "measured_zh", "measured_en", "stands_for", "construct", "asked", "outcome", "rank"),
    *("share", "share_low", "share_high", "benchmark", "year", "gap", "effect", "effect_low", "effect_high"),
    *("gain", "gain_low", "gain_high", "first", "n"),
)


def rank_suggestions(
    high: pd.DataFrame,
    levels: Sequence[Benchmark],
    *,
    outcome: str,
    predictors: Sequence[str],
    instrument: Instrument,
    design: SurveyDesign,
    confidence: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Rank published levels by what the share of high outcomes would gain if each were reached.

    `high`: 1 for a high rating, 0 for another, of constructs and items. `levels`: benchmarks in percent that say what
    their suggestion improves, or that are levels of a construct. Those whose question is no column are left out.
    Returns key, measured_zh, measured_en, stands_for (the question or dimension), construct, asked (whether the level
    was published for that very question), outcome, rank, share (0–1) with interval, benchmark (percent), year, gap
    (benchmark − share, points), effect (points of the outcome for one point) with interval, gain (points) with
    interval, first (probability of rank 1), n. A level that is reached already has a gain below 0. Raises MethodError
    where too few interviews answer everything.
    """
    constructs = _constructs(instrument)
    found = [(level, stands_for(level)) for level in levels if level.unit == "percent"]
    found = [(level, name) for level, name in found if constructs.get(name) in predictors]
    if not found:
        return pd.DataFrame(columns=list(SUGGESTION_COLUMNS))
    names = [name for _, name in found]
    own = high[names].set_axis(range(len(names)), axis=1)
    places = [list(predictors).index(constructs[name]) for name in names]
    everything = np.column_stack([own, high[[*predictors, outcome]]]).astype(np.float64)
    slopes = estimate_from_covariances(everything, lambda found: _slopes(found, places), design=design)
    rated = estimate_jointly(own, design=design)
    effects = draw(slopes.estimate, slopes.covariance, count=draws, seed=(seed, EFFECTS))
    drawn = draw(rated.estimate, np.nan_to_num(rated.covariance), count=draws, seed=(seed, SCORES))
    gap = np.array([_gap(level, share) for (level, _), share in zip(found, rated.estimate, strict=True)])
    missing = np.array([level.value for level, _ in found]) - 100 * drawn
    gains = ranked_gains(slopes.estimate * gap, effects * missing, confidence=confidence)
    table = gains.rename(columns=lambda name: str(name).replace("priority", "gain"))
    half = slopes.half_width(confidence)
    table["effect"], table["gap"], table["outcome"] = slopes.estimate, gap, outcome
    table["effect_low"], table["effect_high"] = slopes.estimate - half, slopes.estimate + half
    shares = proportions(own, design=design, confidence=confidence)
    table[["share", "share_low", "share_high"]] = shares[["estimate", "ci_low", "ci_high"]].to_numpy()
    table["n"] = shares["n"]
    described = pd.DataFrame([_described(level, name, constructs) for level, name in found])
    table = pd.concat([described, table], axis=1)
    return table.sort_values("rank", kind="stable", ignore_index=True)[list(SUGGESTION_COLUMNS)]


def construct_levels(levels: Sequence[Benchmark]) -> list[Benchmark]:
    """Published shares of customers who are satisfied with a whole construct."""
    return [level for level in levels if level.measure is not None and level.measure.kind == "construct_share"]


def stands_for(level: Benchmark) -> str:
    """The question or dimension that shows whether a published level is reached; "" where it has none."""
    asked = level.measure
    own = "" if asked is None or asked.segment is not None else str(asked.item or asked.construct_key or "")
    return level.suggestion.improves if level.suggestion else own


def _constructs(instrument: Instrument) -> dict[str, str]:
    """The construct of every item, and of every construct itself."""
    items = {item.key: construct.key for construct in instrument.constructs for item in construct.items}
    return {construct.key: construct.key for construct in instrument.constructs} | items


def _gap(level: Benchmark, share: float) -> float:
    """What is missing to a level, in percentage points."""
    return (level.quantity - Quantity(100 * share, "percent")).value


def _described(level: Benchmark, name: str, constructs: Mapping[str, str]) -> dict[str, Any]:
    measure, shown = level.measure, level.suggestion.name if level.suggestion else level.name
    return {
        "key": level.key,
        "measured_zh": shown.zh,
        "measured_en": shown.en,
        "stands_for": name,
        "construct": constructs[name],
        "asked": measure is not None and name in {measure.item, measure.construct_key},
        "benchmark": level.value,
        "year": "" if level.year is None else str(level.year),
    }


def _slopes(covariance: Floats, places: Sequence[int]) -> Floats:
    """Slope of the outcome (last column) on each of the first columns, the predictors but its own held constant.

    Columns: one for each of `places` (its own dimension among the predictors), then the predictors, then the outcome.
    """
    count, size = len(places), covariance.shape[-1]
    found = []
    for column, place in enumerate(places):
        held = [column, *(other for other in range(count, size - 1) if other != count + place)]
        inside, outcome = covariance[:, held][:, :, held], covariance[:, held, -1:]
        found.append(np.linalg.solve(inside, outcome)[:, 0, 0])
    return np.column_stack(found)
