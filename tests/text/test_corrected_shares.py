"""Shares corrected by labels: coverage over many samples, less error than labels alone, and the edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.text.shares import Labelled, corrected_share, logit_interval, quality, shares_of

CASES = [(0.30, 0.80, 0.90, 200, 3000), (0.08, 0.70, 0.95, 150, 3000), (0.50, 0.90, 0.60, 100, 1000)]


def _drawn(rng: np.random.Generator, case: tuple[float, float, float, int, int]) -> tuple[np.ndarray, np.ndarray]:
    share, sensitivity, specificity, _, size = case
    truth = (rng.random(size) < share).astype(float)
    said = np.where(truth == 1, rng.random(size) < sensitivity, rng.random(size) > specificity).astype(float)
    return truth, said


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stratified", [True, False])
@pytest.mark.simulation
def test_the_interval_holds_the_truth_about_as_often_as_it_says(
    case: tuple[float, float, float, int, int], *, stratified: bool
) -> None:
    rng, inside = np.random.default_rng(3), []
    for _ in range(400):
        truth, said = _drawn(rng, case)
        strata = said.astype(int).astype(str) if stratified else np.full(len(said), "all")
        each = case[3] // len(np.unique(strata))
        drawn = [rng.choice(np.flatnonzero(strata == name), each, replace=False) for name in np.unique(strata)]
        places = np.concatenate(drawn)
        low, high = logit_interval(*corrected_share(said, strata, places, truth[places]), confidence=0.95)
        inside.append(low <= case[0] <= high)
    assert 0.925 <= np.mean(inside) <= 0.99


def test_it_errs_less_than_the_labels_alone_and_less_than_the_rules_alone() -> None:
    rng, case = np.random.default_rng(5), CASES[2]
    errors = {"ppi": [], "labels": [], "rules": []}
    for _ in range(300):
        truth, said = _drawn(rng, case)
        places = rng.choice(len(said), case[3], replace=False)
        share, _ = corrected_share(said, np.full(len(said), "all"), places, truth[places])
        for name, value in (("ppi", share), ("labels", truth[places].mean()), ("rules", said.mean())):
            errors[name].append((value - case[0]) ** 2)
    mse = {name: np.mean(each) for name, each in errors.items()}
    assert mse["ppi"] < 0.85 * mse["labels"]
    assert mse["ppi"] < mse["rules"]


def test_equal_weights_are_no_weights() -> None:
    rng = np.random.default_rng(1)
    truth, said = _drawn(rng, CASES[0])
    places, strata = rng.choice(len(said), 150, replace=False), said.astype(str)
    plain = corrected_share(said, strata, places, truth[places])
    assert corrected_share(said, strata, places, truth[places], weights=np.full(len(said), 7.0)) == pytest.approx(plain)


def test_without_labels_a_share_is_marked_as_uncorrected() -> None:
    said = pd.Series(["a"] * 30 + ["b"] * 70)
    few = Labelled(pd.Series(["a"] * 5, index=range(5)), said)
    for labels in (None, few):
        table = shares_of(said, ["a", "b", "c"], labels=labels)
        assert table["share"].tolist() == [0.3, 0.7, 0.0]
        assert not table["corrected"].any()


def test_labels_move_a_share_that_the_rules_get_wrong() -> None:
    rng = np.random.default_rng(2)
    truth, said = _drawn(rng, CASES[2])
    names = pd.Series(np.where(said == 1, "a", "b"))
    places = rng.choice(len(said), 300, replace=False)
    labels = Labelled(pd.Series(np.where(truth[places] == 1, "a", "b"), index=places), names)
    table = shares_of(names, ["a", "b"], labels=labels).set_index("category")
    assert table["corrected"].all()
    assert abs(table.loc["a", "share"] - truth.mean()) < abs(table.loc["a", "rules"] - truth.mean())
    assert table["share"].sum() == pytest.approx(1.0, abs=0.02)
    judged = quality(names, ["a", "b"], labels, confidence=0.95, seed=1).set_index("category")
    both = truth[places] == 1
    assert judged.loc["a", "value"] == pytest.approx((said[places][both] == 1).mean(), abs=0.08)
    assert judged.loc["", "ci_low"] < judged.loc["", "value"] < judged.loc["", "ci_high"]
