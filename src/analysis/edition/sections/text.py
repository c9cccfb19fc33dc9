"""How what people wrote is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from analysis.edition.params import Share
from analysis.edition.sections import Section


class TextReading(Section):
    """Tickets and open answers as text.

    longest: characters of one text that are read. topics: themes that are looked for in the texts themselves, beside
    those of the dictionary (0: none). subsamples: how often they are looked for anew, to see whether they are stable.
    repeat_days: within how many days a further ticket of the same customer is a repetition. quotes: whether sentences
    are quoted, masked. labels: texts on the sheet that a person labels (`make label-sample`). confidence: of all
    intervals.
    """

    longest: Annotated[int, Field(ge=50, le=20_000)] = 2000
    topics: Annotated[int, Field(ge=0, le=30)] = 7
    subsamples: Annotated[int, Field(ge=2, le=50)] = 6
    repeat_days: Annotated[int, Field(ge=1, le=366)] = 30
    quotes: bool = True
    labels: Annotated[int, Field(ge=30, le=2000)] = 200
    confidence: Share = 0.95
