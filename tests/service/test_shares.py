"""Intervals and tests of shares against R, statsmodels and SciPy, and groups without a case to compare with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.service.shares import score_p, shares_of_groups, wilson

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "service_clocks.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_wilsons_interval_is_that_of_statsmodels(confidence: float) -> None:
    hits, n = np.array([0.0, 1, 7, 20, 500]), np.array([4.0, 9, 9, 20, 1001])
    low, high = wilson(hits, n, confidence=confidence)
    expected = proportion_confint(hits, n, alpha=1 - confidence, method="wilson")
    np.testing.assert_allclose((low, high), expected, rtol=1e-10, atol=1e-12)


def _groups() -> tuple[pd.Series, np.ndarray]:
    counts = {"phone": (30, 80), "app": (45, 60), "desk": (3, 9)}
    rows = [(name, i < hits) for name, (hits, n) in counts.items() for i in range(n)]
    return pd.Series([name for name, _ in rows]), np.array([hit for _, hit in rows])


def test_a_group_is_held_against_all_the_others() -> None:
    table = shares_of_groups(*_groups(), confidence=0.9)
    assert table["category"].tolist() == ["app", "desk", "phone"]
    assert table["n"].tolist() == [60, 9, 80]
    for row in table.itertuples():
        hits, rest = row.share * row.n, 149 - row.n
        assert row.others == pytest.approx((78 - hits) / rest)
        interval = confint_proportions_2indep(hits, row.n, 78 - hits, rest, method="newcomb", alpha=0.1)
        assert (row.difference_low, row.difference_high) == pytest.approx(interval, rel=1e-8)
        fourfold = [[hits, row.n - hits], [78 - hits, rest - 78 + hits]]
        assert row.p == pytest.approx(chi2_contingency(fourfold, correction=False).pvalue, rel=1e-9)
    assert table["difference"].to_numpy() == pytest.approx((table["share"] - table["others"]).to_numpy())


def test_one_group_has_a_share_but_nothing_to_be_held_against() -> None:
    table = shares_of_groups(pd.Series(["a"] * 4), np.array([True, False, False, False]), confidence=0.95)
    assert table.loc[0, "share"] == 0.25
    assert table.loc[0, ["others", "difference", "difference_low", "p"]].isna().all()


def test_nobody_hit_is_no_difference_and_no_test() -> None:
    table = shares_of_groups(pd.Series(["a", "a", "b"]), np.zeros(3, dtype=bool), confidence=0.95)
    assert table["difference"].tolist() == [0, 0]
    assert table["p"].isna().all()
    assert (table["difference_low"] < 0).all()


def test_without_a_case_there_is_no_group() -> None:
    assert shares_of_groups(pd.Series([], dtype=object), np.zeros(0, dtype=bool), confidence=0.95).empty


def test_the_test_takes_either_order() -> None:
    one, other = (np.array([7.0]), np.array([20.0])), (np.array([3.0]), np.array([31.0]))
    assert score_p(*one, *other) == pytest.approx(score_p(*other, *one))


def test_the_interval_and_the_score_test_are_those_of_r() -> None:
    low, high = wilson(np.array([41.0]), np.array([60.0]), confidence=0.95)
    assert [low[0], high[0]] == pytest.approx(GOLDEN["wilson"])
    ours = score_p(np.array([41.0]), np.array([60.0]), np.array([160.0]), np.array([190.0]))
    assert ours[0] == pytest.approx(GOLDEN["score_p"])
