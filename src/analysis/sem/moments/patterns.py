"""Weighted sums of rows by pattern of answered items, added up block by block.

Knows NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.moments.gaps import Gaps
from analysis.survey.estimation.sandwich import enlarged

Array = NDArray[Any]


@dataclass(frozen=True)
class Patterns:
    """Weighted sums of the rows of each pattern of answered items, the most complete pattern first.

    observed : patterns × p, whether the item was answered. weight : Σw per pattern. mean : patterns × p (0 where
    not answered). spread : patterns × p × p, covariance about that mean with denominator Σw.
    """

    observed: NDArray[np.bool_]
    weight: Array
    mean: Array
    spread: Array

    @property
    def complete(self) -> bool:
        """Whether there is one pattern, with every item answered."""
        return len(self.observed) == 1 and bool(self.observed.all())

    @property
    def total(self) -> float:
        """Σw over all rows."""
        return float(self.weight.sum())

    @cached_property
    def several(self) -> NDArray[np.int64]:
        """The patterns whose rows differ: the others have no spread."""
        return np.flatnonzero(self.spread.any(axis=(1, 2)))

    @cached_property
    def gaps(self) -> Gaps:
        """What each pattern lacks."""
        return Gaps.of(self.observed)

    @cached_property
    def _number(self) -> dict[bytes, int]:
        return {key: number for number, key in enumerate(_keys(self.observed))}

    def of_rows(self, answers: Array) -> NDArray[np.int64]:
        """Number of the pattern of each row of `answers` (n × p), all of whose patterns must be among these."""
        if self.complete:
            return np.zeros(len(answers), dtype=np.int64)
        first, of_row = _distinct(~np.isnan(answers))
        return np.array([self._number[key] for key in _keys(~np.isnan(answers[first]))], dtype=np.int64)[of_row]


class PatternSums:
    """`Patterns` in the making: Σw, mean and Σw (x − m)(x − m)ᵀ of each pattern, to which blocks of rows are added.

    Two sums a and b about their own means join without loss of digits: m = m_a + δ w_b/w and S = S_a + S_b +
    δ δᵀ w_a w_b/w with δ = m_b − m_a and w = w_a + w_b (Chan, Golub & LeVeque 1983).
    """

    def __init__(self, p: int) -> None:
        self._number: dict[bytes, int] = {}
        self._observed = np.zeros((0, p), dtype=bool)
        self._weight, self._mean, self._spread = np.zeros(0), np.zeros((0, p)), np.zeros((0, p, p))

    def add(self, answers: Array, weights: Array) -> None:
        """Add rows: answers (n × p, NaN = none) and weights (n)."""
        answered = ~np.isnan(answers)
        first, of_row = _distinct(answered)
        place = self._places(answered[first])
        starts = np.zeros(1, dtype=np.int64)
        if len(first) > 1:
            order = np.argsort(of_row, kind="stable")
            answers, weights = np.where(answered, answers, 0.0)[order], weights[order]
            starts = np.searchsorted(of_row[order], np.arange(len(first)))
            mean = np.add.reduceat(weights[:, None] * answers, starts)
        else:
            answers = answers if answered.all() else np.where(answered, answers, 0.0)
            mean = (weights @ answers)[None]
        ends = np.append(starts[1:], len(answers))
        weight = np.add.reduceat(weights, starts)
        mean = mean / weight[:, None]
        before, after = self._weight[place], self._weight[place] + weight
        moved = mean - self._mean[place]
        for number in np.flatnonzero(ends - starts > 1):
            rows = slice(starts[number], ends[number])
            centred = answers[rows] - mean[number]
            centred *= np.sqrt(weights[rows, None])
            self._spread[place[number]] += centred.T @ centred
        again = np.flatnonzero(before)
        step = np.sqrt(before * weight / after)[again, None] * moved[again]
        self._spread[place[again]] += step[:, :, None] * step[:, None, :]
        self._mean[place] += moved * (weight / after)[:, None]
        self._weight[place] = after

    def _places(self, observed: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Where the patterns of a block are summed; room is made for new ones."""
        place = np.array([self._number.setdefault(key, len(self._number)) for key in _keys(observed)], dtype=np.int64)
        known = len(self._number)
        self._observed, self._weight = enlarged(self._observed, known), enlarged(self._weight, known)
        self._mean, self._spread = enlarged(self._mean, known), enlarged(self._spread, known)
        self._observed[place] = observed
        return place

    def patterns(self, scale: float = 1.0) -> Patterns:
        """The sums so far, with every weight multiplied by `scale`."""
        held = self._observed[: len(self._number)]
        packed = np.packbits(held, axis=1)
        order = np.lexsort((*packed.T[::-1], -held.sum(axis=1)))
        weight = self._weight[order]
        spread = self._spread[order]
        spread /= weight[:, None, None]
        return Patterns(held[order], scale * weight, self._mean[order], spread)


def _keys(observed: NDArray[np.bool_]) -> list[bytes]:
    """One key for each pattern."""
    return [row.tobytes() for row in np.packbits(observed, axis=1)]


def _distinct(answered: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A row of each distinct pattern, and the number of each row's pattern among them."""
    if answered.all():
        return np.zeros(1, dtype=np.int64), np.zeros(len(answered), dtype=np.int64)
    words = np.packbits(answered, axis=1)
    words = np.ascontiguousarray(np.pad(words, ((0, 0), (0, -words.shape[1] % 8)))).view(np.uint64)
    number = words[:, 0].astype(np.int64)
    for word in words.T[1:]:
        (_, before), (values, own) = (np.unique(one, return_inverse=True) for one in (number, word))
        number = np.asarray(before * len(values) + own, dtype=np.int64)
    _, first, of_row = np.unique(number, return_index=True, return_inverse=True)
    return first, of_row
