"""Sentences on drivers and priorities say what the tables allow, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.drivers import findings, maps, order
from analysis.publish.words.labels import Labels
from analysis.results import Store


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _importance(store: Store, first: float) -> None:
    rows = [("loyalty", "security", 0.4, first), ("loyalty", "results", 0.35, 1 - first)]
    frame = pd.DataFrame(rows, columns=["outcome", "predictor", "share", "first"])
    store.save_table("importance", frame.assign(share_low=frame["share"] - 0.1, share_high=frame["share"] + 0.1))


def test_a_sure_first_rank_is_told_with_its_chance(store: Store, labels: Labels) -> None:
    _importance(store, 0.97)
    text = findings.importance(store, labels)
    assert "97" in text
    assert "40%" in text
    assert labels.construct("results").lower() not in text.lower()


def test_a_rank_that_could_be_swapped_names_the_second_too(store: Store, labels: Labels) -> None:
    _importance(store, 0.62)
    text = findings.importance(store, labels)
    assert "62" in text
    assert labels.construct("results").lower() in text.lower()


@pytest.mark.parametrize(("probability", "told"), [(1.0, "99"), (0.0, "1"), (0.974, "97")])
def test_nothing_is_sure_and_nothing_impossible(probability: float, told: str) -> None:
    assert findings.in_hundred(probability) == told


def _map(store: Store, quadrants: dict[str, str], item: float = 0.9) -> None:
    rows = [
        ("loyalty", key, quadrant, 0.3 - place / 10, 0.9, 80.0)
        for place, (key, quadrant) in enumerate(quadrants.items())
    ]
    columns = ["outcome", "construct", "quadrant", "importance", "probability", "performance"]
    store.save_table("importance_performance", pd.DataFrame(rows, columns=columns))
    single = [("loyalty", "efficiency", "eff1", "act", 0.2, item, 79.1)]
    names = ["outcome", "construct", "item", "quadrant", "importance", "probability", "performance"]
    store.save_table("importance_performance_items", pd.DataFrame(single, columns=names))


def test_the_map_names_what_matters_and_is_rated_low_with_its_question(store: Store, labels: Labels) -> None:
    _map(store, {"security": "keep", "efficiency": "act", "innovation": "later"})
    text = findings.quadrants(store, labels)
    assert labels.construct("efficiency").lower() in text.lower()
    assert labels.construct("innovation").lower() not in text.lower()
    assert labels.item("eff1") in text
    assert "79.1" in text


def test_an_unsure_question_is_not_named_and_an_empty_quadrant_is_said(store: Store, labels: Labels) -> None:
    _map(store, {"security": "keep", "innovation": "later"}, item=0.6)
    text = findings.quadrants(store, labels)
    assert labels.item("eff1") not in text
    assert labels.text("findings.map.none", outcome="◇").split("◇")[1][:8] in text


ROW: dict[str, Any] = {
    "outcome": "loyalty",
    "basis": "model",
    "target": 87.9,
    "target_segment": "institution_type",
    "target_category": "bank",
    "gap": 2.3,
    "index_gain": 0.32,
    "index_low": 0.21,
    "index_high": 0.43,
}


def _priorities(store: Store, *, first: float = 0.96, low: float = 0.4, **changed: Any) -> None:
    rows = [
        {
            "construct": "security",
            "rank": 1,
            "priority": 0.68,
            "priority_low": low,
            "priority_high": 0.98,
            "first": first,
        },
        {
            "construct": "results",
            "rank": 2,
            "priority": 0.2,
            "priority_low": -0.1,
            "priority_high": 0.5,
            "first": 1 - first,
        },
    ]
    store.save_table("priorities", pd.DataFrame([ROW | row | changed for row in rows]))


def test_the_first_priority_is_told_with_gain_target_and_chance(store: Store, labels: Labels) -> None:
    _priorities(store)
    text = order.priorities(store, labels)
    for shown in ("87.9", "0.68", "0.40–0.98", "0.32", "0.21–0.43", "96", labels.group("institution_type", "bank")):
        assert shown in text
    assert labels.construct("results").lower() not in text.lower()


@pytest.mark.parametrize("basis", ["model", "importance"])
def test_the_figure_names_what_its_axis_counts(store: Store, labels: Labels, basis: str) -> None:
    """Points of the outcome where a model promises them, and no unit where none does."""
    _priorities(store, basis=basis)
    (axes,) = maps.draw_priorities(store.published(), labels).axes
    outcome = labels.construct("loyalty")
    assert (outcome.lower() in axes.get_xlabel().lower()) == (basis == "model")
    assert axes.get_xlabel()


def test_a_close_second_is_named(store: Store, labels: Labels) -> None:
    _priorities(store, first=0.6)
    assert labels.construct("results").lower() in order.priorities(store, labels).lower()


def test_no_gain_beyond_sampling_error_means_no_order(store: Store, labels: Labels) -> None:
    _priorities(store, low=-0.1)
    assert order.priorities(store, labels) == labels.text("findings.priorities.none")


def test_without_a_model_no_points_are_promised(store: Store, labels: Labels) -> None:
    _priorities(store, basis="importance")
    text = order.priorities(store, labels)
    assert "0.68" not in text
    assert "2.3" in text


def test_groups_are_told_by_what_comes_first_in_each(store: Store, labels: Labels) -> None:
    _priorities(store)
    first = {"segment": "institution_type", "rank": 1, "priority": 0.5, "construct": "security"}
    rows = [first | {"category": "fund", "priority_low": 0.2}, first | {"category": "bank", "priority_low": -0.2}]
    store.save_table("group_priorities", pd.DataFrame(rows))
    text = order.priorities(store, labels)
    assert labels.group("institution_type", "fund") in text
    assert labels.text("findings.priorities.others", groups=labels.group("institution_type", "bank")) in text


def test_suggestions_stand_in_order_and_those_reached_apart(store: Store, labels: Labels) -> None:
    rows = [
        ("privacy", 1, 5.0, 0.6, 0.9, True),
        ("mechanism", 2, 2.0, 0.2, 0.1, False),
        ("training", 3, -2.0, -0.1, 0.0, True),
    ]
    frame = pd.DataFrame(rows, columns=["measured_en", "rank", "gap", "gain", "first", "asked"])
    frame = frame.assign(gain_low=frame["gain"] - 0.15, gain_high=frame["gain"] + 0.15)
    store.save_table("suggestions", frame.assign(measured_zh=frame["measured_en"], outcome="loyalty"))
    text = order.suggestions(store, labels)
    assert text.index("privacy") < text.index("mechanism")
    assert labels.text("findings.suggestions.reached", names="training") in text
    assert labels.text("findings.suggestions.stand_in", names="mechanism") in text
    assert "90" in text
    assert "0.45–0.75" in text
    assert "0.05–0.35" in text


def test_the_largest_adjusted_difference_of_the_index_is_told(store: Store, labels: Labels) -> None:
    rows = [
        ("csi", "age", "60+", None, -2.0, -3.0, -1.0, 0.0001),
        ("csi", "region", "west", None, -0.5, -1.5, 0.5, 0.4),
    ]
    columns = ["outcome", "term", "category", "other_term", "estimate", "ci_low", "ci_high", "pvalue"]
    store.save_table("background_coefficients", pd.DataFrame(rows, columns=columns))
    levels = [("age", "18-29", 83.0), ("age", "60+", 81.0), ("region", "west", 82.0)]
    store.save_table("adjusted_index", pd.DataFrame(levels, columns=["question", "category", "adjusted"]))
    text = findings.background(store, labels)
    for shown in ("83.0", "81.0", "2.0", "1.0–3.0", labels.category("age", "18-29")):
        assert shown in text
    store.save_table("background_coefficients", pd.DataFrame(rows[1:], columns=columns))
    assert findings.background(store, labels) == labels.text("findings.background.none")
