"""Planted values are set beside what the steps found, and only where a step found anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.data.truth import planted_service
from analysis.edition import load_edition
from analysis.monitoring.control import control_chart
from analysis.monitoring.found_again import FOUND_COLUMNS, _half_width, service_found_again

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


def _points(sigma: list[float]) -> pd.DataFrame:
    periods = [f"{2023 + month // 12}-{month % 12 + 1:02d}" for month in range(6, 24)]
    values = [20.0, 18.0] * 4 + [15.0, 14.0] * 4 + [30.0, np.nan]
    points = pd.DataFrame({"indicator": "waiting", "period": periods, "value": values, "phase": [0] * 8 + [1] * 10})
    return points.assign(sigma=sigma, rule=[""] * 16 + ["outside", ""])


def test_a_step_change_is_the_difference_of_means_with_the_error_of_single_points() -> None:
    (row,) = service_found_again(PLANTED, {"control_points": _points([1.0] * 18)}).to_dict("records")
    assert (row["subject"], row["n"]) == ("waiting.2024-03", 16)
    assert row["estimate"] == pytest.approx(-4.5)
    # one sigma from 7 moving ranges in each phase: Welch's degrees are the sum of two times 0.62 × 7
    half = stats.t.ppf(0.975, 2 * 0.62 * 7) * np.sqrt(1 / 8 + 1 / 8)
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * half)


def test_points_that_vary_by_their_cases_have_a_known_error() -> None:
    sigma = np.linspace(0.9, 1.1, 18)
    (row,) = service_found_again(PLANTED, {"control_points": _points(sigma.tolist())}).to_dict("records")
    half = stats.norm.ppf(0.975) * np.sqrt((sigma[:8] ** 2).sum() + (sigma[8:16] ** 2).sum()) / 8
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * half)


@pytest.mark.simulation
def test_the_interval_of_a_step_change_of_single_values_covers() -> None:
    """Of 18 and 12 months, as the default edition has them; with the normal distribution it would be 93 %."""
    rng, inside, runs = np.random.default_rng(6), 0, 1000
    for _ in range(runs):
        value = rng.normal(0, 0.7, 30) + np.repeat([0.0, -4.4], [18, 12])
        chart = control_chart(value, "xmr", starts=[18])
        sigmas = [chart.sigma[:18], chart.sigma[18:]]
        inside += abs(value[18:].mean() - value[:18].mean() + 4.4) <= _half_width(sigmas, 0.95)
    assert 0.93 <= inside / runs <= 0.97


def test_without_tables_nothing_is_found() -> None:
    assert len(service_found_again(PLANTED, {})) == 0


def test_every_step_of_the_default_edition_has_something_planted() -> None:
    planted = planted_service(load_edition(ROOT / "params" / "2025.yml"))
    assert planted is not None
    assert planted["step"].nunique() == 5
    assert not planted.duplicated(["step", "quantity", "subject"]).any()
    real = load_edition(ROOT / "tests" / "editions" / "csibank.yml")
    assert planted_service(real) is None
