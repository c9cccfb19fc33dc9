"""Chooses what the front page tells: the strongest candidates of all parts, no theme twice.

Strength grows with the size of a difference in units of its own error, and levels off: beyond some errors a thing is
sure, and surer makes no better finding. It is multiplied by what else makes a finding worth telling: a contrast, a
surprise, something that can be done. What is not clear is thus not told for being surprising.

The choice is greedy: the strongest first, then each time the one that is strongest after what it repeats is taken off
(maximal marginal relevance, Carbonell & Goldstein 1998). Of some twenty candidates five are taken; looking through all
sets of five would find hardly another, and no editor could follow why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.publish.part import Candidate

MOST = 5
"""Findings of the front page."""
SURE = 2.0
"""Errors at which a difference has half of the strength that it can have."""


def strength(candidate: Candidate) -> float:
    """size/(size + SURE) × (1 + contrast + surprise + use), from 0 to 4."""
    size = max(candidate.size, 0.0)
    return size / (size + SURE) * (1 + candidate.contrast + candidate.surprise + candidate.use)


def likeness(one: Candidate, other: Candidate) -> float:
    """How much of one finding another repeats: 1 for the same theme, else the share of names that both have."""
    if one.theme == other.theme:
        return 1.0
    mine, theirs = set(one.about), set(other.about)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def chosen(candidates: Iterable[Candidate], most: int = MOST) -> list[Candidate]:
    """The findings of the front page, in the order in which they were chosen; none repeats a theme."""
    left = [one for one in candidates if strength(one) > 0]
    taken: list[Candidate] = []
    while left and len(taken) < most:
        best = max(left, key=lambda one: _worth(one, taken))
        if _worth(best, taken) <= 0:
            break
        taken.append(best)
        left = [one for one in left if one.theme != best.theme]
    return taken


def _worth(candidate: Candidate, taken: Sequence[Candidate]) -> float:
    """Strength without what the findings taken before tell already."""
    return strength(candidate) * (1 - max((likeness(candidate, one) for one in taken), default=0.0))
