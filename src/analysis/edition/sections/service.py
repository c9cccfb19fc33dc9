"""The calendar that service limits run by, and the day up to which the records were taken."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field, model_validator

from analysis.edition.params import Params, Share
from analysis.edition.sections import Section

Days = Annotated[tuple[datetime.date, ...], Field(strict=False)]


class Calendar(Params):
    """Working days: Monday to Friday without the public holidays of `country` (ISO 3166: CN, or GB-ENG for a part).

    CN heeds the State Council's swapped weekends. None: no holidays. `closed` and `open` are days on which the calendar
    of the country is wrong for this survey, or that it does not know yet.
    """

    country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] = None
    closed: Days = ()
    open: Days = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Calendar:
        both = sorted(set(self.closed) & set(self.open))
        if both:
            raise ValueError(f"{both[0]} can't be both closed and open")
        return self


class Service(Section):
    """How the service log is read.

    calendar: of limits in working days. as_of: the last day that the log covers; left out, the day of its last entry.
    confidence: of all intervals.
    """

    calendar: Calendar = Calendar()
    as_of: datetime.date | None = None
    confidence: Share = 0.95
