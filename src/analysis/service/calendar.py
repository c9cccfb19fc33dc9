"""Working days: when a limit in working days ends, and how many of them a case took."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from analysis.edition.sections.service import Calendar

    Moments = NDArray[np.datetime64]

LAST_SECOND = np.timedelta64(24 * 3600 - 1, "s")


@dataclass(frozen=True)
class WorkingDays:
    """The days from `first` on: `counted` says how many working days there were up to the end of each.

    Day 0 of a case is the day on which it was opened or, where that is no working day, the next one.
    """

    first: np.datetime64
    counted: NDArray[np.int64]

    def deadline(self, opened: Moments, limit: int | NDArray[np.int64]) -> Moments:
        """Last second of the working day number `limit` after day 0; NaT where it lies after the last day known."""
        target = self._day_zero(opened) + limit
        place = np.searchsorted(self.counted, target)
        known = place < len(self.counted)
        day = self.first + np.minimum(place, len(self.counted) - 1).astype("timedelta64[D]")
        return np.asarray(np.where(known, day.astype("datetime64[s]") + LAST_SECOND, np.datetime64("NaT", "s")))

    def elapsed(self, opened: Moments, ended: Moments) -> NDArray[np.float64]:
        """Working days from day 0 to the day of the end, 0 where both are the same."""
        return np.asarray(np.maximum(self._at(ended) - self._day_zero(opened), 0), dtype=np.float64)

    def _day_zero(self, moments: Moments) -> NDArray[np.int64]:
        """How many working days there were up to day 0, which is one of them."""
        before = np.concatenate([[0], self.counted])[self._place(moments)]
        return np.asarray(before + 1)

    def _at(self, moments: Moments) -> NDArray[np.int64]:
        return np.asarray(self.counted[self._place(moments)])

    def _place(self, moments: Moments) -> NDArray[np.int64]:
        return (moments.astype("datetime64[D]") - self.first).astype(np.int64)


def working_days(first: datetime.date, last: datetime.date, calendar: Calendar) -> WorkingDays:
    """The working days from `first` to `last`. Raises MethodError for a country or a year that no calendar knows."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + np.timedelta64(1, "D"))
    works = np.is_busday(days)
    if calendar.country == "CN":
        works = _chinese(days, calendar)
    elif calendar.country:
        works &= ~np.isin(days, _holidays(calendar.country, first.year, last.year))
    works = (works | np.isin(days, _as_days(calendar.open))) & ~np.isin(days, _as_days(calendar.closed))
    return WorkingDays(days[0], np.cumsum(works, dtype=np.int64))


def _chinese(days: Moments, calendar: Calendar) -> NDArray[np.bool_]:
    """Holidays and made-up weekends as the State Council announced them."""
    from chinese_calendar import is_workday

    works = np.is_busday(days)
    named = {*calendar.open, *calendar.closed}
    for year in np.unique(days.astype("datetime64[Y]")):
        inside = days.astype("datetime64[Y]") == year
        own: list[datetime.date] = days[inside].tolist()
        try:
            works[inside] = [is_workday(day) for day in own]
        except NotImplementedError as error:
            if not any(day.year == own[0].year for day in named):
                raise MethodError(
                    "The Chinese holidays of this year are not known.",
                    where="service.calendar",
                    expected="a year whose holidays were announced when the package chinesecalendar was made",
                    got=str(own[0].year),
                    hint="update the package, or list the year's holidays in service.calendar.closed and the weekends "
                    "that are worked in service.calendar.open",
                ) from error
    return works


def _holidays(country: str, first: int, last: int) -> Moments:
    import holidays

    try:
        state, _, part = country.partition("-")
        found: Any = holidays.country_holidays(state, subdiv=part or None, years=range(first, last + 1))
    except NotImplementedError as error:
        raise MethodError(
            "No calendar of this country is known.",
            where="service.calendar.country",
            expected="a country, or a part of one, that the package holidays knows, such as CN or GB-ENG",
            got=country,
            hint="leave the country out and list its holidays in service.calendar.closed",
        ) from error
    return _as_days(found)


def _as_days(days: Iterable[datetime.date]) -> Moments:
    return np.array(sorted(days), dtype="datetime64[D]")
