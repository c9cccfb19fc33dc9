"""Verdicts by rule, in both directions, before and after the date, with gaps."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.monitoring.register import VERDICTS, judge_actions, track_promises
from analysis.project import ROOT

STANDARDS = load_edition(ROOT / "params" / "2025.yml").standards
LAST = dt.date(2025, 10, 31)
CASES = [
    # indicator, baseline, target, actual, due, verdict, progress
    ("csat", 80.0, 85.0, 85.0, "2025-06-01", "met", 1.0),
    ("csat", 80.0, 85.0, 83.0, "2025-06-01", "missed", 0.6),
    ("csat", 80.0, 85.0, 83.0, "2025-12-01", "on_the_way", 0.6),
    ("csat", 80.0, 85.0, 80.0, "2025-12-01", "not_begun", 0.0),
    ("csat", 80.0, 85.0, 79.0, None, "not_begun", -0.2),
    ("csat", 80.0, 85.0, None, "2025-06-01", "unknown", None),
    ("complaint_cycle", 16.0, 14.0, 13.5, "2025-12-01", "met", 1.25),  # less is better
    ("complaint_cycle", 16.0, 14.0, 15.0, "2025-10-31", "missed", 0.5),
    ("complaint_cycle", None, 14.0, 15.0, "2025-12-01", "on_the_way", None),  # the standards say that less is better
    ("complaint_cycle", None, 14.0, 13.0, None, "met", None),
    ("made_up", None, 14.0, 13.0, "2025-06-01", "unknown", None),  # nobody says which way is better
    ("csat", 85.0, 85.0, 86.0, "2025-06-01", "met", None),  # to be kept, not raised
]


@pytest.mark.parametrize("case", CASES)
def test_a_verdict_follows_from_the_figures(case: tuple[object, ...]) -> None:
    verdict, progress = case[5:]
    row = judge_actions(_register([case]), standards=STANDARDS, as_of=LAST).iloc[0]
    assert row["verdict"] == verdict
    assert row["progress"] == pytest.approx(float("nan") if progress is None else progress, nan_ok=True)


def test_the_register_is_ordered_by_verdict_and_names_its_indicators() -> None:
    table = judge_actions(_register(CASES), standards=STANDARDS, as_of=LAST)
    places = [VERDICTS.index(verdict) for verdict in table["verdict"]]
    assert places == sorted(places)
    names = dict(zip(table["indicator"], table["indicator_en"], strict=True))
    assert names["complaint_cycle"] == "Mean complaint cycle"
    assert names["made_up"] == "made_up"


def test_a_register_of_the_bare_minimum_is_judged_too() -> None:
    bare = _register(CASES)[["action_id", "measure_zh", "measure_en", "indicator", "target"]]
    assert set(judge_actions(bare, standards=None, as_of=LAST)["verdict"]) == {"unknown"}


def _register(cases: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(cases, columns=["indicator", "baseline", "target", "actual", "due", "_", "__"])
    frame["action_id"] = [f"A{number}" for number in range(len(frame))]
    frame["measure_zh"], frame["measure_en"] = "措施", "measure"
    return frame.assign(due=pd.to_datetime(frame["due"])).drop(columns=["_", "__"])


def test_a_share_with_its_base_has_wilsons_interval_and_is_met_only_with_all_of_it() -> None:
    case = ("csat", 80.0, 85.0, 86.0, "2025-06-01", None, None)
    few, many = (_judged([case], baseline_n=n, actual_n=n) for n in (200, 5000))
    z, n, p = 1.959964, 200, 0.86
    middle, half = (p + z**2 / (2 * n)), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert few["actual_low"] == pytest.approx(100 * (middle - half) / (1 + z**2 / n), rel=1e-6)
    assert (few["verdict"], many["verdict"]) == ("unknown", "met")


def test_a_measure_is_missed_when_its_time_is_up_and_all_of_the_interval_is_short() -> None:
    short = ("complaint_cycle", 16.0, 14.0, 15.0, "2025-06-01", None, None)
    assert _judged([short], actual_se=0.2)["verdict"] == "missed"
    assert _judged([short], actual_se=0.8)["verdict"] == "unknown"


def test_a_change_within_chance_is_no_progress() -> None:
    case = ("csat", 80.0, 85.0, 81.0, "2026-06-01", None, None)
    weak, clear = (_judged([case], baseline_n=n, actual_n=n) for n in (300, 60000))
    assert (weak["changed"], weak["verdict"]) == ("same", "not_begun")
    assert (clear["changed"], clear["verdict"]) == ("better", "on_the_way")


def test_a_charted_indicator_without_error_of_its_own_stands_at_its_chart() -> None:
    charts = pd.DataFrame(
        {"indicator": ["csat"], "unit": ["percent"], "bound": ["at_least"], "level": [87.0], "level_se": [0.5]}
    )
    case = ("csat", 80.0, 85.0, 84.0, "2025-06-01", None, None)
    row = _judged([case], charts=charts)
    assert (row["source"], row["actual"], row["verdict"]) == ("chart", 87.0, "met")
    own = _judged([case], charts=charts, actual_n=900)
    assert (own["source"], own["actual"]) == ("register", 84.0)


def test_answers_needed_are_those_of_two_independent_shares() -> None:
    case = ("csat", 80.0, 85.0, 82.0, "2026-06-01", None, None)
    z = 1.959964 + 0.841621
    expected = z**2 * (0.8 * 0.2 + 0.85 * 0.15) / 0.05**2
    assert _judged([case])["needed_n"] == math.ceil(expected)
    with_base = _judged([case], baseline_n=2000)["needed_n"]
    assert with_base == math.ceil(0.85 * 0.15 / ((0.05 / z) ** 2 - 0.8 * 0.2 / 2000))
    assert math.isnan(_judged([case], baseline_n=300)["needed_n"])  # a baseline too uncertain for any later sample


def test_intervals_of_a_change_hold_the_truth_as_often_as_they_say() -> None:
    rng, size, before, after = np.random.default_rng(8), 4000, 0.78, 0.84
    hits = rng.binomial([[150], [180]], [[before], [after]], (2, size)) / np.array([[150], [180]])
    table = pd.DataFrame({"baseline": 100 * hits[0], "actual": 100 * hits[1]}).assign(
        action_id=range(size), measure_zh="措施", measure_en="measure", indicator="csat", target=90.0,
        baseline_n=150, actual_n=180,
    )  # fmt: skip
    found = judge_actions(table, standards=STANDARDS, as_of=LAST)
    truth = 100 * (after - before)
    assert 0.93 <= ((found["change_low"] <= truth) & (truth <= found["change_high"])).mean() <= 0.97
    mean = pd.DataFrame({"baseline": rng.normal(20, 0.8, size), "actual": rng.normal(16, 0.5, size)}).assign(
        action_id=range(size), measure_zh="措施", measure_en="measure", indicator="branch_waiting", target=15.0,
        baseline_se=0.8, actual_se=0.5,
    )  # fmt: skip
    found = judge_actions(mean, standards=STANDARDS, as_of=LAST)
    assert 0.93 <= ((found["change_low"] <= -4) & (found["change_high"] >= -4)).mean() <= 0.97


def test_promises_follow_the_verdicts_on_the_measures_that_carry_them_out() -> None:
    verdicts = {"a": ["met"], "b": ["met", "on_the_way"], "c": ["missed", "met"], "d": ["unknown"]}
    rows = [(key, verdict) for key, found in verdicts.items() for verdict in found]
    register = pd.DataFrame(rows, columns=["recommendation", "verdict"]).assign(measure_zh="措施", measure_en="m")
    promises = pd.DataFrame({"recommendation_id": ["e", *verdicts], "indicator": "csat", "target": 80.0})
    found = track_promises(promises, register, charts=None).set_index("recommendation_id")["became"].to_dict()
    assert found == {"a": "kept", "b": "under_way", "c": "not_kept", "d": "open", "e": "no_measure"}
    charts = pd.DataFrame({"indicator": ["csat"], "bound": ["at_least"], "level": [81.0]})
    by_chart = track_promises(promises, None, charts=charts)
    assert set(by_chart["became"]) == {"kept"}


def _judged(cases: list[tuple[object, ...]], charts: pd.DataFrame | None = None, **columns: float) -> pd.Series:
    frame = _register(cases).assign(**columns)
    return judge_actions(frame, standards=STANDARDS, as_of=LAST, charts=charts).iloc[0]
