"""Which cells of a table must be withheld so that no small one can be worked out from totals and the cells shown.

NumPy and SciPy only. A table is a list of cells that are counts of interviews, and of relations A·n = b between them.
The attacker knows A, b, every cell shown, and what the marks of the withheld cells say; the bounds that this leaves
for a withheld cell are found by linear programming.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Relations:
    """Sums that hold between cells: `matrix` (relations × cells) times counts equals `totals`."""

    matrix: Floats
    totals: Floats


@dataclass(frozen=True)
class Withheld:
    """Cells to withhold, and whether the marks may tell the small ones (`primary`) from the others."""

    cells: Mask
    primary: Mask
    marked: bool = field(default=True)


def one_way(counts: Floats) -> Relations:
    """The categories of one question add up to a total that is known."""
    return Relations(np.ones((1, len(counts))), np.array([counts.sum()]))


def protection(min_base: int) -> int:
    """Width that the attacker's interval of a withheld cell must have at least: a third of the smallest base shown."""
    return (min_base + 2) // 3


def withhold(
    counts: Floats, relations: Relations, *, min_base: int, also: Mask | None = None, fixed: Iterable[int] = ()
) -> Withheld:
    """Choose the cells to withhold: all below `min_base`, those in `also`, and as many more as protection takes.

    Cells are added one at a time, the smallest in a relation of the least protected one, until linear programming
    finds no withheld cell within less than `protection(min_base)`; then each added cell that turns out not to be
    needed is shown again, largest first. Where the marks "too small" and "not too small" themselves give a cell away
    (30 and 0 that add up to 30), the withheld cells are not told apart (`marked` False). `fixed` cells are never added.
    Where nothing is left to add, everything that may be withheld is.
    Source: Fischetti & Salazar 2001, Management Science 47 (bounds by LP); Hundepool et al. 2012, ch. 4.
    """
    primary = counts < min_base
    forced = primary | (np.zeros(len(counts), dtype=bool) if also is None else also)
    free = np.ones(len(counts), dtype=bool)
    free[list(fixed)] = False
    if not forced.any():
        return Withheld(forced, primary)
    for marked in (True, False):
        cells = _grow(counts, relations, forced, free, primary=primary, min_base=min_base, marked=marked)
        if cells is not None:
            cells = _shrink(counts, relations, cells, forced, primary=primary, min_base=min_base, marked=marked)
            return Withheld(cells, primary, marked)
    return Withheld(forced | free, primary, marked=False)


def attack(
    counts: Floats, relations: Relations, cells: Mask, *, primary: Mask, min_base: int, marked: bool = True
) -> tuple[Floats, Floats]:
    """Smallest and largest value that each withheld cell can have, in the order of the cells (NaN for those shown)."""
    low, high = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    unknown, known = _unknowns(counts, relations, cells, primary=primary, min_base=min_base, marked=marked)
    for place, cell in enumerate(unknown):
        low[cell], high[cell] = (_end(place, sign, known)[0] for sign in (1.0, -1.0))
    return low, high


def _unknowns(
    counts: Floats, relations: Relations, cells: Mask, *, primary: Mask, min_base: int, marked: bool
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Places of the withheld cells, and what the attacker knows of them as constraints of a linear programme."""
    unknown = np.flatnonzero(cells)
    rest = relations.totals - relations.matrix[:, ~cells] @ counts[~cells]
    bounds = _known_bounds(primary[unknown], min_base, marked=marked)
    return unknown, {"A_eq": relations.matrix[:, unknown], "b_eq": rest, "bounds": bounds}


def _end(place: int, sign: float, known: dict[str, Any]) -> tuple[float, Floats | None]:
    """Smallest (`sign` 1) or largest (-1) value of one unknown, and all values of a table that has it there."""
    from scipy.optimize import linprog

    goal = np.zeros(known["A_eq"].shape[1])
    goal[place] = sign
    found = linprog(goal, **known, method="highs")
    return (sign * found.fun, found.x) if found.status == 0 else (-sign * np.inf, None)


def _known_bounds(primary: Mask, min_base: int, *, marked: bool) -> Sequence[tuple[float, float | None]]:
    if not marked:
        return [(0.0, None)] * len(primary)
    return [(0.0, float(min_base - 1)) if small else (float(min_base), None) for small in primary]


def _widths(counts: Floats, relations: Relations, cells: Mask, *, primary: Mask, min_base: int, marked: bool) -> Floats:
    """Width of what each withheld cell can be, NaN for those shown.

    Every table that a linear programme finds, and the true one, is a table that the attacker must hold possible: a cell
    that lies `protection(min_base)` apart in two of them is protected, and gets this width instead of its exact one.
    """
    unknown, known = _unknowns(counts, relations, cells, primary=primary, min_base=min_base, marked=marked)
    widths, enough = np.full(len(counts), np.nan), protection(min_base)
    least, most = counts[unknown].astype(np.float64), counts[unknown].astype(np.float64)
    for place, cell in enumerate(unknown):
        ends = []
        for sign in (-1.0, 1.0):
            if most[place] - least[place] < enough:
                end, table = _end(place, sign, known)
                ends.append(end)
                if table is not None:
                    least, most = np.minimum(least, table), np.maximum(most, table)
                else:
                    least[place], most[place] = min(least[place], end), max(most[place], end)
        widths[cell] = ends[0] - ends[1] if len(ends) == 2 else most[place] - least[place]
    return widths


def _grow(
    counts: Floats, relations: Relations, forced: Mask, free: Mask, *, primary: Mask, min_base: int, marked: bool
) -> Mask | None:
    """Withheld cells that protect each other; None when there are not enough cells for that."""
    cells, wanted = forced.copy(), protection(min_base) - 1e-6
    while True:
        widths = _widths(counts, relations, cells, primary=primary, min_base=min_base, marked=marked)
        weak = np.flatnonzero(cells & (widths < wanted))
        if not len(weak):
            return cells
        chosen = _partner(counts, relations, cells, free, weak[np.argsort(widths[weak], kind="stable")])
        if chosen is None:
            return None
        cells[chosen] = True


def _partner(counts: Floats, relations: Relations, cells: Mask, free: Mask, weak: NDArray[np.int64]) -> int | None:
    """The cell to withhold next: the smallest in the relation of a weak cell that has the fewest withheld."""
    for cell in weak:
        lines = np.flatnonzero(relations.matrix[:, cell])
        order = np.argsort([np.count_nonzero(relations.matrix[line, cells]) for line in lines], kind="stable")
        for line in lines[order]:
            candidates = np.flatnonzero((relations.matrix[line] != 0) & free & ~cells)
            if len(candidates):
                return int(candidates[np.argmin(counts[candidates])])
    return None


def _shrink(
    counts: Floats, relations: Relations, cells: Mask, forced: Mask, *, primary: Mask, min_base: int, marked: bool
) -> Mask:
    """Show again every added cell whose showing leaves the others protected, the largest first."""
    kept = cells.copy()
    added = np.flatnonzero(cells & ~forced)
    for cell in added[np.argsort(-counts[added], kind="stable")]:
        trial = kept.copy()
        trial[cell] = False
        widths = _widths(counts, relations, trial, primary=primary, min_base=min_base, marked=marked)
        if (widths[trial] >= protection(min_base) - 1e-6).all():
            kept = trial
    return kept
