"""Verdicts by rule, in both directions, before and after the date, with gaps."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.monitoring.register import VERDICTS, judge_actions
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
