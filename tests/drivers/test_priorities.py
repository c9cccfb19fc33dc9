"""Priorities: effects against scores, by hand."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from analysis.drivers.priorities import final_outcome, find_priorities
from analysis.edition.instrument import Instrument

SIZE = 0.04
"""Half width of every interval of an effect: two of them differ beyond 0.04·√2 = 0.057, among two pairs 0.065."""


@pytest.fixture
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    constructs = {key: [f"{key}1", f"{key}2"] for key in ("a", "b", "c", "sat", "loy", "again")}
    return build_instrument(constructs, sat="satisfaction", loy="loyalty", again="loyalty")


def _effects(values: dict[str, float], outcome: str = "loy") -> pd.DataFrame:
    rows = [(outcome, key, "total", value, value - SIZE, value + SIZE) for key, value in values.items()]
    return pd.DataFrame(rows, columns=["outcome", "predictor", "effect", "std", "std_low", "std_high"])


def _scores(values: dict[str, float]) -> pd.DataFrame:
    rows = [(key, value, value - 0.5, value + 0.5) for key, value in values.items()]
    return pd.DataFrame(rows, columns=["construct", "score", "ci_low", "ci_high"])


def test_what_matters_and_is_rated_low_comes_first_and_what_is_rated_high_is_kept(instrument: Instrument) -> None:
    effects, scores = _effects({"a": 0.30, "b": 0.25, "c": 0.10, "sat": 0.6}), _scores({"a": 78, "b": 86, "c": 80})
    found = find_priorities(effects, scores, instrument=instrument, confidence=0.95)
    assert found.outcome == "loy"
    assert found.clear == ("a", "b", "c")
    assert found.act == ("a",)
    assert found.keep == ("b",)


@pytest.mark.parametrize(("second", "tied"), [(0.26, ("b",)), (0.20, ())])
def test_an_effect_within_the_error_of_the_first_is_tied_with_it(
    instrument: Instrument, second: float, tied: tuple[str, ...]
) -> None:
    effects = _effects({"a": 0.30, "b": second, "c": 0.10})
    assert find_priorities(effects, _scores({}), instrument=instrument, confidence=0.95).tied == tied


def test_nothing_clear_means_no_priority(instrument: Instrument) -> None:
    effects = _effects({"a": 0.03, "b": 0.02, "c": -0.01})
    found = find_priorities(effects, _scores({"a": 70, "b": 80, "c": 90}), instrument=instrument, confidence=0.95)
    assert found.clear == found.act == found.keep == found.tied == ()


def test_the_last_construct_of_loyalty_is_the_final_outcome(instrument: Instrument) -> None:
    effects = pd.concat([_effects({"a": 0.3}, key) for key in ("loy", "again", "sat")])
    assert final_outcome(effects, instrument) == "again"
    assert final_outcome(_effects({"a": 0.3}, "sat"), instrument) == "sat"
