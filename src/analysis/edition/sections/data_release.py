"""What of the answers goes out as a public-use file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Names, Text
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError


class DataRelease(Section):
    """The public-use file of `make data-release`.

    k: interviews that at least are alike in all `keys`, the background questions that somebody else may know of a
    person (empty: every one), the most wanted first. max_withheld: share of the interviews that may lose a value for
    the sake of one more key; a question that would cost more is left out altogether. coarsen: whether a question that
    cannot go out as it was answered goes out with neighbouring answers joined, where that is enough. drop: questions
    that are left out in any case. dates: how exactly the file tells when an interview was given. open_text: whether
    what people wrote goes out, masked. weights: averaged over the interviews that are alike in what the file shows, as
    they are, or averaged only where they would tell what the file does not show (auto). design, replicates: whether
    strata, sampling units and replicate weights go out. licence: how the file may be used.
    """

    k: Annotated[int, Field(ge=2, le=1000)] = 5
    keys: Names = ()
    max_withheld: Annotated[float, Field(ge=0, lt=1)] = 0.1
    coarsen: bool = True
    drop: Names = ()
    dates: Literal["none", "year", "quarter", "month"] = "month"
    open_text: Literal["none", "masked"] = "none"
    weights: Literal["auto", "averaged", "exact"] = "auto"
    design: bool = False
    replicates: bool = False
    licence: Text | None = None

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Keys that are no background questions, and names under `drop` that are no questions."""
        yield from unknown("data_release.keys", self.keys, instrument.profile_keys, "profile question")
        several = [question.key for question in (*instrument.multiple, *instrument.open)]
        check = [instrument.attention.key] if instrument.attention else []
        asked = [*instrument.item_keys, *instrument.profile_keys, *several, *check]
        yield from unknown("data_release.drop", self.drop, asked, "question")
