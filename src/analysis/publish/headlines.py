"""Titles of figures: what a figure shows, in a line. What they compare, they compare by the rule of the whole book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from analysis.publish.comparison import at_the_ends
from analysis.publish.words import formats
from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels

MOST_NAMED, MOST_TOGETHER = 3, 4
"""Names at one end of an order that a title holds, and at both ends."""

Apart = Callable[[Estimate, Estimate], bool]


def title(key: str, labels: Labels, **values: object) -> str:
    """The wording `headlines.<key>`, with a capital where it begins with a name."""
    text = labels.text(f"headlines.{key}", **values)
    return text[:1].upper() + text[1:]


def independent(found: Sequence[Estimate], confidence: float) -> Apart:
    """Whether two of these estimates differ, each of people of its own, all pairs being compared (Bonferroni)."""
    pairs = len(found) * (len(found) - 1) // 2
    return lambda one, other: differ(one, other, confidence=confidence, pairs=pairs)


def _together(found: Sequence[Estimate], write: Callable[[float], str], labels: Labels) -> str:
    """The value of one, or from the lowest to the highest of several."""
    values = sorted(one.value for one in found)
    ends = list(dict.fromkeys([write(values[0]), write(values[-1])]))
    return (" 至 " if labels.lang == "zh" else " to ").join(ends)


def highest_and_lowest(
    key: str,
    found: Sequence[Estimate],
    labels: Labels,
    *,
    apart: Apart,
    name: Callable[[str], str],
    write: Callable[[float], str] = formats.number,
    **values: object,
) -> str:
    """Who is highest and who lowest of `found` (highest first), or that they are about the same.

    `headlines.<key>` has the wordings `ends` (top, bottom, high, low), `top`, `bottom`, `differ` and `same`; the middle
    three for ends that many share. Nothing is said of less than two.
    """
    if len(found) < 2:
        return ""
    told = {**values, "high": write(found[0].value), "low": write(found[-1].value)}
    best, worst = at_the_ends(found, apart)
    if not best and not worst:
        wording = "differ" if apart(found[0], found[-1]) else "same"
        return title(f"{key}.{wording}", labels, **told)
    named = {
        side: formats.listed([name(one.name) for one in ones], labels.lang)
        for side, ones in (("top", best), ("bottom", worst))
        if 0 < len(ones) <= MOST_NAMED
    }
    if not named:
        return title(f"{key}.differ", labels, **told)
    if len(named) == 2 and len(best) + len(worst) > MOST_TOGETHER:
        del named["bottom" if len(best) <= len(worst) else "top"]
    for side, end, ones in (("top", "high", best), ("bottom", "low", worst)):
        if side in named:
            told[end] = _together(ones, write, labels)
    return title(f"{key}.{'ends' if len(named) == 2 else next(iter(named))}", labels, **told, **named)
