"""What the step 08_drivers compares: units fairly, people with and without a way of being served, levels to reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Codes, Names, Text, as_tuple
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError

Levels = Annotated[tuple[Annotated[float, Field(gt=0, le=100)], ...], BeforeValidator(as_tuple)]


class Fair(Section):
    """Fair comparison: the profile question whose answers are the units, and those that are held constant."""

    unit: str | None = None
    adjust: Names = ()

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Questions that the instrument does not have, and a unit that is compared with itself held constant."""
        where = "drivers.fair"
        yield from unknown(
            f"{where}.unit", [self.unit] if self.unit else [], instrument.profile_keys, "profile question"
        )
        yield from unknown(f"{where}.adjust", self.adjust, instrument.profile_keys, "profile question")
        if self.adjust and self.unit is None:
            yield EditionError(
                "Nothing is compared while these questions are held constant.",
                where=f"{where}.unit",
                expected="the profile question whose answers are compared",
                hint="name it, or remove drivers.fair.adjust",
            )
        yield from _itself(f"{where}.adjust", self.adjust, self.unit, "The units")


class Effect(Section):
    """Effect of having answered `treatment` with one of `treated` on the drivers' outcomes.

    name: what those who did have in common, digital service, say; without one it is called by the answers. Those who
    gave another answer are compared with them; the questions of `adjust` and `by` are held constant, and the
    effect is told apart by the answers to `by`. benchmark: key of the benchmark for the share of those who are served
    so, where the edition quotes it.
    """

    name: Text | None = None
    treatment: str | None = None
    treated: Codes = ()
    adjust: Names = ()
    by: str | None = None
    benchmark: str = "online_users"

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Questions and answers that the instrument does not have, and comparisons of nobody with anybody."""
        where, questions = "drivers.effect", instrument.profile_keys
        named = {"treatment": self.treatment, "by": self.by}
        for key, question in named.items():
            yield from unknown(f"{where}.{key}", [question] if question else [], questions, "profile question")
        yield from unknown(f"{where}.adjust", self.adjust, questions, "profile question")
        yield from _itself(f"{where}.adjust", self.adjust, self.treatment, "Those who are compared")
        yield from _itself(f"{where}.by", [self.by] if self.by else [], self.treatment, "Those who are compared")
        if (self.treatment is None) != (not self.treated):
            yield EditionError(
                "An effect needs a question and the answers that count as having been treated.",
                where=f"{where}.{'treated' if self.treatment else 'treatment'}",
                expected="both treatment and treated, or neither",
                hint="such as treatment: channel and treated: [app, web]",
            )
        elif self.treatment in questions:
            yield from self._answers(instrument, str(self.treatment))

    def _answers(self, instrument: Instrument, treatment: str) -> Iterator[EditionError]:
        codes = [category.code for category in instrument.question(treatment).categories]
        if not codes:
            return
        yield from unknown("drivers.effect.treated", self.treated, codes, f"category of {treatment}")
        if set(codes) <= set(self.treated):
            yield EditionError(
                "Nobody is left to compare those who are treated with.",
                where="drivers.effect.treated",
                expected=f"some of the answers to {treatment}",
                got=", ".join(self.treated),
                hint="leave out the answers that are to be compared with the others",
            )


class Necessity(Section):
    """Necessary conditions: levels of the outcome (0–100) to be reached, and permutations of the test."""

    levels: Levels = (60, 70, 80, 90)
    permutations: Annotated[int, Field(ge=100, le=10_000)] = 1000


def _itself(where: str, names: Sequence[str], own: str | None, who: str) -> Iterator[EditionError]:
    if own is not None and own in names:
        yield EditionError(
            f"{who} are told apart by {own!r} itself, which can't be held constant.",
            where=f"{where}: {own}",
            expected="other profile questions",
            hint="remove it here",
        )
