"""Comparisons beside what was planted: matched by name, counted where their interval holds the truth."""

from __future__ import annotations

import pandas as pd

from analysis.drivers.found_again import differences_found, effects_found, kinds_found


def test_effects_stand_beside_what_was_planted_for_all_and_for_each_group() -> None:
    bounds = {"ci_low": [0.0, 0.0], "ci_high": [2.0, 2.0], "n": [9, 9]}
    effects = pd.DataFrame({"outcome": "loyalty", "method": ["naive", "aipw"], "estimate": [5.0, 1.0], **bounds})
    groups = pd.DataFrame(
        {"outcome": "loyalty", "segment": "age", "category": ["old", "new"], "estimate": 1.0, **bounds}
    )
    planted = pd.DataFrame({"outcome": "loyalty", "category": [None, "old"], "planted": [1.5, 3.0]})
    found = effects_found(groups, effects, planted)
    assert found["planted"].tolist() == [1.5, 3.0]
    assert found["estimate"].tolist() == [1.0, 1.0]
    assert found["inside"].tolist() == [True, False]
    assert found["category"].isna().tolist() == [True, False]


def test_differences_and_kinds_are_counted() -> None:
    units = pd.DataFrame({"measure": "eff", "category": ["a", "b"], "ci_low": [0.0, 0.0], "ci_high": [1.0, 1.0]})
    truth = pd.DataFrame({"measure": "eff", "category": ["b", "a"], "planted": [2.0, 0.5]})
    assert differences_found(units, truth) == {"total": 2, "inside": 1}
    told = pd.DataFrame({"construct": ["x", "y"], "kind": ["basic", "performance"]})
    planted = pd.DataFrame({"construct": ["y", "x"], "planted": ["performance", "excitement"]})
    assert kinds_found(told, planted) == {"total": 2, "right": 1}
