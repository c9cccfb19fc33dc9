"""Leading effects: which dimensions stand out by their total effect, by hand."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from analysis.drivers.leading import final_outcome, leading_effects
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


def test_dimensions_are_listed_by_their_effect_on_the_final_outcome(instrument: Instrument) -> None:
    effects = pd.concat([_effects({"a": 0.5}, "sat"), _effects({"c": 0.10, "a": 0.30, "b": 0.25, "sat": 0.6})])
    found = leading_effects(effects, instrument=instrument, confidence=0.95)
    assert found.record() == {"outcome": "loy", "clear": ["a", "b", "c"], "tied": ["b"]}


@pytest.mark.parametrize(("second", "tied"), [(0.26, ("b",)), (0.20, ())])
def test_an_effect_within_the_error_of_the_first_is_tied_with_it(
    instrument: Instrument, second: float, tied: tuple[str, ...]
) -> None:
    effects = _effects({"a": 0.30, "b": second, "c": 0.10})
    assert leading_effects(effects, instrument=instrument, confidence=0.95).tied == tied


def test_nothing_clear_leads_nothing(instrument: Instrument) -> None:
    effects = _effects({"a": 0.03, "b": 0.02, "c": -0.01})
    found = leading_effects(effects, instrument=instrument, confidence=0.95)
    assert found.clear == found.tied == ()


def test_the_last_construct_of_loyalty_is_the_final_outcome(instrument: Instrument) -> None:
    effects = pd.concat([_effects({"a": 0.3}, key) for key in ("loy", "again", "sat")])
    assert final_outcome(effects, instrument) == "again"
    assert final_outcome(_effects({"a": 0.3}, "sat"), instrument) == "sat"
