"""Clocks of feedback tickets: answered and handled in time, how long until they are closed, and what piles up.

As with the steps of a service, a ticket counts for a share on time once its limit has passed, and an open one is
censored on the last day.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.calendar import LAST_SECOND
from analysis.service.clocks import product_limit
from analysis.service.shares import groups_of, more_or_fewer, shares_by_question, wilson
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.edition.dictionary import TriageClass
    from analysis.edition.sections.service import Service
    from analysis.edition.standards import Standards

    Floats = NDArray[Any]

QUESTIONS = ("channel", "institution_type")
CLOSED_BY = ("triage_class", *QUESTIONS, "customer_type")
MOMENTS = ("first_response_at", "handled_at", "closed_at")
NINETY = 0.9
WEEKS = 4
"""The last weeks, in which what came is held against what was closed."""
SHARE_COLUMNS = (
    *("clock", "limit", "question", "category", "n", "on_time", "ci_low", "ci_high", "others", "difference"),
    "p_adjusted",
)
CLASS_COLUMNS = ("triage_class", "n", "limit", "due", "on_time", "ci_low", "ci_high")
CLOSING_COLUMNS = (
    *("question", "category", "n", "open", "median", "median_low", "median_high", "mean", "mean_low", "mean_high"),
    "p90",
)


@dataclass(frozen=True)
class TicketClocks:
    """What the tickets say of the answers to them.

    shares: clock (first_response_at, handled_at), limit in hours, question and category (empty: all), n (tickets whose
    limit has passed), on_time with Wilson interval, others, difference and p_adjusted against all other categories.
    closing: question, category, n, open, median, mean (restricted to the days that the records cover) and p90 in days
    until a ticket is closed. backlog: week (its Monday), received, closed, open at its end. classes: triage_class, n,
    limit of the class in hours, due (tickets whose limit has passed), on_time (share of these that were handled within
    it) with Wilson interval; empty where tickets have no class.
    """

    shares: pd.DataFrame
    classes: pd.DataFrame
    closing: pd.DataFrame
    backlog: pd.DataFrame
    as_of: datetime.date
    tickets: int

    def record(self) -> dict[str, Any]:
        """Plain values: tickets, last day, how many are open, and what came and went in the last weeks.

        flow: grows or shrinks where more, or fewer, came than were closed by more than chance (two Poisson counts, at
        95 %), else steady.
        """
        still = int(self.closing["open"].iloc[0]) if len(self.closing) else 0
        lately = self.backlog.tail(WEEKS)
        received, closed = int(lately["received"].sum()), int(lately["closed"].sum())
        flow = ("steady", "grows", "shrinks")[more_or_fewer(received, closed)]
        last = {"weeks": len(lately), "received": received, "closed": closed, "flow": flow}
        return {"as_of": self.as_of.isoformat(), "tickets": self.tickets, "open": still, **last}

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish; `group` names the tickets of a row."""
        named = {
            name: table.assign(
                group=("ticket." + table["question"] + "=" + table["category"]).where(table["category"] != "", "")
            )
            for name, table in (("ticket_shares", self.shares), ("ticket_closing", self.closing))
        }
        classes = self.classes.assign(group="ticket.triage_class=" + self.classes["triage_class"].astype(str))
        return {**named, "ticket_classes": classes, "ticket_backlog": self.backlog}


def measure_tickets(
    feedback: pd.DataFrame,
    *,
    standards: Standards | None,
    service: Service,
    classes: Sequence[TriageClass] = (),
    adjustment: Adjustment = "holm",
) -> TicketClocks:
    """Clocks of the tickets (received_at, first_response_at, handled_at, closed_at, channel, institution_type, and
    where the table has them triage_class, one of `classes`, and customer_type).

    What the table or the standards lack is left out, and so is a moment that no ticket has: nobody wrote it down.
    Raises MethodError where no ticket came before the last day.
    """
    known, last = known_tickets(feedback, service=service)
    end = end_of(last)
    moments = [name for name in MOMENTS if name in known and known[name].notna().any()]
    questions = asked_of(known, QUESTIONS)
    limits = _limits(standards, service.tickets)
    shares = [
        _shares(known, clock, limit, questions, end, service.confidence)
        for clock, limit in limits.items()
        if clock in moments
    ]
    table = pd.concat(shares, ignore_index=True) if shares else pd.DataFrame(columns=[*SHARE_COLUMNS, "p"])
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    has_end = "closed_at" in moments
    return TicketClocks(
        table[list(SHARE_COLUMNS)],
        _classes(known, classes, standards, end, service.confidence),
        _closing(known, asked_of(known, CLOSED_BY), end, service.confidence)
        if has_end
        else pd.DataFrame(columns=list(CLOSING_COLUMNS)),
        _backlog(known, end) if has_end else pd.DataFrame(columns=["week", "received", "closed", "open"]),
        last,
        len(known),
    )


def known_tickets(feedback: pd.DataFrame, *, service: Service) -> tuple[pd.DataFrame, datetime.date]:
    """The tickets as they stood at the end of the last day, and that day: what came later had not happened.

    Raises MethodError where no ticket came before it.
    """
    moments = [name for name in MOMENTS if name in feedback]
    last = service.as_of or feedback[["received_at", *moments]].max().max().date()
    end = end_of(last)
    known = feedback[feedback["received_at"] <= end]
    if not len(known):
        raise MethodError(
            "No ticket came up to the last day.",
            where="service.as_of",
            expected=f"a day not before {feedback['received_at'].min():%Y-%m-%d}",
            got=last.isoformat(),
        )
    return known.assign(**{name: known[name].where(known[name] <= end) for name in moments}), last


def end_of(day: datetime.date) -> pd.Timestamp:
    """The last second of a day."""
    return pd.Timestamp(np.datetime64(day, "s") + LAST_SECOND)


def asked_of(known: pd.DataFrame, questions: Sequence[str]) -> list[str]:
    """Those of the `questions` that the tickets answer."""
    return [name for name in questions if name in known and known[name].notna().any()]


def _classes(
    known: pd.DataFrame,
    classes: Sequence[TriageClass],
    standards: Standards | None,
    end: pd.Timestamp,
    confidence: float,
) -> pd.DataFrame:
    """Each class against its own limit; those that no rule classed have none."""
    if "triage_class" not in known or not classes:
        return pd.DataFrame(columns=list(CLASS_COLUMNS))
    limits = _limits(standards, {one.key: one.indicator for one in classes if one.indicator})
    rows = []
    for key in dict.fromkeys([*(one.key for one in classes), *sorted(known["triage_class"].dropna().unique())]):
        own = known[(known["triage_class"] == key).to_numpy()]
        limit = limits.get(key, np.nan)
        due, kept = 0, 0
        if "handled_at" in own and key in limits:
            deadline = own["received_at"] + pd.Timedelta(hours=limit)
            passed = (deadline <= end).to_numpy()
            due, kept = int(passed.sum()), int((passed & (own["handled_at"] <= deadline).to_numpy()).sum())
        low, high = wilson(np.array([float(kept)]), np.array([float(due)]), confidence=confidence)
        rows.append((key, len(own), limit, due, kept / due if due else np.nan, low[0], high[0]))
    table = pd.DataFrame(rows, columns=list(CLASS_COLUMNS))
    return table[table["n"] > 0].reset_index(drop=True)


def _limits(standards: Standards | None, wanted: Mapping[Any, str]) -> dict[str, float]:
    """Hours by clock, as the indicators of the standards have them."""
    indicators = {one.key: one.limit for one in (standards.indicators if standards else ())}
    found = {str(clock): indicators.get(key) for clock, key in wanted.items()}
    return {clock: limit.value for clock, limit in found.items() if limit is not None and limit.unit == "hours"}


def _shares(
    known: pd.DataFrame, clock: str, limit: float, questions: Sequence[str], end: pd.Timestamp, confidence: float
) -> pd.DataFrame:
    deadline = known["received_at"] + pd.Timedelta(hours=limit)
    due = known[(deadline <= end).to_numpy()]
    kept = (due[clock] <= deadline[due.index]).to_numpy()
    table = shares_by_question(due, kept, questions, confidence=confidence)
    table = table.rename(columns={"share": "on_time"}).assign(clock=clock, limit=limit)
    return table.reindex(columns=[*SHARE_COLUMNS, "p"])


def _closing(known: pd.DataFrame, questions: Sequence[str], end: pd.Timestamp, confidence: float) -> pd.DataFrame:
    from scipy.special import ndtri

    ended = known["closed_at"].notna().to_numpy()
    days = (known["closed_at"].fillna(end) - known["received_at"]).dt.total_seconds().to_numpy() / 86400
    horizon = float((end - known["received_at"].min()).total_seconds() / 86400)
    rows = []
    for question, category, inside in groups_of(known, questions):
        curve = product_limit(days[inside], ended[inside], confidence=confidence)
        median, median_low, median_high = curve.quantile(0.5)
        mean, se = curve.restricted_mean(horizon)
        half = ndtri(0.5 + confidence / 2) * se
        counts = (int(inside.sum()), int((~ended[inside]).sum()))
        bounds = (max(mean - half, 0.0), min(mean + half, horizon))
        p90 = curve.quantile(NINETY)[0]
        rows.append((question, category, *counts, median, median_low, median_high, mean, *bounds, p90))
    return pd.DataFrame(rows, columns=list(CLOSING_COLUMNS))


def _backlog(known: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Weeks that the records cover from their first day to their last, each from Monday to Sunday."""
    first, last = (day.to_period("W-SUN") for day in (known["received_at"].min(), end))
    weeks = pd.period_range(first, last)
    received = known["received_at"].dt.to_period("W-SUN").value_counts().reindex(weeks, fill_value=0)
    closed = known["closed_at"].dropna().dt.to_period("W-SUN").value_counts().reindex(weeks, fill_value=0)
    left = (received - closed).cumsum()
    starts = weeks.start_time.strftime("%Y-%m-%d")
    columns = {"week": starts, "received": received.to_numpy(), "closed": closed.to_numpy(), "open": left.to_numpy()}
    return pd.DataFrame(columns)
