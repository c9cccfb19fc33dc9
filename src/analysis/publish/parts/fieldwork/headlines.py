"""Titles of the figures of response and of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import differs, estimates
from analysis.publish.headlines import highest_and_lowest, independent, title
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def response_rates(store: Store, labels: Labels) -> str:
    """The channels that answer most and least."""
    found = estimates(store.table("response_channels"), "category", "rr1")
    apart = independent(found, labels.edition.fieldwork.confidence)

    def name(code: str) -> str:
        return lowered(labels.channel(code), labels)

    return highest_and_lowest("response_rates", found, labels, apart=apart, name=name, write=formats.percent)


def mode_index(store: Store, labels: Labels) -> str:
    """Whether the channels still differ where they have the same respondents."""
    frame = store.table("mode_index").dropna(subset=["adjusted"])
    if len(frame) < 2:
        return ""
    test = store.record("05_satisfaction", "satisfaction")["modes"]
    key = "differs" if differs(test["p_adjusted"], confidence=labels.edition.fieldwork.confidence) else "same"
    ends = {"low": formats.number(frame["adjusted"].min()), "high": formats.number(frame["adjusted"].max())}
    return title(f"mode_index.{key}", labels, **ends)
