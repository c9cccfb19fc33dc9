"""Earlier waves and what became of every sampled case: planned rates, and no interview without its approach."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.data.simulation.people import response_rates
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.responses import StoredInterviews
from analysis.data.simulation.tracking import CALLBACK, NON_CONTACT, draw_dispositions, draw_waves
from analysis.edition import Edition


@pytest.fixture(scope="module")
def cases(simulated: Edition, truth: Planted, stored: StoredInterviews) -> pd.DataFrame:
    frame = draw_dispositions(simulated, truth, stored.interviews)
    return frame.assign(contacted_on=pd.to_datetime(frame["contacted_on"]))


def test_waves_are_quarters_without_a_gap_up_to_that_of_the_fieldwork(simulated: Edition, truth: Planted) -> None:
    waves = draw_waves(simulated, truth)
    quarters = pd.PeriodIndex(waves["wave"], freq="Q")
    assert len(waves) == truth.waves.count
    assert (quarters[1:] == quarters[:-1] + 1).all()
    assert quarters[-1] == pd.Period(simulated.publication.fieldwork.start, freq="Q")


def test_the_error_of_a_wave_follows_from_its_interviews(simulated: Edition, truth: Planted) -> None:
    waves = draw_waves(simulated, truth)
    assert waves["se"].to_numpy() == pytest.approx(truth.waves.spread / waves["n"].to_numpy() ** 0.5, abs=6e-4)
    low, high = truth.waves.sample
    assert waves["n"].between(low, high).all()


def test_every_interview_is_the_outcome_of_one_approach(cases: pd.DataFrame, stored: StoredInterviews) -> None:
    counts = cases["disposition"].value_counts()
    held = stored.interviews
    assert counts["1.1"] == (~held.broken_off).sum()
    assert counts["1.2"] == held.broken_off.sum()
    interviewed = cases[cases["disposition"].str.startswith("1.")]
    assert interviewed["customer_id"].is_unique
    assert cases["case_id"].is_unique


def test_strata_respond_at_their_planted_rates(cases: pd.DataFrame, truth: Planted) -> None:
    """Customers, not approaches: who was called back is one case."""
    by_customer = cases.groupby("customer_id").agg(
        stratum=("stratum", "first"), held=("disposition", lambda codes: codes.str.startswith("1.").any())
    )
    found = by_customer.groupby("stratum")["held"].mean()
    for code, rate in response_rates(truth).items():
        assert found[code] == pytest.approx(rate, abs=0.01), code


def test_calls_follow_an_approach_that_reached_nobody(cases: pd.DataFrame) -> None:
    again = cases[cases["customer_id"].duplicated(keep=False)].sort_values(
        ["customer_id", "contacted_on"], kind="stable"
    )
    calls = again[again["customer_id"].duplicated()]
    assert len(calls)
    assert (calls["channel"] == CALLBACK).all()
    first = again[~again["customer_id"].duplicated()]
    assert (first["disposition"] == NON_CONTACT).all()


def test_approaches_stay_within_the_fieldwork(cases: pd.DataFrame, simulated: Edition) -> None:
    fieldwork = simulated.publication.fieldwork
    days = cases["contacted_on"]
    assert days.between(pd.Timestamp(fieldwork.start), pd.Timestamp(fieldwork.end)).all()
    assert days.is_monotonic_increasing
