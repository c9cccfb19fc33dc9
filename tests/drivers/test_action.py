"""Map and order of work: quadrants, targets and gains by hand, and the two sources of effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.action import ActionMap, map_action
from analysis.drivers.importance_performance import measure_performance
from analysis.drivers.regression_tables import ordered
from analysis.edition.instrument import Instrument
from analysis.edition.sections.drivers import Drivers
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means

LEVELS = {"north": {"a": 62.0, "b": 80.0, "c": 50.0}, "south": {"a": 58.0, "b": 82.0, "c": 49.0}}
EFFECTS = {"a": 0.5, "b": 0.2, "c": 0.1}
SPREAD = {"north": [-6.0, 0.0, 6.0], "south": [-3.0, 0.0, 3.0]}


@pytest.fixture
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    constructs = {key: [f"{key}1", f"{key}2"] for key in ("a", "b", "c", "loy")}
    built = build_instrument(constructs, loy="loyalty")
    content = built.model_dump()
    content["profile"] = [
        {"key": "place", "name": {"zh": "地", "en": "Place"}, "question": {"zh": "地", "en": "Place"}}
    ]
    return Instrument.model_validate(content)


def survey() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sixty interviews in each place, whose scores lie around the levels of the place."""
    rows = [
        {"place": place, "move": move} | {key: level + move for key, level in LEVELS[place].items()}
        for place, moves in SPREAD.items()
        for move in moves * 20
    ]
    scores = pd.DataFrame(rows)
    items = {f"{key}{i}": scores[key] / 10 for key in ("a", "b", "c") for i in (1, 2)}
    scores["loy"] = 0.5 * scores["a"] + 0.3 * scores["b"] + np.sin(np.arange(len(scores)) * 2.3)
    return pd.DataFrame({"place": scores["place"]} | items), scores.drop(columns=["place", "move"])


def model(*, error: float = 0.01) -> pd.DataFrame:
    rows = [("loy", key, None, effect) for key, effect in EFFECTS.items()]
    rows += [("loy", key, f"{key}{i}", effect / 2) for key, effect in EFFECTS.items() for i in (1, 2)]
    table = pd.DataFrame(rows, columns=["outcome", "predictor", "item", "effect"], dtype=object)
    table["effect"] = table["effect"].astype(float)
    covariance = np.eye(len(rows)) * error**2
    return pd.concat([table, pd.DataFrame(covariance, columns=[f"c{k}" for k in range(len(rows))])], axis=1)


def found(instrument: Instrument, **changed: Any) -> ActionMap:
    responses, scores = survey()
    options: dict[str, Any] = {"outcomes": ["loy"], "index_weights": {"a": 2.0, "b": 1.0, "c": 1.0}, "segment": "place"}
    options |= {"model": model(), "min_n": 30, "seed": 1, "drivers": Drivers(draws=2000), **changed}
    return map_action(responses, scores, instrument=instrument, **options)


def test_the_map_sets_effects_against_scores(instrument: Instrument) -> None:
    table = found(instrument).dimensions.set_index("construct")
    assert table["quadrant"].to_dict() == {"a": "act", "b": "enough", "c": "later"}
    assert (table["probability"] > 0.99).all()
    assert table["importance"].to_dict() == EFFECTS
    assert table["performance"].to_dict() == pytest.approx({"a": 60, "b": 81, "c": 49.5})
    half = table["importance_high"] - table["importance"]
    np.testing.assert_allclose(half, 1.959964 * 0.01, rtol=1e-6)
    assert table["n"].tolist() == [120, 120, 120]
    assert table["basis"].unique().tolist() == ["model"]


def test_an_effect_that_is_not_known_well_has_no_sure_quadrant(instrument: Instrument) -> None:
    table = found(instrument, model=model(error=0.3)).dimensions
    assert (table["probability"] < 0.9).all()


def test_groups_have_their_own_scores_and_items_half_the_effect(instrument: Instrument) -> None:
    result = found(instrument)
    south = result.groups[result.groups["category"] == "south"].set_index("construct")
    assert south["performance"].to_dict() == pytest.approx(LEVELS["south"])
    assert south["segment"].unique().tolist() == ["place"]
    item = result.items.set_index("item").loc["a2"]
    assert (item["importance"], item["construct"]) == (0.25, "a")
    assert item["performance"] == pytest.approx(60)
    assert len(result.item_groups) == 12


def test_priority_is_the_effect_times_the_distance_to_the_best_group(instrument: Instrument) -> None:
    table = found(instrument).priorities.set_index("construct")
    assert table["rank"].to_dict() == {"a": 1, "b": 2, "c": 3}
    assert table["target_category"].to_dict() == {"a": "north", "b": "south", "c": "north"}
    assert table["gap"].to_dict() == pytest.approx({"a": 2, "b": 1, "c": 0.5})
    assert table["priority"].to_dict() == pytest.approx({"a": 1.0, "b": 0.2, "c": 0.05})
    assert table["index_gain"].to_dict() == pytest.approx({"a": 1.0, "b": 0.25, "c": 0.125})
    assert (table["priority_low"] < table["priority"]).all()
    assert (table["priority"] < table["priority_high"]).all()
    assert table["first"].sum() == pytest.approx(1)


def test_the_best_group_itself_has_nothing_to_gain(instrument: Instrument) -> None:
    table = found(instrument).group_priorities.set_index(["category", "construct"])
    assert table.loc[("north", "a"), ["gap", "priority", "priority_low", "priority_high"]].tolist() == [0, 0, 0, 0]
    assert table.loc[("south", "a"), "priority"] == pytest.approx(2.0)
    assert table.loc[("south", "a"), "rank"] == 1


@pytest.mark.parametrize("changed", [{"segment": None}, {"min_n": 100}])
def test_without_groups_to_compare_the_target_is_full_marks(instrument: Instrument, changed: dict[str, Any]) -> None:
    table = found(instrument, **changed).priorities.set_index("construct")
    assert table["target"].tolist() == [100, 100, 100]
    assert table["target_category"].isna().all()
    assert table.loc["a", "priority"] == pytest.approx(20)


@pytest.mark.parametrize("known", [None, "another outcome", "a predictor less"])
def test_without_a_model_of_the_outcome_importance_takes_its_place(instrument: Instrument, known: str | None) -> None:
    effects = None if known is None else model()
    if effects is not None and known == "another outcome":
        effects["outcome"] = "else"
    elif effects is not None:
        effects = effects[effects["predictor"] != "c"].reset_index(drop=True)
    result = found(instrument, model=effects)
    assert result.record() == {"outcome": "loy", "basis": {"loy": "importance"}}
    for table in (result.dimensions, result.items):
        assert table["importance"].sum() == pytest.approx(1)


def test_scores_and_intervals_are_those_of_the_index(instrument: Instrument) -> None:
    responses, scores = survey()
    scores.loc[::9, "a"] = np.nan
    weights = 1.0 + np.arange(len(scores)) % 3
    for segment in (None, ordered(responses["place"], instrument)):
        options: dict[str, Any] = {"segment": segment, "confidence": 0.9, "draws": 1000, "seed": 1}
        values, design = scores[["a", "b"]], specify_design(len(scores), weights=weights)
        own = measure_performance(values, design=design, **options)
        other = means(values, domain=segment, design=design, confidence=0.9)
        np.testing.assert_allclose(own.estimate, other["estimate"])
        np.testing.assert_allclose(own.table[["ci_low", "ci_high", "n"]], other[["ci_low", "ci_high", "n"]])
