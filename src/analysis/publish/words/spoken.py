"""Numbers as a sentence says them, and how far a value lies from another in units of its own error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.words.labels import Labels

INTERVAL = 4.0
"""A usual interval is about four errors wide."""
HALF = 1e-9
"""Lifts a half that floats hold a little too small: 80.5 is said as 81."""


def spoken(values: Sequence[float], *, share: bool = False) -> list[str]:
    """Values that are compared with each other: whole numbers where these tell them apart, else one decimal."""
    write = formats.percent if share else formats.number
    whole = [write(value + HALF, 0) for value in values]
    return whole if len(set(whole)) == len(whole) else [write(value, 1) for value in values]


def errors(distance: float, low: float, high: float) -> float:
    """A distance in units of the error behind an interval; 0 where there is none."""
    width = abs(high - low)
    return INTERVAL * abs(distance) / width if width > 0 else 0.0


def capital(text: str) -> str:
    """`text` as it begins a sentence."""
    return text[:1].upper() + text[1:]


def based(low: float, high: float, n: float, labels: Labels, *, share: bool = False) -> str:
    """Interval and base of one number, as a line below a finding says it."""
    write = formats.percent_interval if share else formats.interval
    return labels.text("front.based", interval=write(low, high, labels.lang), n=formats.count(n))
