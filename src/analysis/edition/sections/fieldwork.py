"""How dispositions are read, and the norms of the channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Names, Share
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class FieldworkRules(Section):
    """How dispositions are read: channels behind the norms, the norms, and the question that tells the mode.

    `online` and `callback` are channels of the dispositions. The norms are shares of customers (`min_online`,
    `min_callback`, `min_coverage`) and call-backs to one customer in a quarter (`max_callbacks`). `mode` is the
    profile question by which results are compared, `adjust` those held constant in the comparison.
    """

    confidence: Share = 0.95
    online: Names = ()
    callback: Names = ()
    min_online: Share = 0.80
    min_callback: Share = 0.10
    max_callbacks: Annotated[int, Field(ge=1)] = 1
    min_coverage: Share = 0.90
    mode: str | None = None
    adjust: Names = ()

    @model_validator(mode="after")
    def _adjusted(self) -> FieldworkRules:
        if self.mode in self.adjust:
            raise ValueError("adjust can't name the mode itself")
        return self

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Questions that the instrument does not have."""
        yield from unknown("fieldwork.adjust", self.adjust, instrument.profile_keys, "profile question")
        if self.mode is not None:
            yield from unknown("fieldwork.mode", [self.mode], instrument.profile_keys, "profile question")
