"""Feedback tickets and the log of service cases, with their clocks; what is not finished by the last day stays open."""

from __future__ import annotations

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
from analysis.data.simulation.planted import Planted, StepTime
from analysis.data.simulation.texts import Texts, write_tickets
from analysis.edition import Edition
from analysis.edition.standards import Limit, Standards

_YEAR = 365
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
    truth = {
        name: {"class": group, "theme": theme}
        for name, group, theme in zip(ids, written.polarity, written.themes, strict=True)
    }
    return frame, truth


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
    parts, other = [], np.random.default_rng([edition.seed, TABLES.index("service_log"), 1])
    for position, (scenario, route) in enumerate(routes):
        members = np.flatnonzero(route_of == position)
        at, going = opened[members], np.ones(len(members), dtype=bool)
        for order, step in enumerate(route):
            planned, limit = plan.steps[scenario][step], limits[scenario, step]
            lateness = np.array([plan.lateness[code] for code in institution[members]])
            done = _completed(rng, at, planned, limit=limit, lateness=lateness)
            finished = going & (rng.random(len(members)) >= plan.abandoned) & (done <= end)
            rows = {"case": members, "order": order, "scenario": scenario, "step": step}
            columns = {"institution_type": institution[members], "opened": at, "completed": done}
            parts.append(pd.DataFrame({**rows, **columns, "finished": finished})[going])
            at, going = done, finished
        parts += _again(other, plan, (scenario, route), limits, members=members[going], at=at[going], end=end, institution=institution)
    log = pd.concat(parts, ignore_index=True)
    by_date = np.argsort(np.argsort(opened, kind="stable"), kind="stable")
    log["case_id"] = numbered("S", cases)[by_date[log["case"].to_numpy()]]
    log = log.sort_values(["case_id", "order"], kind="stable", ignore_index=True)
    log["opened_at"] = stamps(log["opened"].to_numpy())
    log["completed_at"] = stamps(log["completed"].to_numpy(), shown=log["finished"].to_numpy())
    return log[["case_id", "scenario", "step", "institution_type", "opened_at", "completed_at"]]


def _completed(
    rng: np.random.Generator, opened: Moments, planned: StepTime, *, limit: Limit | None, lateness: Floats
) -> Moments:
    """When a step was completed: late with the planted share times `lateness`, or about its planted hours."""
    size = len(opened)
    if limit is None or planned.on_time is None:
        return _later(opened, hours_within(rng, planned.hours or 1.0, 0.5, size, spread=0.6))
    on_time = np.clip(1 - (1 - planned.on_time) * lateness, 0.02, 0.98)
    if limit.unit == "working_days":
        return _after_working_days(rng, opened, int(limit.value), on_time)
    return _later(opened, hours_within(rng, limit.value, on_time, size, spread=0.8))


def _after_working_days(rng: np.random.Generator, opened: Moments, limit: int, on_time: Floats) -> Moments:
    """Completion on a working day (Monday to Friday), at most `limit` after the first one with chance `on_time`.

    Public holidays are left out: they only make a late case less late.
    """
    size = len(opened)
    late = rng.random(size) >= on_time
    early = np.rint(limit * rng.beta(2.2, 1.8, size)).astype(int)
    days = np.where(late, limit + rng.geometric(0.45, size), np.minimum(early, limit))
    day = np.busday_offset(opened.astype("datetime64[D]"), days, roll="forward")
    at_work = day.astype("datetime64[s]") + (3600 * rng.uniform(9, 18, size)).astype("timedelta64[s]")
    soon = opened + rng.integers(300, 1800, size).astype("timedelta64[s]")
    return np.asarray(np.maximum(at_work, soon))


def _later(moments: Moments, hours: Floats) -> Moments:
    return np.asarray(moments + np.rint(3600 * hours).astype("timedelta64[s]"))


def _end_of_day(edition: Edition) -> np.datetime64:
    """Last second of the fieldwork: the day on which the tables are extracted."""
    return np.datetime64(edition.publication.fieldwork.end, "s") + np.timedelta64(24 * 3600 - 1, "s")
