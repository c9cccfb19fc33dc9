"""How the questionnaire is checked, and what counts as good enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Share
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class Measurement(Section):
    """How the questionnaire is checked, and what counts as good enough.

    `group`: profile question between whose answers invariance is tested (none: not tested). `factors`: number of
    exploratory factors (none: as many as constructs with two items or more). `replicates`: bootstrap resamples of HTMT
    and random data sets of the parallel analysis. HTMT up to `max_htmt` tells constructs apart, up to
    `max_htmt_related` when they are close by their meaning.
    """

    confidence: Share = 0.95
    weighted: bool = True
    group: str | None = None
    factors: Annotated[int, Field(ge=1, le=50)] | None = None
    replicates: Annotated[int, Field(ge=100, le=20_000)] = 1000
    min_alpha: Share = 0.7
    min_ave: Share = 0.5
    min_kmo: Share = 0.6
    max_htmt: Share = 0.85
    max_htmt_related: Share = 0.9

    @model_validator(mode="after")
    def _in_order(self) -> Measurement:
        if self.max_htmt_related < self.max_htmt:
            raise ValueError(f"max_htmt_related ({self.max_htmt_related}) is below max_htmt ({self.max_htmt})")
        return self

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """A grouping question that the instrument does not have."""
        if self.group is not None:
            yield from unknown("measurement.group", [self.group], instrument.profile_keys, "profile question")
