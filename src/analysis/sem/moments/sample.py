"""The rows of a survey, block by block, and the moments that a normal-theory fit needs of them.

After the sums by pattern of answered items the number of rows costs nothing. Knows NumPy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.moments.gaps import embedded_inverse
from analysis.sem.moments.patterns import Patterns, PatternSums

if TYPE_CHECKING:
    from analysis.survey.design.sampling_stages import Singleton

Array = NDArray[Any]
BLOCK = 8_192
"""Rows that are worked on at a time."""


class Source(Protocol):
    """Rows of a survey that come block by block, as often as asked: a `Sample` in memory, or a file (`stream`)."""

    @property
    def n(self) -> int:
        """Number of rows."""

    @property
    def patterns(self) -> Patterns:
        """Sums by pattern, of weights that are 1 on average."""

    @property
    def strata(self) -> NDArray[np.int64] | None:
        """Rows in each stratum; None without strata."""

    @property
    def clustered(self) -> bool:
        """Whether rows come in primary sampling units."""

    @property
    def fractions(self) -> Array | None:
        """Share of the units of each stratum that was drawn (one number without strata); None: none to speak of."""

    @property
    def singleton(self) -> Singleton:
        """What a stratum with a single unit adds to a variance."""

    def blocks(self) -> Iterator[Sample]:
        """The rows in their order, with weights that are 1 on average over all blocks."""


@dataclass(frozen=True)
class Sample:
    """Rows of a survey: answers (n × p, NaN = none), weights of mean 1, stratum and PSU of each row as codes.

    Answers are in double precision, or held in single precision where that is exact; `blocks` give them in double.
    Without `psu` every row is its own unit, without `stratum` all rows are in one. `fractions`: share of each stratum's
    units that was drawn; `singleton`: what a stratum with a single unit adds to a variance.
    """

    answers: Array
    weights: Array
    stratum: Array | None = None
    psu: Array | None = None
    fractions: Array | None = None
    singleton: Singleton = "centred"

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.answers)

    @property
    def weighted(self) -> bool:
        """Whether the rows count differently."""
        return bool(np.ptp(self.weights) > 0)

    @property
    def clustered(self) -> bool:
        """Whether rows come in primary sampling units."""
        return self.psu is not None

    @property
    def designed(self) -> bool:
        """Whether rows were drawn otherwise than independently of each other, from a population without end."""
        finite = self.fractions is not None and bool(self.fractions.any())
        return self.stratum is not None or self.clustered or finite

    @property
    def strata(self) -> NDArray[np.int64] | None:
        """Rows in each stratum; None without strata."""
        return None if self.stratum is None else np.bincount(self.stratum)

    @property
    def independent(self) -> float:
        """How many independent pieces of information there are: sampling units less strata, and no more than Kish's
        effective number of rows.
        """
        stratum = np.zeros(self.n, dtype=np.int64) if self.stratum is None else self.stratum
        units = self.n if self.psu is None else len(np.unique(np.column_stack([stratum, self.psu]), axis=0))
        effective = float(self.weights.sum() ** 2 / (self.weights**2).sum())
        return min(float(units - len(np.unique(stratum))), effective)

    @cached_property
    def complete(self) -> Sample:
        """The rows with every answer, their weights scaled to mean 1."""
        return self.used(np.asarray(~np.isnan(self.answers).any(axis=1)))

    def chosen(self, rows: Array | slice) -> Sample:
        """Some of the rows, with the weights that they have."""
        stratum, psu = (None if codes is None else codes[rows] for codes in (self.stratum, self.psu))
        return Sample(self.answers[rows], self.weights[rows], stratum, psu, self.fractions, self.singleton)

    def used(self, rows: Array) -> Sample:
        """Some of the rows (places or a mask), their weights scaled to mean 1."""
        chosen = self if rows.dtype == bool and rows.all() else self.chosen(rows)
        return replace(chosen, weights=chosen.weights / chosen.weights.mean()) if chosen.n else chosen

    def blocks(self) -> Iterator[Sample]:
        """The rows, `BLOCK` at a time."""
        for start in range(0, self.n, BLOCK):
            block = self.chosen(slice(start, start + BLOCK))
            yield replace(block, answers=block.in_double)

    @property
    def in_double(self) -> Array:
        """The answers in double precision; codes stay what they are."""
        return self.answers.astype(np.float64) if self.answers.dtype == np.float32 else self.answers

    @cached_property
    def patterns(self) -> Patterns:
        """Sums by pattern."""
        sums = PatternSums(self.answers.shape[1])
        for block in self.blocks():
            sums.add(block.answers, block.weights)
        return sums.patterns()


def replicate_moments(sample: Source, weights: Array, *, times: bool = False) -> tuple[Array, Array, Array]:
    """Covariance (R × p × p, denominator Σw), mean (R × p) and Σw (R) of the items under each of R replicate weights.

    `weights` (n × R, ≥ 0, not all zero in a replicate) stand in the order of the rows of `sample`, which must be
    complete; they take the place of its own weights, or say how many times (`times`) each row counts with its own.
    Products are in the precision of the weights (single, of numbers of times) within a block of rows, and in double
    over blocks. Memory: R × p²/2 numbers, and p²/2 for each row of a block; an
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
    p, count, precision = len(centre), weights.shape[1], np.result_type(weights.dtype, np.float32)
    rows, columns = np.tril_indices(p)
    total, first, second = np.zeros(count), np.zeros((count, p)), np.zeros((count, len(rows)))
    start = 0
    for block in sample.blocks():
        own = np.ascontiguousarray(weights[start : start + block.n], dtype=precision)
        if times:
            np.multiply(own, block.weights[:, None], out=own, casting="same_kind")
        start += block.n
        away = np.ascontiguousarray((block.answers - centre).T, dtype=precision)
        total += own.sum(axis=0, dtype=np.float64)
        first += (away @ own).T
        second += ((away[rows] * away[columns]) @ own).T
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
    share, several = patterns.weight / patterns.total, patterns.several
    away = (patterns.mean - mean) * patterns.observed
    pulled, taken, _ = patterns.gaps.pull(covariance, away, share)
    expected = pulled @ covariance  # E(x | answered) − mean of each pattern
    shift = share @ expected
    regression = covariance @ embedded_inverse(patterns.observed[several], covariance)[0]
    within = regression @ patterns.spread[several] @ regression.transpose(0, 2, 1)
    known = np.einsum("g,gij->ij", share[several], within) + (share[:, None] * expected).T @ expected
    left = covariance - covariance @ taken @ covariance
    result = known + left - np.outer(shift, shift)
    return mean + shift, (result + result.T) / 2
