"""Gaps: moments, distances and Little's test against base R, rates, break-offs and patterns at their edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.survey.cleaning.missingness import (
    broken_off,
    frequent_patterns,
    is_monotone,
    item_nonresponse,
    little_test,
    missing_data,
)
from analysis.survey.cleaning.moments import normal_moments, squared_distances

NAN = np.nan


@pytest.fixture(scope="module")
def golden(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "tests/golden/cleaning.json").read_text(encoding="utf-8")))


def _air(golden: dict[str, Any]) -> np.ndarray:
    return np.array(golden["airquality"], dtype=float)


def test_moments_of_incomplete_data_equal_em_in_base_r(golden: dict[str, Any]) -> None:
    moments = normal_moments(_air(golden))
    assert moments is not None
    assert moments.converged
    np.testing.assert_allclose(moments.mean, golden["mean"], rtol=1e-6)
    np.testing.assert_allclose(moments.covariance, golden["covariance"], rtol=1e-6)


def test_distances_use_the_items_that_were_answered(golden: dict[str, Any]) -> None:
    mean, covariance = np.array(golden["mean"]), np.array(golden["covariance"])
    np.testing.assert_allclose(squared_distances(_air(golden), mean, covariance), golden["distance"], rtol=1e-9)


def test_littles_test_equals_base_r_and_what_naniar_prints(golden: dict[str, Any]) -> None:
    test = little_test(_air(golden))
    assert test.chi2 == pytest.approx(golden["little"]["chi2"], rel=1e-6)
    assert test.pvalue == pytest.approx(golden["little"]["pvalue"], rel=1e-6)
    assert (test.df, test.patterns) == (golden["little"]["df"], golden["little"]["patterns"]) == (14, 4)
    assert round(test.chi2 or 0, 1) == 35.1
    assert round(test.pvalue or 0, 5) == 0.00142


@pytest.mark.simulation
def test_littles_test_keeps_its_level_and_sees_gaps_that_follow_the_answers() -> None:
    rng = np.random.default_rng(11)
    rejected = 0
    for _ in range(200):
        x = rng.multivariate_normal(np.zeros(4), 0.5 + 0.5 * np.eye(4), 300)
        x[rng.random(x.shape) < 0.1] = NAN
        test = little_test(x)
        rejected += (test.pvalue or 0) < 0.05
    assert 2 <= rejected <= 22  # 10 expected; binomial 99.9 %
    x = rng.multivariate_normal(np.zeros(4), 0.5 + 0.5 * np.eye(4), 300)
    x[x[:, 0] > 0.5, 1] = NAN
    assert (little_test(x).pvalue or 1) < 1e-6


def test_what_can_not_be_tested_says_why() -> None:
    whole = np.random.default_rng(0).normal(size=(50, 3))
    assert little_test(whole).reason == "complete"
    tied = np.column_stack([whole, whole[:, 0]])
    tied[0, 1] = NAN
    assert little_test(tied).reason == "singular"
    assert normal_moments(np.where(np.arange(3) == 1, 4.0, whole)) is None
    assert normal_moments(whole[:3]) is None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 5000), factor=st.floats(0.1, 50), shift=st.floats(-20, 20))
def test_littles_test_knows_no_unit_and_no_order(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.multivariate_normal(np.zeros(3), 0.4 + 0.6 * np.eye(3), 60)
    x[rng.random(x.shape) < 0.15] = NAN
    x[0, 0] = NAN
    first, other = little_test(x), little_test(rng.permutation(x * factor + shift))
    assert (first.chi2 is None) == (other.chi2 is None)
    if first.chi2 is not None and first.converged:
        assert other.chi2 == pytest.approx(first.chi2, rel=1e-5)
        assert first.df == other.df


def test_rates_have_wilsons_interval(golden: dict[str, Any]) -> None:
    answers = np.ones((40, 2))
    answers[:3, 0] = NAN
    table = item_nonresponse(np.isnan(answers), items=["a", "b"])
    assert table.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx(golden["wilson_3_of_40"], rel=1e-9)
    assert table.loc[1, ["missing", "rate", "ci_low"]].tolist() == [0, 0.0, 0.0]
    assert table.loc[1, "ci_high"] > 0


def test_broken_off_means_nothing_after_some_item() -> None:
    answers = np.array(
        [
            [1, 2, NAN, NAN, NAN],
            [1, 2, 3, NAN, NAN],
            [NAN, NAN, NAN, NAN, NAN],
            [NAN, NAN, NAN, 1, 2],
            [NAN, 1, NAN, NAN, NAN],
        ]
    )
    assert broken_off(np.isnan(answers)).tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("gaps", "monotone"),
    [([], True), ([[2]], True), ([[2], [1, 2]], True), ([[2], [1]], False), ([[0], [0, 1], [1]], False)],
)
def test_monotone_patterns_are_nested(gaps: list[list[int]], monotone: bool) -> None:
    answers = np.ones((len(gaps) + 1, 3))
    for row, columns in enumerate(gaps):
        answers[row, columns] = NAN
    assert is_monotone(np.isnan(answers)) is monotone


def test_patterns_come_by_frequency_and_the_rest_in_one_row() -> None:
    frame = pd.DataFrame(np.ones((10, 3)), columns=["a", "b", "c"])
    frame.loc[:2, "b"] = NAN
    frame.loc[3, ["a", "c"]] = NAN
    frame.loc[4, "c"] = NAN
    found = missing_data(frame, items=["a", "b", "c"])
    assert found.patterns["items"].tolist() == ["", "b", "c", "a c"]
    assert found.patterns["interviews"].tolist() == [5, 3, 1, 1]
    summary = found.summary.set_index("quantity")["value"]
    assert summary[["interviews", "without_gaps", "break_off", "partial", "patterns"]].tolist() == [10, 5, 1, 4, 4]
    shown = frequent_patterns(found.patterns, count=2)
    assert shown["items"].tolist() == ["", "b", "*"]
    assert shown["interviews"].sum() == 10
    assert len(frequent_patterns(found.patterns, count=4)) == 4


def test_gaps_of_nothing_are_refused() -> None:
    with pytest.raises(MethodError, match="no interview"):
        missing_data(pd.DataFrame({"a": []}), items=["a"])
    with pytest.raises(MethodError, match="b"):
        missing_data(pd.DataFrame({"a": [1.0]}), items=["a", "b"])
