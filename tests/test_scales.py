"""Scales of items: whose they are, where they are told, and answers put from one on another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.edition.instrument import Instrument
from analysis.edition.scales import Scale, aligned
from analysis.edition.sections.drivers import Drivers
from analysis.edition.sections.index import Index

SLIDER = {"min": 0, "max": 100, "continuous": True}


def _mixed(**changes: Any) -> dict[str, Any]:
    def item(key: str, **more: Any) -> dict[str, Any]:
        return {"key": key, "zh": key, "en": key, **more}

    text = {"zh": "t", "en": "t"}
    return {
        "name": text,
        "scale": {"min": 1, "max": 5},
        "constructs": [
            {"key": "a", "role": "dimension", "name": text, "items": [item("a1"), item("a2", scale=SLIDER)]},
            {
                "key": "sat",
                "role": "satisfaction",
                "name": text,
                "scale": {"min": 1, "max": 10},
                "items": [item("s1"), item("s2")],
            },
        ],
    } | changes


def test_an_item_has_its_own_scale_then_its_constructs_then_that_of_the_instrument() -> None:
    instrument = Instrument.model_validate(_mixed())
    assert {key: scale.ends for key, scale in instrument.scales.items()} == {
        "a1": (1, 5),
        "a2": (0, 100),
        "s1": (1, 10),
        "s2": (1, 10),
    }
    assert [instrument.scale_of(key).ends for key in ("a", "sat", "a2")] == [(1, 5), (1, 10), (0, 100)]
    assert instrument.blocks == [["a1"], ["a2"], ["s1", "s2"]]
    assert instrument.usual_scale.ends == (1, 10)


def test_a_scale_of_the_instrument_is_asked_for_only_where_an_item_has_none() -> None:
    content = _mixed()
    del content["scale"]
    with pytest.raises(ValidationError, match=r"'scale' is missing: a1 is rated on it"):
        Instrument.model_validate(content)
    content["constructs"][0]["scale"] = {"min": 0, "max": 10}
    assert Instrument.model_validate(content).scales["a1"].ends == (0, 10)


def test_answers_are_put_on_another_scale_at_the_same_place() -> None:
    likert, slider = Scale(min=1, max=5), Scale.model_validate(SLIDER)
    np.testing.assert_allclose(slider.onto(np.array([0.0, 25.0, 100.0, np.nan]), likert), [1, 2, 5, np.nan])
    assert likert.onto(4, slider) == 75
    assert likert.onto(4, Scale(min=1, max=5, continuous=True)) == 4
    frame = pd.DataFrame({"x": [1.0, 5.0], "y": [0.0, 50.0]})
    assert aligned(frame, {"x": likert, "y": slider})["y"].tolist() == [1.0, 3.0]
    assert aligned(frame, {"x": likert, "y": likert}) is frame


def test_the_bound_of_a_high_answer_lies_at_the_same_place_of_every_scale_unless_it_is_given() -> None:
    instrument = Instrument.model_validate(_mixed())
    rule = {"csat": {"construct": "sat", "satisfied_from": 7.75}}
    index = Index.model_validate(rule)
    bounds = [index.high_answer(key, instrument) for key in ("sat", "s1", "a", "a2")]
    assert bounds == pytest.approx([7.75, 7.75, 4, 75])
    assert not list(index.faults(instrument))
    own = Index.model_validate(rule | {"high_from": {"a2": 90.0}})
    assert own.high_answer("a2", instrument) == 90
    whole = Index.model_validate(rule | {"high_from": {"a": 3.0}})
    assert [whole.high_answer(key, instrument) for key in ("a", "a1", "a2", "s1")] == pytest.approx([3, 3, 50, 7.75])
    wrong = Index.model_validate(rule | {"high_from": {"a2": 101.0, "a3": 1.0, "s1": 1.0}})
    told = [str(fault) for fault in wrong.faults(instrument)]
    assert len(told) == 3
    assert any("high_from: a3" in fault and "construct or item" in fault for fault in told)
    assert any("high_from.a2" in fault and "at most 100" in fault for fault in told)


def test_answers_with_decimals_are_no_ordered_categories() -> None:
    instrument = Instrument.model_validate(_mixed())
    faults = [str(fault) for fault in Drivers(ordered=("a2", "s1")).faults(instrument)]
    assert any("drivers.ordered: a2" in fault and "no ordered categories" in fault for fault in faults)
    assert not any("no ordered categories" in fault and "s1" in fault for fault in faults)
