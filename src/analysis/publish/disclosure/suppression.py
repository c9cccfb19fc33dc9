"""Which cells must be withheld so that no small one can be worked out from all that is published together.

NumPy and SciPy only. Cells are counts of people (or shares of them times their number); sums say which cells add up to
which other. Cells of one group stand in several tables and share one fate. The attacker knows every sum and every cell
shown; what this leaves for a withheld cell is found by propagation in single sums and by linear programming where
several sums share withheld cells.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from analysis.publish.disclosure.attack import given_unions, interval_widths, unknowns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]


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
    whom withheld cells may be known to add up to (0: anything goes). sums: which cells add up.
    """

    counts: Floats
    limits: Floats
    fates: Places
    widths: Floats
    unions: Floats
    sums: Sequence[Sum]
    _members: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list), init=False, repr=False)
    _sums_of: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list), init=False, repr=False)

    def __post_init__(self) -> None:
        for place, fate in enumerate(self.fates.tolist()):
            self._members[fate].append(place)
        for number, one in enumerate(self.sums):
            for cell in one.cells.tolist():
                self._sums_of[cell].append(number)

    def members(self, fate: int) -> list[int]:
        """Cells of a fate."""
        return self._members[fate]

    def sums_of(self, cell: int) -> list[int]:
        """Sums that a cell is in, by number."""
        return self._sums_of[cell]


def withhold(linked: Linked, primary: Mask) -> Mask:
    """Cells to withhold: all that share a fate with one of `primary`, and as many more as their protection takes.

    First every sum alone: a single withheld cell, a too narrow interval, or withheld cells known to be few together
    take the smallest cell that is still shown. Then sums that share withheld cells are attacked by linear programming,
    and what is found weak gets another partner, until nothing is. Where nothing is left to withhold, the rest stands.
    Sources: Fischetti & Salazar 2001, Management Science 47; Hundepool et al. 2012, Statistical Disclosure Control,
    ch. 4; the sums of all tables at once, as for linked tables in sdcTable and GaussSuppression.
    """
    hidden = np.zeros(len(linked.counts), dtype=bool)
    waiting: set[int] = set()
    for cell in np.flatnonzero(primary).tolist():
        waiting |= _hide(linked, hidden, cell)
    attacked: set[bytes] = set()
    while True:
        _settle(linked, hidden, waiting)
        waiting = set()
        for cell in _weak(linked, hidden, attacked):
            chosen = None if waiting & set(linked.sums_of(cell)) else _partner(linked, hidden, cell)
            if chosen is not None:
                waiting |= _hide(linked, hidden, chosen)
        if not waiting:
            return hidden


def _weak(linked: Linked, hidden: Mask, attacked: set[bytes]) -> list[int]:
    """Cells that linked sums give away, the weakest first; parts in `attacked` were looked at before."""
    asked = unknowns(linked, hidden)
    if asked is None:
        return []
    fresh = np.zeros(len(asked.cells), dtype=bool)
    for number in np.unique(asked.part):
        own = asked.part == number
        mark = asked.cells[own].tobytes()
        fresh |= own & (mark not in attacked)
        attacked.add(mark)
    if not fresh.any():
        return []
    asked = asked.only(fresh)
    widths = interval_widths(linked, asked)
    order = np.argsort(widths, kind="stable")
    narrow = order[widths[order] < linked.widths[asked.cells[order]] - 1e-6]
    return [*asked.cells[narrow].tolist(), *given_unions(linked, asked)]


def _hide(linked: Linked, hidden: Mask, cell: int) -> set[int]:
    """Withhold a cell with all that share its fate; returns the sums that this touches."""
    touched: set[int] = set()
    for member in linked.members(int(linked.fates[cell])):
        if not hidden[member]:
            hidden[member] = True
            touched.update(linked.sums_of(member))
    return touched


def _settle(linked: Linked, hidden: Mask, waiting: set[int]) -> None:
    """Withhold further cells until every sum, taken alone, protects what is withheld in it."""
    while waiting:
        batch = sorted(waiting)
        waiting.clear()
        for number in batch:
            while (cell := _wanted(linked, hidden, linked.sums[number])) is not None:
                waiting |= _hide(linked, hidden, cell)


def _wanted(linked: Linked, hidden: Mask, one: Sum) -> int | None:
    """The cell to withhold next in a sum; None where it protects its cells, or has none left."""
    cells, signs = one.cells, one.signs
    inside = hidden[cells]
    if not inside.any() or _protects(linked, cells[inside], signs[inside], whole_shown=not inside[-1]):
        return None
    return _smallest(linked, cells[:-1][~inside[:-1]]) if not inside[:-1].all() else _last(one, inside)


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


def _smallest(linked: Linked, cells: Places) -> int:
    """The cell with the fewest people, empty ones last: nobody in them protects anybody."""
    counts = linked.counts[cells]
    return int(cells[np.lexsort((cells, counts, counts <= 0))[0]])


def _partner(linked: Linked, hidden: Mask, cell: int) -> int | None:
    """The smallest cell still shown in a sum of a weak cell."""
    near = [linked.sums[number].cells for number in linked.sums_of(cell)]
    free = np.unique(np.concatenate(near)) if near else np.empty(0, dtype=np.int64)
    free = free[~hidden[free]]
    return _smallest(linked, free) if len(free) else None
