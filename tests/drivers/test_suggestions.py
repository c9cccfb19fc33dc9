"""Published shares: slopes of a share on a share, gaps in points, and the order that follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.regression import fit_linear
from analysis.drivers.suggestions import construct_levels, rank_suggestions
from analysis.edition.instrument import Instrument
from analysis.edition.standards import Benchmark
from analysis.survey.design.survey_design import specify_design


@pytest.fixture
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument({"a": ["a1", "a2"], "b": ["b1"], "loy": ["l1"]}, loy="loyalty")


def level(key: str, value: float, improves: str | None = None, **changed: Any) -> Benchmark:
    text = {"zh": key, "en": key}
    content = {"key": key, "name": text, "value": value, "unit": "percent", "source": text, "section": "1", **changed}
    if improves:
        content["suggestion"] = {"name": {"zh": f"办{key}", "en": f"do {key}"}, "improves": improves}
    return Benchmark.model_validate(content)


def high(rows: int = 1000) -> pd.DataFrame:
    random = np.random.default_rng(2)
    a1, b = random.random(rows) < 0.7, random.random(rows) < 0.8
    a = np.where(random.random(rows) < 0.9, a1, ~a1)
    loyal = random.random(rows) < 0.2 + 0.3 * a1 + 0.2 * b
    columns = {"a": a, "b": b, "a1": a1, "a2": random.random(rows) < 0.5, "b1": b, "loy": loyal, "l1": loyal}
    return pd.DataFrame(columns).astype(float)


def ranked(levels: list[Benchmark], instrument: Instrument, frame: pd.DataFrame) -> pd.DataFrame:
    design = specify_design(len(frame))
    options: dict[str, Any] = {"instrument": instrument, "design": design, "draws": 4000, "seed": 1}
    return rank_suggestions(frame, levels, outcome="loy", predictors=["a", "b"], confidence=0.95, **options)


def test_effects_are_slopes_with_the_other_dimensions_held_constant(instrument: Instrument) -> None:
    frame = high()
    found = ranked([level("one", 90, "a1"), level("two", 90, "b")], instrument, frame).set_index("key")
    for key, columns in {"one": ["a1", "b"], "two": ["b", "a"]}.items():
        x = np.column_stack([np.ones(len(frame)), frame[columns]])
        fit = fit_linear(frame["loy"].to_numpy(), x, specify_design(len(frame)))
        assert found.loc[key, "effect"] == pytest.approx(fit.estimate[1], rel=1e-9)
        error = (found.loc[key, "effect_high"] - found.loc[key, "effect"]) / 1.962
        assert error == pytest.approx(fit.se[1], rel=0.01)


def test_the_order_is_by_effect_times_gap_and_a_level_that_is_reached_comes_last(instrument: Instrument) -> None:
    frame = high()
    shares = 100 * frame[["a1", "b"]].mean()
    levels = [level("near", shares["b"] + 1, "b"), level("far", shares["a1"] + 10, "a1"), level("done", 40, "a2")]
    found = ranked(levels, instrument, frame)
    assert found["key"].tolist()[0] == "far"
    table = found.set_index("key")
    assert table["gap"].to_dict() == pytest.approx({"far": 10, "near": 1, "done": 40 - 100 * frame["a2"].mean()})
    np.testing.assert_allclose(table["gain"], table["gap"] * table["effect"])
    assert table["first"].sum() == pytest.approx(1)
    assert table.loc["far", "measured_en"] == "do far"
    assert not table["asked"].any()


def test_a_level_published_for_the_question_itself_is_marked_as_asked(instrument: Instrument) -> None:
    own = level("own", 90, "a1", measure={"kind": "item_share", "item": "a1"})
    assert ranked([own], instrument, high())["asked"].tolist() == [True]


def test_what_cannot_be_held_against_a_share_is_left_out(instrument: Instrument) -> None:
    score = level("score", 80, "a1", unit="score")
    assert ranked([score, level("gone", 80, "z9"), level("plain", 80)], instrument, high()).empty
    whole = level("whole", 80, measure={"kind": "construct_share", "construct": "a"})
    assert construct_levels([score, whole]) == [whole]
    assert ranked([whole], instrument, high())["stands_for"].tolist() == ["a"]
