"""Limits by hand on a small log, the planted shares of a simulated one, and logs at the edge."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.service import draw_service_log
from analysis.edition import load_edition
from analysis.edition.sections.service import Service
from analysis.edition.standards import Standards
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.compliance import measure_compliance

NAME = {"zh": "名", "en": "name"}
STEPS = [
    {"key": "take", "limit": {"value": 24.0, "unit": "hours"}},
    {"key": "solve", "limit": {"value": 2.0, "unit": "working_days"}, "follows": True},
    {"key": "tell", "follows": True},
]


def _standards(steps: list[dict[str, object]] = STEPS) -> Standards:
    told = [{"name": NAME, "owner": NAME, "rule": NAME, **step} for step in steps]
    return Standards.model_validate({"source": NAME, "scenarios": [{"key": "help", "name": NAME, "steps": told}]})


def _log(*rows: tuple[str, str, str, str | None], institution: str = "bank") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case_id", "step", "opened_at", "completed_at"])
    frame["opened_at"], frame["completed_at"] = (
        pd.to_datetime(frame["opened_at"]),
        pd.to_datetime(frame["completed_at"]),
    )
    return frame.assign(scenario="help", institution_type=institution)


LOG = _log(
    ("a", "take", "2025-03-03 10:00", "2025-03-04 10:00"),  # to the second on time
    ("a", "solve", "2025-03-04 10:00", "2025-03-06 23:59"),  # Thursday: the second working day after Tuesday
    ("b", "take", "2025-03-03 10:00", "2025-03-04 10:01"),  # a minute late
    ("b", "solve", "2025-03-07 10:00", "2025-03-12 09:00"),  # Friday to Wednesday: three
    ("c", "take", "2025-03-10 10:00", None),  # open, its limit has passed
    ("d", "take", "2025-03-12 20:00", None),  # open, its limit has not passed
    ("e", "take", "2025-03-12 20:00", "2025-03-12 21:00"),  # done, but its limit has not passed either
    ("e", "tell", "2025-03-12 21:00", "2025-03-12 23:00"),
)
UP_TO = Service(as_of=dt.date(2025, 3, 12))


def test_a_small_log_by_hand() -> None:
    result = measure_compliance(LOG, standards=_standards(), service=UP_TO)
    steps = result.steps.set_index("step")
    assert steps["n"].to_dict() == {"take": 5, "solve": 2, "tell": 1}
    assert steps.loc["take", ["due", "open", "overdue"]].tolist() == [3, 2, 1]
    assert steps.loc["take", "on_time"] == pytest.approx(1 / 3)
    assert steps.loc["solve", ["due", "on_time", "median"]].tolist() == [2, 0.5, 2.5]
    assert np.isnan(steps.loc["tell", "on_time"])
    assert (steps.loc["tell", "median"], steps.loc["tell", "clock"]) == (2.0, "hours")
    assert steps.loc["take", "late_hours"] == pytest.approx(1 / 60)
    assert result.record() == {"first": "2025-03-03", "as_of": "2025-03-12", "cases": 5, "open": 2, "overdue": 1}


def test_a_case_keeps_its_promise_when_every_step_does() -> None:
    log = pd.concat([LOG, LOG.assign(case_id=LOG["case_id"] + "2", institution_type="fund")])
    whole = measure_compliance(log, standards=_standards(), service=UP_TO).institutions.set_index(
        ["scenario", "category"]
    )
    assert whole.loc[("", "bank"), ["due", "kept", "others", "difference"]].tolist() == pytest.approx(
        [3, 1 / 3, 1 / 3, 0]
    )
    assert whole.loc[("help", "fund"), "p"] == pytest.approx(1.0)


def test_what_came_after_the_last_day_had_not_happened() -> None:
    early = measure_compliance(LOG, standards=_standards(), service=Service(as_of=dt.date(2025, 3, 4)))
    steps = early.steps.set_index("step")
    assert steps.loc["take", ["n", "open", "due"]].tolist() == [2, 0, 2]
    assert steps.loc["solve", ["n", "open", "due"]].tolist() == [1, 1, 0]
    assert np.isnan(steps.loc["solve", "on_time"])


def test_a_log_that_begins_after_its_last_day_is_an_error() -> None:
    with pytest.raises(MethodError, match="no case"):
        measure_compliance(LOG, standards=_standards(), service=Service(as_of=dt.date(2025, 3, 1)))


def test_nothing_was_ever_finished() -> None:
    log = LOG.assign(completed_at=pd.NaT)
    steps = measure_compliance(log, standards=_standards(), service=Service()).steps.set_index("step")
    assert steps.loc["take", "on_time"] == 0.0
    assert np.isnan(steps.loc["take", "median"])


def test_a_limit_below_is_not_reached() -> None:
    strict = _standards([{"key": "take", "limit": {"value": 24.0, "unit": "hours", "bound": "below"}}])
    result = measure_compliance(LOG[LOG["step"] == "take"], standards=strict, service=UP_TO)
    assert result.steps["on_time"].tolist() == [0.0]


def test_a_limit_that_is_no_time_is_an_error() -> None:
    wrong = _standards([{"key": "take", "limit": {"value": 90.0, "unit": "percent"}}])
    with pytest.raises(MethodError, match="no time"):
        measure_compliance(LOG, standards=wrong, service=UP_TO)


def test_the_planted_shares_are_recovered() -> None:
    """Of 80,000 rows each within four standard errors, and all together: holidays, worked weekends and cases opened on
    days off count in the log as they do in the norm.
    """
    edition = load_edition(ROOT / "params" / "2025.yml")
    planted = load_planted(edition)
    planted = planted.model_copy(update={"service_log": planted.service_log.model_copy(update={"rows": 80_000})})
    assert edition.standards is not None
    log = draw_service_log(edition, planted, edition.standards)
    for name in ("opened_at", "started_at", "completed_at"):
        log[name] = pd.to_datetime(log[name])
    assert edition.service.calendar.country == "CN"
    service = Service(calendar=edition.service.calendar, as_of=edition.publication.fieldwork.end)
    steps = measure_compliance(log, standards=edition.standards, service=service).steps.dropna(subset=["on_time"])
    plan = planted.service_log
    lateness = sum(share * plan.lateness[code] for code, share in plan.institutions.items())
    truth = np.array(
        [
            (1 - plan.abandoned) * (1 - (1 - float(plan.steps[row.scenario][row.step].on_time or 0)) * lateness)
            for row in steps.itertuples()
        ]
    )
    se = np.sqrt(truth * (1 - truth) / steps["due"].to_numpy(dtype=float))
    z = (steps["on_time"].to_numpy() - truth) / se
    assert len(z) == 11
    assert np.abs(z).max() < 4
    assert float((z**2).sum()) < 31.3  # the 99.9 % point of chi-square with 11 degrees of freedom
