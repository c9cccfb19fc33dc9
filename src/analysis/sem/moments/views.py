"""Likelihood of one and of two responses row by row: ordered ones seen through thresholds, and numbers.

Each view holds what the rows say of one item at given parameters. An ordered item lies between two thresholds less what
the covariates say of it; a number has a residual. Derivatives are given by these two thresholds, or by mean and
variance, and `pulled` to the parameters of the item. Sources: Olsson 1979 (polychoric), Olsson, Drasgow & Dorans 1982
(polyserial correlations). Knows NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.sem.moments.bivariate import BEYOND, bivariate_normal, density_slope, normal_density

Array = NDArray[Any]
_SMALLEST_CELL = float(np.sqrt(np.finfo(float).eps))
_SMALLEST = float(np.finfo(float).eps)
"""Probabilities are not taken below these, as in lavaan."""
Two = tuple[Array, Array]


@dataclass(frozen=True)
class OrderedView:
    """Rows of an ordered item: `codes` from 0 (n), thresholds above and below less what the covariates say (n each).

    known : whether there is an answer. x : covariates, n × c. thresholds : how many.
    """

    known: NDArray[np.bool_]
    codes: NDArray[np.int64]
    upper: Array
    lower: Array
    x: Array
    thresholds: int

    @classmethod
    def at(cls, answers: Array, x: Array, thresholds: Array, slopes: Array) -> OrderedView:
        """The answers (category numbers, NaN = none) at these parameters."""
        known = ~np.isnan(answers)
        codes = np.where(known, answers, 0).astype(np.int64)
        edges, away = np.concatenate([[-BEYOND], thresholds, [BEYOND]]), x @ slopes
        return cls(known, codes, edges[codes + 1] - away, edges[codes] - away, x, len(thresholds))

    def pulled(self, upper: Array, lower: Array) -> Array:
        """Derivatives by thresholds and slopes from those by the two thresholds of each row: n × (K − 1 + c)."""
        result = np.zeros((len(upper), self.thresholds + 1))
        rows = np.arange(len(upper))
        result[rows, self.codes] = upper
        result[rows, self.codes - 1] += lower  # the threshold before the first is the last column, which goes
        return np.concatenate([result[:, :-1], -self.x * (upper + lower)[:, None]], axis=1)

    def slopes(self) -> Two:
        """∂ℓ by the two thresholds."""
        probability = np.maximum(_mass(self.upper, self.lower), _SMALLEST)
        return _density(self.upper) / probability, -_density(self.lower) / probability

    def scores(self) -> Array:
        """∂ℓ by thresholds and slopes; zero without an answer."""
        return np.where(self.known[:, None], self.pulled(*self.slopes()), 0.0)

    def curvature(self, weights: Array) -> Array:
        """−Σ w ∂²ℓ by thresholds and slopes."""
        upper, lower = self.slopes()
        share, own = weights * self.known, self.scores()
        both = [self.pulled(np.ones_like(upper), np.zeros_like(upper)), self.pulled(0 * upper, np.ones_like(upper))]
        bends = (share * self.upper * upper, share * self.lower * lower)
        result = own.T @ (share[:, None] * own)
        return np.asarray(result + sum(side.T @ (bend[:, None] * side) for side, bend in zip(both, bends, strict=True)))

    @property
    def residual(self) -> Array:
        """Expected latent response less what the covariates say."""
        upper, lower = self.slopes()
        return -(upper + lower)


@dataclass(frozen=True)
class NumberView:
    """Rows of an item taken as numbers: residuals `z` in standard deviations (n); `variance` is what x leaves."""

    known: NDArray[np.bool_]
    z: Array
    x: Array
    variance: float

    @classmethod
    def at(cls, answers: Array, x: Array, mean: float, slopes: Array, variance: float) -> NumberView:
        """The answers (NaN = none) at these parameters."""
        known = ~np.isnan(answers)
        residual = np.where(known, answers - mean - x @ slopes, 0.0)
        return cls(known, residual / np.sqrt(variance), x, variance)

    def pulled(self, by_mean: Array, by_variance: Array) -> Array:
        """Derivatives by mean, slopes and variance from those by mean and variance: n × (2 + c)."""
        return np.column_stack([by_mean, self.x * by_mean[:, None], by_variance])

    def scores(self) -> Array:
        """∂ℓ by mean, slopes and variance; zero without an answer."""
        scores = self.pulled(self.z / np.sqrt(self.variance), (self.z**2 - 1) / (2 * self.variance))
        return np.where(self.known[:, None], scores, 0.0)

    @property
    def residual(self) -> Array:
        """Residuals in standard deviations."""
        return self.z


View = OrderedView | NumberView


class PairSlopes(NamedTuple):
    """∂ℓ of two responses by their correlation (n), and by what `pulled` takes of the first and of the second."""

    rho: Array
    first: Two
    second: Two


def pair_score(one: View, other: View, rho: float) -> Two:
    """∂ℓ/∂ρ and ∂²ℓ/∂ρ² of rows with both answers; what stands in other rows has no meaning."""
    if isinstance(one, NumberView):
        return _numbers_score(one, other, rho) if isinstance(other, NumberView) else _mixed_score(one, other, rho)
    return _mixed_score(other, one, rho) if isinstance(other, NumberView) else _ordered_score(one, other, rho)


def pair_slopes(one: View, other: View, rho: float) -> PairSlopes:
    """All derivatives of rows with both answers."""
    if isinstance(one, NumberView):
        if isinstance(other, NumberView):
            return _numbers_slopes(one, other, rho)
        return _mixed_slopes(one, other, rho)
    if isinstance(other, NumberView):
        found = _mixed_slopes(other, one, rho)
        return PairSlopes(found.rho, found.second, found.first)
    return _ordered_slopes(one, other, rho)


def _density(z: Array) -> Array:
    return np.asarray(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))


def _mass(upper: Array, lower: Array) -> Array:
    """Φ(upper) − Φ(lower), in the tail where both are on one side."""
    from scipy.special import ndtr

    flip = lower > 0
    return np.asarray(ndtr(np.where(flip, -lower, upper)) - ndtr(np.where(flip, -upper, lower)))


def _numbers_score(one: NumberView, other: NumberView, rho: float) -> Two:
    rest, product, squares = 1 - rho**2, one.z * other.z, one.z**2 + other.z**2
    distance = squares - 2 * rho * product
    score = (rho + product - distance * rho / rest) / rest
    bend = (1 + rho**2 + 2 * rho * product - squares + 4 * rho * product) / rest**2 - 4 * rho**2 * distance / rest**3
    return score, bend


def _numbers_slopes(one: NumberView, other: NumberView, rho: float) -> PairSlopes:
    rest = 1 - rho**2

    def own(view: NumberView, beside: NumberView) -> Two:
        pull = view.z - rho * beside.z
        return pull / (rest * np.sqrt(view.variance)), (view.z * pull / rest - 1) / (2 * view.variance)

    return PairSlopes(_numbers_score(one, other, rho)[0], own(one, other), own(other, one))


def _conditional(number: NumberView, graded: OrderedView, rho: float) -> tuple[Array, Array, Array, Array, Array]:
    """Thresholds of the ordered response given the number, their densities, and the probability between them."""
    root = np.sqrt(1 - rho**2)
    upper, lower = (graded.upper - rho * number.z) / root, (graded.lower - rho * number.z) / root
    return upper, lower, _density(upper), _density(lower), np.maximum(_mass(upper, lower), _SMALLEST)


def _mixed_score(number: NumberView, graded: OrderedView, rho: float) -> Two:
    rest = 1 - rho**2
    upper, lower, at_upper, at_lower, probability = _conditional(number, graded, rho)
    score, bend = np.zeros_like(number.z), np.zeros_like(number.z)
    for edge, given, density, sign in ((graded.upper, upper, at_upper, 1), (graded.lower, lower, at_lower, -1)):
        moved = (edge * rho - number.z) / rest**1.5
        score += sign * density * moved / probability
        bend += sign * density * (edge / rest**1.5 + 3 * rho * moved / rest - given * moved**2) / probability
    return score, bend - score**2


def _mixed_slopes(number: NumberView, graded: OrderedView, rho: float) -> PairSlopes:
    root = np.sqrt(1 - rho**2)
    _, _, at_upper, at_lower, probability = _conditional(number, graded, rho)
    between = rho * (at_upper - at_lower) / (root * probability)
    by_number = (
        (number.z + between) / np.sqrt(number.variance),
        (number.z**2 - 1 + number.z * between) / (2 * number.variance),
    )
    by_graded = at_upper / (root * probability), -at_lower / (root * probability)
    return PairSlopes(_mixed_score(number, graded, rho)[0], by_number, by_graded)


def _cell(one: OrderedView, other: OrderedView, rho: float) -> tuple[Array, Array, Array]:
    """Probability of each row's cell, not below _SMALLEST_CELL, and its derivatives by ρ, which are 0 there."""
    r = np.full(1, rho)
    corners = [(one.upper, other.upper, 1), (one.lower, other.lower, 1)]
    corners += [(one.upper, other.lower, -1), (one.lower, other.upper, -1)]
    probability, slope, bend = (
        sum(sign * function(np.clip(h, -BEYOND, BEYOND), np.clip(k, -BEYOND, BEYOND), r) for h, k, sign in corners)
        for function in (bivariate_normal, normal_density, density_slope)
    )
    seen = probability > _SMALLEST_CELL
    return np.where(seen, probability, _SMALLEST_CELL), np.where(seen, slope, 0.0), np.where(seen, bend, 0.0)


def _ordered_score(one: OrderedView, other: OrderedView, rho: float) -> Two:
    probability, slope, bend = _cell(one, other, rho)
    score = slope / probability
    return score, bend / probability - score**2


def _ordered_slopes(one: OrderedView, other: OrderedView, rho: float) -> PairSlopes:
    probability, slope, _ = _cell(one, other, rho)
    root = np.sqrt(1 - rho**2)

    def own(view: OrderedView, beside: OrderedView) -> Two:
        upper, lower = (
            _density(edge) * _mass((beside.upper - rho * edge) / root, (beside.lower - rho * edge) / root)
            for edge in (view.upper, view.lower)
        )
        return upper / probability, -lower / probability

    return PairSlopes(slope / probability, own(one, other), own(other, one))
