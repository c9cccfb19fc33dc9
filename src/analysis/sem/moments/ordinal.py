"""Ordered answers as cut latent responses: thresholds, polychoric correlations and the covariance Γ of these.

Every item is a standard normal response y* seen through thresholds. The thresholds follow from the margins; each
polychoric correlation maximises the likelihood of its own two-way table given them (Olsson 1979, two steps), and Γ
follows from what each row contributes to both steps (Muthén 1984), with the zero cells of lavaan. All pairs of items
are worked on at once; items with fewer categories than others have cells of probability zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.moments.between_units import Scores, between_units
from analysis.sem.moments.bivariate import BEYOND, bivariate_normal, density_slope, normal_density
from analysis.sem.moments.sample import Sample

Array = NDArray[Any]
MAX_CATEGORIES = 15
"""More different answers than this are not taken for ordered categories."""
LARGEST = 0.999
"""Correlations are sought up to this on either side, as in lavaan."""
_SMALLEST = float(np.sqrt(np.finfo(float).eps))
"""Cell probabilities are not taken below this, and don't change there, as in lavaan."""
_NO_VARIANCE = 1e-12
"""Variance of √n times a correlation below which only rounding is left."""
_EMPTY_CELL = 0.5
"""Count that the one empty cell of a 2 × 2 table is given while the margins stay, as in lavaan."""
_TOLERANCE = 1e-10
_MAX_ITERATIONS = 100
_ROWS = 4_096
"""Rows whose indicators are held at a time."""


@dataclass(frozen=True)
class OrdinalMoments:
    """Moments of p responses in `n` rows, of which each may have answered some items only.

    The response of an ordered item is a latent one of unit variance, that of another is the number itself; given the
    covariates where there are any. thresholds : p × (K − 1), NaN behind the last one of an item and where it is not
    ordered; threshold_errors : their standard errors. covariance : p × p, with ones for ordered items on its diagonal.
    means : p, 0 for ordered items. slopes : on the covariates, p × c. located : whether thresholds and means are among
    `fitted`. gamma : covariance of √n times `fitted`. converged : every one of them.
    """

    thresholds: Array
    threshold_errors: Array
    covariance: Array
    gamma: Array
    n: int
    converged: bool
    means: Array
    slopes: Array
    located: bool = False

    @property
    def ordered(self) -> NDArray[np.bool_]:
        """Which items are ordered."""
        return ~np.isnan(self.thresholds[:, 0])

    @property
    def pairs(self) -> tuple[Array, Array]:
        """Items of each variance that is no 1, then of each covariance, those above the diagonal by rows."""
        own, (first, second) = np.flatnonzero(~self.ordered), np.triu_indices(len(self.covariance), 1)
        return np.concatenate([own, first]), np.concatenate([own, second])

    @property
    def levels(self) -> tuple[Array, Array]:
        """Item and number of each threshold, and (number 0) of each mean, by items; none unless `located`."""
        known = ~np.isnan(self.thresholds)
        known[:, 0] = True
        at, number = np.nonzero(known & self.located)
        return at, number

    @property
    def fitted(self) -> Array:
        """What a model is fitted to: `levels`, slopes by items, `pairs`."""
        at, number = self.levels
        given = np.where(self.ordered[at], self.thresholds[at, number], self.means[at])
        return np.concatenate([given, self.slopes.ravel(), self.covariance[self.pairs]])


@dataclass(frozen=True)
class _Tables:
    """Two-way tables of P pairs: weighted `counts` (P × K × K) and the thresholds of either item (P × (K − 1))."""

    counts: Array
    first: Array
    second: Array

    def cells(self, rho: Array) -> tuple[Array, Array, Array]:
        """Probability of each cell at correlations ρ (P), and its first and second derivative by ρ: P × K × K each."""
        from scipy.special import ndtr

        h, k, r = self.first[:, :, None], self.second[:, None, :], rho[:, None, None]
        below = np.zeros(np.add(self.counts.shape, (0, 1, 1)))
        below[:, 1:-1, 1:-1] = bivariate_normal(h, k, r)
        below[:, 1:-1, -1], below[:, -1, 1:-1], below[:, -1, -1] = ndtr(self.first), ndtr(self.second), 1.0
        probability = _between(below)
        seen = probability > _SMALLEST
        slope, bend = (
            np.where(seen, _between(np.pad(f(h, k, r), ((0, 0), (1, 1), (1, 1)))), 0.0)
            for f in (normal_density, density_slope)
        )
        return np.where(seen, probability, _SMALLEST), slope, bend


def _between(corners: Array) -> Array:
    """Mass between neighbouring corners of a distribution function."""
    return np.diff(np.diff(corners, axis=1), axis=2)


@dataclass(frozen=True)
class Polychoric:
    """Both steps for ordered items: thresholds (p × (K − 1), BEYOND behind the last), correlations of the pairs above
    the diagonal, and what single rows add to these (`contributions`) and to the thresholds (`moves`).
    """

    thresholds: Array
    rho: Array
    converged: bool
    contributions: Scores
    moves: Scores


def ordinal_moments(sample: Sample, items: Sequence[str], *, located: bool = False) -> OrdinalMoments:
    """Thresholds, polychoric correlations and their Γ, weighted and stratified as the sample is.

    A threshold rests on all who answered the item, a correlation on all who answered both (lavaan's pairwise deletion);
    who did not adds nothing to it. `items` name the columns in messages. Answers are numbered by their order, so that a
    category which nobody chose does not exist. `located`: with the covariances of thresholds in Γ. Raises MethodError
    when an item has one category or more than MAX_CATEGORIES, or when the answers to two items repeat each other.
    """
    codes, sizes = coded(sample.answers, items)
    found = polychoric(codes, sizes, sample.weights, items)
    unknown = found.thresholds == BEYOND
    coding = replace(sample, answers=codes)  # codes of no answer stand behind all others
    if located:
        gamma = between_units(coding, matrices=[_Both(found, np.flatnonzero(~unknown))], traces=[])[0]
        spread = np.zeros(unknown.shape)
        spread[~unknown] = np.diag(gamma)[: np.count_nonzero(~unknown)]
    else:
        gamma, moved = between_units(coding, matrices=[found.contributions, found.moves], traces=[])
        spread = np.diag(moved).reshape(unknown.shape)
    check_varied(np.diag(gamma)[len(gamma) - len(found.rho) :])
    correlation = np.eye(len(items))
    first, second = np.triu_indices(len(items), 1)
    correlation[first, second] = correlation[second, first] = found.rho
    return OrdinalMoments(
        thresholds=np.where(unknown, np.nan, found.thresholds),
        threshold_errors=np.where(unknown, np.nan, np.sqrt(spread / (sample.n - 1))),
        covariance=correlation,
        gamma=gamma,
        n=sample.n,
        converged=found.converged,
        means=np.zeros(len(items)),
        slopes=np.zeros((len(items), 0)),
        located=located,
    )


def check_varied(variances: Array) -> None:
    """Raise MethodError where the design leaves no variance to weight the correlations by."""
    if variances.min(initial=1.0) < _NO_VARIANCE:
        raise MethodError(
            "The design leaves the correlations no variance to weight them by.",
            expected="more than one sampling unit in some stratum",
            hint="set structural.estimator to MLR, or structural.weighted to false",
        )


def polychoric(codes: NDArray[np.int64], sizes: NDArray[np.int64], weights: Array, items: Sequence[str]) -> Polychoric:
    """Thresholds and correlations of the categories `codes` (n × p, as `coded` numbers them)."""
    first, second = np.triu_indices(len(items), 1)
    joint = _joint_counts(codes, weights, int(sizes.max()))
    margins = np.einsum("iaia->ia", joint)
    thresholds = _thresholds(margins, sizes)
    tables = _Tables(joint[first, :, second, :], thresholds[first], thresholds[second])
    names = [f"{one} and {other}" for one, other in combinations(items, 2)]
    rho, converged = _polychoric(_Tables(_without_empty(tables.counts, names), tables.first, tables.second))
    steps = _threshold_steps(margins, thresholds)
    influence = weights.sum() * _influence(tables, rho, steps, (first, second))
    moves = _Moves(weights.sum() * steps)
    return Polychoric(thresholds, rho, converged, _Contributions(influence, first, second), moves)


def coded(answers: Array, items: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Categories of the answers, numbered from 0 (n × p), and how many each item has.

    No answer has the number of categories of the item with most of them.
    """
    codes, sizes = np.empty(answers.shape, dtype=np.int64), np.empty(len(items), dtype=np.int64)
    silent = np.isnan(answers)
    for place, name in enumerate(items):
        found, codes[:, place] = np.unique(answers[:, place], return_inverse=True)
        sizes[place] = np.count_nonzero(~np.isnan(found))
        if not 2 <= sizes[place] <= MAX_CATEGORIES:
            raise MethodError(
                "An item of the structural model has no ordered categories.",
                where=name,
                expected=f"2 to {MAX_CATEGORIES} different answers",
                got=str(sizes[place]),
                hint="remove the item from the model, or set structural.estimator to MLR",
            )
    codes[silent] = sizes.max()
    return codes, sizes


def _joint_counts(codes: NDArray[np.int64], weights: Array, size: int) -> Array:
    """Weighted two-way tables of all items with all: p × K × p × K."""
    p = codes.shape[1]
    counts = np.zeros((p * size, p * size))
    for start in range(0, len(codes), _ROWS):
        rows = slice(start, start + _ROWS)
        chosen = (codes[rows, :, None] == np.arange(size)).reshape(-1, p * size).astype(float)
        counts += (weights[rows, None] * chosen).T @ chosen
    return counts.reshape(p, size, p, size)


def _thresholds(margins: Array, sizes: NDArray[np.int64]) -> Array:
    """Normal quantiles of the cumulative shares: p × (K − 1)."""
    from scipy.special import ndtri

    shares = np.cumsum(margins, axis=1)[:, :-1] / margins.sum(axis=1, keepdims=True)
    known = np.arange(1, margins.shape[1]) < sizes[:, None]
    return np.where(known, ndtri(np.where(known, shares, 0.5)), BEYOND)


def _without_empty(counts: Array, names: Sequence[str]) -> Array:
    """The counts that the correlations are fitted to: a 2 × 2 table with one empty cell gets _EMPTY_CELL in it."""
    square = (counts[:, 2:].sum(axis=(1, 2)) == 0) & (counts[:, :, 2:].sum(axis=(1, 2)) == 0)
    empty = (counts[:, :2, :2] == 0) & square[:, None, None]
    several = np.flatnonzero(empty.sum(axis=(1, 2)) > 1)
    if len(several):
        raise MethodError(
            "Two items of the structural model repeat each other exactly.",
            got=names[several[0]],
            hint="remove one of them from the model",
        )
    concordant = empty[:, 0, 0] | empty[:, 1, 1]
    moved = _EMPTY_CELL * (concordant.astype(float) - (empty[:, 0, 1] | empty[:, 1, 0]))
    result = counts.copy()
    result[:, :2, :2] += moved[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return result


def _polychoric(tables: _Tables) -> tuple[Array, bool]:
    """Correlations that maximise the likelihood of their tables (P), and whether all converged.

    Newton's method from the correlation of the category numbers, with the expected information where the likelihood is
    not concave; a step goes at most half of the way to ±LARGEST.
    """
    total = tables.counts.sum(axis=(1, 2))
    rho = _category_correlation(tables.counts)
    for _ in range(_MAX_ITERATIONS):
        probability, slope, bend = tables.cells(rho)
        relative = slope / probability
        gradient = (tables.counts * relative).sum(axis=(1, 2))
        observed = (tables.counts * (relative**2 - bend / probability)).sum(axis=(1, 2))
        expected = total * (slope * relative).sum(axis=(1, 2))
        step = gradient / np.where(observed > 0.1 * expected, observed, expected)
        moved = np.clip(rho + step, (rho - LARGEST) / 2, (rho + LARGEST) / 2)
        settled = bool((np.abs(moved - rho) < _TOLERANCE).all())
        rho = moved
        if settled:
            return rho, True
    return rho, False


def _category_correlation(counts: Array) -> Array:
    """Product-moment correlation of the category numbers (P), kept away from the ends."""
    number = np.arange(counts.shape[1])
    share = counts / counts.sum(axis=(1, 2), keepdims=True)
    rows, columns = share.sum(axis=2), share.sum(axis=1)
    one, other = rows @ number, columns @ number
    covariance = np.einsum("pab,a,b->p", share, number, number) - one * other
    variances = (rows @ number**2 - one**2) * (columns @ number**2 - other**2)
    return np.asarray(np.clip(covariance / np.sqrt(variances), -0.95, 0.95))


def _threshold_steps(margins: Array, thresholds: Array) -> Array:
    """A₁₁⁻¹ s(τ): what one row of each category adds to the thresholds of its item, p × (K + 1) × (K − 1).

    No answer, which comes last, adds nothing.
    """
    total = margins.sum(axis=1, keepdims=True)
    density = np.exp(-(thresholds**2) / 2) / np.sqrt(2 * np.pi)
    share = np.maximum(margins / total, _SMALLEST)
    size = margins.shape[1]
    jump = np.eye(size, size - 1) - np.eye(size, size - 1, k=-1)
    scores = jump * density[:, None, :] / share[:, :, None]
    information = np.einsum("ia,iak,ial->ikl", margins, scores, scores)
    absent = density == 0
    information[:, range(size - 1), range(size - 1)] += absent
    return np.pad(scores @ np.linalg.inv(information), ((0, 0), (0, 1), (0, 0)))


def _influence(tables: _Tables, rho: Array, steps: Array, pairs: tuple[Array, Array]) -> Array:
    """What one row of each cell adds to its correlation: P × (K + 1) × (K + 1), no answer last.

    Who answered one of the two items moves its thresholds alone. A₂₂⁻¹ [s(ρ) − A₂₁ A₁₁⁻¹ s(τ)] with A₂₂ = Σ s(ρ)² and
    A₂₁ = Σ s(ρ) s(τ)ᵀ over the rows, as lavaan takes them.
    """
    probability, slope, _ = tables.cells(rho)
    score = slope / probability
    own = (tables.counts * score**2).sum(axis=(1, 2))
    pull = tables.counts * score / probability  # Σ s(ρ) ∂π/∂τ / π over the rows of a cell
    by_first = _threshold_cross(pull, tables.first, tables.second, rho)
    by_second = _threshold_cross(pull.transpose(0, 2, 1), tables.second, tables.first, rho)
    score = np.pad(score, ((0, 0), (0, 1), (0, 1)))
    score = score - np.einsum("pak,pk->pa", steps[pairs[0]], by_first)[:, :, None]
    score = score - np.einsum("pbk,pk->pb", steps[pairs[1]], by_second)[:, None, :]
    return np.asarray(score / own[:, None, None])


def _threshold_cross(pull: Array, thresholds: Array, others: Array, rho: Array) -> Array:
    """A₂₁ for the thresholds of the item in the rows of `pull`: P × (K − 1).

    ∂π_ab/∂τ_a = φ(τ_a) [Φ((ω_b − ρ τ_a)/√(1 − ρ²)) − Φ((ω_{b−1} − ρ τ_a)/√(1 − ρ²))] for thresholds ω of the other.
    """
    from scipy.special import ndtr

    spread = np.sqrt(1 - rho**2)[:, None, None]
    below = ndtr((others[:, None, :] - rho[:, None, None] * thresholds[:, :, None]) / spread)
    within = np.diff(below, axis=2, prepend=0.0, append=1.0)
    density = np.exp(-(thresholds**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(density * (within * -np.diff(pull, axis=1)).sum(axis=2))


class _Contributions:
    """What single rows (category numbers, n × p) add to each correlation: n × P, looked up by their cells."""

    def __init__(self, influence: Array, first: Array, second: Array) -> None:
        self.size, self.first, self.second = influence.shape[1], first, second
        self.influence = influence.reshape(len(influence), self.size**2)

    def __call__(self, codes: NDArray[np.int64], _: NDArray[np.int64]) -> Array:
        rows, columns = np.ascontiguousarray(codes.T) * self.size, np.ascontiguousarray(codes.T)
        result = np.empty((len(self.influence), len(codes)))
        for own, one, other, cells in zip(result, self.first, self.second, self.influence, strict=True):
            np.take(cells, rows[one] + columns[other], out=own, mode="clip")
        return result.T


class _Moves:
    """What single rows (category numbers, n × p) add to each threshold: n × p (K − 1)."""

    def __init__(self, steps: Array) -> None:
        self.steps, self.item = steps, np.arange(len(steps))

    def __call__(self, codes: NDArray[np.int64], _: NDArray[np.int64]) -> Array:
        return np.asarray(self.steps[self.item, codes].reshape(len(codes), -1))


class _Both:
    """What single rows add to the thresholds that exist (`known` among the moves), and then to each correlation."""

    def __init__(self, found: Polychoric, known: NDArray[np.int64]) -> None:
        self.found, self.known = found, known

    def __call__(self, codes: NDArray[np.int64], of_row: NDArray[np.int64]) -> Array:
        moves = self.found.moves(codes, of_row)[:, self.known]
        return np.concatenate([moves, self.found.contributions(codes, of_row)], axis=1)
