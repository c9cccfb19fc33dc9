"""Tickets and service cases: clocks that run forward, limits kept as often as planned, open ends at the last day."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted
from analysis.data.simulation.service import _after_working_days, draw_feedback, draw_service_log
from analysis.data.simulation.texts import Texts
from analysis.edition import Edition
from analysis.edition.sections.service import Calendar
from analysis.service.calendar import working_days


@pytest.fixture(scope="module")
def log(simulated: Edition, truth: Planted) -> pd.DataFrame:
    assert simulated.standards is not None
    found = draw_service_log(simulated, truth, simulated.standards)
    times = {name: pd.to_datetime(found[name].replace("", None)) for name in ("opened_at", "completed_at")}
    return found.assign(**times)


def test_clocks_of_a_ticket_run_forward(simulated: Edition, truth: Planted, wording: Texts) -> None:
    tickets, told = draw_feedback(simulated, truth, wording)
    names = ["received_at", "first_response_at", "handled_at", "closed_at"]
    times = tickets[names].apply(lambda column: pd.to_datetime(column.replace("", None)))
    for earlier, later in pairwise(names):
        both = times[[earlier, later]].dropna()
        assert (both[later] >= both[earlier]).all(), later
    assert set(told) == set(tickets["ticket_id"])
    assert times.max().max() <= pd.Timestamp(simulated.publication.fieldwork.end) + pd.Timedelta(days=1)


def test_tickets_are_handled_in_time_as_often_as_their_class_plans(
    simulated: Edition, truth: Planted, wording: Texts
) -> None:
    plan = truth.feedback.model_copy(update={"tickets": 20_000, "unanswered": 0.0})
    tickets, told = draw_feedback(simulated, truth.model_copy(update={"feedback": plan}), wording)
    received, handled = pd.to_datetime(tickets["received_at"]), pd.to_datetime(tickets["handled_at"].replace("", None))
    hours = (handled - received).dt.total_seconds() / 3600
    groups = pd.Series([told[name]["class"] for name in tickets["ticket_id"]])
    old = received < received.max() - pd.Timedelta(days=90)  # what came late may still be open
    for name, clock in plan.classes.items():
        kept = (hours[old & (groups == name)] <= clock.hours + 1 / 3600).mean()
        assert kept == pytest.approx(clock.on_time, abs=0.03), name


def test_a_step_opens_when_the_one_before_it_is_completed(log: pd.DataFrame) -> None:
    before = log.groupby("case_id")["completed_at"].shift()
    follows = before.notna()
    assert (log.loc[follows, "opened_at"] == before[follows]).all()
    first = log["case_id"] != log["case_id"].shift()
    assert (follows | first).all()  # nothing follows a step that is still open


def test_steps_end_after_they_open(log: pd.DataFrame) -> None:
    done = log.dropna(subset=["completed_at"])
    assert (done["completed_at"] >= done["opened_at"]).all()
    assert log["completed_at"].isna().any()


def test_cases_follow_one_of_the_planned_routes(log: pd.DataFrame, truth: Planted) -> None:
    for scenario, routes in truth.service_log.routes.items():
        taken = log[log["scenario"] == scenario].groupby("case_id")["step"].agg(tuple)
        again = truth.service_log.rework.get(scenario)
        back = [route + route[route.index(again.back_to) :] for route in routes if again and again.back_to in route]
        begins = {route[:length] for route in (*routes, *back) for length in range(1, len(route) + 1)}
        assert set(taken) <= begins


def test_working_days_skip_the_weekend_and_keep_the_limit_as_planned() -> None:
    friday = np.full(20_000, np.datetime64("2025-09-05T17:00:00"))
    calendar = working_days(dt.date(2025, 9, 1), dt.date(2025, 10, 31), Calendar())
    done = _after_working_days(np.random.default_rng(1), friday, 3, np.full(20_000, 0.8), calendar)
    days = done.astype("datetime64[D]")
    assert np.is_busday(days).all()
    assert (np.busday_count("2025-09-05", days) <= 3).mean() == pytest.approx(0.8, abs=0.01)
    assert (done > friday).all()


def test_what_is_done_after_the_last_day_of_the_calendar_is_done_long_after_it() -> None:
    opened = np.array(["2025-10-31T10:00:00", "2026-02-01T10:00:00"], dtype="datetime64[s]")
    calendar = working_days(dt.date(2025, 9, 1), dt.date(2025, 10, 31), Calendar(country="CN"))
    done = _after_working_days(np.random.default_rng(1), opened, 3, np.zeros(2), calendar)
    assert (done > np.datetime64("2026-06-01")).all()
