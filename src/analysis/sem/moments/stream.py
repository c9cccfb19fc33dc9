"""Rows of a survey that stay in their file: read in batches, once for the moments and once for robust errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.moments.patterns import Patterns, PatternSums
from analysis.sem.moments.sample import Sample, univariate

if TYPE_CHECKING:
    import pyarrow as pa

    from analysis.survey.design.sampling_stages import Singleton

Array = NDArray[Any]
_CONSTANT = 1e-14
"""Variance, relative to the squared size of the answers, below which it is rounding error."""


class Table(Protocol):
    """Columns on disk (`analysis.data.parquet.ParquetTable`), which can be read as often as asked."""

    def check(self, columns: Sequence[str], *, numeric: Sequence[str]) -> None:
        """Raise SourceError when a column is absent, or one of `numeric` holds no numbers."""

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows in their order, some at a time."""


@dataclass(frozen=True)
class StreamedSample:
    """The usable rows of a table and their sums by pattern; stands where a `Sample` in memory does.

    n : rows. patterns : sums by pattern, of weights scaled to mean 1. strata : rows in each stratum, None without
    strata. clustered : whether there are PSU. scale : what the weights of the table are multiplied with. fractions :
    share of each stratum's units that was drawn. singleton : what a stratum with a single unit adds to a variance.
    """

    rows: _Rows
    n: int
    patterns: Patterns
    strata: NDArray[np.int64] | None
    clustered: bool
    scale: float
    fractions: Array | None = None
    singleton: Singleton = "centred"

    def blocks(self) -> Iterator[Sample]:
        """The rows in their order, read anew."""
        for read in self.rows.read():
            yield from Sample(read.answers, self.scale * read.weights, read.stratum, read.psu).blocks()


def stream(
    table: Table,
    items: Sequence[str],
    *,
    weights: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    missing: Literal["fiml", "listwise"] = "fiml",
) -> StreamedSample:
    """Sum the rows of a table for `fit_maximum_likelihood` and `robust_inference`, which take the result.

    Parameters
    ----------
    table : one row per respondent, such as `ParquetTable(path)`.
    items : columns of the model's items in the order of the model, numeric, null where there is no answer.
    weights : column of positive weights on any scale. stratum, psu : columns of labels of any type, without nulls.
    missing : with `fiml` every row with an answer is used, with `listwise` every row with all answers.

    The table is read twice, here and for robust errors, whatever the number of rows; the fit between them does not see
    it. Memory in numbers of 8 bytes, p items and q parameters: 65,536 p for the rows that are read, about 8,192 × 6
    (q + p) for scores, G p² (ten times while fitting) for G patterns of answered items, and U (q + p (p + 7)/2) for U
    strata, or PSU where there are any.

    Raises SourceError for columns that can't be read, MethodError for rows that can't carry a model.
    """
    rows = _Rows(table, tuple(items), weights, stratum, psu, complete=missing == "listwise")
    table.check(rows.columns, numeric=[*items, *([weights] if weights else [])])
    sums, n, total, strata = _summed(rows, len(items))
    if n <= len(items):
        raise MethodError(
            "There are too few rows to fit a model.", where=str(table), expected=f"more than {len(items)}", got=str(n)
        )
    scale = n / total
    patterns = sums.patterns(scale)
    _check_varied(patterns, items, table)
    return StreamedSample(rows, n, patterns, strata if stratum is not None else None, psu is not None, scale)


def _summed(rows: _Rows, p: int) -> tuple[PatternSums, int, float, NDArray[np.int64]]:
    """Sums by pattern, number of rows, Σw, and rows by stratum (empty without strata), in one pass."""
    sums, n, total, strata = PatternSums(p), 0, 0.0, np.zeros(0, dtype=np.int64)
    for read in rows.read():
        for block in read.blocks():
            sums.add(block.answers, block.weights)
        n, total = n + read.n, total + float(read.weights.sum())
        if read.stratum is not None:
            counts = np.bincount(read.stratum, minlength=len(strata))
            counts[: len(strata)] += strata
            strata = counts
    return sums, n, total, strata


def _check_varied(patterns: Patterns, items: Sequence[str], table: Table) -> None:
    """Raise MethodError for items that nobody answered, or all alike."""
    names = np.array(items)
    silent = names[~patterns.observed.any(axis=0)]
    if len(silent):
        raise MethodError("Nobody answered some items of the model.", where=str(table), got=", ".join(silent))
    mean, variance = univariate(patterns)
    alike = names[variance <= _CONSTANT * (variance + mean**2)]
    if len(alike):
        raise MethodError(
            "Items of the model have the same answer in every row.",
            where=str(table),
            got=", ".join(alike),
            hint="remove them from the model",
        )


@dataclass(frozen=True)
class _Rows:
    """What is read of a table: its columns, and the codes that labels of strata and PSU got when they first came."""

    table: Table
    items: tuple[str, ...]
    weights: str | None
    stratum: str | None
    psu: str | None
    complete: bool
    codes: dict[str, dict[Any, int]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Columns that are read."""
        return [*self.items, *(name for name in (self.weights, self.stratum, self.psu) if name is not None)]

    def read(self) -> Iterator[Sample]:
        """The usable rows with the weights that the table gives them, batch by batch."""
        for batch in self.table.batches(self.columns):
            columns = np.empty((len(self.items), batch.num_rows))
            for column, item in zip(columns, self.items, strict=True):
                column[:] = batch.column(item).to_numpy(zero_copy_only=False)
            answered = ~np.isnan(columns)
            used = answered.all(axis=0) if self.complete else answered.any(axis=0)
            stratum, psu = self._codes(batch, self.stratum), self._codes(batch, self.psu)
            sample = Sample(columns.T, self._weights(batch), stratum, psu)
            yield sample if used.all() else sample.chosen(np.flatnonzero(used))

    def _weights(self, batch: pa.RecordBatch) -> Array:
        if self.weights is None:
            return np.ones(batch.num_rows)
        weights = np.asarray(batch.column(self.weights).to_numpy(zero_copy_only=False), dtype=np.float64)
        if not np.isfinite(weights).all() or (weights <= 0).any():
            raise MethodError(
                "Weights must be given for every row.",
                where=f"{self.table}, column {self.weights}",
                expected="positive numbers",
                got=str(weights[~(np.isfinite(weights) & (weights > 0))][0]),
            )
        return weights

    def _codes(self, batch: pa.RecordBatch, name: str | None) -> NDArray[np.int64] | None:
        if name is None:
            return None
        column = batch.column(name)
        if column.null_count:
            raise MethodError(
                "Every row needs its stratum and PSU.",
                where=f"{self.table}, column {name}",
                got=f"{column.null_count} rows without",
            )
        encoded, known = column.dictionary_encode(), self.codes.setdefault(name, {})
        numbers = [known.setdefault(label, len(known)) for label in encoded.dictionary.to_pylist()]
        return np.asarray(np.array(numbers, dtype=np.int64)[encoded.indices.to_numpy()])
