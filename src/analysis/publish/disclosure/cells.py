"""Cells of tables as they are found: how many people, or people who gave an answer, and what shares their fate."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from analysis.publish.disclosure.groups import Group

Fate = tuple[Group, str]
"""What is withheld together: a group with all that rests on it (""), or one measure of it."""


@dataclass(frozen=True)
class Seen:
    """What a group, or a measure of it, rests on in the tables of one edition.

    count: its people, or those who gave an answer. limit: how many were asked it (inf: a group). few: whether the
    edition withholds it for its own sake.
    """

    count: float
    limit: float
    few: bool


def answers_of(group: Group) -> Group:
    """A group without what says that it is a row of one table."""
    return frozenset(pair for pair in group if "#" not in pair[0])


@dataclass
class Cells:
    """Cells as they are found, by fate and number; costs: the people behind a cell, once for each time it is found."""

    counts: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    unions: list[float] = field(default_factory=list)
    fates: list[int] = field(default_factory=list)
    primary: list[bool] = field(default_factory=list)
    places: dict[tuple[Fate, float], int] = field(default_factory=dict)
    known: dict[Fate, int] = field(default_factory=dict)
    members: dict[Fate, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, fate: Fate, count: float, *, limit: float, width: float, union: float, primary: bool) -> int:
        """Place of the cell of this fate and count; a new one where there was none."""
        key = (fate, round(count, 6))
        place = self.places.setdefault(key, len(self.counts))
        if place == len(self.counts):
            self.members[fate].append(place)
            self.counts.append(count)
            self.costs.append(0.0)
            self.limits.append(limit)
            self.widths.append(width)
            self.unions.append(union)
            self.fates.append(self.known.setdefault(fate, len(self.known)))
            self.primary.append(primary)
        self.primary[place] |= primary
        self.costs[place] += count if np.isinf(limit) else limit
        return place

    def largest(self, fate: Fate) -> int | None:
        """Place of the cell of a fate with the most people."""
        return max(self.members.get(fate, ()), key=lambda place: self.counts[place], default=None)

    def seen(self) -> dict[Fate, Seen]:
        """Every group and measure; one that several tables have with different numbers by the largest of them."""
        found: dict[Fate, Seen] = {}
        for ((group, of), count), place in self.places.items():
            fate = (answers_of(group), of)
            known = found.get(fate, Seen(-1.0, 0.0, few=False))
            limit = self.limits[place] if count > known.count else known.limit
            found[fate] = Seen(max(count, known.count), limit, few=known.few or self.primary[place])
        return found
