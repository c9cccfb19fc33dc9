"""What moves customers: the outcomes, what may drive them, and the background that is held constant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Code, Names, Share, as_tuple
from analysis.edition.sections import Section, not_ordered, unknown
from analysis.edition.sections.comparison import Effect, Fair, Necessity
from analysis.errors import EditionError

MOST_PREDICTORS = 15
"""Drivers of one outcome whose importance can be found exactly, from all 2^15 subsets."""

Pairs = Annotated[
    tuple[Annotated[tuple[str, str], BeforeValidator(as_tuple)], ...],
    BeforeValidator(as_tuple),
]


class Drivers(Section):
    """Outcomes, drivers and background of the regressions and of importance.

    `outcomes`: constructs to be explained (none named: that of satisfied customers and those of loyalty). `predictors`:
    constructs that may drive them (none named: every dimension). `background`: profile questions that are held
    constant, each against the category that `reference` names (none: its first). `interactions`: pairs of predictors
    and background questions whose product enters too. `ordered`: items of the outcomes to be explained as ordered
    answers. `draws`: samples that the probabilities of ranks and quadrants are counted in. `fair`, `effect` and
    `necessity`: what is compared besides.
    """

    outcomes: Names = ()
    predictors: Names = ()
    background: Names = ()
    reference: dict[str, Code] = {}
    interactions: Pairs = ()
    ordered: Names = ()
    confidence: Share = 0.95
    draws: Annotated[int, Field(ge=1000, le=100_000)] = 10_000
    fair: Fair = Fair()
    effect: Effect = Effect()
    necessity: Necessity = Necessity()

    def explained(self, instrument: Instrument, satisfied: str) -> tuple[str, ...]:
        """The outcomes of this edition; `satisfied` is the construct whose answers make a customer satisfied."""
        loyal = [construct.key for construct in instrument.constructs if construct.role == "loyalty"]
        return self.outcomes or tuple(dict.fromkeys([satisfied, *loyal]))

    def driving(self, instrument: Instrument) -> tuple[str, ...]:
        """The drivers of this edition."""
        return self.predictors or tuple(construct.key for construct in instrument.dimensions)

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Names that the instrument does not have, an outcome that is a driver, and more drivers than can be told."""
        constructs = [construct.key for construct in instrument.constructs]
        yield from unknown("drivers.outcomes", self.outcomes, constructs, "construct")
        yield from unknown("drivers.predictors", self.predictors, constructs, "construct")
        yield from unknown("drivers.background", self.background, instrument.profile_keys, "profile question")
        yield from unknown("drivers.ordered", self.ordered, instrument.item_keys, "item")
        yield from self.fair.faults(instrument)
        yield from self.effect.faults(instrument)
        yield from (
            not_ordered(f"drivers.ordered: {key}", key, instrument.scale_of(key)) for key in self._sliders(instrument)
        )
        yield from self._mixed(instrument)
        yield from self._references(instrument)
        known = [*self.driving(instrument), *self.background]
        for place, pair in enumerate(self.interactions, start=1):
            yield from _outside(f"drivers.interactions: pair {place}", pair, known)

    def _sliders(self, instrument: Instrument) -> list[str]:
        """Items of `ordered` whose answers are no ordered categories."""
        scales = instrument.scales
        return [key for key in self.ordered if key in scales and not scales[key].ordered]

    def _mixed(self, instrument: Instrument) -> Iterator[EditionError]:
        drivers = self.driving(instrument)
        items = {item.key: construct.key for construct in instrument.constructs for item in construct.items}
        for key in (*self.outcomes, *self.ordered):
            if items.get(key, key) in drivers:
                yield EditionError(
                    f"{key!r} is explained and explains at once.",
                    where=f"drivers: {key}",
                    expected="outcomes that are none of the predictors",
                    hint="take it out of outcomes and ordered, or out of predictors",
                )
        if len(drivers) > MOST_PREDICTORS:
            yield EditionError(
                "So many drivers can't be told apart: importance looks at every subset of them.",
                where="drivers.predictors",
                expected=f"at most {MOST_PREDICTORS}",
                got=f"{len(drivers)}" + ("" if self.predictors else ", all dimensions of the instrument"),
                hint=f"name the {MOST_PREDICTORS} that matter, or join dimensions of the instrument",
            )

    def _references(self, instrument: Instrument) -> Iterator[EditionError]:
        yield from _outside("drivers.reference", self.reference, self.background)
        for question in instrument.profile:
            codes = [category.code for category in question.categories]
            if codes and question.key in self.reference:
                where, named = f"drivers.reference.{question.key}", [self.reference[question.key]]
                yield from unknown(where, named, codes, f"category of {question.key}")


def _outside(where: str, names: Iterable[str], known: Sequence[str]) -> Iterator[EditionError]:
    for name in names:
        if name not in known:
            yield EditionError(
                f"{name!r} is in no regression.",
                where=f"{where}: {name}",
                expected=f"one of {', '.join(known)}" if known else "a question that drivers.background names",
                hint="name it in drivers.background, or remove it here",
            )
