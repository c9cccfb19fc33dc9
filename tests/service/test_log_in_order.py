"""The log brought in order: cases whose rows come mixed, the last day, what is open and what nobody wrote down."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.service.log import HOUR, end_of, order_log, up_to

ROWS = [
    # case, scenario, step, opened, started, completed
    ("b", "help", "solve", "2025-03-04 10:00", "2025-03-04 12:00", None),
    ("a", "help", "take", "2025-03-03 10:00", "2025-03-03 11:00", "2025-03-03 13:00"),
    ("b", "help", "take", "2025-03-03 09:00", None, "2025-03-04 10:00"),
    ("a", "sell", "take", "2025-03-03 10:00", "2025-03-03 10:30", "2025-03-03 11:00"),
    ("a", "help", "solve", "2025-03-03 13:00", "2025-03-03 13:00", "2025-03-05 13:00"),
]


def _log() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=["case_id", "scenario", "step", "opened_at", "started_at", "completed_at"])
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in frame if str(name).endswith("_at")})


def test_what_came_after_the_last_day_has_not_happened() -> None:
    known, as_of = up_to(_log(), dt.date(2025, 3, 3))
    assert as_of == dt.date(2025, 3, 3)
    assert known["step"].tolist() == ["take", "take", "take", "solve"]
    assert known["completed_at"].isna().tolist() == [False, True, False, True]
    assert known["started_at"].isna().tolist() == [False, True, False, False]


def test_without_a_stated_day_it_is_that_of_the_last_entry() -> None:
    assert up_to(_log(), None)[1] == dt.date(2025, 3, 5)
    assert up_to(_log().assign(completed_at=pd.NaT), None)[1] == dt.date(2025, 3, 4)


def test_a_log_that_begins_later_is_told() -> None:
    with pytest.raises(MethodError, match="no case up to its last day") as told:
        up_to(_log(), dt.date(2025, 3, 2))
    assert told.value.expected == "a day not before 2025-03-03"


def test_cases_of_one_number_in_two_scenarios_are_two_and_their_steps_stand_in_order() -> None:
    events = order_log(*up_to(_log(), None))
    assert events.scenarios == ("help", "sell")
    assert sorted(events.length.tolist()) == [1, 2, 2]
    named = [events.steps[code] for code in events.node]
    assert named == [*2 * [("help", "take"), ("help", "solve")], ("sell", "take")]
    assert sorted(events.scenario.tolist()) == [0, 0, 1]
    assert events.first.sum() == len(events.start) == 3
    assert events.closed.sum() == 2


def test_an_open_case_lasts_up_to_the_end_of_the_last_day() -> None:
    events = order_log(*up_to(_log(), None))
    lasted = dict(zip(events.length.tolist(), events.duration().tolist(), strict=True))
    assert lasted[1] == pytest.approx(1.0)
    durations = sorted(events.duration().tolist())
    until = (end_of(dt.date(2025, 3, 5)) - np.datetime64("2025-03-03T09:00:00")).astype(float) / HOUR
    assert durations == pytest.approx([1.0, 51.0, until])


def test_moments_that_nobody_wrote_down_are_missing_and_the_earliest_due_counts() -> None:
    log = _log().drop(columns="started_at")
    assert np.isnan(order_log(*up_to(log, None)).begun).all()
    due = pd.to_datetime(pd.Series(["2025-03-09", None, "2025-03-08", None, None]))
    events = order_log(*up_to(log.assign(due_at=due), None))
    of_b = events.due[~np.isnan(events.due)]
    assert of_b.tolist() == [pd.Timestamp("2025-03-08").timestamp() / HOUR]
