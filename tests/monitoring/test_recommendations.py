"""Evidence becomes a recommendation with owner, date, effect and what must not suffer; weak evidence none."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.monitoring.recommendations import Evidence, compose, gather
from analysis.project import ROOT

EDITION = load_edition(ROOT / "params" / "2025.yml")
LAST = dt.date(2025, 10, 31)
KEYS = ["security", "professionalism", "efficiency", "results"]


def _priorities() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "outcome": "loyalty",
            "construct": KEYS,
            "rank": [1, 2, 3, 4],
            "performance": [85.0, 83.0, 81.0, 84.0],
            "target": [88.0, 87.0, 82.0, 85.0],
            "target_segment": "institution_type",
            "target_category": ["bank", "fund", "internet", "wealth"],
            "gap": [3.0, 4.0, 1.0, 1.0],
            "gap_low": [2.0, 3.0, 0.2, -0.2],
            "gap_high": [4.0, 5.0, 1.8, 2.2],
            "priority": [0.7, 0.4, 0.2, 0.2],
            "priority_low": [0.4, 0.2, 0.01, -0.1],
            "priority_high": [0.9, 0.6, 0.4, 0.5],
            "index_point": 0.25,
            "index_gain": [0.75, 1.0, 0.25, 0.25],
            "index_low": [0.5, 0.75, 0.05, -0.05],
            "index_high": [1.0, 1.25, 0.45, 0.55],
            "n": 5000,
        }
    )


def _performance() -> pd.DataFrame:
    table = pd.DataFrame({"construct": KEYS, "performance": [85.0, 83.0, 81.0, 84.0]}).assign(outcome="loyalty")
    table["performance_low"], table["performance_high"] = table["performance"] - 0.6, table["performance"] + 0.6
    importance = pd.Series([0.30, 0.10, 0.16, 0.19])
    return table.assign(importance=importance, importance_low=importance - 0.04, importance_high=importance + 0.04)


ITEMS = pd.DataFrame(
    {
        "outcome": "loyalty",
        "construct": "security",
        "item": ["sec1", "sec2", "sec3"],
        "importance": [0.2, 0.1, 0.3],
        "performance": [86.0, 70.0, 84.0],
    }
)
LINKS = pd.DataFrame(
    {
        "scenario": ["complaint", "account"],
        "step": ["result", "closing"],
        "n": [300, 12],
        "missed": [60, 6],
        "share": [0.8, 0.5],
        "hours_lost": [2300.0, 40.0],
        "rank": [1, 2],
        "place": ["complaint.result", "account.closing"],
    }
)
POINTS = pd.DataFrame(
    {
        "theme": ["process"],
        "construct": ["efficiency"],
        "n": [400],
        "texts": [2000],
        "group": ["weak.theme=process"],
        "share": [0.2],
        "ci_low": [0.17],
        "ci_high": [0.23],
        "rank": [1],
    }
)
NEEDS = pd.DataFrame(
    {
        "category": ["fund", "insurance"],
        "construct": "efficiency",
        "gap": 3.0,
        "need": [0.5, 0.6],
        "ci_low": [-0.1, 0.2],
        "ci_high": 1.0,
        "p_first_two": [0.95, 0.9],
    }
)
CHARTS = pd.DataFrame(
    {
        "indicator": ["csat", "branch_waiting"],
        "indicator_zh": "指标",
        "indicator_en": "indicator",
        "unit": "percent",
        "bound": "at_least",
        "value": 80.0,
        "centre": 80.0,
        "target": 88.6,
        "assurance": ["hit_and_miss", "misses"],
        "variation": "common",
    }
)
REGISTER = pd.DataFrame(
    {
        "action_id": ["A1", "A2"],
        "verdict": ["missed", "met"],
        "progress": [0.4, 1.0],
        "dimension": ["results", "security"],
        "indicator": ["csat", "branch_waiting"],
        "indicator_zh": "指标",
        "indicator_en": "indicator",
        "owner_zh": ["甲", "乙"],
        "owner_en": ["A", "B"],
        "measure_zh": "措施",
        "measure_en": "measure",
        "actual": 84.0,
        "target": 88.0,
        "unit": "percent",
    }
)


def _composed(evidence: Evidence) -> pd.DataFrame:
    house = {"standards": EDITION.standards, "monitoring": EDITION.monitoring, "segment": "institution_type"}
    return compose(evidence, as_of=LAST, min_base=30, **house)  # type: ignore[arg-type]


def _all() -> pd.DataFrame:
    drivers = {"priorities": _priorities(), "importance_performance": _performance()}
    drivers |= {"importance_performance_items": ITEMS}
    others = {"weak_links": LINKS, "weak_points": POINTS, "needs": NEEDS}
    return _composed(gather(drivers, others, charts=CHARTS, register=REGISTER))


def test_every_kind_of_evidence_becomes_one_and_weak_evidence_none() -> None:
    found = _all()
    kinds = ["dimension", "dimension", "dimension", "step", "theme", "training", "indicator", "measure"]
    assert found["kind"].tolist() == kinds
    assert found["subject"].tolist() == [*KEYS[:3], "result", "process", "insurance", "branch_waiting", "A1"]
    assert found["recommendation_id"].tolist() == [f"2025-{number}" for number in range(1, 9)]


def test_a_dimension_promises_what_its_gap_is_worth_with_intervals() -> None:
    row = _all().iloc[0]
    assert (row["loyalty"], row["loyalty_low"], row["loyalty_high"]) == (0.7, 0.4, 0.9)
    assert (row["figure_low"], row["figure_high"]) == (2.0, 4.0)
    assert (row["index_low"], row["index_high"]) == (0.5, 1.0)
    assert row["item"] == "sec3"  # of those that matter more than the mean, the lowest rated
    assert (row["owner_en"], row["counter"]) == ("B", "results")
    assert row["due"].date() == dt.date(2026, 12, 31)


@pytest.mark.parametrize(("score", "points"), [(85.0, 5.0), (97.0, 3.0)])
def test_without_groups_a_dimension_is_to_gain_a_few_points_and_not_full_marks(score: float, points: float) -> None:
    order, performance = _priorities(), _performance()
    nobody = {"target": 100.0, "target_segment": None, "target_category": None, "performance": score}
    order = order.assign(**nobody, gap=100 - score, gap_low=99 - score, gap_high=101 - score)
    row = _composed(
        gather({"priorities": order, "importance_performance": performance}, charts=None, register=None)
    ).iloc[0]
    assert (row["baseline"], row["target"], row["figure"]) == (score, score + points, points)
    told = [row[f"loyalty{end}"] for end in ("", "_low", "_high")]
    assert told == pytest.approx([points * effect for effect in (0.30, 0.26, 0.34)])
    assert [row["index"], row["index_low"], row["index_high"]] == [0.25 * points] * 3
    assert row["effect_of"] == "gap"


def test_an_only_dimension_names_its_outcome_though_no_other_is_to_be_guarded() -> None:
    only = _priorities().head(1), _performance().query("construct == @KEYS[0]")
    drivers = dict(zip(("priorities", "importance_performance"), only, strict=True))
    found = _composed(gather(drivers, charts=None, register=None))
    assert found["outcome"].tolist() == [_priorities()["outcome"].iloc[0]]
    assert found["counter_kind"].tolist() == ["index"]


def test_the_others_promise_what_one_point_is_worth_and_name_what_must_not_suffer() -> None:
    rows = _all().set_index("kind")
    step = rows.loc["step"]
    assert (step["effect_of"], step["construct"], step["loyalty"], step["index"]) == ("point", "results", 0.19, 0.25)
    assert (step["baseline"], step["target"], step["owner_en"]) == (80.0, 90.0, "Consumer protection")
    assert (rows.loc["theme", "target"], rows.loc["theme", "counter"]) == (17.0, "csat")
    assert rows.loc["measure", "counter"] == "csi"  # its own indicator can't guard it
    assert rows["counter"].notna().all()


def test_without_evidence_there_is_nothing_to_recommend() -> None:
    assert _composed(Evidence()).empty
    assert _composed(gather({}, charts=None, register=None)).empty
    assert _composed(Evidence(weak_links=LINKS)).iloc[0]["effect_of"] == ""
