"""Lifetimes, churn and stages: by hand on a small register, and the planted lifetimes of a simulated one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.relationships import draw_customers
from analysis.edition import load_edition
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.loyalty import index_by_stage, stage_of
from analysis.service.relationships import study_relationships

LAST = dt.date(2025, 1, 1)


def _register(*rows: tuple[str, str | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["opened_on", "closed_on", "value_tier"])
    frame["opened_on"], frame["closed_on"] = pd.to_datetime(frame["opened_on"]), pd.to_datetime(frame["closed_on"])
    return frame


SMALL = _register(
    ("2020-01-01", None, "high"),
    ("2021-01-01", "2024-07-01", "high"),  # lost within the year
    ("2021-01-01", "2022-01-01", "standard"),  # lost before
    ("2024-06-01", None, "standard"),  # new
    ("2023-01-01", None, "standard"),
    ("2024-05-01", "2024-09-01", "standard"),  # came and went within the year: never ran a year ago
)


def test_a_small_register_by_hand() -> None:
    found = study_relationships(SMALL, as_of=LAST)
    assert dict(zip(found.stages["stage"], found.stages["n"], strict=True)) == {"new": 1, "established": 2, "lost": 2}
    churn = found.churn.set_index(["question", "category"])
    assert churn.loc[("", ""), ["n", "lost"]].tolist() == pytest.approx([3, 1 / 3])
    assert churn.loc[("value_tier", "high"), ["n", "lost", "others"]].tolist() == pytest.approx([2, 0.5, 0.0])
    whole = found.lifetimes.iloc[0]
    assert (whole["n"], whole["ended"], found.horizon) == (6, 3, 5.0)
    assert whole["ended_mean"] == pytest.approx((3.496 + 1.0 + 0.337) / 3, abs=0.002)


def test_what_was_closed_after_the_last_day_still_runs() -> None:
    found = study_relationships(SMALL, as_of=dt.date(2024, 8, 1))
    assert found.lifetimes.iloc[0][["n", "ended"]].tolist() == [6, 2]


def test_a_register_that_begins_after_its_last_day_is_an_error() -> None:
    with pytest.raises(MethodError, match="before the last day"):
        study_relationships(SMALL, as_of=dt.date(2019, 1, 1))


def test_nobody_has_left() -> None:
    found = study_relationships(SMALL.assign(closed_on=pd.NaT), as_of=LAST)
    assert np.isnan(found.lifetimes["median"]).all()
    assert np.isnan(found.lifetimes["mean"]).all()
    assert found.churn["lost"].tolist() == [0.0, 0.0, 0.0]


def test_customers_seen_from_a_date_on_are_at_risk_from_then() -> None:
    """Half of the relationships could be seen from 2015 on only: without heeding it they seem to last longer."""
    rng = np.random.default_rng(3)
    opened = np.datetime64("2005-01-01") + rng.integers(0, 7000, 6000).astype("timedelta64[D]")
    closed = opened + np.maximum(rng.exponential(4 * 365.25, 6000), 1).astype("timedelta64[D]")
    frame = pd.DataFrame({"opened_on": opened, "closed_on": closed})
    frame["observed_from"] = np.where(np.arange(6000) % 2, np.datetime64("2015-01-01"), np.datetime64("2005-01-01"))
    seen = frame[frame["closed_on"] > frame["observed_from"]].reset_index(drop=True)
    heeded = study_relationships(seen, as_of=LAST).lifetimes.iloc[0]
    blind = study_relationships(seen.drop(columns="observed_from"), as_of=LAST).lifetimes.iloc[0]
    assert heeded["median_low"] < 4 * np.log(2) < heeded["median_high"]
    assert blind["median_low"] > 4 * np.log(2)
    assert heeded["mean_low"] < 4 < heeded["mean_high"]


def test_the_planted_lifetimes_are_recovered() -> None:
    edition = load_edition(ROOT / "params" / "2025.yml")
    planted = load_planted(edition)
    frame = draw_customers(edition, planted)
    frame["opened_on"], frame["closed_on"] = pd.to_datetime(frame["opened_on"]), pd.to_datetime(frame["closed_on"])
    found = study_relationships(frame, as_of=edition.publication.fieldwork.end, confidence=0.99)
    tiers = found.lifetimes[found.lifetimes["question"] == "value_tier"].set_index("category")
    for tier, plan in planted.customers.tiers.items():
        assert tiers.loc[tier, "mean_low"] < plan.lifetime < tiers.loc[tier, "mean_high"], tier
        assert tiers.loc[tier, "ended_mean"] < plan.lifetime, tier


def test_a_register_grows_or_shrinks_only_beyond_chance() -> None:
    new, lost = ("2024-06-01", None, "high"), ("2020-01-01", "2024-06-01", "high")
    balance = [
        study_relationships(_register(*[new] * n, *[lost] * 100), as_of=LAST).record()["balance"]
        for n in (50, 110, 160)
    ]
    assert balance == ["shrinks", "stays", "grows"]


def test_stages_need_no_interview() -> None:
    days = pd.to_datetime(["2020-01-01", "2024-06-01", "2019-01-01"])
    frame = pd.DataFrame({"customer_id": ["1", "2", "3"], "opened_on": days})
    frame["closed_on"] = pd.to_datetime([None, None, "2024-09-01"])
    stage = stage_of(frame, as_of=dt.date(2024, 12, 31))
    table = index_by_stage(stage, None, None, design=None, confidence=0.95, adjustment="holm")
    assert table.set_index("stage")["n"].to_dict() == {"new": 1, "established": 1, "lost": 1}
    assert table["csi"].isna().all()
