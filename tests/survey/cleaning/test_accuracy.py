"""Precision and recall against planted faults, and results with and without the excluded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.cleaning import RULES
from analysis.errors import MethodError
from analysis.survey.cleaning.accuracy import rule_accuracy
from analysis.survey.cleaning.sensitivity import compare_subset
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means


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


def test_the_change_has_the_means_of_both_and_a_linearised_error() -> None:
    """The scores behind the standard error are the derivatives of the change by each weight, taken numerically."""
    rng = np.random.default_rng(5)
    y = rng.normal(70, 15, 80)
    y[3] = np.nan
    w, subset = rng.uniform(0.5, 2, 80), rng.random(80) < 0.8
    values = pd.DataFrame({"csi": y})
    row = compare_subset(values, subset=subset, design=specify_design(80, weights=w)).iloc[0]
    assert row["everyone"] == pytest.approx(
        means(values, design=specify_design(len(values), weights=w))["estimate"].iloc[0]
    )
    assert row["subset"] == pytest.approx(
        means(values[subset], design=specify_design(len(values[subset]), weights=w[subset]))["estimate"].iloc[0]
    )

    def change(weights: np.ndarray) -> float:
        here = ~np.isnan(y)
        part = here & subset
        return float(np.average(y[part], weights=weights[part]) - np.average(y[here], weights=weights[here]))

    step = 1e-6
    u = np.array([w[i] * (change(w + step * (np.arange(80) == i)) - change(w)) / step for i in range(80)])
    assert row["se"] == pytest.approx(np.sqrt(80 / 79 * ((u - u.mean()) ** 2).sum()), rel=1e-4)
    assert row["difference"] == pytest.approx(change(w))
    assert row["ci_low"] < row["difference"] < row["ci_high"]


def test_nothing_left_out_changes_nothing() -> None:
    values = pd.DataFrame({"csi": [1.0, 2.0, 4.0]})
    row = compare_subset(values, subset=np.ones(3, dtype=bool)).iloc[0]
    assert row[["difference", "se"]].tolist() == [0.0, 0.0]
    with pytest.raises(MethodError, match="0 interviews"):
        compare_subset(values, subset=np.zeros(3, dtype=bool))
