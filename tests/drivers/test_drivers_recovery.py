"""Planted total effects beside the estimated ones, with their ranks."""

from __future__ import annotations

import pandas as pd

from analysis.drivers.recovery import recovered_effects


def test_each_effect_stands_beside_what_was_planted_and_has_both_ranks() -> None:
    rows = [
        ("loy", "a", "total", 0.3),
        ("loy", "a", "direct", 0.1),
        ("loy", "b", "total", 0.2),
        ("sat", "a", "total", 0.5),
    ]
    effects = pd.DataFrame(rows, columns=["outcome", "predictor", "effect", "std"])
    effects["std_low"], effects["std_high"] = effects["std"] - 0.05, effects["std"] + 0.05
    planted = [("loy", "a", 0.2, 0.24), ("loy", "b", 0.25, 0.25), ("sat", "a", 0.5, 0.52), ("loy", "c", 0.1, 0.1)]
    truth = pd.DataFrame(planted, columns=["outcome", "predictor", "planted", "population"])
    table = recovered_effects(effects, truth)
    assert table["predictor"].tolist() == ["a", "b", "a"]
    assert table["inside"].tolist() == [False, True, True]
    assert table["rank"].tolist() == [1, 2, 1]
    assert table["planted_rank"].tolist() == [2, 1, 1]
