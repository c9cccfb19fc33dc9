"""The effect of an answer as tables: what is held constant, who is left out, whom it reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up_rows import GOLDEN, made_up_rows

from analysis.drivers.effect import estimate_effect
from analysis.errors import MethodError
from analysis.survey.design.survey_design import specify_design

OPTIONS: dict[str, Any] = {"treatment": "channel", "treated": ["app", "web"], "adjust": ["age", "kind"]}


def _survey(seed: int = 1, size: int = 3000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Young people go digital and are less loyal; digital service adds 4 points, to the old none."""
    rng = np.random.default_rng(seed)
    old = rng.random(size) < 0.5
    digital = rng.random(size) < np.where(old, 0.3, 0.8)
    channel = np.where(digital, rng.choice(["app", "web"], size), rng.choice(["branch", "phone"], size))
    kind = rng.choice(["p", "q"], size)
    profile = pd.DataFrame({"channel": channel, "age": np.where(old, "old", "young"), "kind": kind}, dtype=object)
    loyalty = 60 + 8 * old + 3 * (kind == "q") + 4 * digital * ~old + rng.normal(0, 10, size)
    return pd.DataFrame({"loyalty": loyalty, "other": rng.normal(70, 10, size)}), profile


def _row(table: pd.DataFrame, **values: object) -> dict[str, Any]:
    for name, value in values.items():
        table = table[table[name].isna() if value is None else table[name] == value]
    assert len(table) == 1
    return dict(table.iloc[0])


def test_the_effect_is_found_where_the_plain_difference_points_elsewhere() -> None:
    outcomes, profile = _survey()
    found = estimate_effect(outcomes, profile, **OPTIONS).effects
    aipw = _row(found, outcome="loyalty", method="aipw")
    assert aipw["ci_low"] < 2 < aipw["ci_high"]
    assert aipw["p_adjusted"] < 0.05
    assert _row(found, outcome="loyalty", method="naive")["estimate"] < 0.5
    for method in ("ra", "ipw"):
        other = _row(found, outcome="loyalty", method=method)
        assert other["estimate"] == pytest.approx(aipw["estimate"], abs=aipw["se"])
    assert _row(found, outcome="other", method="aipw")["p_adjusted"] > 0.05


def test_the_effect_on_each_age_and_their_difference() -> None:
    outcomes, profile = _survey()
    found = estimate_effect(outcomes[["loyalty"]], profile, by="age", **OPTIONS)
    young = _row(found.groups, category="young")
    old = _row(found.groups, category="old")
    assert young["ci_low"] < 4 < young["ci_high"]
    assert old["ci_low"] < 0 < old["ci_high"]
    pair = _row(found.differences, a="old", b="young")
    assert pair["difference"] == pytest.approx(old["estimate"] - young["estimate"])
    assert pair["p_adjusted"] < 0.01
    whole = _row(found.effects, method="aipw")
    assert young["naive"] == pytest.approx(young["estimate"], abs=1)
    parts = [(row["estimate"], row["n"]) for row in (young, old)]
    assert np.average([p[0] for p in parts], weights=[p[1] for p in parts]) == pytest.approx(whole["estimate"])


def test_plain_adjusted_and_weighted_differences_are_those_of_refits_in_r() -> None:
    rows, design = made_up_rows()
    found = estimate_effect(
        rows[["y"]], rows, treatment="t", treated=["yes"], adjust=["age", "kind"], design=design
    ).effects
    for method, name in (("naive", "naive"), ("ra", "ra"), ("ipw", "ipw_logit")):
        row, golden = _row(found, method=method), GOLDEN["effects"][name]
        assert (row["estimate"], row["se"]) == pytest.approx((golden["estimate"], golden["se"]), rel=1e-6)


def test_weighting_balances_what_is_held_constant() -> None:
    outcomes, profile = _survey()
    found = estimate_effect(outcomes[["loyalty"]], profile, **OPTIONS)
    age = found.balance[found.balance["question"] == "age"]
    assert age["before"].abs().min() > 0.8
    assert found.balance["after"].abs().max() < 0.02
    share = profile["age"].eq("old")
    digital = profile["channel"].isin(["app", "web"])
    assert _row(age, category="old")["treated"] == pytest.approx(share[digital].mean())
    assert found.record()["largest_before"] == pytest.approx(age["before"].abs().max())


def test_those_whom_nobody_in_the_other_group_resembles_are_left_out() -> None:
    outcomes, profile = _survey()
    always = profile.index % 10 == 0
    profile.loc[always, ["kind", "channel"]] = ["r", "app"]
    found = estimate_effect(outcomes[["loyalty"]], profile, **OPTIONS)
    assert found.trimmed == always.sum()
    assert 0 < found.bound < 0.5
    assert found.n == len(profile) - always.sum()
    assert "r" not in set(found.balance["category"])
    assert found.overlap["treated"].sum() == pytest.approx(1)
    assert found.overlap["n"].sum() == len(profile)


def test_all_treated_is_no_comparison() -> None:
    outcomes, profile = _survey()
    with pytest.raises(MethodError, match="not enough people alike"):
        estimate_effect(outcomes, profile, **{**OPTIONS, "treated": ["app", "web", "branch", "phone"]})


def test_no_overlap_is_no_comparison() -> None:
    outcomes, profile = _survey()
    profile["kind"] = profile["channel"].map({"app": "p", "web": "p", "branch": "q", "phone": "q"})
    with pytest.raises(MethodError, match="not enough people alike"):
        estimate_effect(outcomes, profile, **OPTIONS)


def test_only_complete_interviews_count_and_the_order_of_rows_does_not() -> None:
    outcomes, profile = _survey(size=1500)
    profile.loc[:99, "age"] = None
    outcomes.loc[100:149, "loyalty"] = np.nan
    found = estimate_effect(outcomes[["loyalty"]], profile, by="age", **OPTIONS)
    assert found.n == 1350
    turned = estimate_effect(outcomes.loc[::-1, ["loyalty"]].reset_index(drop=True), profile[::-1], **OPTIONS)
    for method in ("naive", "ra", "ipw"):
        rows = [_row(result.effects, method=method) for result in (found, turned)]
        assert rows[0]["estimate"] == pytest.approx(rows[1]["estimate"])


def test_scaling_the_weights_changes_nothing() -> None:
    outcomes, profile = _survey(size=1000)
    w = 1 + np.arange(1000) % 5
    one, other = (
        estimate_effect(outcomes, profile, by="age", design=specify_design(1000, weights=w * k), **OPTIONS).effects
        for k in (1.0, 1000.0)
    )
    names = ["estimate", "se", "ci_low", "ci_high", "e_value"]
    pd.testing.assert_frame_equal(one[names], other[names])
