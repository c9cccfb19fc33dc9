"""Registers of an institution: the planted effect of training, lifetimes by tier, measures with their dates."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted
from analysis.data.simulation.registers import action_register
from analysis.data.simulation.relationships import draw_customers, join_customers
from analysis.data.simulation.staff import draw_training
from analysis.data.simulation.texts import Texts
from analysis.edition import Edition


def test_difference_in_differences_finds_the_planted_lift(simulated: Edition, truth: Planted) -> None:
    many = truth.model_copy(update={"training": truth.training.model_copy(update={"staff": 20_000})})
    staff = draw_training(simulated, many)
    for measure, lift in truth.training.measures.items():
        both = staff.pivot_table(index=["staff_id", "trained"], columns="period", values=measure).dropna()
        gained = (both["after"] - both["before"]).groupby("trained").mean()
        # values are cut at 100, which takes a little off
        assert gained[1] - gained[0] == pytest.approx(lift.lift, abs=0.5), measure
        start = both["before"].groupby("trained").mean()
        assert start[1] - start[0] == pytest.approx(lift.selection, abs=0.5), measure


def test_some_staff_left_before_the_second_test_and_nobody_came_for_it_alone(
    simulated: Edition, truth: Planted
) -> None:
    staff = draw_training(simulated, truth)
    periods = staff.groupby("staff_id")["period"].agg(list)
    assert set(map(tuple, periods)) == {("before",), ("before", "after")}
    left = float((periods.str.len() == 1).mean())
    assert left == pytest.approx(truth.training.left_before_second_test, abs=0.05)


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
