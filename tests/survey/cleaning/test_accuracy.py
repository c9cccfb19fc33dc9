"""Precision and recall of the rules against planted faults."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.edition.sections.cleaning import RULES
from analysis.survey.cleaning.accuracy import rule_accuracy


def _decisions() -> pd.DataFrame:
    frame = pd.DataFrame({"respondent_id": list("abcdefa"), "row": pd.NA, "flags": 0})
    frame = frame.assign(**dict.fromkeys(RULES, False))
    frame.loc[[0, 1, 2], "speeders"] = True
    frame.loc[3, "duplicates"] = True
    frame.loc[4, "outlying"] = True
    frame["decision"] = ["excluded"] * 4 + ["review", "kept", "quarantined"]
    frame["first_reason"] = ["speeders"] * 3 + ["duplicates", "", "", "contract"]
    return frame


def test_precision_is_of_the_flagged_and_recall_of_the_planted() -> None:
    faults = {
        "careless": frozenset("abf"),
        "copies": frozenset("d"),
        "broken_off": frozenset(),
        "out_of_range": frozenset(),
        "contract": frozenset("a"),
    }
    table = rule_accuracy(_decisions(), faults).set_index("rule")
    assert table.index.tolist() == ["contract", "duplicates", "speeders", "outlying", "excluded", "excluded_or_flagged"]
    assert table.loc["speeders", ["planted", "flagged", "hits"]].tolist() == [3, 3, 2]
    assert table.loc["speeders", ["precision", "recall"]].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert table.loc["duplicates", ["target", "recall"]].tolist() == ["copies", 1.0]
    assert table.loc["excluded", ["planted", "hits", "precision", "recall"]].tolist() == [4, 3, 0.75, 0.75]
    assert table.loc["contract", ["planted", "hits"]].tolist() == [1, 1]
