"""What a normal-theory fit needs of the data: weighted sums by pattern of answered items, after which n costs nothing.

Knows NumPy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError

Array = NDArray[Any]
BLOCK = 8_192
"""Rows that are worked on at a time."""


@dataclass(frozen=True)
class Sample:
    """Rows of a survey: answers (n × p, NaN = none), weights of mean 1, stratum and PSU of each row as codes.

    Without `psu` every row is its own unit, without `stratum` all rows are in one.
    """

    answers: Array
    weights: Array
    stratum: Array | None = None
    psu: Array | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.answers)

    @property
    def weighted(self) -> bool:
        """Whether the rows count differently."""
        return bool(np.ptp(self.weights) > 0)

    @cached_property
    def complete(self) -> Sample:
        """The rows with every answer, their weights scaled to mean 1."""
        rows = (~np.isnan(self.answers)).all(axis=1)
        weights = self.weights[rows] / self.weights[rows].mean() if rows.any() else self.weights[rows]
        stratum, psu = (None if codes is None else codes[rows] for codes in (self.stratum, self.psu))
        return Sample(self.answers[rows], weights, stratum, psu)

    def blocks(self, rows: int = BLOCK) -> Iterator[Sample]:
        """The sample by `rows` consecutive rows, the last block what is left; weights and codes stay as they are."""
        for start in range(0, self.n, rows):
            chosen = slice(start, start + rows)
            stratum, psu = (None if codes is None else codes[chosen] for codes in (self.stratum, self.psu))
            yield Sample(self.answers[chosen], self.weights[chosen], stratum, psu)

    @cached_property
    def patterns(self) -> Patterns:
        """Sums by pattern."""
        return collect(self.answers, self.weights)


@dataclass(frozen=True)
class Patterns:
    """Weighted sums of the rows of each pattern.

    observed : patterns × p, whether the item was answered. weight : Σw per pattern. mean : patterns × p (0 where
    not answered). spread : patterns × p × p, covariance about that mean with denominator Σw. of_row : pattern of
    each row.
    """

    observed: NDArray[np.bool_]
    weight: Array
    mean: Array
    spread: Array
    of_row: NDArray[np.int64]

    @property
    def complete(self) -> bool:
        """Whether there is one pattern, with every item answered."""
        return len(self.observed) == 1 and bool(self.observed.all())

    @property
    def total(self) -> float:
        """Σw over all rows."""
        return float(self.weight.sum())


def collect(values: Array, weights: Array) -> Patterns:
    """Sums of `values` (n × p) by pattern, in a fixed order whatever the number of threads."""
    answered = ~np.isnan(values)
    observed, of_row = _unique_rows(answered)
    count, p = observed.shape
    filled = np.where(answered, values, 0.0)
    weight = np.bincount(of_row, weights=weights, minlength=count)
    if count == 1:
        mean = (weights @ filled / weight[0])[None, :]
        centred = filled - mean[0] * observed[0]
        spread = np.einsum("n,ni,nj->ij", weights, centred, centred)[None] / weight[0]
        return Patterns(observed, weight, mean, spread, of_row)
    order = np.argsort(of_row, kind="stable")
    starts = np.searchsorted(of_row[order], np.arange(count))
    ordered, w = filled[order], weights[order]
    mean = np.add.reduceat(w[:, None] * ordered, starts) / weight[:, None]
    centred = (ordered - mean[of_row[order]]) * observed[of_row[order]]
    spread = np.empty((count, p, p))
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(ordered)], strict=True)):
        block = centred[start:end]
        spread[number] = (w[start:end, None] * block).T @ block / weight[number]
    return Patterns(observed, weight, mean, spread, of_row)


def _unique_rows(answered: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Distinct rows, the most complete first, and the number of each row's pattern."""
    if answered.all():
        return np.ones((1, answered.shape[1]), dtype=bool), np.zeros(len(answered), dtype=np.int64)
    packed = np.packbits(answered, axis=1)
    _, first, codes = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(-answered[first].sum(axis=1), kind="stable")
    place = np.empty(len(rank), dtype=np.int64)
    place[rank] = np.arange(len(rank))
    return answered[first[rank]], place[codes.reshape(-1)]


def replicate_moments(sample: Sample, weights: Array) -> tuple[Array, Array, Array]:
    """Covariance (R × p × p, denominator Σw), mean (R × p) and Σw (R) of the items under each of R replicate weights.

    `weights` (n × R, ≥ 0, not all zero in a replicate) stand in the order of the rows of `sample`, which must be
    complete; they take the place of its own weights. Memory: R × p²/2 numbers, and p²/2 for each row of a block; an
    np.memmap of the weights is never read as a whole. Raises MethodError for gaps and for weights that don't fit.
    """
    if not sample.patterns.complete:
        raise MethodError(
            "Moments by replicate need every answer.", expected="complete rows", hint="use the sample's complete rows"
        )
    if weights.ndim != 2 or len(weights) != sample.n:
        raise MethodError(
            "Replicate weights don't fit the sample.",
            expected=f"{sample.n} rows × replicates",
            got=" × ".join(map(str, weights.shape)),
        )
    centre = sample.patterns.mean[0]
    p, count = len(centre), weights.shape[1]
    rows, columns = np.tril_indices(p)
    total, first, second = np.zeros(count), np.zeros((count, p)), np.zeros((count, len(rows)))
    start = 0
    for block in sample.blocks():
        own = np.asarray(weights[start : start + block.n], dtype=np.float64).T
        start += block.n
        away = block.answers - centre
        total += own.sum(axis=1)
        first += own @ away
        second += own @ (away[:, rows] * away[:, columns])
    shift = first / total[:, None]
    covariance = np.empty((count, p, p))
    covariance[:, rows, columns] = covariance[:, columns, rows] = second / total[:, None]
    return covariance - shift[:, :, None] * shift[:, None, :], centre + shift, total


def saturated(patterns: Patterns, *, tolerance: float = 1e-10, limit: int = 2000) -> tuple[Array, Array, bool]:
    """ML means (p), covariance (p × p) without a model, and whether EM converged (Little & Rubin 2002, §11.2.1).

    With complete data they are the sample moments. The step is measured in standard deviations of the items.
    """
    if patterns.complete:
        return patterns.mean[0], patterns.spread[0], True
    mean, variance = univariate(patterns)
    covariance = np.diag(variance)
    for _ in range(limit):
        new_mean, new_covariance = _em_step(patterns, mean, covariance)
        scale = np.sqrt(np.diag(covariance))
        moved = max(
            float(np.abs((new_mean - mean) / scale).max()),
            float(np.abs((new_covariance - covariance) / np.outer(scale, scale)).max()),
        )
        mean, covariance = new_mean, new_covariance
        if moved < tolerance:
            return mean, covariance, True
    return mean, covariance, False


def univariate(patterns: Patterns) -> tuple[Array, Array]:
    """Mean and variance (denominator Σw) of each item over the rows that answered it."""
    known = patterns.observed * patterns.weight[:, None]
    mean = (known * patterns.mean).sum(axis=0) / known.sum(axis=0)
    spread = np.einsum("g,gii->gi", patterns.weight, patterns.spread) + known * (patterns.mean - mean) ** 2
    return mean, spread.sum(axis=0) / known.sum(axis=0)


def _em_step(patterns: Patterns, mean: Array, covariance: Array) -> tuple[Array, Array]:
    """Expected first and second moments given what was answered, averaged over the rows."""
    precision = embedded_inverse(patterns.observed, covariance)[0]
    share = patterns.weight / patterns.total
    regression = covariance @ precision  # p × p per pattern: E(x | answered) = mean + regression (answered − mean)
    away = (patterns.mean - mean) * patterns.observed
    expected = np.einsum("gij,gj->gi", regression, away)
    shift = share @ expected
    several = np.flatnonzero(patterns.spread.any(axis=(1, 2)))
    within = regression[several] @ patterns.spread[several] @ regression[several].transpose(0, 2, 1)
    known = np.einsum("g,gij->ij", share[several], within) + (share[:, None] * expected).T @ expected
    left = covariance - np.einsum("g,gij->ij", share, regression) @ covariance
    result = known + left - np.outer(shift, shift)
    return mean + shift, (result + result.T) / 2


def embedded_inverse(observed: NDArray[np.bool_], covariance: Array) -> tuple[Array, Array]:
    """Inverse of each pattern's block of `covariance`, zero outside it (patterns × p × p), and log determinants."""
    both = observed[:, :, None] & observed[:, None, :]
    blocks = np.where(both, covariance, 0.0)
    diagonal = np.arange(covariance.shape[0])
    blocks[:, diagonal, diagonal] += ~observed
    return np.where(both, np.linalg.inv(blocks), 0.0), np.asarray(np.linalg.slogdet(blocks)[1])
