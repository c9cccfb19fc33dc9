"""What can be worked out of withheld cells where several sums share them: bounds by linear programming.

NumPy and SciPy only. The cells that are shown are constants, so that only withheld cells are unknown, and they fall
apart into parts that share no sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

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
class Part:
    """Withheld cells that are linked with each other, and the sums between them: `matrix` times cells is `rest`."""

    unknown: Places
    matrix: csr_array
    rest: Floats


def linked_parts(linked: Linked, hidden: Mask) -> Iterator[Part]:
    """Parts of withheld cells with two sums or more; what stands in one sum alone needs no programme."""
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components

    numbers, places, signs = [], [], []
    for number, one in enumerate(linked.sums):
        cells = one.cells
        inside = hidden[cells]
        if inside.any():
            numbers.append(np.full(int(inside.sum()), number))
            places.append(cells[inside])
            signs.append(one.signs[inside])
    if not numbers:
        return
    rows, row = np.unique(np.concatenate(numbers), return_inverse=True)
    columns, column = np.unique(np.concatenate(places), return_inverse=True)
    matrix = csr_array(coo_array((np.concatenate(signs), (row, column)), shape=(len(rows), len(columns))))
    size = len(rows) + len(columns)
    edges = coo_array((np.ones(len(row)), (row, column + len(rows))), shape=(size, size))
    _, label = connected_components(edges, directed=False)
    for part in np.flatnonzero(np.bincount(label[: len(rows)]) > 1):
        own, cells = np.flatnonzero(label[: len(rows)] == part), np.flatnonzero(label[len(rows) :] == part)
        block = matrix[own][:, cells]
        yield Part(columns[cells], block, block @ linked.counts[columns[cells]])


def interval_widths(linked: Linked, part: Part) -> Floats:
    """Width of what each cell of a part can be, as far as its protection asks for it.

    Every table that a programme finds, and the true one, is a table that the attacker must hold possible: a cell that
    lies far enough apart in two of them is protected, and gets this width instead of its exact one.
    """
    counts, enough = linked.counts[part.unknown], linked.widths[part.unknown] - 1e-6
    least, most = counts.copy(), counts.copy()
    rng = np.random.default_rng(len(counts))
    goals = [np.ones(len(counts)), -np.ones(len(counts))]
    goals += [np.where(rng.random(len(counts)) < 0.5, -1.0, 1.0) for _ in range(DIRECTIONS)]
    for goal in goals:
        _widen(_extreme(linked, part, np.where(most - least < enough, goal, 0.0)), least, most)
    for place in range(len(counts)):
        for sign in (-1.0, 1.0):
            if most[place] - least[place] < enough[place]:
                goal = np.zeros(len(counts))
                goal[place] = sign
                _widen(_extreme(linked, part, goal), least, most)
    return most - least


def _widen(table: Floats | None, least: Floats, most: Floats) -> None:
    if table is not None:
        np.minimum(least, table, out=least)
        np.maximum(most, table, out=most)


def _extreme(linked: Linked, part: Part, goal: Floats) -> Floats | None:
    """All cells of the table that makes `goal` smallest, no cell above what is enough to know."""
    from scipy.optimize import linprog

    if not goal.any():
        return None
    counts, limits = linked.counts[part.unknown], linked.limits[part.unknown]
    bounds = np.column_stack([np.zeros(len(counts)), np.minimum(limits, counts + 10 * linked.widths[part.unknown] + 1)])
    found = linprog(goal, A_eq=part.matrix, b_eq=part.rest, bounds=bounds, method="highs")
    return np.asarray(found.x, dtype=np.float64) if found.status == 0 else None


def given_unions(linked: Linked, part: Part) -> list[int]:
    """Cells that several sums together give as a group of too few, whose answers would follow from the others."""
    rows, columns = part.matrix.shape
    if rows * rows * columns > ELIMINATED:
        return []
    reduced = _eliminated(np.column_stack([part.matrix.toarray(), part.rest]))
    weak: list[int] = []
    for line in reduced:
        own = np.flatnonzero(np.abs(line[:-1]) > 1e-9)
        if not len(own) or not np.allclose(line[own], line[own[0]]):
            continue
        if line[-1] / line[own[0]] < linked.unions[part.unknown[own]].max() - 1e-9:
            weak += part.unknown[own].tolist()
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
