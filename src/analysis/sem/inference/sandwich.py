"""Variance of scores between the units of a design: rows, rows in strata, or PSU with or without strata.

Everything is summed in one pass over the blocks of a source, so that memory does not grow with the rows. Knows NumPy
only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.inference.scores import Scores, UnitScores
from analysis.sem.moments.patterns import enlarged
from analysis.sem.moments.sample import Sample, Source

Array = NDArray[Any]


def between_units(source: Source, *, matrices: Sequence[Scores], traces: Sequence[UnitScores]) -> list[Any]:
    """Variance B of weighted scores between the units of each stratum, per row of weight 1.

    B = Σ_h n_h/(n_h − 1) Σ_j (s_hj − s̄_h)(s_hj − s̄_h)ᵀ / N over the totals s_hj of the PSU, or over the rows where
    there are none. Without strata the totals add up to zero by themselves; without PSU either, the factor is left out,
    as lavaan does. Returns B (k × k) for each of `matrices`, then the trace of B (a number) for each of `traces`.
    Memory: k² numbers for each of `matrices`, and k for each of both and every stratum, or PSU where there are any.
    """
    units = _Units(source)
    kinds = [*(_Products(scores) for scores in matrices), *(_Squares(scores) for scores in traces)]
    for rows in source.blocks():
        block, group = units.ordered(rows)
        weights, of_row = units.weights(block), source.patterns.of_rows(block.answers)
        for kind in kinds:
            kind.add(block.answers, of_row, weights, group, rows_are_units=not units.clustered)
    return [kind.between(units) / source.patterns.total for kind in kinds]


class _Units:
    """The units of a design. What is summed by group: PSU, numbered in the order in which they come, or strata."""

    def __init__(self, source: Source) -> None:
        self.clustered, self.strata = source.clustered, source.strata
        self._number: dict[tuple[int, int], int] = {}

    def ordered(self, block: Sample) -> tuple[Sample, NDArray[np.int64] | None]:
        """The rows of a block by group, and the group of each; None where nothing is summed by group."""
        group = block.stratum if block.psu is None else self._numbered(block.stratum, block.psu)
        if group is None:
            return block, None
        order = np.argsort(group, kind="stable")
        return block.chosen(order), group[order]

    def _numbered(self, stratum: Array | None, psu: Array) -> NDArray[np.int64]:
        stratum = np.zeros(len(psu), dtype=np.int64) if stratum is None else stratum
        pairs, unit = np.unique(np.stack([stratum, psu]), axis=1, return_inverse=True)
        numbers = [self._number.setdefault((h, j), len(self._number)) for h, j in pairs.T.tolist()]
        return np.asarray(np.array(numbers, dtype=np.int64)[unit.reshape(-1)])

    def weights(self, block: Sample) -> Array:
        """Weights of the rows, times √(n_h/(n_h − 1)) where rows in strata are the units."""
        if self.clustered or self.strata is None:
            return block.weights
        return np.asarray(block.weights * np.sqrt(_correction(self.strata))[block.stratum])

    def deviations(self, totals: Array) -> tuple[float, Array]:
        """A sign and vectors v (groups × k): the totals of the groups add ± Σ v vᵀ to N B."""
        if self.strata is not None and not self.clustered:
            return -1.0, totals[: len(self.strata)] / np.sqrt(np.maximum(self.strata, 1))[:, None]
        stratum = np.array([h for h, _ in self._number], dtype=np.int64)
        sizes, totals = np.bincount(stratum), totals[: len(stratum)]
        if self.strata is not None:
            sums = np.zeros((len(sizes), totals.shape[1]))
            np.add.at(sums, stratum, totals)
            totals = totals - (sums / np.maximum(sizes, 1)[:, None])[stratum]
        return 1.0, totals * np.sqrt(_correction(sizes))[stratum, None]


def _correction(sizes: NDArray[np.int64]) -> Array:
    """n_h/(n_h − 1) of each stratum; 0 for one with a single unit, which says nothing of the variance."""
    return np.asarray(np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 0.0))


class _Products:
    """Σ s sᵀ of one kind of scores over the rows, where they are the units, and their totals by group."""

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.over_rows: Any = 0.0
        self.totals: Array | None = None

    def add(
        self, values: Array, of_row: Array, weights: Array, group: NDArray[np.int64] | None, *, rows_are_units: bool
    ) -> None:
        """Add the rows of a block, which stand in the order of their groups."""
        if group is None:
            self.over_rows += self.of_rows(values, of_row, weights)
            return
        weighted = self.scores(values, of_row) * weights[:, None]
        if rows_are_units:
            self.over_rows += self.product(weighted)
        first = np.flatnonzero(np.diff(group, prepend=-1))
        held = np.zeros((0, weighted.shape[1])) if self.totals is None else self.totals
        self.totals = enlarged(held, int(group[-1]) + 1)
        self.totals[group[first]] += np.add.reduceat(weighted, first)

    def of_rows(self, values: Array, of_row: Array, weights: Array, /) -> Any:
        """What rows without groups add."""
        return self.product(self.scores(values, of_row) * weights[:, None])

    def product(self, vectors: Array) -> Any:
        """Σ v vᵀ over the rows v of `vectors`."""
        return vectors.T @ vectors

    def between(self, units: _Units) -> Any:
        """N B."""
        if self.totals is None:
            return self.over_rows
        sign, away = units.deviations(self.totals)
        return self.over_rows + sign * self.product(away)


class _Squares(_Products):
    """The traces of the same."""

    def __init__(self, scores: UnitScores) -> None:
        super().__init__(scores)
        self.squared = scores.squared

    def of_rows(self, values: Array, _: Array, weights: Array, /) -> float:
        return float(weights**2 @ self.squared(values))

    def product(self, vectors: Array) -> float:
        return float(np.vdot(vectors, vectors))
