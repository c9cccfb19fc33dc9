"""What stands on the cover, and in which languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from analysis.edition.params import Bilingual, Day, Names, Once, Params, Text, as_tuple
from analysis.edition.sections import Section

Lang = Literal["zh", "en"]


class Plural(Params):
    """One and many of an English noun, as they stand inside a sentence."""

    one: Annotated[str, Field(min_length=1)]
    many: Annotated[str, Field(min_length=1)]


class Noun(Bilingual):
    """What the report calls somebody or something."""

    zh: Annotated[str, Field(min_length=1)]
    en: Plural

    @classmethod
    def in_place_of_the_other(cls, said: Any) -> Any:
        """A Chinese noun is its own plural; of an English one the plural stands for it."""
        if isinstance(said, Mapping):
            return said.get("many")
        return {"one": said, "many": said} if isinstance(said, str) else None


class Revision(Text):
    """What was changed in an edition after it had been published, and when."""

    date: Day


CUSTOMERS = Noun(zh="客户", en=Plural(one="customer", many="customers"))
INSTITUTIONS = Noun(zh="机构", en=Plural(one="institution", many="institutions"))
SERVICE = Text(zh="服务", en="service")


class Period(Params):
    """First and last day of the interviews."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"fieldwork.end ({self.end}) is before fieldwork.start ({self.start})")
        return self


def _day_of(known: dict[str, Any]) -> Period:
    day = known.get("date", dt.date.min)
    return Period(start=day, end=day)


class Publication(Section):
    """What stands on the cover; for the disclosure statement why, who paid, who is surveyed and how they were asked.

    What is left out there is said to be on no record: nothing is assumed. `fieldwork`: first and last day of the
    interviews; left out, it is said to be on no record too, and results take the day of publication for it.

    people, providers, matter: what the report calls those who are asked, those whom they rate, and what of them they
    rate: their service, their care, their teaching. unmeasured: whether a section without a result says so in one line,
    or is left out (None: it says so where the edition uses the guide). leave_out: further sections that the report does
    without, by their names: sec-fair. profiles: questions of which every answer has a page (None: the first of
    `index.segments`; an empty list: no such pages). predecessor: name of the edition before, whose results the report
    says what moved against; a file that extends another does not take it over. licence, contact: under what terms the
    report may be used, and whom to ask. revisions: what was changed since it was first published.
    """

    year: Annotated[int, Field(ge=1990, le=2100)]
    title: Text
    subtitle: Text
    institute: Text
    purpose: Text | None = None
    sponsor: Text | None = None
    population: Text | None = None
    mode: Text | None = None
    date: Day
    fieldwork: Annotated[Period, Field(default_factory=_day_of)]
    people: Noun = CUSTOMERS
    providers: Noun = INSTITUTIONS
    matter: Text = SERVICE
    unmeasured: Literal["say", "leave_out"] | None = None
    leave_out: Names = ()
    profiles: Names | None = None
    predecessor: Annotated[str, Field(pattern=r"^\w[\w.-]*$")] | None = None
    licence: Text | None = None
    contact: Text | None = None
    revisions: Annotated[tuple[Revision, ...], BeforeValidator(as_tuple)] = ()
    languages: Annotated[tuple[Lang, ...], BeforeValidator(as_tuple), Field(min_length=1), Once] = ("zh", "en")

    @model_validator(mode="after")
    def _has_a_cover(self) -> Publication:
        for name in ("title", "institute"):
            blank = [lang for lang in self.languages if not getattr(self, name)[lang].strip()]
            if blank:
                raise ValueError(f"{name}.{blank[0]} must not be blank: it stands on the cover")
        return self
