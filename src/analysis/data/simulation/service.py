"""Feedback tickets and the log of service cases, with their clocks; what is not finished by the last day stays open."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.simulation.drawing import (
    Floats,
    draw_codes,
    draw_positions,
    generator,
    hours_within,
    numbered,
    stamps,
    working_moments,
)
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.planted_service import Counter, ServiceLog, StepTime
from analysis.data.simulation.texts import Strings, Texts, write_tickets
from analysis.edition import Edition
from analysis.edition.sections.data import TABLES
from analysis.edition.standards import Limit, Standards
from analysis.errors import MethodError
from analysis.service.calendar import WorkingDays, working_days

_YEAR = 365
_LATELY = np.timedelta64(21, "D")
"""How long ago a customer's last ticket is when another comes."""
MINUTES = ("waited_minutes", "served_minutes")
Moments = npt.NDArray[np.datetime64]


def draw_feedback(edition: Edition, planted: Planted, texts: Texts) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Tickets of the year up to the end of the fieldwork, and the class and theme each was written from.

    `handled_at` is when the ticket was handled or, in the class of suggestions, answered in substance.
    """
    rng, plan = generator(edition, "feedback"), planted.feedback
    size, end = plan.tickets, _end_of_day(edition)
    received = np.sort(working_moments(rng, end.astype("datetime64[D]") - np.timedelta64(_YEAR - 1, "D"), _YEAR, size))
    written = write_tickets(rng, size, planted=planted, texts=texts.tickets)
    limits = np.array([plan.classes[name].hours for name in written.polarity])
    shares = np.array([plan.classes[name].on_time for name in written.polarity])
    handling = limits * hours_within(rng, 1.0, shares, size)
    answering = np.minimum(hours_within(rng, plan.first_response.hours, plan.first_response.on_time, size), handling)
    closing = handling + 24 * plan.closing_days * np.exp(0.7 * rng.standard_normal(size))
    never = rng.random(size) < plan.unanswered
    ids = numbered("T", size)
    frame = pd.DataFrame(
        {
            "ticket_id": ids,
            "received_at": stamps(received),
            "channel": draw_codes(rng, plan.channels, size),
            "institution_type": draw_codes(rng, plan.institutions, size),
            "text": written.texts,
        }
    )
    for column, hours in (("first_response_at", answering), ("handled_at", handling), ("closed_at", closing)):
        at = _later(received, hours)
        frame[column] = stamps(at, shown=~never & (at <= end))
    frame = frame.assign(**_customers_of_tickets(edition, planted, received, written.polarity, written.themes))
    truth = {
        name: {"class": group, "theme": theme}
        for name, group, theme in zip(ids, written.polarity, written.themes, strict=True)
    }
    return frame, truth


def _customers_of_tickets(
    edition: Edition, planted: Planted, received: Moments, classes: Strings, themes: Strings
) -> dict[str, Any]:
    """Number and type of the customer behind each ticket, in the order of time; nothing where none is planted."""
    plan = planted.feedback
    if not plan.customer_types:
        return {}
    rng = np.random.default_rng([edition.seed, *b"customers of tickets"])
    kinds = np.empty(len(received), dtype=object)
    for name, shares in plan.customer_types.items():
        members = np.flatnonzero(classes == name)
        kinds[members] = draw_codes(rng, shares, len(members))
    again, pick = rng.random(len(received)) < plan.repeats, rng.random(len(received))
    who = np.arange(len(received))
    for theme in plan.themes:
        members = np.flatnonzero(themes == theme)
        first = np.searchsorted(received[members], received[members] - _LATELY)
        for place in np.flatnonzero(again[members] & (first < np.arange(len(members)))).tolist():
            earlier = members[first[place] + int(pick[members[place]] * (place - first[place]))]
            who[members[place]], kinds[members[place]] = who[earlier], kinds[earlier]
    return {"customer_id": numbered("C", len(received))[who], "customer_type": kinds}


def draw_service_log(edition: Edition, planted: Planted, standards: Standards) -> pd.DataFrame:
    """Service cases of the year, one row per step: each step opens when the one before it is completed.

    What was done again, when work began and what was done in a branch come from random numbers of their own.
    """
    rng, plan = generator(edition, "service_log"), planted.service_log
    end = _end_of_day(edition)
    limits = {(s.key, step.key): step.limit for s in standards.scenarios for step in s.steps}
    routes = [(scenario, route) for scenario, found in plan.routes.items() for route in found]
    shares = [plan.scenarios[scenario] / len(plan.routes[scenario]) for scenario, _ in routes]
    lengths = np.array([len(route) for _, route in routes])
    cases = round(plan.rows * sum(shares) / float(np.dot(shares, lengths)))
    route_of = np.sort(draw_positions(rng, shares, cases))
    opened = working_moments(rng, end.astype("datetime64[D]") - np.timedelta64(_YEAR - 1, "D"), _YEAR, cases)
    institution = draw_codes(rng, plan.institutions, cases)
    walk = _Walk(plan, limits, institution, end, _calendar(edition, end))
    parts, other = [], np.random.default_rng([edition.seed, TABLES.index("service_log"), 1])
    for position, (scenario, route) in enumerate(routes):
        members = np.flatnonzero(route_of == position)
        rows, finished, at = walk.through(rng, scenario, route, members, opened[members])
        again = plan.rework.get(scenario)
        parts += rows
        if again and again.back_to in route:
            back = finished & (other.random(len(members)) < again.share)
            part, first = route[route.index(again.back_to) :], len(route)
            parts += walk.through(other, scenario, part, members[back], at[back], first=first)[0]
    log = pd.concat(parts, ignore_index=True)
    by_date = np.argsort(np.argsort(opened, kind="stable"), kind="stable")
    log["case_id"] = numbered("S", cases)[by_date[log["case"].to_numpy()]]
    log = log.sort_values(["case_id", "order"], kind="stable", ignore_index=True)
    log["opened_at"] = stamps(log["opened"].to_numpy())
    log["completed_at"] = stamps(log["completed"].to_numpy(), shown=log["finished"].to_numpy())
    log["started_at"] = _started(other, log, plan)
    columns = ["case_id", "scenario", "step", "institution_type", "opened_at", "started_at", "completed_at"]
    return _visits(other, log[columns], plan.counter) if plan.counter else log[columns]


class _Walk:
    """Cases on their way through the steps of a scenario, each of an institution, up to the last day."""

    def __init__(
        self, plan: ServiceLog, limits: Mapping[Any, Limit | None], institution: Any, end: Any, days: WorkingDays
    ) -> None:
        self.plan, self.limits, self.institution, self.end, self.days = plan, limits, institution, end, days

    def through(
        self,
        rng: np.random.Generator,
        scenario: str,
        route: Sequence[str],
        members: Any,
        at: Moments,
        *,
        first: int = 0,
    ) -> tuple[list[pd.DataFrame], npt.NDArray[np.bool_], Moments]:
        """Rows of the steps that `members` open from the moments `at` on, which of them finish, and when."""
        parts, going, plan = [], np.ones(len(members), dtype=bool), self.plan
        lateness = np.array([plan.lateness[code] for code in self.institution[members]])
        for order, step in enumerate(route, start=first):
            limit = self.limits[scenario, step]
            done = _completed(rng, at, plan.steps[scenario][step], limit=limit, lateness=lateness, days=self.days)
            finished = going & (rng.random(len(members)) >= plan.abandoned) & (done <= self.end)
            rows = {"case": members, "order": order, "scenario": scenario, "step": step}
            columns = {"institution_type": self.institution[members], "opened": at, "completed": done}
            parts.append(pd.DataFrame({**rows, **columns, "finished": finished})[going])
            at, going = done, finished
        return parts, going, at


def _started(rng: np.random.Generator, log: pd.DataFrame, plan: ServiceLog) -> npt.NDArray[np.object_]:
    """When work on each step began: a share of its time after the opening, for those that are done."""
    mean = np.array([plan.waiting.get(scenario, 0.5) for scenario in log["scenario"]])
    share = rng.beta(8 * mean, 8 * (1 - mean))
    span = (log["completed"] - log["opened"]).dt.total_seconds().to_numpy()
    begun = log["opened"].to_numpy() + np.floor(span * share).astype("timedelta64[s]")
    return stamps(begun, shown=log["finished"].to_numpy())


def _visits(rng: np.random.Generator, log: pd.DataFrame, plan: Counter) -> pd.DataFrame:
    """The log with the branch of the steps that are done in one, and the customers' minutes of waiting and service."""
    size = len(log)
    number = np.array([plan.branches.get(kind, 0) for kind in log["institution_type"]])
    there = (number > 0) & (rng.random(size) < plan.share)
    place = np.floor(rng.random(size) * number).astype(int) + 1
    branch = np.array([f"{kind}-{n:02d}" for kind, n in zip(log["institution_type"], place, strict=True)], dtype=object)
    mean = np.array([plan.slow.get(name, plan.waited.mean) for name in branch])
    waited, served = (
        level * np.exp(one.spread * rng.standard_normal(size) - one.spread**2 / 2)
        for level, one in ((mean, plan.waited), (plan.served.mean, plan.served))
    )
    minutes = {name: np.where(there, np.round(m, 1), np.nan) for name, m in zip(MINUTES, (waited, served), strict=True)}
    return log.assign(branch=np.where(there, branch, ""), **minutes)


def _completed(
    rng: np.random.Generator,
    opened: Moments,
    planned: StepTime,
    *,
    limit: Limit | None,
    lateness: Floats,
    days: WorkingDays,
) -> Moments:
    """When a step was completed: late with the planted share times `lateness`, or about its planted hours."""
    size = len(opened)
    if limit is None or planned.on_time is None:
        return _later(opened, hours_within(rng, planned.hours or 1.0, 0.5, size, spread=0.6))
    on_time = np.clip(1 - (1 - planned.on_time) * lateness, 0.02, 0.98)
    if limit.unit == "working_days":
        return _after_working_days(rng, opened, int(limit.value), on_time, days)
    return _later(opened, hours_within(rng, limit.value, on_time, size, spread=0.8))


def _after_working_days(
    rng: np.random.Generator, opened: Moments, limit: int, on_time: Floats, calendar: WorkingDays
) -> Moments:
    """Completion on a working day, as the norms count them: at most `limit` after day 0 with chance `on_time`.

    What would be done after the last day of the calendar, which is that of the log, is done long after it.
    """
    size = len(opened)
    late = rng.random(size) >= on_time
    early = np.rint(limit * rng.beta(2.2, 1.8, size)).astype(int)
    days = np.where(late, limit + rng.geometric(0.45, size), np.minimum(early, limit))
    last = calendar.first + len(calendar.counted) - 1
    ends = calendar.deadline(np.minimum(opened, last.astype("datetime64[s]")), days)
    day = np.where(np.isnat(ends), last + _YEAR, ends.astype("datetime64[D]"))
    at_work = day.astype("datetime64[s]") + (3600 * rng.uniform(9, 18, size)).astype("timedelta64[s]")
    soon = opened + rng.integers(300, 1800, size).astype("timedelta64[s]")
    return np.asarray(np.maximum(at_work, soon))


def _calendar(edition: Edition, end: np.datetime64) -> WorkingDays:
    """Working days of the log; of a year that no calendar knows, Monday to Friday."""
    last = end.astype("datetime64[D]").item()
    first, rules = last - datetime.timedelta(days=_YEAR), edition.service.calendar
    try:
        return working_days(first, last, rules)
    except MethodError:
        return working_days(first, last, rules.model_copy(update={"country": None}))


def _later(moments: Moments, hours: Floats) -> Moments:
    return np.asarray(moments + np.rint(3600 * hours).astype("timedelta64[s]"))


def _end_of_day(edition: Edition) -> np.datetime64:
    """Last second of the fieldwork: the day on which the tables are extracted."""
    return np.datetime64(edition.publication.fieldwork.end, "s") + np.timedelta64(24 * 3600 - 1, "s")
