"""Times by type of customer: pseudo-observations against leave-one-out, a planted gap, and one of the mix."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from analysis.edition.sections.service import Service
from analysis.service.clocks import product_limit
from analysis.service.equity import handling_equity, pseudo_times

SERVICE = Service(as_of=dt.date(2025, 12, 31))


def _tickets(gap: float, *, seed: int = 0, size: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    hard = rng.random(size) < 0.4
    corporate = rng.random(size) < np.where(hard, 0.7, 0.1)
    days = rng.exponential(np.where(hard, 12.0, 4.0) + gap * corporate)
    received = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.uniform(0, 360, size), unit="D")
    closed = received + pd.to_timedelta(days, unit="D")
    return pd.DataFrame(
        {
            "received_at": received,
            "closed_at": pd.Series(closed).where(closed < "2026-01-01"),
            "triage_class": np.where(hard, "urgent", "general"),
            "customer_type": np.where(corporate, "corporate", "individual"),
        }
    )


def test_pseudo_observations_are_close_to_those_of_the_jackknife() -> None:
    rng = np.random.default_rng(0)
    days, ended = rng.exponential(1.0, 200), rng.random(200) < 0.7
    whole, _ = product_limit(days, ended).restricted_mean(2.0)
    without = [
        product_limit(np.delete(days, place), np.delete(ended, place)).restricted_mean(2.0)[0] for place in range(200)
    ]
    found = pseudo_times(days, ended, horizon=2.0)
    assert np.abs(found - (200 * whole - 199 * np.array(without))).max() < 0.05
    assert np.isclose(found.mean(), whole)


def test_what_the_mix_of_matters_explains_is_no_difference() -> None:
    table = handling_equity(_tickets(0.0), service=SERVICE)
    assert table is not None
    raw = table.set_index("category")["mean"]
    assert raw["corporate"] - raw["individual"] > 3
    assert (table["p_adjusted"] > 0.05).all()


def test_a_planted_gap_is_found() -> None:
    table = handling_equity(_tickets(4.0), service=SERVICE)
    assert table is not None
    row = table.set_index("category").loc["corporate"]
    assert row["ci_low"] < 4.0 < row["ci_high"]
    assert row["p_adjusted"] < 0.01


def test_without_types_there_is_nothing_to_compare() -> None:
    tickets = _tickets(0.0)
    assert handling_equity(tickets.drop(columns="customer_type"), service=SERVICE) is None
    assert handling_equity(tickets.assign(customer_type="individual"), service=SERVICE) is None
