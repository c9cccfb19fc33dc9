"""The satisfaction index, and the segments it is reported for."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Annotated, Literal

from pydantic import Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Codes, Names, Params, Share
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError

MOST_WEIGHED = 15
"""Dimensions whose subsets can all be looked at."""


class Csat(Params):
    """Who counts as satisfied: mean of the items of `construct` at or above `satisfied_from`, on their scale."""

    construct_key: Annotated[str, Field(alias="construct")]
    satisfied_from: float


NOBODY_ASKED = Csat.model_validate({"construct": "", "satisfied_from": 0.0})
"""The rule of an edition without interviews; every other has to state its own."""


class Index(Section):
    """The index: dimension weights, CSAT rule and the segments it is reported for.

    `weights`: one per dimension, all equal when empty, or how the sample gives them. importance: their shares of the
    explained variance of satisfaction (LMG). model: their standardised total effects on it in the structural model.
    Weights from the sample are estimates, whose error the replicates of the weighting carry into that of the index.
    `high_from`: from which answer on a construct or an item on another scale counts as high, where that is not the
    place of `satisfied_from` on its own scale.
    `exclude`: answers to profile questions (question: codes) of those who are no customers; they stand outside every
    result of the index and are compared with it. `adjustment`: how p values of comparisons made together are adjusted
    (Holm, Benjamini–Hochberg, not at all).
    """

    weights: Literal["importance", "model"] | dict[str, Annotated[float, Field(gt=0)]] = {}
    min_answered_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    csat: Csat = NOBODY_ASKED
    high_from: dict[str, float] = {}
    segments: Names = ()
    exclude: dict[str, Codes] = {}
    confidence: Share = 0.95
    adjustment: Literal["holm", "bh", "none"] = "holm"

    @property
    def estimated(self) -> bool:
        """Whether the weights of the dimensions come from the sample."""
        return isinstance(self.weights, str)

    @property
    def fixed_weights(self) -> dict[str, float]:
        """The weights that the params give; none where they are equal or come from the sample."""
        return {} if isinstance(self.weights, str) else self.weights

    def high_answer(self, key: str, instrument: Instrument) -> float:
        """The answer from which a construct or an item (as its construct) counts as high, on its own scale."""
        if key in self.high_from:
            return self.high_from[key]
        owner = next((c.key for c in instrument.constructs if key in {item.key for item in c.items}), key)
        like = owner if owner in self.high_from else self.csat.construct_key
        bound = self.high_from.get(like, self.csat.satisfied_from)
        return float(instrument.scale_of(like).onto(bound, instrument.scale_of(key)))

    def _not_estimable(self, instrument: Instrument) -> Iterator[EditionError]:
        """What weights from the sample need: two dimensions, few enough for their subsets, and satisfaction."""
        count = len(instrument.dimensions)
        if not 2 <= count <= MOST_WEIGHED:
            yield EditionError(
                "The weights of so many dimensions can't be found from the sample.",
                where="index.weights",
                expected=f"2 to {MOST_WEIGHED} dimensions",
                got=str(count),
                hint="give the weights, or leave index.weights empty",
            )
        if instrument.satisfaction is None:
            yield EditionError(
                "Weights from the sample say how much dimensions matter for satisfaction, which nobody was asked.",
                where="index.weights",
                expected="a construct with the role satisfaction",
                hint="give one its role in the instrument, or give the weights",
            )

    def _csat_faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """A construct that is none, and a threshold off the scale."""
        constructs = [construct.key for construct in instrument.constructs]
        yield from unknown("index.csat.construct", [self.csat.construct_key], constructs, "construct")
        known = {*constructs, *instrument.item_keys}
        yield from unknown("index.high_from", self.high_from, known, "construct or item")
        bounds = {"index.csat.satisfied_from": (self.csat.construct_key, self.csat.satisfied_from)}
        bounds |= {f"index.high_from.{key}": (key, bound) for key, bound in self.high_from.items()}
        for where, (key, bound) in bounds.items():
            low, high = instrument.scale_of(key).ends if key in known else (-inf, inf)
            if not low < bound <= high:
                yield EditionError(
                    "The threshold of a satisfied customer lies outside the scale.",
                    where=where,
                    expected=f"above {low}, at most {high}, the scale of {key}",
                    got=str(bound),
                )

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Segments, dimensions and the construct of CSAT that the instrument does not have; weights left out."""
        dimensions = [construct.key for construct in instrument.dimensions]
        yield from unknown("index.segments", self.segments, instrument.profile_keys, "profile question")
        yield from unknown("index.exclude", self.exclude, instrument.profile_keys, "profile question")
        for question in instrument.profile:
            known = [category.code for category in question.categories]
            if known:
                codes = self.exclude.get(question.key, ())
                yield from unknown(f"index.exclude.{question.key}", codes, known, f"category of {question.key}")
        fixed = self.fixed_weights
        yield from unknown("index.weights", fixed, dimensions, "dimension")
        if self.states("csat"):
            yield from self._csat_faults(instrument)
        if self.estimated:
            yield from self._not_estimable(instrument)
        missing = sorted(set(dimensions) - set(fixed))
        if fixed and missing and set(fixed) <= set(dimensions):
            yield EditionError(
                "index.weights leaves dimensions out.",
                where="index.weights",
                expected="a weight for every dimension, or none at all",
                got=f"no weight for {', '.join(missing)}",
            )
