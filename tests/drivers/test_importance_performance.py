"""The map of importance and performance: scores as the estimators give them, quadrants counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis.drivers.effects import OutcomeEffects
from analysis.drivers.importance_performance import (
    MAP_COLUMNS,
    Performance,
    importance_performance,
    measure_performance,
    whole_scale,
)
from analysis.drivers.sampling_error import JointEstimate
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means


def _scores() -> tuple[pd.DataFrame, pd.Series, Any]:
    rng, i = np.random.default_rng(1), np.arange(80)
    values = pd.DataFrame({"a": rng.normal(60, 10, 80), "b": rng.normal(75, 8, 80)})
    values.loc[i % 9 == 0, "b"] = np.nan
    segment = pd.Series(pd.Categorical(np.array(["north", "south"])[i % 2])).where(i % 13 != 1)
    return values, segment, specify_design(80, weights=np.where(i % 11 == 3, 0.0, 1 + i % 3), strata=i % 4)


@pytest.mark.parametrize("grouped", [False, True])
def test_scores_and_intervals_are_those_of_means(grouped: bool) -> None:
    values, segment, design = _scores()
    domain = segment if grouped else None
    found = measure_performance(values, segment=domain, design=design, confidence=0.9, draws=20_000, seed=1)
    expected = means(values, design=design, domain=domain, confidence=0.9)
    assert found.estimate == pytest.approx(expected["estimate"].to_numpy())
    for column in ("ci_low", "ci_high", "n"):
        assert found.table[column].to_numpy(dtype=float) == pytest.approx(expected[column].to_numpy(dtype=float))
    assert found.categories == (("north", "south") if grouped else (None,))
    for category, drawn in found.drawn.items():
        own = found.of(category)
        assert found.table["variable"].iloc[own].tolist() == ["a", "b"]
        assert drawn.mean(axis=0) == pytest.approx(found.estimate[own], abs=0.06)
        assert drawn.std(axis=0) == pytest.approx(expected["se"].to_numpy()[own], rel=0.03)


def _effects(error: float = 1e-9, items: JointEstimate | None = None) -> OutcomeEffects:
    importance = JointEstimate(np.array([0.5, 0.4, 0.1, 0.0]), np.eye(4) * error**2, np.inf, 100)
    return OutcomeEffects("loy", "model", importance, items)


def _performance(error: float = 0.0, names: tuple[str, ...] = ("a", "b", "c", "d")) -> Performance:
    level = np.array([40.0, 80, 45, 90])
    table = pd.DataFrame({"variable": names, "category": None, "ci_low": level - 1, "ci_high": level + 1, "n": 50})
    drawn = level + np.random.default_rng(2).normal(0, error, (4000, 4))
    return Performance(names, (None,), table.assign(top_1=0.1, top_2=0.2), level, {None: drawn})


def _map(effects: OutcomeEffects, performance: Performance, **changed: Any) -> pd.DataFrame:
    options: dict[str, Any] = {"constructs": {name: name for name in performance.names}, "items": False}
    options |= {"segment": None, "confidence": 0.95, "draws": 4000, "seed": 3, **changed}
    return importance_performance(effects, [performance], **options)


def test_each_side_is_divided_by_its_mean() -> None:
    table = _map(_effects(), _performance())
    assert tuple(table) == MAP_COLUMNS
    assert dict(zip(table["construct"], table["quadrant"], strict=True)) == {
        "a": "act", "b": "keep", "c": "later", "d": "enough"
    }  # fmt: skip
    assert table["probability"].tolist() == [1] * 4
    assert table["performance_low"].tolist() == [39, 79, 44, 89]


def test_the_probability_of_a_quadrant_is_that_of_both_sides() -> None:
    """a lies 0.25 above the mean importance; draws of four have a deviation from their mean of σ·√(3/4)."""
    table = _map(_effects(error=0.2), _performance()).set_index("construct")
    assert table.loc["a", "probability"] == pytest.approx(norm.cdf(0.25 / (0.2 * np.sqrt(0.75))), abs=0.025)
    half = table["importance_high"] - table["importance"]
    assert half.to_numpy() == pytest.approx(norm.ppf(0.975) * 0.2)
    both = _map(_effects(error=0.2), _performance(error=20.0)).set_index("construct")
    rated_low = norm.cdf((63.75 - 40) / (20 * np.sqrt(0.75)))
    expected = norm.cdf(0.25 / (0.2 * np.sqrt(0.75))) * rated_low
    assert both.loc["a", "probability"] == pytest.approx(expected, abs=0.03)


def test_items_have_their_constructs_and_without_their_effects_no_map() -> None:
    names, items = ("a1", "a2", "b1", "b2"), _effects().constructs
    constructs = {name: name[0] for name in names}
    table = _map(_effects(items=items), _performance(names=names), items=True, constructs=constructs)
    assert table[["item", "construct"]].to_numpy().tolist() == [["a1", "a"], ["a2", "a"], ["b1", "b"], ["b2", "b"]]
    nothing = _map(_effects(), _performance(), items=True)
    assert nothing.empty
    assert tuple(nothing) == MAP_COLUMNS


def test_answers_go_from_0_to_100_and_gaps_stay() -> None:
    found = whole_scale(pd.DataFrame({"q": [1, 3, 5, None]}), low=1, high=5)
    np.testing.assert_array_equal(found["q"], [0, 50, 100, np.nan])
