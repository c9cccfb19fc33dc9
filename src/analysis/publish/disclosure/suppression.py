"""Which cells must be withheld so that no small one can be worked out from all that is published together.

NumPy and SciPy only. Cells are counts of people (or shares of them times their number); sums say which cells add up to
which other. Cells of one group stand in several tables and share one fate. The attacker knows every sum and every cell
shown; what this leaves for a withheld cell is found by propagation in single sums and by linear programming where
several sums share withheld cells.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from analysis.publish.disclosure.attack import Unknowns, given_unions, interval_widths, unknowns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]

CHEAPEST = 4
"""Parts of a sum among which its next partner is looked for when prices are compared."""

EFFORT = 50_000
"""Withheld cells looked at, all in all, while better partners are sought for what is withheld already."""


@dataclass(frozen=True)
class Sum:
    """Places of cells that add up to the cell at `whole`."""

    parts: Places
    whole: int

    @property
    def cells(self) -> Places:
        """Parts and whole."""
        return np.append(self.parts, self.whole)

    @property
    def signs(self) -> Floats:
        """Coefficients with which the cells add up to nothing."""
        return np.append(np.ones(len(self.parts)), -1.0)


@dataclass(frozen=True)
class Linked:
    """Cells of all tables together.

    counts: people per cell. limits: the most that an attacker must hold possible (inf: unknown). fates: cells of one
    fate are withheld together. widths: how wide the interval of a withheld cell must be. unions: the fewest people
    whom withheld cells may be known to add up to (0: anything goes). sums: which cells add up. costs: what is lost with
    a cell, as the people behind all results that rest on it (none given: its own).
    """

    counts: Floats
    limits: Floats
    fates: Places
    widths: Floats
    unions: Floats
    sums: Sequence[Sum]
    costs: Floats | None = None
    _members: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list), init=False, repr=False)
    _sums_of: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list), init=False, repr=False)

    def __post_init__(self) -> None:
        for place, fate in enumerate(self.fates.tolist()):
            self._members[fate].append(place)
        for number, one in enumerate(self.sums):
            for cell in one.cells.tolist():
                self._sums_of[cell].append(number)

    @property
    def prices(self) -> list[float]:
        """What is lost with each fate, a person at least: nobody's result is withheld for nothing either."""
        lost = self.counts if self.costs is None else self.costs
        return np.maximum(np.bincount(self.fates, weights=lost), 1.0).tolist() if len(lost) else []

    def members(self, fate: int) -> list[int]:
        """Cells of a fate."""
        return self._members[fate]

    def sums_of(self, cell: int) -> list[int]:
        """Sums that a cell is in, by number."""
        return self._sums_of[cell]


def withhold(linked: Linked, primary: Mask) -> Mask:
    """Cells to withhold: all that share a fate with one of `primary`, and as few more as their protection takes.

    First every sum alone: a single withheld cell, a too narrow interval, or withheld cells known to be few together
    take the cheapest cell that is still shown, with what that one will take in its other sums. Then sums that share
    withheld cells are attacked by linear programming, and what is found weak gets another partner, until nothing is.
    In the end each partner, the dearest first, is shown again where the rest protects without it, if need be with
    cheaper ones in its place. Where nothing is left to withhold, the rest stands.
    Sources: Fischetti & Salazar 2001, Management Science 47; Hundepool et al. 2012, Statistical Disclosure Control,
    ch. 4; the sums of all tables at once, as for linked tables in sdcTable and GaussSuppression, which reverse as well.
    """
    state = _State(linked)
    waiting: set[int] = set()
    for cell in np.flatnonzero(primary).tolist():
        waiting |= state.hide(int(linked.fates[cell]))
    own = set(state.journal)
    _protect(state, waiting)
    _relieve(state, own)
    return state.hidden


class _State:
    """What is withheld so far, and what is known of it.

    prices: what is lost with each fate. lost: what is, all in all. inside: withheld cells in each sum. journal: fates
    withheld since it was emptied. barred: a fate that must stay shown, while no more than `most` is lost. verdicts:
    weak cells, with the width of what they can be, of every part attacked so far by its cells. looked_at: withheld
    cells that were part of an attack, each as often as it was.
    """

    def __init__(self, linked: Linked) -> None:
        self.linked = linked
        self.hidden = np.zeros(len(linked.counts), dtype=bool)
        self.prices = linked.prices
        self.lost = 0.0
        self.inside = [0] * len(linked.sums)
        self.journal: list[int] = []
        self.barred, self.most = -1, inf
        self.verdicts: dict[bytes, list[tuple[float, int]]] = {}
        self.looked_at = 0
        self._cheap: dict[int, list[tuple[float, int, int]]] = {}

    @property
    def failed(self) -> bool:
        """Whether what is barred was withheld all the same, or too much was."""
        return self.lost > self.most or self.barred in self.journal[-1:]

    def hide(self, fate: int) -> set[int]:
        """Withhold all cells of a fate; returns the sums that this touches."""
        if self.hidden[self.linked.members(fate)[0]]:
            return set()
        self.journal.append(fate)
        return self._set(fate, withheld=True)

    def show(self, fate: int) -> set[int]:
        """Take a fate back; returns the sums that this touches."""
        return self._set(fate, withheld=False)

    def _set(self, fate: int, *, withheld: bool) -> set[int]:
        sign = 1 if withheld else -1
        self.lost += sign * self.prices[fate]
        touched: set[int] = set()
        for member in self.linked.members(fate):
            self.hidden[member] = withheld
            for number in self.linked.sums_of(member):
                self.inside[number] += sign
                touched.add(number)
        return touched

    def cheapest(self, cells: Places) -> int | None:
        """The cell with which least is lost, empty ones last: nobody in them protects anybody."""
        counts, fates = self.linked.counts[cells].tolist(), self.linked.fates[cells].tolist()
        found = zip(counts, fates, cells.tolist(), strict=True)
        ranked = ((fate == self.barred, count <= 0, self._price(fate), cell) for count, fate, cell in found)
        return min(ranked, default=(False, False, 0.0, None))[3]

    def _price(self, fate: int) -> float:
        """What is lost with a fate: itself, and the cheapest partner in every sum where it would be the only one.

        Less what is saved, the cheapest partner of those who are the only ones so far and get this one.
        """
        price = self.prices[fate]
        for member in self.linked.members(fate):
            for number in self.linked.sums_of(member):
                if not self.inside[number]:
                    price += self._partner_price(number, besides=fate)
                elif self.inside[number] == 1:
                    price -= self._partner_price(number, besides=-1)
        return price

    def _partner_price(self, number: int, *, besides: int) -> float:
        """Price of the cheapest part of a sum that is shown; nothing where the sum needs no partners."""
        if number not in self._cheap:
            one, linked = self.linked.sums[number], self.linked
            needed = linked.widths[one.cells].any() or linked.unions[one.cells].any()
            parts = one.parts[linked.counts[one.parts] > 0] if needed else one.parts[:0]
            priced = {int(fate): int(cell) for fate, cell in zip(linked.fates[parts], parts, strict=True)}
            self._cheap[number] = sorted((self.prices[fate], fate, cell) for fate, cell in priced.items())[:CHEAPEST]
        found = self._cheap[number]
        return next((price for price, fate, cell in found if fate != besides and not self.hidden[cell]), 0.0)

    def around(self, touched: Collection[int]) -> list[int]:
        """Sums that share withheld cells with those touched, by way of others too."""
        found, waiting = set(touched), list(touched)
        while waiting:
            cells = self.linked.sums[waiting.pop()].cells
            for cell in cells[self.hidden[cells]].tolist():
                fresh = [number for number in self.linked.sums_of(cell) if number not in found]
                found.update(fresh)
                waiting += fresh
        return sorted(found)


def _protect(state: _State, touched: Collection[int]) -> None:
    """Withhold further cells until all is protected that the sums touched, and those around them, give; or failed."""
    waiting, reached = set(touched), set(touched)
    while waiting and not state.failed:
        _settle(state, waiting, reached)
        for cell in [] if state.failed else _weak(state, state.around(reached)):
            chosen = None if waiting & set(state.linked.sums_of(cell)) else _partner(state, cell)
            if chosen is not None and not state.failed:
                waiting |= state.hide(int(state.linked.fates[chosen]))
        reached |= waiting


def _relieve(state: _State, own: Collection[int]) -> None:
    """Do without each partner, the dearest first, where that is cheaper: `own` are withheld for their own sake."""
    state.looked_at, prices = 0, state.prices
    left = [(-prices[fate], fate) for fate in set(state.journal) - set(own)]
    heapify(left)
    tried = set(own)
    while left and state.looked_at < EFFORT:
        _, fate = heappop(left)
        if fate not in tried:
            tried.add(fate)
            for other in _do_without(state, fate):
                heappush(left, (-prices[other], other))


def _do_without(state: _State, fate: int) -> list[int]:
    """Show a fate again and protect the rest without it; where that costs as much, all stays as it was.

    Returns the fates withheld in its place.
    """
    state.journal, state.barred, state.most = [], fate, state.lost - 0.5
    _protect(state, state.show(fate))
    if state.failed:
        for other in state.journal:
            state.show(other)
        state.hide(fate)
        state.journal = []
    state.barred, state.most = -1, inf
    return state.journal


def _weak(state: _State, sums: Collection[int]) -> list[int]:
    """Cells that linked sums give away, the weakest first; what was attacked before is known."""
    asked = unknowns(state.linked, state.hidden, [number for number in sums if state.inside[number]])
    if asked is None:
        return []
    state.looked_at += len(asked.cells)
    marks = {int(number): asked.cells[asked.part == number].tobytes() for number in np.unique(asked.part)}
    new = [number for number, mark in marks.items() if mark not in state.verdicts]
    if new:
        fresh = asked.only(np.isin(asked.part, new))
        for number in new:
            state.verdicts[marks[number]] = []
        for number, width, cell in _verdicts(state.linked, fresh):
            state.verdicts[marks[number]].append((width, cell))
    found = [verdict for mark in marks.values() for verdict in state.verdicts[mark]]
    return [cell for _, cell in sorted(found, key=lambda verdict: verdict[0])]


def _verdicts(linked: Linked, asked: Unknowns) -> Iterator[tuple[int, float, int]]:
    """Part, width and cell of all that is weak; cells that are few together come with no width that is too small."""
    widths = interval_widths(linked, asked)
    for place in np.flatnonzero(widths < linked.widths[asked.cells] - 1e-6).tolist():
        yield int(asked.part[place]), float(widths[place]), int(asked.cells[place])
    part = dict(zip(asked.cells.tolist(), asked.part.tolist(), strict=True))
    for cell in given_unions(linked, asked):
        yield part[cell], inf, cell


def _settle(state: _State, waiting: set[int], reached: set[int]) -> None:
    """Withhold further cells until every sum, taken alone, protects what is withheld in it, or failed."""
    while waiting and not state.failed:
        batch = sorted(waiting)
        waiting.clear()
        for number in batch:
            while not state.failed and (cell := _wanted(state, number)) is not None:
                waiting |= state.hide(int(state.linked.fates[cell]))
        reached |= waiting


def _wanted(state: _State, number: int) -> int | None:
    """The cell to withhold next in a sum; None where it protects its cells, or has none left."""
    if not state.inside[number]:
        return None
    one = state.linked.sums[number]
    cells, signs = one.cells, one.signs
    inside = state.hidden[cells]
    if _protects(state.linked, cells[inside], signs[inside], whole_shown=not inside[-1]):
        return None
    return state.cheapest(cells[:-1][~inside[:-1]]) if not inside[:-1].all() else _last(one, inside)


def _last(one: Sum, inside: Mask) -> int | None:
    """Where all parts are withheld, their total goes too."""
    return None if inside[-1] else one.whole


def _protects(linked: Linked, cells: Places, signs: Floats, *, whole_shown: bool) -> bool:
    """Whether a sum known up to its withheld `cells` leaves each of them its interval, and no few people together."""
    if not (linked.widths[cells].any() or linked.unions[cells].any()):
        return True
    if len(cells) < 2:
        return False
    counts, widths = linked.counts[cells], linked.widths[cells]
    limits = np.minimum(linked.limits[cells], counts.sum() + widths.sum() + 1)
    rest = float(signs @ counts)
    if whole_shown and rest < linked.unions[cells].max() - 1e-9:
        return False
    most = np.where(signs > 0, limits, 0.0)
    least = np.where(signs > 0, 0.0, -limits)
    high, low = rest - (least.sum() - least), rest - (most.sum() - most)
    ends = np.where(signs > 0, low, -high), np.where(signs > 0, high, -low)
    width = np.minimum(ends[1], limits) - np.maximum(ends[0], 0.0)
    return bool((width >= widths - 1e-6).all())


def _partner(state: _State, cell: int) -> int | None:
    """The cheapest cell still shown in a sum of a weak cell."""
    near = [state.linked.sums[number].cells for number in state.linked.sums_of(cell)]
    free = np.unique(np.concatenate(near)) if near else np.empty(0, dtype=np.int64)
    return state.cheapest(free[~state.hidden[free]])
