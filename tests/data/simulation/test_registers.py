"""Registers of an institution: the planted effect of training, lifetimes by tier, measures with their dates."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted
from analysis.data.simulation.registers import action_register
from analysis.data.simulation.relationships import draw_customers, join_customers
from analysis.data.simulation.responses import draw_interviews
from analysis.data.simulation.staff import draw_training
from analysis.data.simulation.texts import Texts
from analysis.edition import Edition


def test_the_trained_gain_the_planted_lift_between_first_and_last_test(simulated: Edition, truth: Planted) -> None:
    many = truth.model_copy(update={"training": truth.training.model_copy(update={"staff": 20_000, "units": 4_000})})
    staff = draw_training(simulated, many)
    periods = sorted(staff.loc[staff["knowledge"].notna(), "period"].unique())
    for measure, lift in truth.training.measures.items():
        tests = staff.pivot_table(index=["staff_id", "trained"], columns="period", values=measure).dropna()
        gained = (tests[periods[-1]] - tests[periods[0]]).groupby("trained").mean()
        # values are cut at 100, which takes a little off
        assert gained[1] - gained[0] == pytest.approx(lift.lift, abs=0.5), measure
        start = tests[periods[0]].groupby("trained").mean()
        assert start[1] - start[0] == pytest.approx(lift.selection, abs=0.5), measure


def test_nobody_is_taught_before_the_start_and_the_untrained_never(simulated: Edition, truth: Planted) -> None:
    staff = draw_training(simulated, truth)
    taught = staff["hours"] != ""
    assert (staff.loc[taught, "trained"] == 1).all()
    first = min(truth.training.cohorts)
    assert set(staff.loc[taught, "period"]) <= set(sorted(staff["period"].unique())[first:])


def test_interviews_are_joined_to_customers_of_their_own_kind(
    simulated: Edition, truth: Planted, wording: Texts
) -> None:
    held = draw_interviews(simulated, truth, wording).interviews
    customers = draw_customers(simulated, truth)
    behind = join_customers(simulated, truth, held, customers)
    known = customers.set_index("customer_id").loc[behind[behind != ""]]
    assert known.index.is_unique
    for column in ("institution_type", "customer_type"):
        assert (held.profiles.loc[behind != "", column].to_numpy() == known[column].to_numpy()).all()


def test_relationships_end_after_they_began_and_within_the_fieldwork(simulated: Edition, truth: Planted) -> None:
    customers = draw_customers(simulated, truth)
    opened = pd.to_datetime(customers["opened_on"])
    closed = pd.to_datetime(customers["closed_on"].replace("", None))
    end = pd.Timestamp(simulated.publication.fieldwork.end)
    assert (closed.dropna() > opened[closed.notna()]).all()
    assert closed.max() <= end
    assert (opened < end).all()
    assert customers["customer_id"].is_unique


def test_longer_planned_lifetimes_leave_more_relationships_open(simulated: Edition, truth: Planted) -> None:
    customers = draw_customers(simulated, truth)
    still = (customers["closed_on"] == "").groupby(customers["value_tier"]).mean()
    by_lifetime = sorted(truth.customers.tiers, key=lambda name: truth.customers.tiers[name].lifetime)
    assert still[by_lifetime[0]] < still[by_lifetime[-1]]


def test_measures_are_due_as_many_days_after_the_fieldwork_as_planned(simulated: Edition, wording: Texts) -> None:
    register = action_register(simulated, wording)
    end = simulated.publication.fieldwork.end
    due = [(dt.date.fromisoformat(day) - end).days for day in register["due"]]
    assert due == [action.due_in_days for action in wording.actions]
    assert register["action_id"].is_unique
