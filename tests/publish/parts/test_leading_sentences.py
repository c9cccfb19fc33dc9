"""Key points of chapters 1, 2, 5 and 6: a number, what it is compared with and how sure, the same in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts import all_parts
from analysis.publish.parts.actions import points as monitoring
from analysis.publish.parts.actions import short as register
from analysis.publish.parts.edition import benchmark_figures, overview
from analysis.publish.parts.standards import points as standards
from analysis.publish.parts.standards import short as steps
from analysis.publish.parts.training import points as training
from analysis.publish.parts.training import short as taught
from analysis.publish.words.labels import Labels
from analysis.results import Store

NUMBER = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)?%?")
CHAPTERS = ("overview", "standards", "training", "monitoring")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def both(root: Path) -> tuple[Labels, Labels]:
    edition = load_edition(root / "params" / "2025.yml")
    return Labels(edition, "zh"), Labels(edition, "en")


Tell = Callable[[Store, Labels], str]


def _told(tell: Tell, store: Store, both: tuple[Labels, Labels]) -> str:
    """What is said in English; in Chinese it has the same numbers."""
    zh, en = (tell(store, labels) for labels in both)
    assert sorted(NUMBER.findall(zh)) == sorted(NUMBER.findall(en)), (zh, en)
    return en


def test_nothing_is_told_where_the_tables_are_missing(store: Store, both: tuple[Labels, Labels]) -> None:
    for part in all_parts():
        if part.points:
            assert part.pointed(store, both[0]) == []


def test_every_chapter_of_these_has_three_to_five_points_in_an_order_of_their_own() -> None:
    points = [point for part in all_parts() for point in part.points]
    for chapter in CHAPTERS:
        order = [point.order for point in points if point.chapter == chapter]
        assert 3 <= len(order) <= 5
        assert len(set(order)) == len(order)


# The survey


def _rates(value: float, low: float, high: float) -> pd.DataFrame:
    return pd.DataFrame([{"rate": "RR1", "value": value, "ci_low": low, "ci_high": high, "base": 16221.0}])


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.356, 0.371, "more than"), (0.30, 0.31, "less than"), (0.34, 0.36, "about")]
)
def test_response_is_held_against_the_plan_by_its_interval(
    store: Store, both: tuple[Labels, Labels], low: float, high: float, said: str
) -> None:
    store.save_table("response_rates", _rates((low + high) / 2, low, high))
    store.save_table("outcomes", pd.DataFrame({"outcome": ["I", "R"], "customers": [5891, 3000]}))
    told = _told(overview.reach, store, both)
    assert said in told
    assert "35.0%" in told
    assert "16,221" in told


def _log(excluded: int) -> pd.DataFrame:
    rows = [("raw", 0), ("contract", 18), ("speeders", excluded), ("straightlining", excluded // 2), ("kept", 0)]
    return pd.DataFrame(rows, columns=["rule", "excluded"])


def test_the_rule_that_cost_most_is_one_of_cleaning(store: Store, both: tuple[Labels, Labels]) -> None:
    record = {"raw": 200, "kept": 170, "excluded": 12, "quarantined": 18}
    store.save_record("03_cleaning", "cleaning", record)
    store.save_table("exclusion_log", _log(8))
    told = _told(overview.kept, store, both)
    assert "170 of 200" in told
    assert "with 8" in told
    store.save_record("03_cleaning", "cleaning", record | {"excluded": 0})
    assert "No record was excluded" in _told(overview.kept, store, both)
    store.save_record("03_cleaning", "cleaning", record | {"excluded": 0, "kept": 200})
    assert "all 200 records" in _told(overview.kept, store, both)


def _margins(sample: float) -> pd.DataFrame:
    rows = [("age", "60+", sample, 0.16), ("age", "18-29", 0.20, 0.21)]
    return pd.DataFrame(rows, columns=["margin", "category", "sample_share", "target_share"])


def test_who_is_missing_and_who_is_too_many_are_told_apart(store: Store, both: tuple[Labels, Labels]) -> None:
    store.save_record("03_cleaning", "cleaning", {"kept": 5454})
    store.save_record("04_weighting", "weighting", {"n_eff": 4156.2})
    store.save_table("weighting_margins", _margins(0.101))
    told = _told(overview.missing, store, both)
    assert all(shown in told for shown in ("answered least", "10.1%", "16.0%", "5,454", "4,156"))
    store.save_table("weighting_margins", _margins(0.25))
    assert "answered most" in _told(overview.missing, store, both)


def test_precision_is_the_longer_side_of_the_interval(store: Store, both: tuple[Labels, Labels]) -> None:
    row = {"measure": "csi", "estimate": 82.2, "ci_low": 81.9, "ci_high": 82.6, "n": 5020}
    store.save_table("csi_overall", pd.DataFrame([row]))
    assert "±0.4" in _told(overview.precision, store, both)
    store.save_table("domain_precision", pd.DataFrame({"met": [True] * 16 + [False] * 2}))
    told = _told(overview.precision, store, both)
    assert "18 groups" in told
    assert "16 can" in told
    store.save_table("domain_precision", pd.DataFrame({"met": [True] * 4}))
    assert "Each of the 4 groups" in _told(overview.precision, store, both)
    store.save_table("csi_overall", pd.DataFrame([row | {"ci_low": None, "ci_high": None}]).astype({"ci_low": float}))
    assert overview.precision(store, both[1]) == ""


# The service


def _steps(shares: dict[str, float], width: float = 0.03) -> pd.DataFrame:
    rows = [
        {"scenario": "complaint", "step": name, "step_zh": name, "step_en": name, "on_time": share, "limit": 7.0}
        | {"unit": "working_days", "bound": "at_most", "ci_low": share - width, "ci_high": share + width}
        | {"clock": "working_days", "median": 5.0, "p90": 9.0, "base": 683.0}
        for name, share in shares.items()
    ]
    return pd.DataFrame(rows)


def test_a_step_is_the_worst_only_where_no_other_may_be(store: Store, both: tuple[Labels, Labels]) -> None:
    store.save_table("service_steps", _steps({"result": 0.80, "answer": 0.93, "accept": 0.95}))
    told = _told(standards.promises, store, both)
    assert "2 of 3 steps" in told
    assert "hardest promise to keep" in told
    assert "80.0%" in told
    store.save_table("service_steps", _steps({"result": 0.80, "answer": 0.81, "accept": 0.95}))
    assert "Among the hardest" in _told(standards.promises, store, both)
    gone = _steps({"result": 0.80, "answer": 0.93, "accept": 0.95, "late": float("nan")})
    store.save_table("service_steps", gone.assign(suppressed=[None, None, None, "withheld"]))
    assert _told(standards.promises, store, both).startswith("Of the steps whose share can be published, the hardest")
    store.save_table("service_steps", _steps({"result": 0.80}))
    assert "hardest" not in _told(standards.promises, store, both)


def _kinds(p: float, gap: float = -0.06) -> pd.DataFrame:
    rows = [("insurance", 0.805, 0.869, gap, p), ("bank", 0.873, 0.849, 0.024, 0.9)]
    return pd.DataFrame(rows, columns=["category", "kept", "others", "difference", "p_adjusted"])


@pytest.mark.parametrize(
    ("p", "gap", "said"), [(0.001, -0.06, "less often"), (0.001, 0.06, "more often"), (0.3, -0.06, "about as often")]
)
def test_kinds_differ_by_the_adjusted_comparison(
    store: Store, both: tuple[Labels, Labels], p: float, gap: float, said: str
) -> None:
    store.save_table("service_institutions", _kinds(p, gap))
    assert said in _told(standards.institutions, store, both)


def _ratings(on_time: float) -> pd.DataFrame:
    row = {"scenario": "complaint", "satisfied": 0.75, "satisfied_low": 0.69, "satisfied_high": 0.80}
    row |= {"benchmark": 0.856, "gap": -0.106, "p_adjusted": 0.001, "step": "accept", "on_time": on_time}
    other = row | {"step": "", "on_time": None, "gap": 0.01, "p_adjusted": 0.6}
    return pd.DataFrame([row, other]).astype({"on_time": float})


def test_a_rating_below_its_benchmark_is_told_with_the_clock_only_where_that_was_kept(
    store: Store, both: tuple[Labels, Labels]
) -> None:
    store.save_table("service_perception", _ratings(0.945))
    told = _told(standards.ratings, store, both)
    assert all(shown in told for shown in ("Of 2 ratings 1", "94.5%", "75.0%", "85.6%"))
    store.save_table("service_perception", _ratings(0.60))
    assert "94.5%" not in _told(standards.ratings, store, both)


def test_waiting_is_told_where_the_log_tells_it_from_work(store: Store, both: tuple[Labels, Labels]) -> None:
    frame = pd.DataFrame({"scenario": ["complaint", "aftersales"], "waiting": [0.458, 0.865]})
    store.save_table("service_cases", frame)
    store.save_record("11_standards", "process", {"told_apart": True})
    assert all(shown in _told(standards.waiting, store, both) for shown in ("45.8%", "86.5%"))
    store.save_record("11_standards", "process", {"told_apart": False})
    assert standards.waiting(store, both[1]) == ""


def test_the_first_suggestion_names_the_one_that_might_come_first_instead(
    store: Store, both: tuple[Labels, Labels]
) -> None:
    rows = [("Digital", 1, 5.8, 0.678, 0.57), ("Survey", 2, 6.3, 0.634, 0.418), ("Training", 3, -2.2, -0.2, 0.0)]
    frame = pd.DataFrame(rows, columns=["measured_en", "rank", "gap", "gain", "first"])
    frame = frame.assign(gain_low=frame["gain"] - 0.25, gain_high=frame["gain"] + 0.25)
    store.save_table("suggestions", frame.assign(measured_zh=frame["measured_en"], outcome="loyalty"))
    told = _told(standards.first_suggestion, store, both)
    assert told.index("igital") < told.index("urvey")
    assert "42%" in told
    assert "0.4–0.9" in told
    store.save_table("suggestions", frame.head(1).assign(measured_zh="x", outcome="loyalty"))
    assert standards.first_suggestion(store, both[1]) == ""


def test_the_short_table_of_steps_has_the_worst_first_and_keeps_to_its_size(
    store: Store, both: tuple[Labels, Labels]
) -> None:
    shares = {f"step{place}": 0.99 - place / 100 for place in range(15)}
    frame = _steps(shares)
    frame.loc[frame["step"] == "step14", ["unit", "clock", "limit", "median", "p90"]] = [
        "minutes",
        "hours",
        15,
        0.1,
        0.2,
    ]
    store.save_table("service_steps", frame)
    rows = [line for line in steps.texts(store, both[1])["steps_and_ratings"].splitlines() if line.startswith("|")]
    assert len(rows) == 2 + steps.MOST
    assert "step14" in rows[2]
    assert "6 / 12 / 15 min" in rows[2]
    assert "5 / 9 / 7 wd" in rows[3]
    assert all(len(row.strip("|").split("|")) <= 6 for row in rows)
    assert steps.texts(Store(store.root / "other"), both[1]) == {}


# Training


def test_what_is_needed_most_widely_counts_two_needs_of_each_kind(store: Store, both: tuple[Labels, Labels]) -> None:
    rows = [("bank", "security", 0.6), ("bank", "efficiency", 0.58), ("bank", "results", 0.55)]
    rows += [("fund", "results", 0.9), ("fund", "security", 0.7), ("insurance", "efficiency", 0.4)]
    frame = pd.DataFrame(rows, columns=["category", "construct", "p_first_two"]).assign(need=1.0)
    store.save_table("needs", frame)
    told = _told(training.need, store, both)
    assert "2 of 3 kinds" in told
    assert "results" not in told  # third of its kind at banks
    store.save_table("needs", frame.assign(p_first_two=0.3))
    assert training.need(store, both[1]) == ""


def test_who_was_not_taught_at_all_is_told_beside_the_norm(store: Store, both: tuple[Labels, Labels]) -> None:
    rows = [
        ("coverage", "any", 0.62, 0.535, 0.70),
        ("coverage", "every", 0.12, 0.085, 0.16),
        ("quarter", "2025Q1", 0.2, 0, 1),
    ]
    columns = ["by", "category", "share", "ci_low", "ci_high"]
    store.save_table("training_delivery", pd.DataFrame(rows, columns=columns).assign(n=900))
    told = _told(training.given, store, both)
    assert all(shown in told for shown in ("12.0%", "8.5–16.0%", "38.0%"))
    lines = taught.texts(store, both[1])["taught"]
    assert "62.0%" in lines
    assert "900" in lines
    assert "20.0%" not in lines
    store.save_table("training_delivery", pd.DataFrame(rows[2:], columns=columns))
    assert training.given(store, both[1]) == ""
    assert taught.texts(store, both[1]) == {}


def _effects(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["measure", "effect", "p_adjusted"]).assign(category=None)


def test_an_effect_of_training_is_more_than_chance_or_not_told(store: Store, both: tuple[Labels, Labels]) -> None:
    store.save_table("training_effects", _effects(("knowledge", 7.4, 0.001), ("communication", 4.4, 0.4)))
    told = _told(training.effect, store, both)
    assert "7.4" in told
    assert "4.4" not in told
    store.save_table("training_effects", _effects(("knowledge", -7.4, 0.001)))
    assert "lost" in _told(training.effect, store, both)
    store.save_table("training_effects", _effects(("knowledge", 7.4, 0.3)))
    assert "Nothing" in _told(training.effect, store, both)


@pytest.mark.parametrize(("low", "said"), [(1.6, "It reaches"), (-1.6, "Whether it reaches")])
def test_customers_notice_or_it_can_t_be_told(store: Store, both: tuple[Labels, Labels], low: float, said: str) -> None:
    row = {"measure": "knowledge", "for_ten": 2.2, "ten_low": low, "ten_high": 2.8, "units": 150}
    store.save_table("training_ratings", pd.DataFrame([row]))
    assert _told(training.noticed, store, both).startswith(said)


# Monitoring


def _summary(assurance: str) -> pd.DataFrame:
    row: dict[str, Any] = {
        "indicator_zh": "执行率",
        "indicator_en": "Execution",
        "unit": "percent",
        "bound": "at_least",
    }
    rows = [row | {"value": 85.9, "target": 92.0, "assurance": assurance}]
    rows += [row | {"value": 95.0, "target": 92.0, "assurance": "hit_and_miss"}]
    return pd.DataFrame(rows)


def test_targets_that_were_met_are_counted_and_those_out_of_reach_named(
    store: Store, both: tuple[Labels, Labels]
) -> None:
    store.save_table("control_summary", _summary("misses"))
    told = _told(monitoring.targets, store, both)
    assert "1 of 2" in told
    assert "85.9%; target ≥ 92%" in told.replace("\N{NO-BREAK SPACE}", " ")
    store.save_table("control_summary", _summary("hit_and_miss"))
    assert "None is bound to miss it" in _told(monitoring.targets, store, both)


def _benchmarks() -> pd.DataFrame:
    rows = [("a", "Digital", 81.4, 87.2, -5.8, 0.001), ("b", "Privacy", 88.1, 88.9, -0.8, 0.4)]
    rows += [("c", "Attitude", 91.2, 78.5, 12.7, 0.001)]
    frame = pd.DataFrame(rows, columns=["measure", "measured_en", "value", "benchmark", "gap", "p_adjusted"])
    ends = {"ci_low": frame["value"] - 1, "ci_high": frame["value"] + 1}
    return frame.assign(measured_zh=frame["measured_en"], unit="percent", year=2024, **ends)


def test_benchmarks_count_only_what_differs_clearly(store: Store, both: tuple[Labels, Labels]) -> None:
    store.save_table("benchmark_comparison", _benchmarks())
    told = _told(monitoring.benchmarks, store, both)
    assert "1 of 3 quantities are clearly lower, 1 clearly higher" in told
    assert "81.4% against 87.2%" in told
    assert "Attitude" in benchmark_figures.headline(store, both[1])
    store.save_table("benchmark_comparison", _benchmarks().assign(p_adjusted=0.5))
    assert "Digital" not in _told(monitoring.benchmarks, store, both)
    assert benchmark_figures.headline(store, both[1]) == ""
    store.save_table("benchmark_comparison", _benchmarks().head(1))
    assert monitoring.benchmarks(store, both[1]) == ""


def test_the_figure_of_benchmarks_keeps_shares_and_scores_apart(both: tuple[Labels, Labels]) -> None:
    frame = _benchmarks()
    frame.loc[frame["measure"] == "c", "unit"] = "score"
    panels = benchmark_figures.draw_benchmarks({"benchmark_comparison": frame}, both[1]).axes
    names = [[label.get_text() for label in axes.get_yticklabels()] for axes in panels]
    assert names == [["Digital", "Privacy"], ["Attitude"]]


def _register(*verdicts: str) -> pd.DataFrame:
    frame = pd.DataFrame({"verdict": list(verdicts)})
    names = {"measure_zh": frame["verdict"], "measure_en": frame["verdict"], "indicator_zh": "i", "indicator_en": "i"}
    numbers = {
        "baseline": 1.0,
        "target": 2.0,
        "actual": 1.5,
        "actual_low": 1.2,
        "actual_high": 1.8,
        "needed_n": float("nan"),
    }
    return frame.assign(**names, **numbers, unit="days", due=pd.Timestamp("2025-09-30"), changed="better")


def test_measures_are_counted_and_the_open_ones_listed_by_what_calls_first(
    store: Store, both: tuple[Labels, Labels]
) -> None:
    store.save_table("action_register", _register("met", "on_the_way", "missed", "unknown"))
    told = _told(monitoring.measures, store, both)
    assert "Measures in the register: 1 at target, 1 past the date without it, 2 still open." in told
    assert "4 of 4" in told
    text = register.texts(store, both[1])["open_measures"]
    places = [text.index(word) for word in ("missed", "tell", "on the way")]
    assert places == sorted(places)
    assert "| met" not in text
    store.save_table("action_register", _register("met"))
    assert register.texts(store, both[1])["open_measures"].startswith("Every measure")
    store.save_table("action_register", _register(*["unknown"] * 20))
    assert register.texts(store, both[1])["open_measures"].count("1 day") == register.MOST


def test_recommendations_kept_and_those_without_a_measure(store: Store, both: tuple[Labels, Labels]) -> None:
    store.save_table("promises", pd.DataFrame({"became": ["kept", "kept", "not_kept", "open", "no_measure"]}))
    told = _told(monitoring.promised, store, both)
    assert (
        told == "Recommendations of the last edition: 2 kept, 1 not kept, 1 without any measure, 1 under way or open."
    )
    store.save_table("promises", pd.DataFrame({"became": ["kept", "not_kept"]}))
    assert _told(monitoring.promised, store, both) == "Recommendations of the last edition: 1 kept, 1 not kept."
