"""Steps of the service against their limits: who kept them, how long they took, what is open.

A step counts for the share on time once its limit has passed, whether it is finished or not: cases opened so late that
their limit lay after the last day of the log would count only if they were quick. Those that are open although their
limit has passed were missed. Durations are those of Kaplan and Meier, with every open case censored on the last day.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.service.calendar import LAST_SECOND, WorkingDays, working_days
from analysis.service.clocks import product_limit
from analysis.service.log import end_of, up_to
from analysis.service.shares import shares_of_groups, wilson
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis.edition.sections.service import Service
    from analysis.edition.standards import Scenario, Standards, Step

    Floats = NDArray[Any]
    Flags = NDArray[np.bool_]

HOURS = {"minutes": 1 / 60, "hours": 1.0}
NINETY = 0.9
STEP_COLUMNS = (
    *("scenario", "step", "step_zh", "step_en", "limit", "unit", "bound", "n", "open", "due", "overdue"),
    *("on_time", "ci_low", "ci_high", "clock", "median", "median_low", "median_high", "p90", "late_hours"),
    *("missed", "lost_hours"),
)
INSTITUTION_COLUMNS = (
    *("scenario", "category", "due", "kept", "ci_low", "ci_high", "others", "difference"),
    *("difference_low", "difference_high", "p", "p_adjusted"),
)
DECIDED_COLUMNS = ("case_id", "scenario", "institution_type", "due", "kept")


@dataclass(frozen=True)
class Compliance:
    """What the log says of every step and every institution that it holds.

    steps: scenario, step, step_zh, step_en, limit, unit, bound, n (times the step was begun), open, due (their limit
    has passed), overdue (open among them), on_time (share of the due) with Wilson interval, clock (hours or
    working_days), median and p90 in it with the median's interval, late_hours (mean hours beyond the limit of those
    that were finished late).
    institutions: scenario (empty: all), category, due (cases of which every limit has passed), kept (share of them
    that kept every limit) with Wilson interval, others (share of all other institutions), difference with Newcombe's
    interval, p (score test) and p_adjusted over the whole table.
    scenarios: scenario, due (cases), kept with Wilson interval. decided: case_id, institution_type and missed of every
    step whose limit has passed.
    """

    steps: pd.DataFrame
    institutions: pd.DataFrame
    scenarios: pd.DataFrame
    decided: pd.DataFrame
    as_of: datetime.date
    first: datetime.date
    cases: int

    def record(self) -> dict[str, Any]:
        """Plain values: the days that the log covers, its cases, and how many steps are open, and open beyond time."""
        counts = {name: int(self.steps[name].sum()) for name in ("open", "overdue")}
        return {"first": self.first.isoformat(), "as_of": self.as_of.isoformat(), "cases": self.cases, **counts}

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish: steps, institutions over all scenarios, and institutions by scenario.

        `place` and `group` name the cases of a row, so that the disclosure of one table knows those of the others;
        `base` is how many its figures rest on: those due, or all where there is no limit.
        """
        steps, rows = self.steps, self.institutions
        whole, parts = rows[rows["scenario"] == ""], rows[rows["scenario"] != ""]
        group = "logged_scenario=" + parts["scenario"] + "; logged_institution=" + parts["category"]
        return {
            "service_steps": steps.assign(
                place=steps["scenario"] + "." + steps["step"], base=steps["due"].fillna(steps["n"])
            ),
            "service_institutions": whole.drop(columns="scenario"),
            "service_institution_scenarios": parts.assign(group=group),
        }


def measure_compliance(
    log: pd.DataFrame, *, standards: Standards, service: Service, adjustment: Adjustment = "holm"
) -> Compliance:
    """Hold the log (case_id, scenario, step, institution_type, opened_at, completed_at) against the `standards`.

    What happened after `service.as_of` is not known yet. Raises MethodError where the log covers no day up to then.
    """
    known, as_of = up_to(log, service.as_of)
    rows, decided = [], []
    for scenario, step, own, clock in _clocks(known, as_of, standards, service):
        keys = {"scenario": scenario.key, "step": step.key, "step_zh": step.name.zh, "step_en": step.name.en}
        rows.append(keys | _step_row(clock, step, service.confidence))
        if step.limit:
            decided.append(own.reindex(columns=list(DECIDED_COLUMNS)).assign(due=clock.due, kept=clock.on_time))
    told = pd.concat(decided, ignore_index=True) if decided else pd.DataFrame(columns=list(DECIDED_COLUMNS))
    whole = _whole_cases(told)
    return Compliance(
        steps=pd.DataFrame(rows, columns=list(STEP_COLUMNS)),
        institutions=_institutions(whole, service.confidence, adjustment),
        scenarios=_scenarios(whole, service.confidence),
        decided=told.loc[told["due"].astype(bool)].assign(missed=lambda rows: ~rows["kept"].astype(bool)),
        as_of=as_of,
        first=known["opened_at"].min().date(),
        cases=int(known["case_id"].nunique()),
    )


def due_steps(log: pd.DataFrame, *, standards: Standards, service: Service) -> pd.DataFrame:
    """Every step of the log whose limit has passed: case_id, scenario, step, opened_at and kept (finished in time)."""
    known, as_of = up_to(log, service.as_of)
    columns = ["case_id", "scenario", "step", "opened_at"]
    parts = [
        own[columns].assign(kept=clock.on_time)[clock.due]
        for _, step, own, clock in _clocks(known, as_of, standards, service)
        if step.limit
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*columns, "kept"])


def _clocks(
    known: pd.DataFrame, as_of: datetime.date, standards: Standards, service: Service
) -> Iterator[tuple[Scenario, Step, pd.DataFrame, _Clock]]:
    """The rows and the clock of every step that the log holds, in the order of the standards."""
    days = working_days(known["opened_at"].min().date(), as_of, service.calendar)
    for scenario in standards.scenarios:
        for step in scenario.steps:
            own = known[((known["scenario"] == scenario.key) & (known["step"] == step.key)).to_numpy()]
            if len(own):
                yield scenario, step, own, _Clock(own, step, days, end_of(as_of))


class _Clock:
    """The cases of one step: which are due, which were on time, how long each took in the step's unit."""

    def __init__(self, rows: pd.DataFrame, step: Step, days: WorkingDays, end: np.datetime64) -> None:
        opened = rows["opened_at"].to_numpy(dtype="datetime64[s]")
        completed = rows["completed_at"].to_numpy(dtype="datetime64[s]")
        self.ended: Flags = ~np.isnat(completed)
        until = np.where(self.ended, completed, end)
        self.unit = "working_days" if step.limit and step.limit.unit == "working_days" else "hours"
        hours = (until - opened).astype(np.float64) / 3600
        self.duration: Floats = days.elapsed(opened, until) if self.unit == "working_days" else hours
        self.has_limit = step.limit is not None
        self.due: Flags = np.zeros(len(rows), dtype=bool)
        self.on_time, self.beyond = self.due, np.zeros(len(rows))
        if step.limit:
            deadline = _deadline(opened, step, days)
            strict = step.limit.bound == "below"
            self.due = deadline <= end  # never where the limit lies beyond the days known
            self.on_time = self.due & self.ended & ((completed < deadline) if strict else (completed <= deadline))
            self.beyond = (until - deadline).astype(np.float64) / 3600

    @property
    def lost_hours(self) -> float:
        """Hours beyond the limit of all that missed it.

        An open one counts with what it took so far, at most with as much as the worst that was finished: entries that
        were forgotten would outweigh everything else.
        """
        finished = self.beyond[self.due & self.ended & ~self.on_time]
        most = float(finished.max()) if len(finished) else np.inf
        return float(finished.sum() + np.minimum(self.beyond[self.due & ~self.ended], most).sum())

    @property
    def late_hours(self) -> float:
        """Mean hours beyond the limit of those that were finished late; NaN where none was."""
        late = self.due & self.ended & ~self.on_time
        return float(self.beyond[late].mean()) if late.any() else float("nan")


def _deadline(opened: NDArray[np.datetime64], step: Step, days: WorkingDays) -> NDArray[np.datetime64]:
    """Last moment that is on time: so many hours after the opening, or the end of a day."""
    limit = step.limit
    if limit and limit.unit in HOURS:
        return np.asarray(opened + np.timedelta64(round(3600 * HOURS[limit.unit] * limit.value), "s"))
    if limit and limit.unit == "working_days":
        return days.deadline(opened, round(limit.value))
    if limit and limit.unit == "days":
        return np.asarray((opened.astype("datetime64[D]") + np.timedelta64(round(limit.value), "D")) + LAST_SECOND)
    raise MethodError(
        "A limit on a step is no time.",
        where=f"standards: {step.key}",
        expected="minutes, hours, days or working_days",
        got=str(limit.unit) if limit else "no limit",
    )


def _step_row(clock: _Clock, step: Step, confidence: float) -> dict[str, Any]:
    curve = product_limit(clock.duration, clock.ended, confidence=confidence)
    median, median_low, median_high = curve.quantile(0.5)
    due, kept = int(clock.due.sum()), int(clock.on_time.sum())
    low, high = wilson(np.array([float(kept)]), np.array([float(due)]), confidence=confidence)
    return {
        "limit": step.limit.value if step.limit else None,
        "unit": step.limit.unit if step.limit else "",
        "bound": step.limit.bound if step.limit else "",
        "n": len(clock.ended),
        "open": int((~clock.ended).sum()),
        "due": due if clock.has_limit else None,
        "overdue": int((clock.due & ~clock.ended).sum()) if clock.has_limit else None,
        "on_time": kept / due if due else np.nan,
        "ci_low": float(low[0]) if due else np.nan,
        "ci_high": float(high[0]) if due else np.nan,
        "clock": clock.unit,
        "median": median,
        "median_low": median_low,
        "median_high": median_high,
        "p90": curve.quantile(NINETY)[0],
        "late_hours": clock.late_hours,
        "missed": due - kept if clock.has_limit else None,
        "lost_hours": clock.lost_hours if clock.has_limit else np.nan,
    }


def _whole_cases(decided: pd.DataFrame) -> pd.DataFrame:
    """Cases of which every limit that applies has passed, and whether they kept all of them."""
    kinds = {"institution_type": "first", "due": "min", "kept": "min"}
    whole = decided.groupby(["case_id", "scenario"], sort=False, observed=True).agg(kinds).reset_index()
    return whole[whole["due"].astype(bool)]


def _scenarios(whole: pd.DataFrame, confidence: float) -> pd.DataFrame:
    table = whole.groupby("scenario", sort=False)["kept"].agg(["size", "sum"]).reset_index()
    due, kept = (table[name].to_numpy(dtype=np.float64) for name in ("size", "sum"))
    low, high = wilson(kept, due, confidence=confidence)
    return pd.DataFrame({"scenario": table["scenario"], "due": due, "kept": kept / due, "ci_low": low, "ci_high": high})


def _institutions(whole: pd.DataFrame, confidence: float, adjustment: Adjustment) -> pd.DataFrame:
    """Institutions by the cases that kept all their limits: over everything first, then by scenario."""
    told = whole[whole["institution_type"].notna()]
    if not len(told):
        return pd.DataFrame(columns=list(INSTITUTION_COLUMNS))
    parts = [_compared(told, confidence).assign(scenario="")]
    parts += [_compared(own, confidence).assign(scenario=str(key)) for key, own in told.groupby("scenario", sort=False)]
    table = pd.concat(parts, ignore_index=True)
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(), method=adjustment)
    return table[list(INSTITUTION_COLUMNS)]


def _compared(cases: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """One row per institution: its share beside that of all others."""
    table = shares_of_groups(cases["institution_type"], cases["kept"].to_numpy(), confidence=confidence)
    return table.rename(columns={"n": "due", "share": "kept"})
