"""Working days by hand: the National Day week of 2025, weekends worked for it, other countries, years nobody knows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from analysis.edition.sections.service import Calendar
from analysis.errors import MethodError
from analysis.service.calendar import working_days

CHINA = Calendar(country="CN")


def _moments(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[s]")


@pytest.mark.parametrize(
    ("opened", "limit", "last"),
    [
        ("2025-09-26T10:00:00", 1, "2025-09-28"),  # a Sunday worked for the holidays
        ("2025-09-30T10:00:00", 1, "2025-10-09"),  # the holidays last until the 8th
        ("2025-09-30T10:00:00", 3, "2025-10-11"),  # and the Saturday after is worked
        ("2025-10-01T10:00:00", 1, "2025-10-10"),  # opened on a holiday: day 0 is the 9th
        ("2025-09-28T23:59:59", 0, "2025-09-28"),
    ],
)
def test_a_limit_ends_with_a_working_day(opened: str, limit: int, last: str) -> None:
    days = working_days(dt.date(2025, 9, 1), dt.date(2025, 10, 31), CHINA)
    assert days.deadline(_moments(opened), limit)[0] == np.datetime64(f"{last}T23:59:59")


def test_a_limit_beyond_the_last_day_has_no_end() -> None:
    days = working_days(dt.date(2025, 10, 1), dt.date(2025, 10, 31), CHINA)
    found = days.deadline(_moments("2025-10-30T09:00:00", "2025-10-30T09:00:00"), 1)
    assert found[0] == np.datetime64("2025-10-31T23:59:59")
    assert np.isnat(days.deadline(_moments("2025-10-30T09:00:00"), 2)[0])


def test_working_days_between_two_moments() -> None:
    days = working_days(dt.date(2025, 9, 1), dt.date(2025, 10, 31), CHINA)
    opened = _moments("2025-09-30T08:00:00", "2025-09-30T08:00:00", "2025-10-03T08:00:00", "2025-10-03T08:00:00")
    ended = _moments("2025-09-30T18:00:00", "2025-10-09T09:00:00", "2025-10-09T09:00:00", "2025-10-05T09:00:00")
    assert days.elapsed(opened, ended).tolist() == [0.0, 1.0, 0.0, 0.0]


def test_without_a_country_weekends_are_free_and_nothing_else() -> None:
    days = working_days(dt.date(2025, 9, 1), dt.date(2025, 10, 31), Calendar())
    assert days.deadline(_moments("2025-09-30T10:00:00"), 1)[0] == np.datetime64("2025-10-01T23:59:59")


def test_another_country_has_its_own_holidays() -> None:
    days = working_days(dt.date(2025, 4, 1), dt.date(2025, 4, 30), Calendar(country="GB-ENG"))
    assert days.deadline(_moments("2025-04-17T10:00:00"), 1)[0] == np.datetime64("2025-04-22T23:59:59")  # after Easter


def test_params_add_and_take_away_days() -> None:
    calendar = Calendar(country="GB-ENG", closed=(dt.date(2025, 4, 22),), open=(dt.date(2025, 4, 19),))
    days = working_days(dt.date(2025, 4, 1), dt.date(2025, 4, 30), calendar)
    assert days.deadline(_moments("2025-04-17T10:00:00"), 1)[0] == np.datetime64("2025-04-19T23:59:59")
    assert days.deadline(_moments("2025-04-17T10:00:00"), 2)[0] == np.datetime64("2025-04-23T23:59:59")


def test_a_year_that_no_calendar_knows_is_an_error_unless_the_params_tell_it() -> None:
    first, last = dt.date(2099, 1, 1), dt.date(2099, 1, 31)
    with pytest.raises(MethodError, match="not known"):
        working_days(first, last, CHINA)
    told = Calendar(country="CN", closed=(dt.date(2099, 1, 1),))
    days = working_days(first, last, told)
    assert days.deadline(_moments("2099-01-01T09:00:00"), 0)[0] == np.datetime64("2099-01-02T23:59:59")


def test_a_country_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(MethodError, match="country"):
        working_days(dt.date(2025, 1, 1), dt.date(2025, 1, 31), Calendar(country="XX"))
