"""What can be worked out of withheld cells where several sums share them: bounds by linear programming.

NumPy and SciPy only. The cells that are shown are constants, so that only withheld cells are unknown, and they fall
apart into parts that share no sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from analysis.publish.disclosure.suppression import Linked

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]

DIRECTIONS = 6
"""Random directions in which all cells are pushed at once before each is pushed alone."""

ELIMINATED = 3e7
"""Size of an elimination (sums² × cells) beyond which single sums must do."""


@dataclass(frozen=True)
class Unknowns:
    """Withheld cells in sums that share some: `matrix` times cells is `rest`.

    part: a number per cell; cells of unlike parts have no sum in common, even by way of others.
    """

    cells: Places
    matrix: csr_array
    rest: Floats
    part: Places

    def only(self, wanted: Mask) -> Unknowns:
        """Some of the cells, in whole parts."""
        rows = np.asarray(abs(self.matrix[:, wanted]).sum(axis=1)).ravel() > 0
        return Unknowns(self.cells[wanted], self.matrix[rows][:, wanted], self.rest[rows], self.part[wanted])

    def parts(self) -> Iterator[Unknowns]:
        """Every part alone."""
        for number in np.unique(self.part):
            yield self.only(self.part == number)


def unknowns(linked: Linked, hidden: Mask, sums: Sequence[int]) -> Unknowns | None:
    """What is withheld in parts of two sums or more; what stands in one sum alone needs no programme.

    sums: those to look at, by number; of sums that share withheld cells all or none.
    """
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components

    found = [(number, linked.sums[number].cells, linked.sums[number].signs) for number in sums]
    if not found:
        return None
    numbers = np.concatenate([np.full(len(cells), number) for number, cells, _ in found])
    places, signs = (np.concatenate([line[i] for line in found]) for i in (1, 2))
    inside = hidden[places]
    rows, row = np.unique(numbers[inside], return_inverse=True)
    cells, column = np.unique(places[inside], return_inverse=True)
    matrix = csr_array(coo_array((signs[inside], (row, column)), shape=(len(rows), len(cells))))
    size = len(rows) + len(cells)
    edges = coo_array((np.ones(len(row)), (row, column + len(rows))), shape=(size, size))
    _, label = connected_components(edges, directed=False)
    several = np.bincount(label[: len(rows)], minlength=label.max() + 1) > 1
    part = label[len(rows) :]
    known = Unknowns(cells, matrix, matrix @ linked.counts[cells], part)
    return known.only(several[part]) if several.any() else None


def interval_widths(linked: Linked, asked: Unknowns) -> Floats:
    """Width of what each cell can be, as far as its protection asks for it.

    Every table that a programme finds, and the true one, is a table that the attacker must hold possible: a cell that
    lies far enough apart in two of them is protected, and gets this width instead of its exact one. One programme
    serves all parts at once.
    """
    counts, enough = linked.counts[asked.cells], linked.widths[asked.cells] - 1e-6
    least, most = counts.copy(), counts.copy()
    rng = np.random.default_rng(len(counts))
    goals = [np.ones(len(counts)), -np.ones(len(counts))]
    goals += [np.where(rng.random(len(counts)) < 0.5, -1.0, 1.0) for _ in range(DIRECTIONS)]
    for goal in goals:
        _widen(_extreme(linked, asked, np.where(most - least < enough, goal, 0.0)), least, most)
    tried = np.zeros((2, len(counts)), dtype=bool)
    while True:
        goal = np.zeros(len(counts))
        for way, sign in enumerate((-1.0, 1.0)):
            weak = np.flatnonzero((most - least < enough) & ~tried[way])
            _, first = np.unique(asked.part[weak], return_index=True)
            fresh = weak[first][~np.isin(asked.part[weak[first]], asked.part[goal != 0])]
            goal[fresh], tried[way, fresh] = sign, True
        if not goal.any():
            return most - least
        _widen(_extreme(linked, asked, goal), least, most)


def _widen(table: Floats | None, least: Floats, most: Floats) -> None:
    if table is not None:
        np.minimum(least, table, out=least)
        np.maximum(most, table, out=most)


def _extreme(linked: Linked, asked: Unknowns, goal: Floats) -> Floats | None:
    """All cells of the table that makes `goal` smallest, no cell above what is enough to know."""
    from scipy.optimize import linprog

    if not goal.any():
        return None
    counts, limits = linked.counts[asked.cells], linked.limits[asked.cells]
    bounds = np.column_stack([np.zeros(len(counts)), np.minimum(limits, counts + 10 * linked.widths[asked.cells] + 1)])
    found = linprog(goal, A_eq=asked.matrix, b_eq=asked.rest, bounds=bounds, method="highs")
    return np.asarray(found.x, dtype=np.float64) if found.status == 0 else None


def given_unions(linked: Linked, asked: Unknowns) -> list[int]:
    """Cells that several sums together give as a group of too few, whose answers would follow from the others."""
    weak: list[int] = []
    for part in asked.parts():
        rows, columns = part.matrix.shape
        if rows * rows * columns > ELIMINATED:
            continue
        for line in _eliminated(np.column_stack([part.matrix.toarray(), part.rest])):
            own = np.flatnonzero(np.abs(line[:-1]) > 1e-9)
            alike = len(own) > 0 and bool((np.abs(line[own] - line[own[0]]) < 1e-9).all())
            if alike and line[-1] / line[own[0]] < linked.unions[part.cells[own]].max() - 1e-9:
                weak += part.cells[own].tolist()
    return weak


def _eliminated(matrix: Floats) -> Floats:
    """Gauss–Jordan, largest pivot first; the last column is what the sums give."""
    work, row = matrix.copy(), 0
    for column in range(work.shape[1] - 1):
        if row == len(work):
            break
        pivot = row + int(np.argmax(np.abs(work[row:, column])))
        if abs(work[pivot, column]) < 1e-9:
            continue
        work[[row, pivot]] = work[[pivot, row]]
        work[row] /= work[row, column]
        others = np.arange(len(work)) != row
        work[others] -= np.outer(work[others, column], work[row])
        row += 1
    return work[:row]
