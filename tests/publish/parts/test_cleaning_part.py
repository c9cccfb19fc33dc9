"""What the report says about cleaning: cells of its tables and sentences, in both languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from printing import SPECS

from analysis.edition import load_edition
from analysis.edition.sections.cleaning import RULES
from analysis.publish.parts.cleaning import findings as cleaning_findings
from analysis.publish.parts.cleaning.cells import criterion, item_numbers
from analysis.publish.tables.printed import cells
from analysis.publish.words.labels import Labels
from analysis.results import Store


@pytest.fixture(scope="module")
def labels(root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), "en")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    kept = Store(tmp_path)
    record = {"raw": 110, "filtered": 0, "quarantined": 2, "excluded": 8, "kept": 100, "review": 0}
    kept.save_record("03_cleaning", "cleaning", {**record, "little_converged": True})
    rows = [
        ("raw", np.nan, np.nan),
        ("out_of_range", 2, 2),
        ("speeders", 9, 8),
        ("outlying", 5, 0),
        ("kept", np.nan, np.nan),
    ]
    log = pd.DataFrame(rows, columns=["rule", "flagged", "excluded"]).assign(applied=True)
    kept.save_table("exclusion_log", log)
    return kept


def test_every_rule_has_its_criterion_with_the_limit_as_it_is_read(labels: Labels) -> None:
    assert all(criterion(rule, 0.5, labels) for rule in RULES)
    assert criterion("speeders", 0.33, labels) == "Duration < 33% of the median"
    assert criterion("inconsistent", 0.0, labels) == "Even–odd consistency < 0"
    assert criterion("attention", 4.0, labels) == "Check answered other than 4"
    assert criterion("outlying", 0.001, labels).endswith("p < 0.001")


def test_items_of_a_pattern_go_by_number_with_runs_shortened(labels: Labels) -> None:
    keys = labels.edition.instrument.item_keys
    assert item_numbers(" ".join(keys[k] for k in (0, 4, 5, 6, 40)), labels) == "1, 5–7, 41"
    assert item_numbers(" ".join(keys[::4]), labels).endswith("…")
    frame = pd.DataFrame({"items": [np.nan, keys[2], "*"], "gaps": [0, 1, np.nan], "interviews": 5, "share": 0.1})
    assert [row[0] for row in cells(SPECS["missing_patterns"], frame, labels)] == ["none", "3", "All other patterns"]
    assert [row[1] for row in cells(SPECS["missing_patterns"], frame, labels)] == ["0", "1", "—"]


def test_a_rule_that_was_not_applied_counts_nothing(labels: Labels) -> None:
    row = {"rule": "speeders", "action": "exclude", "flagged": 0, "excluded": 0, "remaining": 50, "share": 0.0}
    frame = pd.DataFrame([row | {"applied": False}, row | {"applied": True}])
    shown = [line[2:] for line in cells(SPECS["exclusion_log"], frame, labels)]
    assert shown == [["—", "—", "50", "—"], ["0", "0", "50", "0.0%"]]


def test_shares_and_scores_of_the_sensitivity_table_have_their_own_units(labels: Labels) -> None:
    row = {"variable": "satisfied", "everyone": 0.85, "kept": 0.87, "difference": 0.02, "ci_low": 0.01, "ci_high": 0.03}
    score = {"variable": "csi", "everyone": 80.0, "kept": 79.5, "difference": -0.5, "ci_low": -0.7, "ci_high": -0.3}
    frame = pd.DataFrame([row, score]).assign(unflagged=[0.88, np.nan])
    first, second = cells(SPECS["cleaning_sensitivity"], frame, labels)
    assert first[1:] == ["85.0%", "87.0%", "+2.00 points", "1.00–3.00", "88.0%"]
    assert second[1:4] == ["80.0", "79.5", "−0.50"]
    assert second[-1] == "—"


def test_the_largest_rule_is_no_fault_of_the_intake_and_nothing_flagged_is_said(store: Store, labels: Labels) -> None:
    text = cleaning_findings.cleaning(store, labels)
    assert "“Answered too fast”, with 8 or 100.0%" in text
    assert "None of those kept was flagged" in text


@pytest.mark.parametrize(("pvalue", "said"), [(0.2, "no sign"), (0.01, "rejects"), (np.nan, "could not be run")])
def test_littles_test_is_read_for_what_it_shows(store: Store, labels: Labels, pvalue: float, said: str) -> None:
    quantities = {"interviews": 110, "missing_share": 0.01, "without_gaps": 90, "broken_off": 1, "little_chi2": 9.0}
    quantities |= {"little_df": 8, "little_pvalue": pvalue}
    table = pd.DataFrame({"quantity": list(quantities), "accepted": quantities.values(), "kept": quantities.values()})
    store.save_table("missing_data", table)
    key = labels.edition.instrument.item_keys[0]
    items = pd.DataFrame([{"item": key, "rate": 0.02, "ci_low": 0.01, "ci_high": 0.04}])
    store.save_table("item_nonresponse", items)
    assert said in cleaning_findings.missing(store, labels)
    assert "and fewer than 30 were broken off" in cleaning_findings.missing(store, labels)
    store.save_table(
        "missing_data", table.assign(accepted=table["accepted"].mask(table["quantity"] == "broken_off", 0))
    )
    assert "and none was broken off" in cleaning_findings.missing(store, labels)


def test_results_that_did_not_move_or_may_not_be_shown_are_said_to(store: Store, labels: Labels) -> None:
    frame = pd.DataFrame({"variable": ["csi", "satisfied"], "everyone": 80.0, "kept": 80.0, "difference": 0.0})
    frame = frame.assign(ci_low=0.0, ci_high=0.0)
    store.save_table("cleaning_sensitivity", frame)
    assert cleaning_findings.sensitivity(store, labels) == "Exclusion changed none of the results."
    store.save_table("cleaning_sensitivity", frame.assign(difference=np.nan))
    assert "Too few" in cleaning_findings.sensitivity(store, labels)
