"""The clocks that the service is held to, and the day up to which its records were taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.edition.params import Day, Names, Params, Share
from analysis.edition.sections import Section

Days = Annotated[tuple[Day, ...], Field(strict=False)]


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


TICKETS: Mapping[Literal["first_response_at", "handled_at"], str] = {
    "first_response_at": "complaint_response",
    "handled_at": "complaint_handling",
}


Norm = Literal["waited_minutes", "served_minutes", "overtime", "consulted"]
NORMS: Mapping[Norm, str] = {
    "waited_minutes": "branch_waiting",
    "served_minutes": "processing_time",
    "overtime": "overtime_rate",
    "consulted": "consultation_response",
}


class Service(Section):
    """How the records of the service are read.

    calendar: of limits in working days. tickets: the indicator of the standards file whose limit in hours holds for a
    moment of the feedback tickets. norms: the indicator whose limit holds for the mean minutes of waiting and of
    service that the log records, for the share of steps over their limit, and for the minutes within which a
    consultation is to be answered. consultations: the scenarios that are consultations. taught: dimensions that
    training is meant for first, whose weight is told beside it. slow_branch: mean minutes of waiting above which a
    branch is named. as_of: the last day that the records cover; left out, the day of their last entry. confidence: of
    all intervals.
    """

    calendar: Calendar = Calendar()
    tickets: Mapping[Literal["first_response_at", "handled_at"], str] = TICKETS
    norms: Mapping[Norm, str] = NORMS
    consultations: Names = ()
    taught: Names = ()
    slow_branch: Annotated[float, Field(gt=0)] = 30.0
    as_of: Day | None = None
    confidence: Share = 0.95
