"""What charts, register and recommendations say: in both languages, from what was released, next year too."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.monitoring.indicators import monitor
from analysis.monitoring.recommendations import COLUMNS
from analysis.monitoring.register import PROMISED, judge_actions, track_promises
from analysis.project import ROOT
from analysis.publish.parts.actions import PART, advice, advice_points, findings
from analysis.publish.parts.actions.cells import promised, recommendation
from analysis.publish.release import release
from analysis.publish.words.labels import Labels
from analysis.results import Store

EDITION = load_edition(ROOT / "params" / "2025.yml")
LAST = dt.date(2025, 10, 31)
ROWS = [
    {"kind": "dimension", "subject": "security", "construct": "security", "item": "sec1", "segment": "institution_type",
     "category": "bank", "base": 5000, "figure": 2.3, "figure_low": 1.3, "figure_high": 3.2, "unit": "score",
     "indicator": "security", "baseline": 85.6, "target": 87.9, "effect_of": "gap", "loyalty": 0.68,
     "loyalty_low": 0.44,
     "loyalty_high": 0.94, "index": 0.32, "index_low": 0.19, "index_high": 0.46, "outcome": "loyalty",
     "counter": "results", "counter_kind": "score", "owner_zh": "甲部门", "owner_en": "Department A"},
    {"kind": "step", "subject": "result", "place": "complaint", "construct": "results", "base": 300, "figure": 2300.0,
     "count": 60, "unit": "percent", "baseline": 80.0, "target": 90.0, "effect_of": "", "counter": "csat",
     "counter_kind": "indicator", "name_zh": "形成处理结果", "name_en": "Result", "owner_zh": "", "owner_en": ""},
    {"kind": "theme", "subject": "process", "construct": "efficiency", "base": 400, "figure": 0.2, "figure_low": 0.17,
     "figure_high": 0.23, "count": 400, "unit": "percent", "baseline": 20.0, "target": 17.0, "effect_of": "",
     "counter": "csi", "counter_kind": "index"},
    {"kind": "training", "subject": "insurance", "construct": "efficiency", "segment": "institution_type",
     "category": "insurance", "figure": 0.6, "figure_low": 0.2, "figure_high": 1.0, "count": 0.9, "unit": "score",
     "indicator": "efficiency", "effect_of": "", "counter": "csat", "counter_kind": "indicator"},
    {"kind": "indicator", "subject": "csat", "place": "misses", "figure": 3.0, "indicator": "csat", "unit": "percent",
     "indicator_zh": "满意占比", "indicator_en": "Satisfied", "baseline": 85.0, "target": 88.6, "effect_of": "",
     "counter": "csi", "counter_kind": "index"},
    {"kind": "measure", "subject": "A1", "name_zh": "提速", "name_en": "Speed up", "indicator": "csat",
     "unit": "percent",
     "indicator_zh": "满意占比", "indicator_en": "Satisfied", "baseline": 85.0, "target": 88.6, "effect_of": "",
     "counter": "csi", "counter_kind": "index"},
]  # fmt: skip


def _advice() -> pd.DataFrame:
    table = pd.DataFrame(ROWS).reindex(columns=list(COLUMNS))
    table["recommendation_id"] = [f"2025-{number}" for number in range(1, len(table) + 1)]
    return table.assign(due=pd.Timestamp("2026-06-30"))


def _published(tmp_path: Path, **tables: pd.DataFrame) -> Store:
    store = Store(tmp_path)
    for name, table in release(tables, [PART], rules=EDITION.disclosure).items():
        store.save_table(name, table)
    return store


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_recommendation_is_told_with_grounds_owner_date_and_guard(tmp_path: Path, lang: str) -> None:
    store, labels = _published(tmp_path, recommendations=_advice()), Labels(EDITION, lang)
    heads = [advice.heading(number)(store, labels) for number in range(1, 9)]
    told = [advice.paragraph(number)(store, labels) for number in range(1, 9)]
    assert all(heads[:6])
    assert all(told[:6])
    assert heads[6:] == told[6:] == ["", ""]
    assert "nan" not in " ".join([*heads, *told]).lower().replace("finance", "")
    due = "2026年6月" if lang == "zh" else "June 2026"
    assert all(due in text for text in told[:6])
    assert "0.68" in told[0]
    assert "0.44–0.94" in told[0]
    unknown = "无从估计" if lang == "zh" else "be estimated in this edition"
    assert [unknown in text for text in told[:6]] == [False, True, True, True, True, True]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_only_recommendation_without_a_question_to_begin_with_is_told_as_one(tmp_path: Path, lang: str) -> None:
    for place in (None, "bank"):
        table = _advice().head(1).assign(item="", category=place, segment=place and "institution_type")
        store, labels = _published(tmp_path, recommendations=table), Labels(EDITION, lang)
        head = advice.heading(1)(store, labels)
        assert labels.construct("security").lower() in head.lower()
        assert [part for part in ("“”", "beginning", "先改善") if part in head] == []
        told = advice.recommendations(store, labels) + advice_points.recommended(store, labels)
        assert {"zh": "一条建议", "en": "one recommendation"}[lang] in told
        assert "1" not in told.replace("2026", "")


def test_a_recommendation_on_few_people_is_not_told(tmp_path: Path) -> None:
    table = _advice()
    table.loc[0, "base"] = 12
    store = _published(tmp_path, recommendations=table)
    labels = Labels(EDITION, "en")
    assert "85.6" not in " ".join(advice.paragraph(number)(store, labels) for number in range(1, 9))


def test_what_a_recommendation_starts_from_is_as_coarse_as_where_it_is_published(tmp_path: Path) -> None:
    """70 interviews: a score to a whole point, as the dimension's; 683 cases: a share to half a percent."""
    table = _advice().head(2)
    table.loc[0, ["base", "baseline", "figure", "figure_low", "figure_high"]] = [70, 65.9, 34.1, 26.7, 42.2]
    table.loc[1, ["base", "baseline", "figure"]] = [683, 80.67, 11767.6]
    shown = _published(tmp_path, recommendations=table).table("recommendations")
    assert shown["baseline"].tolist() == [66.0, 80.5]
    assert shown["figure"].tolist()[0] == 34.0
    assert shown["figure"].tolist()[1] == pytest.approx(11767.6, abs=50)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_published_this_year_reads_the_same_as_a_promise_of_next_year(lang: str) -> None:
    labels, own = Labels(EDITION, lang), _advice()
    promises = track_promises(own.reindex(columns=list(PROMISED)), None, charts=None)
    words = {row["recommendation_id"]: recommendation(row, labels) for row in own.to_dict("records")}
    assert {row["recommendation_id"]: promised(row, labels) for row in promises.to_dict("records")} == words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_and_register_are_told_from_what_was_released(tmp_path: Path, lang: str) -> None:
    periods = [str(period) for period in pd.period_range("2024-01", periods=16, freq="M")]
    figures = pd.DataFrame({"indicator": "branch_waiting", "period": periods, "value": [18.0, 18.6] * 7 + [18.2, 25.0]})
    charts = monitor(
        figures, {}, standards=EDITION.standards, monitoring=EDITION.monitoring.model_copy(update={"steps": {}})
    )
    actions = pd.DataFrame(
        {"action_id": ["a", "b"], "measure_zh": ["提速", "增窗"], "measure_en": ["Speed up", "More counters"],
         "indicator": "csat", "baseline": [80.0, 80.0], "target": [85.0, 82.0], "actual": [81.0, 86.0],
         "baseline_n": [900, 900], "actual_n": [900, 900], "due": pd.Timestamp("2025-06-30")}
    )  # fmt: skip
    register = judge_actions(actions, standards=EDITION.standards, as_of=LAST, charts=charts.summary)
    tables = {"control_summary": charts.summary, "control_points": charts.points, "action_register": register}
    store, labels = _published(tmp_path, **tables), Labels(EDITION, lang)
    told = findings.monitoring(store, labels)
    assert "25 " in told or "25分" in told
    assert ("转差" if lang == "zh" else "got worse") in told
    assert ("总也达不到" if lang == "zh" else "out of reach") in told
    assert ("提速" if lang == "zh" else "Speed up") in findings.actions(store, labels)
    assert ("增窗" if lang == "zh" else "More counters") in findings.action_changes(store, labels)
    drawn = PART.drawn(store.published(), labels)
    assert drawn["control_charts"].startswith("<svg ")
    assert findings.flags(store, labels)["monitored.branch_waiting"]
    assert np.isfinite(store.table("control_points")["value"]).all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_indicators_that_were_withheld_have_no_chart_and_no_verdict(tmp_path: Path, lang: str) -> None:
    labels = Labels(EDITION, lang)
    periods = [str(period) for period in pd.period_range("2024-01", periods=16, freq="M")]
    both = ("branch_waiting", "complaint_cycle")
    figures = pd.concat([pd.DataFrame({"indicator": key, "period": periods, "value": 20.0}) for key in both])
    charts = monitor(figures, {}, standards=EDITION.standards, monitoring=EDITION.monitoring)
    summary, points = charts.summary, charts.points
    for table in (summary, points):
        hidden = table["indicator"] == both[1]
        table[["indicator", "value"]] = table[["indicator", "value"]].mask(hidden)
    summary[["variation", "assurance"]] = summary[["variation", "assurance"]].mask(summary["indicator"].isna())
    store = Store(tmp_path)
    store.save_table("control_summary", summary)
    store.save_table("control_points", points)
    drawn = PART.drawn(store.published(), labels)["control_charts"]
    shown = str(summary.loc[summary["indicator"].notna(), f"indicator_{lang}"].iloc[0])
    hidden_name = str(summary.loc[summary["indicator"].isna(), f"indicator_{lang}"].iloc[0])
    assert shown in drawn
    assert hidden_name not in drawn
    rows = PART.printed(store, labels)["control_summary"]["shown"]["rows"]
    assert any("—" in str(row) for row in rows)
    store.save_table("control_points", points.assign(value=np.nan))
    assert "control_charts" not in PART.drawn(store.published(), labels)
