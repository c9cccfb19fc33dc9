"""Sentences on training, consultations, stages and outcomes say what was found, and nothing where nothing was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.edition import findings as edition
from analysis.publish.parts.relationships import findings as relationships
from analysis.publish.parts.standards import process_findings
from analysis.publish.parts.training import findings as training
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.results import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture(params=["zh", "en"])
def labels(request: pytest.FixtureRequest, root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), str(request.param))


def _ratings(**changed: float) -> pd.DataFrame:
    row = {"measure": "knowledge", "for_ten": 2.2, "ten_low": 1.6, "ten_high": 2.8, "units": 150}
    return pd.DataFrame([row | changed])


@pytest.mark.parametrize(("low", "high", "way"), [(1.6, 2.8, "higher"), (-0.4, 2.8, "same"), (-3.1, -1.2, "lower")])
def test_customers_notice_only_what_is_more_than_chance(
    store: Store, labels: Labels, low: float, high: float, way: str
) -> None:
    middle = (low + high) / 2
    store.save_table("training_ratings", _ratings(for_ten=middle, ten_low=low, ten_high=high))
    ci = formats.interval(*((-high, -low) if way == "lower" else (low, high)), labels.lang)
    values = {"rating": formats.number(middle if way == "same" else abs(middle)), "ci": ci, "units": "150"}
    measure = "知识掌握" if labels.lang == "zh" else "knowledge"
    assert training.ratings(store, labels) == labels.text(f"findings.ratings.{way}", measure=measure, **values)


def test_half_years_are_told_where_there_are_two(store: Store, labels: Labels) -> None:
    rows = [("knowledge", "2025H1", 8.24, 7.0, 9.5), ("knowledge", "2025H2", 7.01, 6.1, 7.9)]
    frame = pd.DataFrame(rows, columns=["measure", "half", "effect", "ci_low", "ci_high"])
    store.save_table("training_halves", frame)
    told = training.halves(store, labels)
    assert all(shown in told for shown in ("8.2", "7.0–9.5", "7.0", "6.1–7.9"))
    store.save_table("training_halves", frame.head(1))
    assert training.halves(store, labels) == ""


def test_what_is_taught_most_takes_in_all_that_do_not_differ(store: Store, labels: Labels) -> None:
    shares = {"product": 0.27, "communication": 0.255, "risk": 0.195, "emotion": 0.11}
    rows = [
        {"by": "content", "category": name, "share": share, "ci_low": share - 0.03, "ci_high": share + 0.03}
        for name, share in shares.items()
    ]
    store.save_table("training_delivery", pd.DataFrame(rows))
    told = training.contents(store, labels)
    before, after = told.split("最少的是" if labels.lang == "zh" else "fewest")
    assert all(shown in before for shown in ("27.0%", "25.5%"))
    assert "11.0%" in after
    assert "19.5%" not in told
    store.save_table("training_delivery", pd.DataFrame(rows).assign(share=0.2, ci_low=0.17, ci_high=0.23))
    assert training.contents(store, labels) == ""


def test_consultations_in_time_have_no_norm_of_a_share(store: Store, labels: Labels) -> None:
    row: dict[str, Any] = {"norm": "consulted", "category": "", "value": 70.6, "ci_low": 63.7, "ci_high": 77.6}
    other = {"norm": "overtime", "category": "", "value": 9.3, "ci_low": 8.5, "ci_high": 10.0}
    limits = {"limit": [float("nan"), 5.0], "unit": "percent"}
    store.save_table("service_norms", pd.DataFrame([row, other]).assign(**limits))
    told = process_findings.consultations(store, labels)
    assert all(shown in told for shown in ("70.6%", "63.7–77.6%", "15"))
    assert "70.6" not in process_findings.norms(store, labels)
    store.save_table("service_norms", pd.DataFrame([other]).assign(limit=5.0, unit="percent"))
    assert process_findings.consultations(store, labels) == ""


def test_a_stage_is_called_lower_only_where_it_differs(store: Store, labels: Labels) -> None:
    rows = [("established", 83.1, None, None), ("at_risk", 81.6, -1.5, 0.22), ("lost", 78.5, -4.6, 0.0001)]
    frame = pd.DataFrame(rows, columns=["stage", "csi", "difference", "p_adjusted"]).astype({"difference": float})
    store.save_table("relationship_stages", frame.assign(ci_low=frame["csi"] - 1, ci_high=frame["csi"] + 1))
    told = relationships.stage_index(store, labels)
    assert told.count("明显低于" if labels.lang == "zh" else "clearly below") == 1
    assert told.index("83.1") < told.index("81.6") < told.index("78.5")


def test_outcomes_are_held_against_shares_alone(store: Store, labels: Labels) -> None:
    row = {"gap": 3.4, "p_adjusted": 0.001, "value": 86.6, "benchmark": 83.2, "unit": "percent"}
    rows = [
        row | {"measure": "construct_share trust None None None", "measured_zh": "信任占比", "measured_en": "Trust"},
        row | {"measure": "csi None None None None", "measured_zh": "指数", "measured_en": "Index", "unit": "score"},
        row
        | {"measure": "construct_share loyalty None None None", "measured_zh": "忠诚占比", "measured_en": "Loyal"}
        | {"p_adjusted": 0.4, "value": 66.8},
    ]
    store.save_table("benchmark_comparison", pd.DataFrame(rows))
    told = edition.outcomes(store, labels)
    assert told.index("86.6%") < told.index("66.8%")
    assert ("指数" if labels.lang == "zh" else "index") not in told
