"""Effects of training: group-time effects against R on public and made-up data, planted lifts, groups at the edge."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.simulation.staff import draw_training
from analysis.edition import load_edition
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.delivery import delivery
from analysis.service.training import course_of_effect, effect_of_hours, group_time_effects, training_effects

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "service_training.json").read_text(encoding="utf-8"))
COUNTIES = Path(__file__).parents[3] / "shared" / "data" / "did" / "mpdta.csv"


def _panel() -> tuple[np.ndarray, np.ndarray]:
    return np.array(GOLDEN["outcome"]), np.array([np.inf if start == 0 else start for start in GOLDEN["start"]])


def test_staggered_starts_are_those_of_r() -> None:
    outcome, start = _panel()
    found = group_time_effects(outcome, start, np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.table[["group", "time"]].to_numpy().tolist() == GOLDEN["group_time"]
    assert found.table["effect"].to_numpy() == pytest.approx(np.array(GOLDEN["effect"]), abs=1e-9)
    assert found.table["se"].to_numpy() == pytest.approx(np.array(GOLDEN["se"]), abs=1e-9)
    assert found.overall()[0] == pytest.approx(GOLDEN["overall"])


def test_the_error_of_the_mean_effect_holds_the_truth() -> None:
    """300 panels, effects of 1 and 2 by group, sizes drawn: nine in ten of the 90 % intervals hold the mean."""
    rng, held = np.random.default_rng(8), 0
    for _ in range(300):
        start = rng.choice([2.0, 3.0, np.inf], 150, p=[0.25, 0.25, 0.5])
        lift = np.where(start == 2, 1.0, 2.0)[:, None] * (np.arange(1, 4)[None, :] >= start[:, None])
        outcome = rng.normal(0, 1, (150, 1)) + rng.normal(0, 0.7, (150, 3)) + lift
        mean, se = group_time_effects(outcome, start, np.array([1.0, 2.0, 3.0])).overall()
        truth = (1.0 * 2 + 2.0 * 1) / 3  # two times of the first group, one of the second, groups of one size
        held += abs(mean - truth) < 1.645 * se
    assert 0.85 <= held / 300 <= 0.95


@pytest.mark.skipif(not COUNTIES.exists(), reason="the public file of counties is not at hand")
def test_the_public_file_of_counties_gives_the_effects_of_the_vignette() -> None:
    frame = pd.read_csv(COUNTIES)
    outcome = frame.pivot(index="countyreal", columns="year", values="lemp")
    first = frame.drop_duplicates("countyreal").set_index("countyreal").loc[outcome.index, "first.treat"].to_numpy()
    found = group_time_effects(
        outcome.to_numpy(), np.where(first == 0, np.inf, first), outcome.columns.to_numpy(dtype=float)
    )
    table = found.table.set_index(["group", "time"])
    for group, time, effect, se in (
        (2004, 2004, -0.010503246, 0.02325104),
        (2004, 2006, -0.137258739, 0.03643566),
        (2006, 2005, -0.002750819, None),
        (2006, 2007, -0.041224472, 0.02022918),
        (2007, 2007, -0.026054411, 0.01665544),
    ):
        assert table.loc[(group, time), "effect"] == pytest.approx(effect, abs=1e-8)
        assert se is None or table.loc[(group, time), "se"] == pytest.approx(se, abs=1e-7)
    assert found.overall()[0] == pytest.approx(-0.03995128, abs=1e-8)


def _simulated(**changes: object) -> tuple[pd.DataFrame, Planted]:
    edition = load_edition(ROOT / "params" / "2025.yml")
    planted = load_planted(edition)
    changed = planted.training.model_copy(update=changes)
    planted = planted.model_copy(update={"training": changed})
    frame = draw_training(edition, planted).replace("", None)
    return frame.assign(hours=frame["hours"].astype(float)), planted


def test_the_planted_lifts_are_recovered() -> None:
    frame, planted = _simulated()
    table = training_effects(frame, confidence=0.99)
    whole = table[table["category"] == ""].set_index("measure")
    for measure, plan in planted.training.measures.items():
        assert whole.loc[measure, "ci_low"] < plan.lift < whole.loc[measure, "ci_high"], measure


def test_more_hours_do_more_and_nothing_happens_before_the_start() -> None:
    frame, planted = _simulated()
    plan = planted.training
    for measure, rows in effect_of_hours(frame, confidence=0.99).groupby("measure"):
        slope = plan.measures[str(measure)].lift / plan.mean_hours
        assert rows["effect"].is_monotonic_increasing
        assert ((rows["ci_low"] < slope * rows["hours"]) & (slope * rows["hours"] < rows["ci_high"])).all()
    course, parallel = course_of_effect(frame, confidence=0.99)
    before = course[course["since"] < 0]
    assert ((before["ci_low"] < 0) & (before["ci_high"] > 0)).all()
    assert min(parallel.values()) > 0.01


def test_groups_that_drifted_apart_before_are_told() -> None:
    frame, _ = _simulated()
    early = frame["period"] == "2024Q3"
    frame.loc[early & (frame["trained"] == 1), "knowledge"] += 3
    assert course_of_effect(frame)[1]["knowledge"] < 0.01


def test_intervals_clustered_by_unit_hold_the_truth() -> None:
    """300 small panels whose units are shaken together: 93 to 97 in 100 of the 95 % intervals hold the effect."""
    rng, held = np.random.default_rng(12), 0
    for _ in range(300):
        unit = np.repeat(np.arange(60), 5)
        start = rng.choice([2.0, 3.0, np.inf], 60, p=[0.3, 0.3, 0.4])[unit]
        shaken = rng.normal(0, 0.8, (60, 4))[unit]
        outcome = rng.normal(0, 1, (300, 1)) + rng.normal(0, 0.7, (300, 4)) + shaken
        outcome = outcome + 1.0 * (np.arange(4) >= start[:, None])
        mean, se = group_time_effects(outcome, start, np.arange(4.0), cluster=unit).overall()
        held += abs(mean - 1.0) < 2.0 * se
    assert 0.93 <= held / 300 <= 0.975


def test_what_was_given_is_counted_by_quarter_and_against_the_norm() -> None:
    frame, _ = _simulated()
    table = delivery(frame).set_index(["by", "category"])
    trained = frame.drop_duplicates("staff_id")["trained"].mean()
    assert table.loc[("coverage", "any"), "share"] == pytest.approx(trained)
    assert table.loc[("coverage", "every"), "share"] < table.loc[("quarter", "2025Q3"), "share"]
    untold = frame.drop(columns=["content", "mode", "hours"])
    with pytest.raises(MethodError, match="when anything was taught"):
        delivery(untold)


def test_two_tests_are_welchs_difference_of_the_changes() -> None:
    """With two periods the effect is the difference of two mean changes, and its variance the sum of theirs."""
    frame = _tests([(1, 60, 70), (1, 50, 65), (1, 70, 74), (0, 60, 61), (0, 55, 59), (0, 50, 52), (0, 70, 69)])
    row = training_effects(frame).iloc[0]
    trained, others = np.array([10.0, 15, 4]), np.array([1.0, 4, 2, -1])
    assert row["effect"] == pytest.approx(trained.mean() - others.mean())
    assert row["se"] ** 2 == pytest.approx(trained.var() / 3 + others.var() / 4)


def test_who_was_tested_once_is_left_out_and_a_group_without_untrained_too() -> None:
    frame = _tests([(1, 60, 70), (1, 50, 65), (0, 60, 61), (0, 55, 59), (1, 80, None)])
    frame["institution_type"] = np.where(frame["trained"] == 1, "bank", "fund")
    table = training_effects(frame)
    assert table["category"].tolist() == [""]
    assert table.iloc[0][["n_trained", "n_untrained"]].tolist() == [2, 2]


def test_nobody_without_training_is_an_error() -> None:
    with pytest.raises(MethodError, match="nothing to compare"):
        group_time_effects(np.ones((3, 2)), np.ones(3), np.array([0.0, 1.0]))
    assert training_effects(_tests([(1, 60, 70), (1, 50, 65)])).empty


def _tests(rows: list[tuple[int, float, float | None]]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "staff_id": [f"E{place}" for place in range(len(rows))],
                "trained": [row[0] for row in rows],
                "period": period,
                "knowledge": pd.array([row[column] for row in rows], dtype="Float64").to_numpy(float, na_value=np.nan),
            }
        )
        for column, period in ((1, "before"), (2, "after"))
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_start_that_the_table_names_gives_the_effects_of_r() -> None:
    """The golden panel as a table of years, in which only first_trained tells when training began."""
    outcome, start = _panel()
    years = [2021, 2022, 2023, 2024]
    frame = pd.DataFrame(
        {
            "staff_id": np.repeat(np.arange(len(start)).astype(str), 4),
            "period": [str(year) for year in years] * len(start),
            "trained": np.repeat(np.isfinite(start).astype(float), 4),
            "knowledge": outcome.ravel(),
            "first_trained": np.repeat([None if np.isinf(one) else str(years[int(one) - 1]) for one in start], 4),
        }
    )
    effects = training_effects(frame)
    assert effects["effect"].iloc[0] == pytest.approx(GOLDEN["overall"])
    course, _ = course_of_effect(frame)
    assert set(course["since"]) == {int(time - group) for group, time in GOLDEN["group_time"]}
