"""Mean and covariance of incomplete answers by maximum likelihood, and distances that use what was answered.

NumPy only. Everything works on the precision matrix K = Σ⁻¹: what a row of the pattern "m missing" would have answered
is μ_m − K_mm⁻¹ K_mo (x_o − μ_o), so that only matrices as wide as the gaps are inverted. Of rows without gaps their
sums are enough, and a step costs as much as the rows with gaps, which are all that is held of answers that come in
blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MAX_CONDITION = 1e12
"""Condition number above which a covariance matrix counts as singular."""
ROOM = 2_000_000
"""Numbers that rows take which are worked on at a time (16 MB)."""


@dataclass(frozen=True)
class NormalMoments:
    """Mean (items) and covariance (items × items, divisor n) of a multivariate normal, and how the search ended."""

    mean: Floats
    covariance: Floats
    iterations: int
    converged: bool


def normal_moments(
    answers: Floats | Iterable[Floats], *, max_iterations: int = 500, tolerance: float = 1e-9
) -> NormalMoments | None:
    """Maximum-likelihood mean and covariance of rows × items with gaps, by EM; rows without any answer do not count.

    `answers` may come in blocks of rows.

    None where the covariance is singular: an item that nobody answered or all answered alike, or fewer rows than items.
    Converged: no standardised moment moves by more than `tolerance` in a step.
    Source: Dempster, Laird & Rubin 1977, J. Royal Statistical Society B 39; Little & Rubin 2020, ch. 11.2.
    """
    rows, single = _taken([answers] if isinstance(answers, np.ndarray) else answers)
    if rows.count <= len(single.count) or (single.count < 2).any():
        return None
    mean, spread = single.mean, np.sqrt(single.squares / single.count)
    if (spread <= 0).any():
        return None
    covariance: Floats = np.diag(spread**2)
    for step in range(1, max_iterations + 1):
        precision = _inverse(covariance)
        if precision is None:
            return None
        new_mean, new_covariance = rows.expected(mean, precision)
        moved = np.abs(new_covariance - covariance) / np.outer(spread, spread)
        largest = max(float(moved.max()), float((np.abs(new_mean - mean) / spread).max()))
        mean, covariance = new_mean, new_covariance
        if largest < tolerance or not rows.gapped:
            return None if _inverse(covariance) is None else NormalMoments(mean, covariance, step, converged=True)
    return NormalMoments(mean, covariance, max_iterations, converged=False)


def squared_distances(answers: Floats, mean: Floats, covariance: Floats) -> Floats:
    """Squared Mahalanobis distance of each row in the items it answered: (x_o − μ_o)ᵀ Σ_oo⁻¹ (x_o − μ_o).

    Taken over the whole row with its gaps at their conditional means, which gives the same number.
    Raises numpy.linalg.LinAlgError for a singular covariance. Source: Mahalanobis 1936; Little 1988.
    """
    precision = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    distances = np.empty(len(answers))
    for rows, gaps in _like_gapped(answers):
        away, _ = _filled(answers[rows], gaps, mean, precision)
        distances[rows] = np.einsum("ij,ij->i", away @ precision, away)
    return distances


@dataclass(frozen=True)
class _Rows:
    """Rows of which some answered everything: their number, mean and Σ (x − m)(x − m)ᵀ; and the others, as many gaps
    together: answers, and the places of the gaps (rows × gaps).
    """

    complete: int
    mean: Floats
    spread: Floats
    gapped: list[tuple[NDArray[Any], Ints]]

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.complete + sum(len(answers) for answers, _ in self.gapped)

    def expected(self, mean: Floats, precision: Floats) -> tuple[Floats, Floats]:
        """Mean and covariance of all rows with what they are expected to have answered under these moments."""
        away = self.mean - mean
        total, first = self.complete, self.complete * away
        second = self.spread + self.complete * np.outer(away, away)
        for answers, gaps in self.gapped:
            filled, inner = _filled(answers, gaps, mean, precision)
            total, first = total + len(filled), first + filled.sum(axis=0)
            second += filled.T @ filled
            np.add.at(second, (gaps[:, :, None], gaps[:, None, :]), inner)
        moved = first / total
        return mean + moved, second / total - np.outer(moved, moved)


@dataclass
class _Items:
    """Answers to every item: their number, mean and Σ (x − m)², as blocks of rows are added."""

    count: Floats
    mean: Floats
    squares: Floats

    def add(self, answers: Floats) -> None:
        """Add some rows (Chan, Golub & LeVeque 1983)."""
        known = ~np.isnan(answers)
        own = known.sum(axis=0).astype(np.float64)
        middle = np.where(known, answers, 0.0).sum(axis=0) / np.maximum(own, 1)
        around = np.where(known, answers - middle, 0.0)
        total, moved = np.maximum(self.count + own, 1), middle - self.mean
        self.squares += (around * around).sum(axis=0) + moved * moved * (self.count * own / total)
        self.mean += moved * (own / total)
        self.count += own


def _taken(blocks: Iterable[Floats]) -> tuple[_Rows, _Items]:
    """What a search for moments needs of the rows with an answer, in one pass over them."""
    gapped: dict[int, list[NDArray[Any]]] = {}
    complete, single, mean, spread = 0, _Items(*(np.zeros(0) for _ in range(3))), np.zeros(0), np.zeros((0, 0))
    for answers in blocks:
        items = answers.shape[1]
        if not len(mean):
            single, mean, spread = _Items(*(np.zeros(items) for _ in range(3))), np.zeros(items), np.zeros((items,) * 2)
        single.add(answers)
        missing = np.isnan(answers).sum(axis=1)
        for gaps in set(missing.tolist()) - {0, items}:
            gapped.setdefault(gaps, []).append(_in_few_bytes(answers[missing == gaps]))
        own = answers[missing == 0]
        if len(own):
            before, complete = complete, complete + len(own)
            middle = own.mean(axis=0)
            moved, centred = middle - mean, own - middle
            spread += centred.T @ centred + np.outer(moved, moved) * (before * len(own) / complete)
            mean = mean + moved * (len(own) / complete)
    like = (np.concatenate(gapped.pop(gaps)) for gaps in sorted(gapped))
    return _Rows(
        complete, mean, spread, [(some[rows], gaps) for some in like for rows, gaps in _like_gapped(some)]
    ), single


def _in_few_bytes(answers: Floats) -> NDArray[Any]:
    """The answers in single precision where that holds them exactly."""
    single = answers.astype(np.float32)
    return single if np.array_equal(single, answers, equal_nan=True) else answers


def _like_gapped(answers: NDArray[Any]) -> Iterator[tuple[Ints, Ints]]:
    """Some rows with the same number of gaps at a time, and the places of their gaps (rows × gaps)."""
    missing = np.isnan(answers)
    count = missing.sum(axis=1)
    for gaps in np.flatnonzero(np.bincount(count)):
        alike = np.flatnonzero(count == gaps)
        step = max(1, ROOM // int(answers.shape[1] + gaps**2))
        for start in range(0, len(alike), step):
            rows = alike[start : start + step]
            yield rows, np.nonzero(missing[rows])[1].reshape(len(rows), gaps)


def _filled(answers: NDArray[Any], gaps: Ints, mean: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Deviations from the mean with those of the gaps at their conditional means, and the conditional covariances."""
    away = answers - mean
    if not gaps.shape[1]:
        return away, np.zeros((0, 0, 0))
    rows = np.arange(len(away))[:, None]
    away[rows, gaps] = 0.0
    inner = np.asarray(np.linalg.inv(precision[gaps[:, :, None], gaps[:, None, :]]), dtype=np.float64)
    known = np.take_along_axis(away @ precision, gaps, axis=1)
    away[rows, gaps] = -np.einsum("rij,rj->ri", inner, known)
    return away, inner


def _inverse(covariance: Floats) -> Floats | None:
    scale = np.sqrt(np.diag(covariance))
    if not np.isfinite(covariance).all() or (scale <= 0).any():
        return None
    if np.linalg.cond(covariance / np.outer(scale, scale)) > MAX_CONDITION:
        return None
    return np.asarray(np.linalg.inv(covariance), dtype=np.float64)
