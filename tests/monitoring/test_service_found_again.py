"""Planted values are set beside what the steps found, and only where a step found anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.truth import planted_service
from analysis.edition import load_edition
from analysis.monitoring.found_again import FOUND_COLUMNS, service_found_again

ROOT = Path(__file__).resolve().parents[2]
PLANTED = pd.DataFrame(
    [
        ("12_training", "lift", "knowledge", 5.0),
        ("13_relationships", "ratio", "products", 0.8),
        ("13_relationships", "ratio", "high", 0.5),
        ("14_actions", "change", "waiting.2024-03", -4.0),
    ],
    columns=["step", "quantity", "subject", "planted"],
)


def test_values_are_matched_with_their_estimates_and_judged_by_the_interval() -> None:
    effects = {"measure": "knowledge", "n_trained": 40, "n_untrained": 60, "ci_high": 7.0}
    rows = [effects | {"category": "", "effect": 6.0, "ci_low": 4.0}, effects | {"category": "bank", "effect": 9.0}]
    hazards = [("products", "", 0.75, 0.7, 0.79), ("value_tier", "high", 0.52, 0.4, 0.6), ("age", "60+", 2.0, 1.0, 3.0)]
    ratios = pd.DataFrame(hazards, columns=["question", "category", "ratio", "ci_low", "ci_high"]).assign(n=100)
    found = service_found_again(PLANTED, {"training_effects": pd.DataFrame(rows), "churn_hazards": ratios})
    assert list(found.columns) == list(FOUND_COLUMNS)
    told = found.set_index("subject")
    assert told["inside"].to_dict() == {"knowledge": True, "products": False, "high": True}
    assert told.loc["knowledge", ["estimate", "n"]].tolist() == [6.0, 100]


def test_a_step_change_is_the_difference_of_means_with_the_error_of_single_points() -> None:
    periods = [f"2024-{month:02d}" for month in range(1, 7)]
    points = pd.DataFrame({"indicator": "waiting", "period": periods, "value": [20.0, 18.0, 15.0, 14.0, 30.0, np.nan]})
    points = points.assign(phase=[0, 0, 1, 1, 1, 1], sigma=1.0, rule=["", "", "", "", "outside", ""])
    (row,) = service_found_again(PLANTED, {"control_points": points}).to_dict("records")
    assert (row["subject"], row["n"]) == ("waiting.2024-03", 4)
    assert row["estimate"] == pytest.approx(-4.5)
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * 1.959964, rel=1e-6)  # √(1/2 + 1/2) = 1


def test_without_tables_nothing_is_found() -> None:
    assert len(service_found_again(PLANTED, {})) == 0


def test_every_step_of_the_default_edition_has_something_planted() -> None:
    planted = planted_service(load_edition(ROOT / "params" / "2025.yml"))
    assert planted is not None
    assert planted["step"].nunique() == 5
    assert not planted.duplicated(["step", "quantity", "subject"]).any()
    real = load_edition(ROOT / "tests" / "editions" / "csibank.yml")
    assert planted_service(real) is None
