"""The log of a service in order: cases, the steps of each, when each was opened, begun and ended."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.calendar import LAST_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Flags = NDArray[np.bool_]

HOUR = 3600.0


def up_to(log: pd.DataFrame, stated: datetime.date | None) -> tuple[pd.DataFrame, datetime.date]:
    """The log as it stood at the end of the last day, `stated` or that of its last entry: what came later had not
    happened. Raises MethodError where no step was opened by then.
    """
    latest = max(log["opened_at"].max(), log["completed_at"].max()) if log["completed_at"].notna().any() else None
    as_of = stated or (log["opened_at"].max() if latest is None else latest).date()
    end = pd.Timestamp(end_of(as_of))
    known = log[log["opened_at"] <= end]
    if not len(known):
        raise MethodError(
            "The service log has no case up to its last day.",
            where="service.as_of",
            expected=f"a day not before {log['opened_at'].min():%Y-%m-%d}",
            got=as_of.isoformat(),
        )
    names = [name for name in ("started_at", "completed_at") if name in known]
    return known.assign(**{name: known[name].where(known[name] <= end) for name in names}), as_of


def end_of(day: datetime.date) -> np.datetime64:
    """Last second of a day."""
    return np.datetime64(day, "s") + LAST_SECOND


@dataclass(frozen=True)
class Events:
    """The n steps of a log, case after case, in each in the order in which they were opened; times in hours.

    scenarios, steps: names, and of each row its codes `scenario` and `node` (a step of a scenario). case: code of the
    case; start, length: first row and number of rows of each case. opened, begun, ended: hours since 1970; begun is
    NaN where nobody says when work on the step began, ended where it is open. end: the last moment of the log.
    due: hours until which a case should be done.
    """

    scenarios: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    node: Codes
    case: Codes
    start: Codes
    length: Codes
    opened: Floats
    begun: Floats
    ended: Floats
    end: float
    due: Floats

    @cached_property
    def scenario(self) -> Codes:
        """Code of the scenario of each case."""
        place = {name: code for code, name in enumerate(self.scenarios)}
        of_node = np.array([place[scenario] for scenario, _ in self.steps], dtype=np.int64)
        return np.asarray(of_node[self.node[self.start]])

    @cached_property
    def first(self) -> Flags:
        """Whether each row is the first of its case."""
        found = np.zeros(len(self.node), dtype=bool)
        found[self.start] = True
        return found

    @cached_property
    def closed(self) -> Flags:
        """Whether every step of a case has ended."""
        return np.asarray(np.add.reduceat(np.isnan(self.ended).astype(np.int64), self.start) == 0)

    def duration(self) -> Floats:
        """Hours from the first opening of each case to its last end, up to the end of the log where it is open."""
        last = np.maximum.reduceat(np.where(np.isnan(self.ended), self.end, self.ended), self.start)
        return np.asarray(last - np.minimum.reduceat(self.opened, self.start))


def order_log(known: pd.DataFrame, as_of: datetime.date) -> Events:
    """Bring the log up to `as_of` (case_id, scenario, step, opened_at, completed_at, perhaps started_at and due_at) in
    order. A case is a case_id within a scenario.
    """
    scenario, scenarios = pd.factorize(known["scenario"], sort=True)
    step, steps = pd.factorize(known["step"], sort=True)
    number, _ = pd.factorize(known["case_id"])
    pair, node = np.unique(scenario.astype(np.int64) * len(steps) + step, return_inverse=True)
    case = number.astype(np.int64) * len(scenarios) + scenario
    times = {name: _hours(known, name) for name in ("opened_at", "started_at", "completed_at", "due_at")}
    late = np.where(np.isnan(times["completed_at"]), np.inf, times["completed_at"])
    order = np.lexsort((late, times["opened_at"], case))
    case = case[order]
    start = np.flatnonzero(np.concatenate([[True], case[1:] != case[:-1]]))
    length = np.diff(np.concatenate([start, [len(case)]]))
    return Events(
        scenarios=tuple(map(str, scenarios)),
        steps=tuple((str(scenarios[code // len(steps)]), str(steps[code % len(steps)])) for code in pair),
        node=node[order].astype(np.int64),
        case=np.repeat(np.arange(len(start)), length),
        start=start,
        length=length,
        opened=times["opened_at"][order],
        begun=times["started_at"][order],
        ended=times["completed_at"][order],
        end=float(end_of(as_of).astype("datetime64[s]").astype(np.int64)) / HOUR,
        due=np.fmin.reduceat(times["due_at"][order], start),
    )


def _hours(known: pd.DataFrame, name: str) -> Floats:
    """Hours since 1970; NaN where there is no such moment."""
    if name not in known:
        return np.full(len(known), np.nan)
    moments: Any = known[name].to_numpy(dtype="datetime64[ms]")
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / (1000 * HOUR))
