"""The satisfaction index, and the segments it is reported for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Codes, Names, Params, Share
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class Csat(Params):
    """Who counts as satisfied: mean of the items of `construct` at or above `satisfied_from`."""

    construct_key: Annotated[str, Field(alias="construct")]
    satisfied_from: float


class Index(Section):
    """The index: dimension weights (equal when empty), CSAT rule and the segments it is reported for.

    `exclude`: answers to profile questions (question: codes) of those who are no customers; they stand outside every
    result of the index and are compared with it. `adjustment`: how p values of comparisons made together are adjusted
    (Holm, Benjamini–Hochberg, not at all).
    """

    weights: dict[str, Annotated[float, Field(gt=0)]] = {}
    min_answered_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    csat: Csat
    segments: Names = ()
    exclude: dict[str, Codes] = {}
    confidence: Share = 0.95
    adjustment: Literal["holm", "bh", "none"] = "holm"

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Segments, dimensions and the construct of CSAT that the instrument does not have; weights left out."""
        dimensions = [construct.key for construct in instrument.dimensions]
        constructs = [construct.key for construct in instrument.constructs]
        yield from unknown("index.segments", self.segments, instrument.profile_keys, "profile question")
        yield from unknown("index.exclude", self.exclude, instrument.profile_keys, "profile question")
        for question in instrument.profile:
            known = [category.code for category in question.categories]
            if known:
                codes = self.exclude.get(question.key, ())
                yield from unknown(f"index.exclude.{question.key}", codes, known, f"category of {question.key}")
        yield from unknown("index.weights", self.weights, dimensions, "dimension")
        yield from unknown("index.csat.construct", [self.csat.construct_key], constructs, "construct")
        missing = sorted(set(dimensions) - set(self.weights))
        if self.weights and missing and set(self.weights) <= set(dimensions):
            yield EditionError(
                "index.weights leaves dimensions out.",
                where="index.weights",
                expected="a weight for every dimension, or none at all",
                got=f"no weight for {', '.join(missing)}",
            )
        low, high = instrument.scale.min, instrument.scale.max
        if not low < self.csat.satisfied_from <= high:
            yield EditionError(
                "The threshold of a satisfied customer lies outside the scale.",
                where="index.csat.satisfied_from",
                expected=f"above {low}, at most {high}",
                got=str(self.csat.satisfied_from),
            )
