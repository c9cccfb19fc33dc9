"""Records by month: shares and times by hand, and periods that the records cover in part only."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.service import Service
from analysis.edition.standards import Standards
from analysis.service.by_period import SERIES_COLUMNS, closing, execution, first_response, timeliness

NAME = {"zh": "名", "en": "name"}
LIMIT = {"value": 24.0, "unit": "hours"}
STEP = {"key": "take", "limit": LIMIT, "name": NAME, "owner": NAME, "rule": NAME}
STANDARDS = Standards.model_validate(
    {
        "source": NAME,
        "scenarios": [
            {"key": key, "name": NAME, "steps": [STEP]}
            for key in ("help", "sell")
        ],
    }
)  # fmt: skip
UNTIL = Service(as_of=dt.date(2025, 3, 31))
DAYS = pd.date_range("2025-01-01 08:00", "2025-03-31 08:00", freq="D")


def _log(late: set[int], scenario: str = "help") -> pd.DataFrame:
    """A case a day; those of these places took two days, the others an hour."""
    took = [pd.Timedelta(days=2) if place in late else pd.Timedelta(hours=1) for place in range(len(DAYS))]
    return pd.DataFrame(
        {
            "case_id": [f"{scenario}{place}" for place in range(len(DAYS))],
            "scenario": scenario,
            "step": "take",
            "institution_type": "bank",
            "opened_at": DAYS,
            "completed_at": DAYS + pd.to_timedelta(took),
        }
    )


def test_steps_count_in_the_month_in_which_they_were_opened() -> None:
    found = timeliness(_log({0, 1, 40}), standards=STANDARDS, service=UNTIL, period="month")
    assert found.columns.tolist() == list(SERIES_COLUMNS)
    assert found["period"].tolist() == ["2025-01", "2025-02"]  # of March the last day's limit has not passed
    assert found["numerator"].tolist() == [29, 27]
    assert found["value"].tolist() == pytest.approx([100 * 29 / 31, 100 * 27 / 28])


def test_a_month_that_the_log_begins_in_the_middle_of_is_left_out() -> None:
    log = _log(set())
    later = log[log["opened_at"] >= "2025-01-02"]
    assert timeliness(later, standards=STANDARDS, service=UNTIL, period="month")["period"].tolist() == ["2025-02"]


def test_scenarios_are_chosen_and_a_case_keeps_all_its_limits_or_none() -> None:
    both = pd.concat([_log({3}), _log({3, 4}, "sell")], ignore_index=True)
    same = {"standards": STANDARDS, "service": UNTIL, "period": "month"}
    assert timeliness(both, scenarios=["sell"], **same)["numerator"].tolist() == [29, 28]
    assert timeliness(both, **same)["denominator"].tolist() == [62, 56]
    one = both.assign(case_id=both["case_id"].str.removeprefix("help").str.removeprefix("sell"))
    assert execution(one, **same)["numerator"].tolist() == [29, 28]
    assert execution(one, **same)["n"].tolist() == [31, 28]


def _tickets(hours: float, days: float) -> pd.DataFrame:
    answered, closed = DAYS + pd.Timedelta(hours=hours), DAYS + pd.Timedelta(days=days)
    return pd.DataFrame({"received_at": DAYS, "first_response_at": answered, "closed_at": closed})


def test_the_median_of_a_month_counts_those_who_still_wait() -> None:
    tickets = _tickets(2.0, 10.0)
    waiting = tickets.assign(first_response_at=tickets["first_response_at"].where(np.arange(len(tickets)) % 3 > 0))
    for one in (tickets, waiting):
        found = first_response(one, service=UNTIL, period="month")
        assert found["period"].tolist() == ["2025-01", "2025-02", "2025-03"]
        assert found["value"].tolist() == pytest.approx([2.0] * 3)
        assert found["n"].tolist() == [31, 28, 31]


def test_closing_counts_months_of_which_every_ticket_was_followed_long_enough() -> None:
    found = closing(_tickets(1.0, 10.0), service=UNTIL, period="month", longest=30)
    assert found["period"].tolist() == ["2025-01", "2025-02"]
    assert found["value"].tolist() == pytest.approx([10.0, 10.0])
    never = _tickets(1.0, 10.0).assign(closed_at=lambda rows: rows["closed_at"].where(np.arange(len(rows)) % 2 > 0))
    half = closing(never, service=UNTIL, period="month", longest=30).set_index("period")["value"]
    assert half["2025-02"] == pytest.approx((14 * 10 + 14 * 30) / 28)


def test_without_the_moments_there_is_no_series() -> None:
    tickets = _tickets(1.0, 1.0)
    assert first_response(tickets.drop(columns="first_response_at"), service=UNTIL, period="month").empty
    assert closing(tickets.assign(closed_at=pd.NaT), service=UNTIL, period="month", longest=9).empty
