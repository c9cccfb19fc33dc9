"""Variance of scores between the units of a design, in one pass over the blocks of a source.

What is summed, and how, is `survey.estimation.sandwich`; here rows become scores, block by block, so that memory does
not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.sem.moments.sample import Sample, Source
from analysis.survey.design.sampling_stages import Stage, spread_factors
from analysis.survey.estimation.sandwich import ScoreSums, products, trace

Array = NDArray[Any]


class Scores(Protocol):
    """Scores of rows (n × p, NaN = not answered) of the patterns `of_row`: n × k, made anew; they are changed then."""

    def __call__(self, values: Array, of_row: NDArray[np.int64], /) -> Array: ...


class UnitScores(Protocol):
    """Scores whose information is the identity, their squared length ‖s‖² of each row, and their weighted totals over
    the rows from each of `starts` to the next: what a trace takes of them where rows are units.
    """

    def __call__(self, values: Array, of_row: NDArray[np.int64], /) -> Array: ...

    def squared(self, values: Array) -> Array: ...

    def totals(self, values: Array, weights: Array, starts: NDArray[np.int64]) -> Array: ...


def between_units(source: Source, *, matrices: Sequence[Scores], traces: Sequence[UnitScores]) -> list[Any]:
    """Variance B of weighted scores between the units of each stratum, per row of weight 1.

    B = Σ_h (1 − f_h) n_h/(n_h − 1) Σ_j (s_hj − s̄_h)(s_hj − s̄_h)ᵀ / N over the totals s_hj of the PSU, or over the rows
    where there are none; n_h are the units with a row in the source, f_h the share that was drawn. Without strata the
    totals add up to zero by themselves; without PSU either, n/(n − 1) is left out, as lavaan does. Returns B (k × k)
    for each of `matrices`, then the trace of B (a number) for each of `traces`. Memory: k² numbers for each of
    `matrices`, and k for each of both and every stratum, or PSU where there are any.
    """
    units = _Units(source)
    kinds = [*(_Kind(scores) for scores in matrices), *(_Traced(scores) for scores in traces)]
    for rows in source.blocks():
        block, group = units.ordered(rows)
        weights, of_row = units.weights(block), source.patterns.of_rows(block.answers)
        for kind in kinds:
            kind.add(block.answers, of_row, weights, group, rows_are_units=not units.clustered)
    stage = units.stage()
    return [kind.between(stage) / source.patterns.total for kind in kinds]


class _Units:
    """The units of a source. What is summed by group: PSU, numbered in the order in which they come, or strata."""

    def __init__(self, source: Source) -> None:
        self.clustered, self.strata, self.singleton = source.clustered, source.strata, source.singleton
        self.fractions = np.zeros(1) if source.fractions is None else source.fractions
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
        """Weights of the rows, times the root of what their stratum's spread counts where rows are the units."""
        if self.clustered:
            return block.weights
        if self.strata is None:
            return np.asarray(block.weights * np.sqrt(1 - self.fractions[0]))
        return np.asarray(block.weights * np.sqrt(self._factors(self.strata))[block.stratum])

    def stage(self) -> Stage:
        """The units that came, as a stage of the draw."""
        parent = np.array([h for h, _ in self._number], dtype=np.int64)
        sizes = np.bincount(parent) if self.strata is None or self.clustered else self.strata
        # Without strata the totals add up to zero: nothing is taken off.
        centred = (sizes < 2) | (self.strata is None)
        return Stage(None, parent, sizes, self._fractions(sizes), self._factors(sizes), centred)

    def _fractions(self, sizes: NDArray[np.int64]) -> Array:
        known = np.zeros(max(len(sizes), len(self.fractions)))
        known[: len(self.fractions)] = self.fractions
        return known[: len(sizes)]

    def _factors(self, sizes: NDArray[np.int64]) -> Array:
        return spread_factors(sizes, self._fractions(sizes), self.singleton)


class _Kind:
    """Σ s sᵀ of one kind of scores."""

    product = staticmethod(products)

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.over_rows: Any = 0.0
        self.sums: ScoreSums | None = None

    def add(
        self, values: Array, of_row: Array, weights: Array, group: NDArray[np.int64] | None, *, rows_are_units: bool
    ) -> None:
        """Add the rows of a block, which stand in the order of their groups."""
        if group is None:
            self.over_rows += self.of_rows(values, of_row, weights)
            return
        if self.sums is None:
            self.sums = ScoreSums(self.product, rows_are_units=rows_are_units)
        self.sums.add(self._weighted(values, of_row, weights), group)

    def of_rows(self, values: Array, of_row: Array, weights: Array, /) -> Any:
        """What rows without groups add."""
        return self.product(self._weighted(values, of_row, weights))

    def _weighted(self, values: Array, of_row: Array, weights: Array) -> Array:
        """Weighted scores, in the precision that they come in."""
        scores = self.scores(values, of_row)
        if not (weights == 1.0).all():
            scores *= weights.astype(scores.dtype)[:, None]  # in place: they are as many as rows × parameters
        return scores

    def between(self, stage: Stage) -> Any:
        """N B."""
        return self.over_rows if self.sums is None else self.sums.variance(stage)


class _Traced(_Kind):
    """The traces of the same."""

    product = staticmethod(trace)

    def __init__(self, scores: UnitScores) -> None:
        super().__init__(scores)
        self.squared, self.totals = scores.squared, scores.totals

    def add(
        self, values: Array, of_row: Array, weights: Array, group: NDArray[np.int64] | None, *, rows_are_units: bool
    ) -> None:
        if group is None or not rows_are_units or not len(group):
            super().add(values, of_row, weights, group, rows_are_units=rows_are_units)
            return
        if self.sums is None:
            self.sums = ScoreSums(self.product, rows_are_units=True)
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        self.sums.over_rows += self.of_rows(values, of_row, weights)
        self.sums.add_totals(self.totals(values, weights, starts), group[starts])

    def of_rows(self, values: Array, _: Array, weights: Array, /) -> float:
        return float(weights**2 @ self.squared(values))
