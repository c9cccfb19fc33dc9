"""Key points of the chapters with results: what they say, the same in both languages, and silence where nothing is."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts import all_parts
from analysis.publish.parts.actions import advice_points
from analysis.publish.parts.drivers import group_findings
from analysis.publish.parts.drivers import points as drivers
from analysis.publish.parts.feedback import points as feedback
from analysis.publish.parts.measurement import plain_findings
from analysis.publish.parts.relationships import points as relationships
from analysis.publish.parts.satisfaction import item_findings
from analysis.publish.parts.satisfaction import points as satisfaction
from analysis.publish.words.labels import Labels
from analysis.results import Store

CHAPTERS = {"measures", "feedback", "experience", "outlook"}


@pytest.fixture(scope="module")
def languages(root: Path) -> tuple[Labels, Labels]:
    edition = load_edition(root / "params" / "2025.yml")
    return Labels(edition, "zh"), Labels(edition, "en")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _same_numbers(zh: str, en: str) -> None:
    both = [sorted(re.findall(r"\d+(?:\.\d+)?", text)) for text in (zh, en)]
    assert both[0] == both[1], (zh, en)


def _fair(store: Store, rows: list[tuple[str, str, float, float]]) -> None:
    """rows: construct, category, difference, adjusted p; the index itself stands apart for nobody."""
    frame = pd.DataFrame(rows, columns=["construct", "category", "difference", "p_adjusted"])
    frame = frame.assign(segment="institution_type", se=0.5, overall=80.0, adjusted=80 + frame["difference"])
    store.save_table("fair_dimensions", frame)
    index = frame.drop_duplicates("category").assign(difference=0.1, p_adjusted=1.0, adjusted=80.1)
    store.save_table("fair_index", index.drop(columns="construct"))


def test_a_reversal_is_told_of_the_unit_in_which_it_is_sharpest(store: Store, languages: tuple[Labels, Labels]) -> None:
    _fair(
        store,
        [
            ("innovation", "bank", 1.2, 0.01), ("security", "bank", -1.4, 0.01),
            ("innovation", "internet", 3.0, 0.0001), ("security", "internet", -6.0, 0.0001),
            ("attitude", "internet", -2.0, 0.001),
        ],
    )  # fmt: skip
    zh, en = (drivers.fair(store, labels) for labels in languages)
    assert "internet-finance platforms" in en
    assert "innovation (83.0" in en
    assert "security (74.0" in en
    assert "banks" not in en
    _same_numbers(zh, en)


def test_a_lead_without_a_lag_beyond_chance_is_no_reversal(store: Store, languages: tuple[Labels, Labels]) -> None:
    _fair(store, [("innovation", "internet", 3.0, 0.0001), ("security", "internet", -6.0, 0.2)])
    for labels in languages:
        told = drivers.fair(store, labels)
        assert told == labels.text("points.fair.none", segment=labels.question("institution_type").lower())


def _items(store: Store, means: dict[str, float], half: float) -> None:
    frame = pd.DataFrame(
        {"item": list(means), "construct": [f"{key[:3]}" for key in means], "mean": list(means.values())}
    )
    names = {"eff": "efficiency", "inn": "innovation", "sec": "security"}
    frame = frame.assign(
        construct=frame["construct"].map(names), ci_low=frame["mean"] - half, ci_high=frame["mean"] + half
    )
    store.save_table("csi_items", frame.assign(satisfied_share=frame["mean"] / 5, n=1000))


def test_the_question_that_comes_last_is_named_with_its_share(store: Store, languages: tuple[Labels, Labels]) -> None:
    _items(store, {"eff1": 4.2, "inn2": 3.5, "sec1": 4.6}, 0.02)
    zh, en = (satisfaction.lowest_item(store, labels) for labels in languages)
    assert languages[1].item("inn2") in en
    assert "70.0%" in en
    assert "92.0%" in en
    _same_numbers(zh, en)
    told = [item_findings.items(store, labels) for labels in languages]
    assert "62.5" in told[1], "a mean of 3.5 on the scale 1–5"
    _same_numbers(*told)


def test_questions_that_can_not_be_told_apart_have_no_last(store: Store, languages: tuple[Labels, Labels]) -> None:
    _items(store, {"eff1": 4.2, "inn2": 4.1, "sec1": 4.3}, 0.4)
    assert [satisfaction.lowest_item(store, labels) for labels in languages] == ["", ""]


def test_the_class_that_is_clearly_behind_is_named(store: Store, languages: tuple[Labels, Labels]) -> None:
    rows = [("urgent", 24.0, 0.9), ("important", 48.0, 0.8), ("general", 72.0, 0.89)]
    frame = pd.DataFrame(rows, columns=["triage_class", "limit", "on_time"])
    store.save_table("ticket_classes", frame.assign(ci_low=frame["on_time"] - 0.02, ci_high=frame["on_time"] + 0.02))
    zh, en = (feedback.classes(store, labels) for labels in languages)
    assert en.endswith("The important ones are clearly behind.")
    _same_numbers(zh, en)
    store.save_table("ticket_classes", frame.assign(ci_low=frame["on_time"] - 0.2, ci_high=frame["on_time"] + 0.2))
    assert "behind" not in feedback.classes(store, languages[1])


def test_lifetimes_are_held_against_what_is_published(store: Store, languages: tuple[Labels, Labels]) -> None:
    rows = [("", "", 5.1, 5.0, 5.3), ("value_tier", "high", 6.5, 6.0, 7.0)]
    frame = pd.DataFrame(rows, columns=["question", "category", "mean", "mean_low", "mean_high"])
    store.save_table("relationship_lifetimes", frame.assign(median=3.8))
    zh, en = (relationships.lifetimes(store, labels) for labels in languages)
    assert "about the published 5.2" in en
    assert "less than the 7.8 published" in en
    _same_numbers(zh, en)
    store.save_table("relationship_lifetimes", frame.assign(median=None))
    assert relationships.lifetimes(store, languages[1]) == "", "a mean that a model carries on is no key point"


def test_digital_service_is_told_with_what_it_does_and_does_not(store: Store, languages: tuple[Labels, Labels]) -> None:
    frame = pd.DataFrame(
        {"outcome": ["satisfaction", "loyalty"], "estimate": [1.4, -0.2], "p_adjusted": [0.01, 0.8]}
    ).assign(method="aipw", ci_low=[0.4, -1.0], ci_high=[2.4, 0.6])
    store.save_table("service_effect", frame)
    zh, en = (drivers.digital(store, labels) for labels in languages)
    assert "goes with 1.4 points more of overall satisfaction" in en
    assert "makes no reliable difference to loyalty" in en
    _same_numbers(zh, en)


@pytest.mark.parametrize(("p", "way"), [(0.001, "more"), (0.4, "about")])
def test_the_share_served_digitally_stands_beside_the_published_one(
    store: Store, languages: tuple[Labels, Labels], p: float, way: str
) -> None:
    row = {"question": "channel", "n": 5000, "share": 0.7, "ci_low": 0.68, "ci_high": 0.72, "benchmark": 0.65, "p": p}
    store.save_table("service_share", pd.DataFrame([row]))
    store.save_record("08_drivers", "comparisons", {"effect": {"treatment": "channel", "treated": ["app", "web"]}})
    zh, en = (group_findings.online_share(store, labels) for labels in languages)
    assert f"That is {way}" in en
    assert "65%" in en
    _same_numbers(zh, en)


def test_recommendations_without_an_owner_are_not_said_to_have_one(
    store: Store, languages: tuple[Labels, Labels]
) -> None:
    dates = [dt.date(2026, 6, 30), dt.date(2026, 12, 31)]
    for owners, told in (
        (["Front office", "Products"], "each with"),
        (["Front office", ""], "1 of them"),
        (["", ""], "yet"),
    ):
        frame = pd.DataFrame({"owner_zh": owners, "owner_en": owners, "due": dates})
        store.save_table("recommendations", frame)
        zh, en = (advice_points.recommended(store, labels) for labels in languages)
        assert told in en
        assert "The first is to show by June 2026" in en
        assert zh != ""


def test_importance_of_one_dimension_for_both_outcomes_is_told_as_the_same(
    store: Store, languages: tuple[Labels, Labels]
) -> None:
    rows = [("satisfaction", "results", 0.3), ("satisfaction", "attitude", 0.2)]
    rows += [("loyalty", "results", 0.4), ("loyalty", "attitude", 0.1)]
    frame = pd.DataFrame(rows, columns=["outcome", "predictor", "share"]).assign(first=0.9)
    store.save_table("importance", frame)
    zh, en = (drivers.importance(store, labels) for labels in languages)
    assert en.endswith("the same holds for loyalty (40%; about 90 of 100).")
    _same_numbers(zh, en)


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (["sound", "sound"], "All 2 scores pass"),
        (["sound", "borderline"], "Of 2 scores, 1 passes"),
        (["unreliable", "not_distinct"], "None of the 2 scores"),
    ],
)
def test_scores_are_trusted_by_their_verdicts(
    store: Store, languages: tuple[Labels, Labels], verdicts: list[str], told: str
) -> None:
    store.save_table("construct_verdicts", pd.DataFrame({"construct": ["results", "trust"], "verdict": verdicts}))
    assert plain_findings.trusted(store, languages[1]).startswith(told)
    named = "results" in plain_findings.trusted(store, languages[1])
    assert named == (verdicts[0] == "unreliable")


def test_without_tables_no_chapter_of_results_has_a_point(store: Store, languages: tuple[Labels, Labels]) -> None:
    for part in all_parts():
        for labels in languages:
            said = [one for one in part.points if one.chapter in CHAPTERS]
            there = [one.tell(store, labels) for one in said if all(map(store.has_table, one.needs))]
            assert not any(there), part.step
