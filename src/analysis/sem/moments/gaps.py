"""Inverses of the blocks of a covariance that belong to patterns of answered items, by way of the inverse of the whole.

With W = Σ⁻¹ and m the few items that a pattern lacks, Σ_g⁻¹ = W − W_·m W_mm⁻¹ W_m· and log|Σ_g| = log|Σ| + log|W_mm|:
a small inverse for each pattern, and products that serve all patterns at once. A whole that is nearly singular is not
inverted; its blocks are then. Knows NumPy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Places = NDArray[np.int64]
_FEW_DIGITS = 1e-6
"""Smallest eigenvalue of a correlation matrix below which its inverse is not a way to those of its parts."""


@dataclass(frozen=True)
class _Alike:
    """Patterns that lack equally many items (their numbers), the items that each lacks, and the rows of any of them
    with its place among the patterns.
    """

    patterns: Places
    items: Places
    rows: Places
    place: Places


@dataclass(frozen=True)
class Gaps:
    """Patterns of answered items (patterns × p), and the pattern of each row."""

    observed: NDArray[np.bool_]
    pattern: Places
    lacking: tuple[_Alike, ...]

    @classmethod
    def of(cls, observed: NDArray[np.bool_], pattern: Places | None = None) -> Gaps:
        """The gaps of rows whose patterns are given; one row for each pattern where they are not."""
        own = np.arange(len(observed)) if pattern is None else pattern
        lacking = []
        for patterns, items in lacking_alike(observed):
            place = np.full(len(observed), -1)
            place[patterns] = np.arange(len(patterns))
            rows = np.flatnonzero(place[own] >= 0)
            lacking.append(_Alike(patterns, items, rows, place[own[rows]]))
        return cls(observed, own, tuple(alike for alike in lacking if alike.items.shape[1]))

    def pull(self, covariance: Array, away: Array, share: Array) -> tuple[Array, Array, Array]:
        """Σ_g⁻¹ a of every row a of `away` (n × p, 0 where not answered), Σ share Σ_g⁻¹ over the rows (p × p), and the
        log determinant of each pattern.
        """
        of_pattern, p = np.bincount(self.pattern, share, len(self.observed)), len(covariance)
        if nearly_singular(covariance):
            precision, determinants = _inverted_blocks(self.observed, covariance)
            pulled = (precision[self.pattern] @ away[:, :, None])[:, :, 0]
            return pulled, (of_pattern @ precision.reshape(-1, p * p)).reshape(p, p), determinants
        whole, determinant = np.linalg.inv(covariance), float(np.linalg.slogdet(covariance)[1])
        pulled, determinants = away @ whole, np.full(len(self.observed), determinant)
        taken, lost = np.zeros_like(pulled), np.zeros(p * p)
        for alike in self.lacking:
            across, down = alike.items[:, :, None], alike.items[:, None, :]
            block = whole[across, down]
            determinants[alike.patterns] += np.linalg.slogdet(block)[1]
            small = np.linalg.inv(block)
            counted = of_pattern[alike.patterns, None, None] * small
            lost += np.bincount((across * p + down).ravel(), counted.ravel(), p * p)
            there = alike.rows[:, None], alike.items[alike.place]
            taken[there] = (small[alike.place] @ pulled[there][:, :, None])[:, :, 0]
        pulled -= taken @ whole
        return pulled, share.sum() * whole - whole @ lost.reshape(p, p) @ whole, determinants


def embedded_inverse(observed: NDArray[np.bool_], covariance: Array) -> tuple[Array, Array]:
    """Inverse of each pattern's block of `covariance`, zero outside it (patterns × p × p), and log determinants."""
    if nearly_singular(covariance):
        return _inverted_blocks(observed, covariance)
    whole, determinant = np.linalg.inv(covariance), float(np.linalg.slogdet(covariance)[1])
    inverse = np.empty((len(observed), *covariance.shape))
    determinants = np.full(len(observed), determinant)
    for rows, lacking in lacking_alike(observed):
        if 2 * lacking.shape[1] > len(covariance):
            inverse[rows], determinants[rows] = _inverted_blocks(observed[rows], covariance)
            continue
        across = whole[lacking]
        block = np.take_along_axis(across, lacking[:, None, :], axis=2)
        found = whole - across.transpose(0, 2, 1) @ np.linalg.solve(block, across)
        np.put_along_axis(found, lacking[:, :, None], 0.0, axis=1)
        np.put_along_axis(found, lacking[:, None, :], 0.0, axis=2)
        inverse[rows] = found
        determinants[rows] += np.linalg.slogdet(block)[1]
    return inverse, determinants


def lacking_alike(observed: NDArray[np.bool_]) -> Iterator[tuple[Places, Places]]:
    """Patterns (rows of `observed`) that lack equally many items, and the items that each of them lacks."""
    count = (~observed).sum(axis=1)
    for number in np.unique(count):
        rows = np.flatnonzero(count == number)
        yield rows, np.nonzero(~observed[rows])[1].reshape(len(rows), number)


def nearly_singular(covariance: Array) -> bool:
    """Whether a correlation has an eigenvalue that leaves an inverse few digits, or there is none."""
    variances = np.diag(covariance)
    if not (np.isfinite(covariance).all() and (variances > 0).all()):
        return True
    deviations = np.sqrt(variances)
    return bool(np.linalg.eigvalsh(covariance / np.outer(deviations, deviations))[0] < _FEW_DIGITS)


def _inverted_blocks(observed: NDArray[np.bool_], covariance: Array) -> tuple[Array, Array]:
    """As `embedded_inverse`, block by block."""
    both = observed[:, :, None] & observed[:, None, :]
    blocks = np.where(both, covariance, 0.0)
    diagonal = np.arange(covariance.shape[0])
    blocks[:, diagonal, diagonal] += ~observed
    return np.where(both, np.linalg.inv(blocks), 0.0), np.asarray(np.linalg.slogdet(blocks)[1])
