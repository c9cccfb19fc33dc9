"""Fair comparison against refits in R, and what it must do where units differ by their people alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_rows import GOLDEN, made_up_rows

from analysis.drivers.adjustment import MANY, compare_fairly, overdispersion
from analysis.errors import MethodError
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import specify_design


def test_adjusted_scores_and_their_errors_are_those_of_refits_in_r() -> None:
    rows, design = made_up_rows()
    found = compare_fairly(rows[["y"]], rows, unit="unit", adjust=["age", "kind"], design=design).units
    golden = GOLDEN["fair"]
    for row in found.to_dict("records"):
        assert row["adjusted"] == pytest.approx(golden[row["category"]]["estimate"], rel=1e-9)
        against = golden[f"against_{row['category']}"]
        assert (row["difference"], row["se"]) == pytest.approx((against["estimate"], against["se"]), rel=1e-6)


def test_the_interval_of_an_adjusted_score_allows_for_whom_the_sample_found() -> None:
    from scipy.special import stdtrit

    rows, design = made_up_rows()
    found = compare_fairly(rows[["y"]], rows, unit="unit", adjust=["age", "kind"], design=design).units
    half = (found["adjusted_high"] - found["adjusted_low"]) / 2
    wanted = [stdtrit(design.degrees, 0.975) * GOLDEN["fair"][code]["se"] for code in found["category"]]
    assert half.tolist() == pytest.approx(wanted, rel=1e-6)


def test_expected_and_difference_make_the_score() -> None:
    rows, design = made_up_rows()
    found = compare_fairly(rows[["y"]], rows, unit="unit", adjust=["age"], design=design).units
    assert (found["expected"] + found["difference"]).to_numpy() == pytest.approx(found["score"].to_numpy())
    assert ((found["range_low"] + found["range_high"]) / 2).to_numpy() == pytest.approx(found["overall"].to_numpy())


def test_units_that_differ_by_their_people_alone_are_alike_once_adjusted() -> None:
    rng = np.random.default_rng(4)
    old = rng.random(4000) < np.repeat([0.2, 0.8], 2000)
    profile = pd.DataFrame({"unit": np.repeat(["a", "b"], 2000), "age": np.where(old, "old", "young")})
    y = pd.DataFrame({"y": 60 + 10 * old + rng.normal(0, 5, 4000)})
    plain = compare_fairly(y, profile, unit="unit", adjust=[]).units
    fair = compare_fairly(y, profile, unit="unit", adjust=["age"]).units
    assert plain["p_adjusted"].max() < 1e-6
    assert fair["difference"].abs().max() < 3 * fair["se"].max() < 1
    assert fair["expected"].tolist() == pytest.approx([62, 68], abs=0.5)


def test_without_questions_the_adjusted_score_is_the_score() -> None:
    rows, design = made_up_rows()
    found = compare_fairly(rows[["y"]], rows, unit="unit", adjust=[], design=design).units
    assert found["adjusted"].to_numpy() == pytest.approx(found["score"].to_numpy())


def test_overdispersion_is_that_of_the_formula_in_r() -> None:
    number = np.arange(1, 13)
    phi, tau = overdispersion(3 * np.sin(number * 1.9), 0.8 + 0.1 * (number % 5))
    assert (phi, tau) == pytest.approx((GOLDEN["overdispersion"]["phi"], GOLDEN["overdispersion"]["tau"]), rel=1e-9)


def test_units_that_scatter_no_more_than_chance_have_no_overdispersion() -> None:
    assert overdispersion(np.array([-0.5, 0.5] * 6), np.ones(12))[1] == 0


@pytest.mark.parametrize(("units", "widened"), [(MANY - 1, False), (MANY, True)])
def test_the_range_is_widened_where_there_are_many_units(units: int, widened: bool) -> None:
    rng = np.random.default_rng(1)
    code = np.repeat(np.arange(units), 200)
    y = pd.DataFrame({"y": 4 * np.cos(np.arange(units))[code] + rng.normal(70, 10, len(code))})
    found = compare_fairly(y, pd.DataFrame({"unit": code.astype(str)}), unit="unit", adjust=[])
    assert found.measures["tau"].notna().all() == widened
    assert bool((found.units["se"] > 2).all()) == widened


def test_a_unit_far_from_many_others_stands_out_in_spite_of_overdispersion() -> None:
    rng = np.random.default_rng(3)
    code = np.repeat(np.arange(30), 100)
    level = np.where(np.arange(30) == 7, 12.0, 2 * np.cos(np.arange(30)))
    y = pd.DataFrame({"y": level[code] + rng.normal(70, 10, len(code))})
    found = compare_fairly(y, pd.DataFrame({"unit": code.astype(str)}), unit="unit", adjust=[]).units
    assert found.loc[found["p_adjusted"] < 0.05, "category"].tolist() == ["7"]


@pytest.mark.simulation
def test_intervals_of_the_difference_hold_the_truth_as_often_as_they_say() -> None:
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        unit, old = rng.integers(0, 3, 300), rng.random(300) < 0.4
        cluster = np.arange(300) // 10
        y = 60 + 4 * (unit == 2) + 6 * old + rng.normal(0, 4, 30)[cluster] + rng.normal(0, 8, 300)
        profile = pd.DataFrame({"unit": unit.astype(str), "age": np.where(old, "o", "y")})
        design = specify_design(300, psu=cluster)
        found = compare_fairly(pd.DataFrame({"y": y}), profile, unit="unit", adjust=["age"], design=design).units
        held.append(float(found["ci_low"].iloc[2]) < 4 * 2 / 3 < float(found["ci_high"].iloc[2]))
    assert 0.92 <= np.mean(held) <= 0.98


def test_replicates_of_the_design_carry_the_variance() -> None:
    rows, design = made_up_rows()
    columns = {"strata": design.columns["stratum"], "psu": design.columns["psu"]}
    drawn = bootstrap(design.weights, **columns, replicates=800, seed=3)
    repeated = specify_design(240, weights=design.weights, **columns, replicates=drawn)
    options = {"unit": "unit", "adjust": ["age", "kind"]}
    taylor = compare_fairly(rows[["y"]], rows, design=design, **options).units["se"]
    assert compare_fairly(rows[["y"]], rows, design=repeated, **options).units["se"].tolist() == pytest.approx(
        taylor.tolist(), rel=0.1
    )


def test_each_score_rests_on_those_who_have_it() -> None:
    rows, design = made_up_rows()
    rows["other"] = rows["y"].where(rows.index % 3 > 0)
    rows.loc[rows.index % 10 == 0, "unit"] = None
    rows.loc[rows.index % 7 == 0, "age"] = None
    both = compare_fairly(rows[["y", "other"]], rows, unit="unit", adjust=["age"], design=design)
    alone = compare_fairly(rows[["other"]], rows, unit="unit", adjust=["age"], design=design)
    pd.testing.assert_frame_equal(
        both.units[both.units["measure"] == "other"].reset_index(drop=True), alone.units, check_like=True
    )
    assert both.measures["n"].tolist() == [216, int(((rows.index % 3 > 0) & (rows.index % 10 > 0)).sum())]


def test_small_units_are_left_out() -> None:
    rows, design = made_up_rows()
    rows.loc[0, "unit"] = "lonely"
    found = compare_fairly(rows[["y"]], rows, unit="unit", adjust=["age"], design=design, min_n=30).units
    assert found["category"].tolist() == ["a", "b", "c", "d"]


def test_one_unit_is_no_comparison() -> None:
    rows, _ = made_up_rows()
    with pytest.raises(MethodError, match="two units"):
        compare_fairly(rows[["y"]], rows.assign(unit="a"), unit="unit", adjust=["age"])


def test_people_who_tell_the_unit_cannot_be_held_constant() -> None:
    rows, _ = made_up_rows()
    rows["town"] = rows["unit"].map({"a": "north", "b": "north", "c": "south", "d": "south"})
    with pytest.raises(MethodError, match="determine the unit"):
        compare_fairly(rows[["y"]], rows, unit="unit", adjust=["town"])
