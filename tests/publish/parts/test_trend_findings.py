"""Sentences on level, change and forecast: what the intervals allow and no more, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.trend import findings
from analysis.publish.parts.trend.cells import EVENT, FEATURE
from analysis.publish.parts.trend.tables import TABLES
from analysis.publish.words.labels import Labels
from analysis.results import Store

SERIES: dict[str, Any] = {"first": "2024Q3", "last": "2025Q3", "waves": 5, "even": True, "own": "", "tracked": None}
SERIES |= {"tracked_low": None, "tracked_high": None}
RECORD = {"order": "(0,1,1)+drift", "smoothing": "AAN", "horizon": 2, "origins": 10, "held": 33, "tested": 34}


@pytest.fixture(scope="module", params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    names = ["2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3"]
    waves = pd.DataFrame({"wave": names, "csi": [81.0, 81.2, 81.5, 81.9, 82.2]})
    store.save_table("waves", waves.assign(ci_low=waves["csi"] - 0.7, ci_high=waves["csi"] + 0.7))
    store.save_record("09_trend", "series", SERIES)
    return store


def _change(store: Store, low: float | None, high: float | None, **changed: Any) -> None:
    row = {"change": "year", "wave": "2025Q3", "against": "2024Q3", "before": 81.0, "after": 82.2, "difference": 1.2}
    if high is not None and high < 0:
        row |= {"before": 83.4, "difference": -1.2}
    store.save_table("changes", pd.DataFrame([row | {"ci_low": low, "ci_high": high} | changed]))


def _told(labels: Labels, zh: str, en: str) -> str:
    return zh if labels.lang == "zh" else en


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (0.3, 2.1, "高 1.2 分（区间 0.3–2.1），升幅超出抽样误差", "up 1.2 points on a year earlier"),
        (-2.1, -0.3, "低 1.2 分（区间 −2.1 至 −0.3），降幅超出抽样误差", "down 1.2 points on a year earlier"),
        (-0.1, 2.5, "可视为基本持平", "about the same as a year earlier"),
        (None, None, "无从判断", "no judgement"),
    ],
)
def test_a_change_is_told_by_its_interval(
    store: Store, labels: Labels, low: float | None, high: float | None, zh: str, en: str
) -> None:
    _change(store, low, high)
    told = findings.trend(store, labels).replace("\N{NO-BREAK SPACE}", " ")
    assert "82.2" in told
    assert _told(labels, zh, en) in told
    assert _told(labels, "上一版", "last edition") in told  # 2024Q3 is that of the params


def test_a_series_of_which_every_index_is_withheld_has_no_level(store: Store, labels: Labels) -> None:
    store.save_record("09_trend", "series", SERIES)
    waves = pd.DataFrame({"wave": ["2025Q2", "2025Q3"], "csi": [82.0, 82.2]})
    store.save_table("waves", waves)
    assert "82.2" in findings.trend(store, labels)
    store.save_table("waves", waves.assign(csi=float("nan")))
    assert "2025" not in findings.trend(store, labels)


def test_the_last_edition_is_named_only_where_it_is_that_wave(store: Store, labels: Labels) -> None:
    _change(store, 0.3, 2.1, against="2024Q2")
    assert _told(labels, "上一版", "last edition") not in findings.trend(store, labels)


def test_one_wave_has_a_level_and_no_change(store: Store, labels: Labels) -> None:
    assert _told(labels, "只有这一期", "the only wave") in findings.trend(store, labels)
    assert findings.in_brief(store, labels) in findings.trend(store, labels)


@pytest.mark.parametrize(
    ("slope", "low", "high", "zh", "en"),
    [
        (0.5, 0.2, 0.8, "平均每年上升 0.50 分（0.20–0.80）", "risen by 0.50 points a year on average (0.20–0.80)"),
        (-0.5, -0.8, -0.2, "平均每年下降 0.50 分（0.20–0.80）", "fallen by 0.50 points a year on average (0.20–0.80)"),
        (0.1, -0.2, 0.4, "看不出持续的升降", "no lasting rise or fall"),
    ],
)
def test_the_long_run_rises_or_falls_beyond_its_interval(
    store: Store, labels: Labels, slope: float, low: float, high: float, zh: str, en: str
) -> None:
    _change(store, 0.3, 2.1)
    row = {"feature": "slope", "name": "", "period": 4, "estimate": slope, "ci_low": low, "ci_high": high}
    store.save_table("course", pd.DataFrame([row]))
    assert _told(labels, zh, en) in findings.trend(store, labels)
    assert findings.course(store, labels) != labels.text("tables.waves")


@pytest.mark.parametrize(
    ("event", "size", "zh", "en"),
    [
        (
            "spell 3",
            -1.6,
            "2024年第4季度至2025年第2季度低于常轨 1.6 分（1.1–2.1）",
            "1.6 points below its course (1.1–2.1)",
        ),
        (
            "outlier",
            1.6,
            "高出常轨 1.6 分（1.1–2.1），仅此一期",
            "1.6 points above its course (1.1–2.1), in that wave only",
        ),
        ("shift", -1.6, "水平下移了 1.6 分", "its level moved down by 1.6 points"),
    ],
)
def test_waves_that_left_the_course_are_told(
    store: Store, labels: Labels, event: str, size: float, zh: str, en: str
) -> None:
    _change(store, 0.3, 2.1)
    row = {"wave": "2024Q4", "event": event, "size": size, "ci_low": size - 0.5, "ci_high": size + 0.5}
    store.save_table("events", pd.DataFrame([row | {"probability": 0.95}]))
    assert _told(labels, zh, en) in findings.trend(store, labels)


@pytest.mark.parametrize("own", ["same", "differs", "added", "apart"])
def test_the_index_of_the_edition_and_its_wave_are_reconciled(store: Store, labels: Labels, own: str) -> None:
    _change(store, 0.3, 2.1)
    tracked = {"tracked": 82.6, "tracked_low": 82.0, "tracked_high": 83.2} if own in {"same", "differs"} else {}
    store.save_record("09_trend", "series", SERIES | tracked | {"own": own})
    store.save_table("csi_overall", pd.DataFrame([{"measure": "csi", "estimate": 80.4}]))
    told = findings.trend(store, labels)
    assert ("82.6" in told) == (own == "same")
    assert ("80.4" in told) == (own == "differs")
    assert _told(labels, "本版", "his edition") in told


def _save_forecast(store: Store, low: float, high: float, above: float, mae: float = 0.3) -> None:
    rows = [
        {"wave": "2025Q4", "estimate": 82.4, "ci_low": 81.6, "ci_high": 83.2, "above": 0.6},
        {"wave": "2026Q1", "estimate": (low + high) / 2, "ci_low": low, "ci_high": high, "above": above},
    ]
    store.save_table("forecast", pd.DataFrame(rows))
    errors = {"model_mae": mae, "naive_mae": 0.4, "leading": "reverting"}
    store.save_record("09_trend", "trend", RECORD | errors)


@pytest.mark.parametrize(
    ("low", "high", "above", "way"),
    [
        (82.5, 84.5, 0.99, "rising"),
        (80.0, 82.0, 0.01, "falling"),
        (82.0, 84.0, 0.9, "likely_rise"),
        (80.0, 82.6, 0.1, "likely_fall"),
        (81.0, 83.4, 0.5, "flat"),
    ],
)
def test_the_forecast_says_how_sure_a_rise_is(
    store: Store, labels: Labels, low: float, high: float, above: float, way: str
) -> None:
    _save_forecast(store, low, high, above)
    told = findings.forecast(store, labels)
    ways = ("rising", "falling", "likely_rise", "likely_fall", "flat")
    facts = {"last": "82.2", "above": f"{100 * above:.0f}"}
    assert [labels.text(f"findings.forecast.{one}", **facts) in told for one in ways] == [one == way for one in ways]
    assert _told(labels, "大约 95 次", "about 95") in told


@pytest.mark.parametrize(
    ("mae", "zh", "en"), [(0.3, "而沿用上期", "against 0.40"), (0.5, "并不优于", "no better than")]
)
def test_the_forecast_says_what_it_was_worth(store: Store, labels: Labels, mae: float, zh: str, en: str) -> None:
    _save_forecast(store, 81.0, 83.4, 0.5, mae)
    told = findings.forecast(store, labels)
    assert _told(labels, zh, en) in told
    assert f"{mae:.2f}" in told
    assert _told(labels, "34 个后来的结果中，有 33 个", "33 of the 34 figures") in told
    assert "  " not in told
    assert ("。" in told) == (labels.lang == "zh")


def test_the_brief_joins_level_change_and_forecast(store: Store, labels: Labels) -> None:
    _change(store, -0.1, 2.5)
    _save_forecast(store, 81.0, 83.4, 0.5)
    told = findings.in_brief(store, labels)
    assert _told(labels, "与上年同期（即上一版）基本持平", "about the same as a year earlier") in told
    assert _told(labels, "81.0 分与 83.4 分之间", "between 81.0 and 83.4") in told


@pytest.mark.parametrize(
    ("record", "zh", "en"),
    [
        ({"waves": 5, "even": True}, "本序列有 5 期", "the series has 5"),
        ({"waves": 14, "even": False}, "间隔不等", "unequal distances"),
        ({"waves": 14, "even": True}, "完全相同", "the same in every wave"),
    ],
)
def test_a_series_without_a_forecast_says_why(
    store: Store, labels: Labels, record: dict[str, Any], zh: str, en: str
) -> None:
    store.save_record("09_trend", "series", SERIES | record)
    told = findings.no_forecast(store, labels)
    assert _told(labels, zh, en) in told
    assert told.count(_told(labels, "。", ".")) <= 2
    _save_forecast(store, 81.0, 83.4, 0.5)
    assert findings.no_forecast(store, labels) == ""
    assert findings.variables(store, labels)["trend"]["model"].startswith("ARIMA(0,1,1)")


def _save_waves(store: Store, parts: list[dict[str, Any]], **record: Any) -> None:
    """A series estimated from three waves, with what changed in its parts."""
    names = ["2024Q1", "2024Q3", "2025Q3"]
    waves = pd.DataFrame({"wave": names, "csi": [80.0, 81.0, 82.2]})
    store.save_table("waves", waves.assign(ci_low=waves["csi"] - 0.7, ci_high=waves["csi"] + 0.7))
    store.save_table("wave_samples", pd.DataFrame({"wave": names, "n": 400, "margins": False}))
    rows = pd.DataFrame([{"wave": "2025Q3", "change": "year", **row} for row in parts])
    if parts:
        store.save_table("wave_parts", rows[rows["measure"] != "csat"])
        store.save_table("wave_share_steps", rows[rows["measure"] == "csat"])
    store.save_record("09_trend", "waves", {"left_out": [], "overlap": 0} | record)


def test_changes_of_the_parts_are_told_by_their_adjusted_p(store: Store, labels: Labels) -> None:
    values: list[tuple[str, str, float, float]] = [
        ("csat", "2024Q3", 0.031, 0.001),
        ("trust", "2024Q3", -2.4, 0.01),
        ("loyalty", "2024Q3", 1.9, 0.07),
        ("csat", "2024Q1", -0.01, 0.4),
        ("trust", "2024Q1", 0.5, 0.9),
    ]
    names = ("measure", "against", "difference", "p_adjusted")
    _save_waves(store, [dict(zip(names, row, strict=True)) for row in values])
    told = findings.wave_parts(store, labels)
    share = _told(
        labels,
        "满意客户占比（+3.1 个百分点）有所上升",
        "the share of satisfied customers (+3.1 percentage points) rose by more than",
    )
    assert share in told
    assert "1.9" not in told
    assert _told(labels, "其余一项", "the remaining one") in told
    assert told.endswith(
        _told(
            labels, "与2024年第1季度相比，满意客户占比与各项得分的差别都没有超出抽样误差。", "exceeds sampling error."
        )
    )


@pytest.mark.parametrize(("p", "key"), [(0.001, "higher"), (0.2, "same")])
def test_the_index_of_waves_is_told_by_its_adjusted_p_and_since_the_first(
    store: Store, labels: Labels, p: float, key: str
) -> None:
    _save_waves(store, [{"measure": "csat", "against": "2024Q3", "difference": 1.0, "p_adjusted": 1.0}])
    row = {"wave": "2025Q3", "after": 82.2, "ci_low": 0.1, "ci_high": 2.3}
    changes = [
        {**row, "change": "wave", "against": "2024Q3", "before": 81.0, "difference": 1.2, "p_adjusted": p},
        {**row, "change": "first", "against": "2024Q1", "before": 80.0, "difference": 2.2, "p_adjusted": p},
    ]
    store.save_table("wave_steps", pd.DataFrame(changes))
    told = findings.trend(store, labels)
    assert (
        _told(
            labels,
            "升幅超出抽样误差" if key == "higher" else "没有超出抽样误差",
            "can explain" if key == "higher" else "within sampling error",
        )
        in told
    )
    assert _told(labels, "首期（2024年第1季度，80.0 分）", "the first wave, Q1 2024 (80.0)") in told
    title = findings.course(store, labels)
    assert _told(labels, "与2024年第1季度相比", "Q1 2024") in title
    assert ("2.2" in title) == (key == "higher")


def test_what_the_series_does_without_is_named(store: Store, labels: Labels) -> None:
    item = labels.edition.instrument.item_keys[0]
    _save_waves(store, [], left_out=[item])
    store.save_table("wave_samples", pd.DataFrame({"wave": ["2023Q1", "2024Q1", "2024Q3", "2025Q3"], "n": 400}))
    told = findings.trend(store, labels)
    assert labels.item(item) in told
    assert _told(labels, "2023年第1季度未问到构成指数的题目", "No index is given for Q1 2023") in told


@pytest.mark.parametrize(
    ("overlap", "zh", "en"), [(0, "分别抽取", "drawn anew"), (120, "120 次访问", "120 of the interviews")]
)
def test_people_in_common_are_told(store: Store, labels: Labels, overlap: int, zh: str, en: str) -> None:
    _save_waves(store, [], overlap=overlap)
    assert _told(labels, zh, en) in findings.wave_samples(store, labels)


def test_an_edition_without_waves_has_nothing_to_tell(tmp_path: Path, labels: Labels) -> None:
    assert findings.variables(Store(tmp_path), labels) == {}


def test_events_and_seasons_are_written_in_words(labels: Labels) -> None:
    columns = {column.heading: column for spec in TABLES for column in spec.columns}
    event = EVENT.write({"event": "spell 3"}, columns["event"], labels)
    assert event == _told(labels, "连续 3 期", "3 waves in a row")
    row = {"feature": "season", "name": "2", "period": 4}
    assert FEATURE.write(row, columns["feature"], labels) == _told(labels, "第2季度", "Quarter 2")
    assert FEATURE.write(row | {"feature": "wave", "name": "2020Q1"}, columns["feature"], labels) == _told(
        labels, "2020年第1季度", "Q1 2020"
    )
