"""Replicate weights: the survey drawn again from itself, so that any estimate shows how much it would have moved.

V(θ) = Σ_r factors_r · (θ_r − θ)², where θ_r is the same estimate with the weights of replicate r. A weighting stage
that adjusts every replicate as it adjusts the weights themselves puts its own share into that variance.

Around what the replicates are squared is a convention: around θ (`centre="estimate"`: Wolter 2007, §4.2; R survey with
mse = TRUE) or around their own mean (`centre="mean"`: R's default, mse = FALSE in svrVar). On apiclus1 JK1 gives an SE
of 26.334858 with the first and 26.329361 with the second; the first is never the smaller and is the default here.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Weights = NDArray[np.float64] | NDArray[np.float32]

Centre = Literal["estimate", "mean"]
BLOCK_ROWS = 2048
"""Rows of one block of replicate weights in double precision: with 200 replicates 3 MB, near the processor."""


MOST_MAPPED = 1 << 30
"""Bytes of replicate weights in a file that stay in memory after they were read."""


@dataclass(frozen=True)
class Behind:
    """Rows of a draw behind the first `rows`, of which sums alone are needed: code (0 … `count` − 1) and weight."""

    rows: int
    code: NDArray[np.int64]
    weights: Floats
    count: int


@dataclass(frozen=True)
class Replication:
    """What each replicate of a draw multiplies the weights of its rows by, made when it is asked for.

    multipliers: those of some of the replicates in some of the rows, rows × so many (best gone through replicate by
    replicate), without rows `Behind`; sums: Σ weight · multiplier of these by code, count × so many; the rest as in
    `ReplicateWeights`.
    """

    multipliers: Callable[[slice, slice], Floats]
    sums: Callable[[slice], Floats]
    factors: Floats
    degrees: int
    method: str
    centre: Centre = "estimate"

    @property
    def count(self) -> int:
        """Number of replicates."""
        return len(self.factors)

    def of(self, weights: Weights) -> ReplicateWeights:
        """Replicates with these weights, rows × replicates."""
        return ReplicateWeights(weights, self.factors, self.degrees, self.method, self.centre)


@dataclass(frozen=True)
class MadeWeights:
    """Stands in for an array of replicate weights, rows × replicates: rows are made when they are asked for."""

    made: Callable[[slice], NDArray[np.float32]]
    shape: tuple[int, int]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> NDArray[np.float32]:
        return self.made(slice(*rows.indices(len(self))))

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """As they are saved."""
        return np.dtype(np.float32)

    def whole(self) -> NDArray[np.float32]:
        """All of them."""
        weights = np.empty(self.shape, dtype=np.float32)
        for start in range(0, len(self), BLOCK_ROWS):
            weights[start : start + BLOCK_ROWS] = self[start : start + BLOCK_ROWS]
        return weights


@dataclass(frozen=True)
class ReplicateWeights:
    """Weights of every replicate and how to sum them up.

    weights: rows × replicates; in single precision, and in their file, where they were saved (sums take them in double
    precision, block by block);
    factors: one per replicate, V(θ) = Σ_r factors_r (θ_r − θ)²; degrees of freedom; method: JK1, JKn or bootstrap;
    centre: θ is the estimate, or the mean of the replicates.
    """

    weights: Weights
    factors: Floats
    degrees: int
    method: str
    centre: Centre = "estimate"

    def __post_init__(self) -> None:
        """Keep the weights row by row: sums over rows would copy them each time otherwise."""
        if isinstance(self.weights, np.ndarray) and not self.weights.flags.c_contiguous:
            object.__setattr__(self, "weights", np.ascontiguousarray(self.weights))

    @property
    def count(self) -> int:
        """Number of replicates."""
        return int(self.weights.shape[1])

    def at(self, rows: NDArray[Any]) -> ReplicateWeights:
        """The replicates of some of the rows."""
        return replace(self, weights=self.weights[rows])

    def blocks(self) -> Iterator[tuple[slice, Weights]]:
        """Some rows at a time, with their weights in the precision that they are held in."""
        read = 0
        for start in range(0, len(self.weights), BLOCK_ROWS):
            part = slice(start, min(start + BLOCK_ROWS, len(self.weights)))
            yield part, self.weights[part]
            read += BLOCK_ROWS * self.count * self.weights.dtype.itemsize
            if read > MOST_MAPPED:
                read = 0
                _let_go(self.weights)


def _let_go(weights: Weights) -> None:
    """Tell the system that what was read of weights in a file need not stay in this process."""
    mapped = getattr(weights, "_mmap", None)
    if mapped is not None and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def replicate_columns(weights: Weights) -> pd.DataFrame:
    """One column of weights per replicate: r0001, r0002, …"""
    import pandas as pd

    return pd.DataFrame(weights, columns=[f"r{number:04d}" for number in range(1, weights.shape[1] + 1)])


def add_by_code(sums: Sequence[Floats], columns: Sequence[Floats], weights: Weights, code: NDArray[np.int64]) -> None:
    """Add Σ columns · weights by code to each of `sums`: columns rows × V, weights rows × R, sums codes × V × R.

    One matrix product for each code that occurs, in double precision.
    """
    order = np.argsort(code.astype(np.min_scalar_type(len(sums[0]))), kind="stable")  # short codes sort by radix
    first = np.flatnonzero(np.diff(code[order], prepend=-1))
    if len(first) > 1:
        columns, weights = [column[order] for column in columns], weights[order]
    weights = np.asarray(weights, dtype=np.float64)
    for start, end in zip(first, [*first[1:], len(code)], strict=True):
        for total, column in zip(sums, columns, strict=True):
            total[code[order[start]]] += column[start:end].T @ weights[start:end]
