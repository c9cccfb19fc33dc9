"""Service standards and benchmarks: limits the service is held to, and published levels to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.edition.instrument import Instrument, Keyed
from analysis.edition.params import Codes, KeysOnce, Params, Text, validate
from analysis.edition.quantity import Quantity, Unit
from analysis.edition.reading import read_yaml
from analysis.edition.sections import unknown
from analysis.errors import EditionError, did_you_mean


class Limit(Params):
    """An upper limit on a duration, or a lower limit on a share."""

    value: float
    unit: Unit
    bound: Literal["at_most", "at_least", "below"] = "at_most"


class Rating(Params):
    """Which answers of the customers rate a step or a scenario.

    by: items or constructs, of which the mean counts. among: only those who gave these answers to profile questions.
    benchmark: the published share of satisfied customers beside it.
    """

    by: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    among: dict[str, Codes] = {}
    benchmark: str | None = None

    def unasked(self, instrument: Instrument, *, where: str) -> Iterator[EditionError]:
        """One error for each item, construct, question or answer that the instrument does not have."""
        yield from unknown(f"{where}.by", self.by, _rateable(instrument), "item or construct")
        yield from unknown(f"{where}.among", self.among, instrument.profile_keys, "profile question")
        for question in instrument.profile:
            codes = [category.code for category in question.categories]
            named = self.among.get(question.key, ()) if codes else ()
            yield from unknown(f"{where}.among.{question.key}", named, codes, f"category of {question.key}")


def _rateable(instrument: Instrument) -> list[str]:
    return [*instrument.item_keys, *(construct.key for construct in instrument.constructs)]


class Step(Keyed):
    """One step of a service scenario, its owner and its limit (None: a rule in words only).

    `follows`: the case comes to it from the step before; the others begin a case of their own. `rated`: the answers
    of the customers on this step.
    """

    name: Text
    owner: Text
    rule: Text
    limit: Limit | None = None
    follows: bool = False
    rated: Rating | None = None


class Scenario(Keyed):
    """One of the service scenarios with its steps, and the answers of the customers that rate it as a whole."""

    name: Text
    rated: Rating | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, strict=False), KeysOnce]

    @model_validator(mode="after")
    def _first_step_follows_nothing(self) -> Scenario:
        if self.steps[0].follows:
            raise ValueError(f"the first step ({self.steps[0].key}) can't follow another")
        return self


class Indicator(Keyed):
    """A monitored indicator with its norm."""

    name: Text
    norm: Text
    limit: Limit | None = None


class Standards(Params):
    """All limits of one edition and where they come from; `guide` says that they are the guide's."""

    source: Text
    guide: bool = False
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1, strict=False), KeysOnce]
    indicators: Annotated[tuple[Indicator, ...], Field(strict=False), KeysOnce] = ()

    @property
    def ratings(self) -> dict[tuple[str, str], Rating]:
        """The rating of each scenario (step: empty) and step that has one, in the order of the file."""
        found: dict[tuple[str, str], Rating] = {}
        for scenario in self.scenarios:
            rated = {"": scenario.rated, **{step.key: step.rated for step in scenario.steps}}
            found |= {(scenario.key, step): rating for step, rating in rated.items() if rating is not None}
        return found

    def faults(self, instrument: Instrument, benchmarks: Benchmarks | None = None) -> Iterator[EditionError]:
        """Ratings that name what the instrument or the benchmarks do not have.

        An instrument that has none of all that is named is another than the standards were written for: its edition
        shows the operation alone, and nothing is at fault.
        """
        known, published = _rateable(instrument), [one.key for one in benchmarks.benchmarks] if benchmarks else []
        if not any(key in known for rating in self.ratings.values() for key in rating.by):
            return
        for (scenario, step), rating in self.ratings.items():
            where = f"{scenario}.{step}.rated" if step else f"{scenario}.rated"
            if instrument.constructs:
                yield from rating.unasked(instrument, where=where)
            if benchmarks and rating.benchmark is not None and rating.benchmark not in published:
                yield EditionError(
                    "A rating stands beside a benchmark that is not there.",
                    where=f"{where}.benchmark: {rating.benchmark}",
                    expected="the key of a benchmark of the edition",
                    hint=did_you_mean(rating.benchmark, published),
                )


class Measure(Params):
    """What a benchmark is compared with: a quantity of this edition, overall or in one category of a segment.

    csi, construct_score: scores. csat, construct_share, item_share: shares of customers whose (mean) answer is at or
    above `index.csat.satisfied_from`.
    """

    kind: Literal["csi", "csat", "construct_score", "construct_share", "item_share"]
    construct_key: Annotated[str | None, Field(alias="construct")] = None
    item: str | None = None
    segment: str | None = None
    category: str | None = None

    @property
    def unit(self) -> Unit:
        """Unit of the quantity."""
        return "score" if self.kind in {"csi", "construct_score"} else "percent"

    @property
    def name(self) -> str:
        """The same text for the same quantity."""
        return " ".join(str(getattr(self, field)) for field in type(self).model_fields)

    def unasked(self, instrument: Instrument, *, where: str = "measure") -> Iterator[EditionError]:
        """One error for each construct, item, question or answer that the instrument does not have."""
        known = {
            "construct": (self.construct_key, [construct.key for construct in instrument.constructs], "construct"),
            "item": (self.item, instrument.item_keys, "item"),
            "segment": (self.segment, instrument.profile_keys, "profile question"),
        }
        for question in instrument.profile:
            if question.key == self.segment and question.categories:
                codes = [category.code for category in question.categories]
                known["category"] = (self.category, codes, f"category of {question.key}")
        for key, (name, names, kind) in known.items():
            yield from unknown(f"{where}.{key}", [name] if name is not None else [], names, kind)

    @model_validator(mode="after")
    def _names_what_it_measures(self) -> Measure:
        if self.kind.startswith("construct_") != (self.construct_key is not None):
            raise ValueError("`construct` belongs to construct_score and construct_share, and these need it")
        if (self.kind == "item_share") != (self.item is not None):
            raise ValueError("`item` belongs to item_share, which needs it")
        if (self.segment is None) != (self.category is None):
            raise ValueError("a measure in a segment names both `segment` and `category`")
        return self


class Suggestion(Params):
    """A suggestion that a published level stands beside: its name, and the item or construct that it `improves`."""

    name: Text
    improves: str


class Benchmark(Keyed):
    """A published level: never without unit and source; `year` is left out where the source gives none.

    `note` is printed beside the value wherever it is listed: what is ambiguous in it, or that it is a norm or an
    observation. `disagrees_with`: a figure of the same source on the same matter. A benchmark with a `measure` is
    compared with that quantity of the edition, which has the same unit; any other is quoted only. One with a
    `suggestion` is ranked by what reaching the level would bring.
    """

    name: Text
    value: float
    unit: Unit
    year: int | None = None
    source: Text
    section: str
    note: Text | None = None
    measure: Measure | None = None
    disagrees_with: str | None = None
    suggestion: Suggestion | None = None

    @property
    def quantity(self) -> Quantity:
        """The value with its unit."""
        return Quantity(self.value, self.unit)

    @model_validator(mode="after")
    def _like_with_like(self) -> Benchmark:
        if self.measure is not None and self.measure.unit != self.unit:
            raise ValueError(
                f"the benchmark is given in {self.unit} and its measure {self.measure.kind} in {self.measure.unit}:"
                " only like quantities are compared"
            )
        return self


class Benchmarks(Params):
    """The published levels that an edition is compared with; `guide` says that they are the guide's."""

    guide: bool = False
    benchmarks: Annotated[tuple[Benchmark, ...], Field(min_length=1, strict=False), KeysOnce]

    def unasked(self, instrument: Instrument) -> tuple[str, ...]:
        """Keys of the benchmarks whose measure the instrument does not have: they are only quoted."""
        return tuple(one.key for one in self.benchmarks if one.measure and any(one.measure.unasked(instrument)))

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """What does not fit: a figure to disagree with that is not here, and names that the instrument lacks.

        An instrument that has none of all that is named is another than the benchmarks were written for: that is no
        fault, and `unasked` lists them.
        """
        keys = [one.key for one in self.benchmarks]
        for one in self.benchmarks:
            if one.disagrees_with is not None and one.disagrees_with not in keys:
                yield EditionError(
                    "A benchmark disagrees with one that is not there.",
                    where=f"{one.key}.disagrees_with: {one.disagrees_with}",
                    expected="the key of a benchmark of this file",
                    hint=did_you_mean(one.disagrees_with, keys),
                )
        named = [one for one in self.benchmarks if one.measure and one.measure.kind not in {"csi", "csat"}]
        strange = self.unasked(instrument)
        if not named or any(one.key not in strange for one in named):
            for one in self.benchmarks:
                yield from one.measure.unasked(instrument, where=f"{one.key}.measure") if one.measure else ()


def load_standards(path: Path) -> Standards:
    """Read a standards file; raises EditionError or Problems that name the file and the key."""
    return validate(Standards, read_yaml(path, key="standards", holds=("scenarios",)), path=path)


def load_benchmarks(path: Path) -> Benchmarks:
    """Read a benchmarks file; raises EditionError or Problems that name the file and the key."""
    return validate(Benchmarks, read_yaml(path, key="benchmarks", holds=("benchmarks",)), path=path)
