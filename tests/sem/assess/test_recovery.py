"""Planted paths beside estimated ones: found where the interval holds the value of the population."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.sem.assess.recovery import recovered_paths

PLANTED = pd.DataFrame(
    {"outcome": ["b", "c"], "predictor": ["a", "b"], "planted": [0.5, 0.3], "population": [0.52, 0.31]}
)


def _paths(low: float, high: float) -> pd.DataFrame:
    names = {"outcome": ["b"], "predictor": ["a"], "estimate": [1.0]}
    return pd.DataFrame(names | {"std": [(low + high) / 2], "std_low": [low], "std_high": [high]})


@pytest.mark.parametrize(
    ("low", "high", "inside"), [(0.45, 0.55, True), (0.52, 0.6, True), (0.4, 0.52, True), (0.53, 0.6, False)]
)
def test_the_ends_of_the_interval_belong_to_it(low: float, high: float, inside: bool) -> None:
    assert recovered_paths(_paths(low, high), PLANTED)["inside"].tolist() == [inside]


def test_a_path_that_was_not_planted_is_not_found() -> None:
    table = recovered_paths(_paths(0.1, 0.9).assign(predictor="x"), PLANTED)
    assert table["inside"].tolist() == [False]
    assert table["planted"].isna().all()
    assert "estimate" not in table


def test_a_path_that_stands_twice_is_an_error() -> None:
    with pytest.raises(pd.errors.MergeError):
        recovered_paths(pd.concat([_paths(0.4, 0.6)] * 2), PLANTED)
