"""The monitored indicators, the rules of their charts, and what recommendations need to know of the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Code, Names, Params, Share, Text, as_tuple
from analysis.edition.quantity import Unit
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError

Source = Literal["waves", "response", "cycle", "timeliness", "execution"]
SOURCES: Mapping[Source, str] = {
    "waves": "csat",
    "response": "complaint_response",
    "cycle": "complaint_cycle",
    "timeliness": "processing_timeliness",
    "execution": "standard_execution",
}
SIX = ("csat", "branch_waiting", "processing_timeliness", "survey_coverage", "complaint_cycle", "standard_execution")


class Target(Params):
    """What an indicator is to reach, and which way is the better: there is no default for that."""

    value: float
    unit: Unit
    bound: Literal["at_most", "at_least", "below"]


class StepChange(Params):
    """The first period of a level that is expected to last, and why: from there on limits are computed anew."""

    since: Code
    reason: Text


class Monitoring(Section):
    """Which indicators are watched, by which rules, and what a recommendation may lean on.

    indicators: keys of the standards file, in the order of the report. stand_ins: what is shown in place of one without
    figures. sources: the indicator that each source of the edition measures, where the table `indicators` gives none:
    waves (share of satisfied customers by wave), response (median hours to the first response), cycle (mean days to
    closing, counted up to `longest` days), timeliness (share of the steps of the scenarios `timely` on time; all where
    none is named), execution (share of cases that kept every limit). period: of what is counted from records.
    targets: in place of those of the standards file. steps: stated step changes by indicator. shift, trend: points in a
    row that make a signal; min_points: fewer have no limits. power: with which a change is to be seen. moves: the
    dimension that a scenario's punctuality is rated in. owners: who answers for a dimension. most: recommendations.
    """

    indicators: Names = SIX
    stand_ins: Mapping[str, str] = {"branch_waiting": "complaint_response"}
    sources: Mapping[Source, str] = SOURCES
    period: Literal["month", "quarter"] = "month"
    timely: Names = ()
    longest: Annotated[int, Field(ge=7, le=365)] = 60
    targets: Mapping[str, Target] = {}
    steps: Mapping[str, Annotated[tuple[StepChange, ...], BeforeValidator(as_tuple)]] = {}
    shift: Annotated[int, Field(ge=5, le=12)] = 7
    trend: Annotated[int, Field(ge=5, le=12)] = 7
    min_points: Annotated[int, Field(ge=5)] = 10
    confidence: Share = 0.95
    power: Share = 0.8
    moves: Mapping[str, str] = {}
    owners: Mapping[str, Text] = {}
    most: Annotated[int, Field(ge=1, le=12)] = 8

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Dimensions that the instrument does not have."""
        keys = [construct.key for construct in instrument.constructs]
        for name, named in (("moves", self.moves.values()), ("owners", self.owners)):
            yield from unknown(f"monitoring.{name}", named, keys, "construct")
