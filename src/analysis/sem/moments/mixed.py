"""Moments of ordered items beside others, given covariates: Muthén's (1984) two steps and their covariance Γ.

First each item by itself: a probit regression of an ordered one on the covariates (thresholds and slopes), least
squares of another (mean, slopes and variance). Then the correlation of what is left of every two, given the first step:
polychoric, polyserial or product-moment. Γ follows from what each row adds to both steps, A₁₁⁻¹ s₁ and
A₂₂⁻¹ (s₂ − A₂₁ A₁₁⁻¹ s₁) with the sums of products of the scores for A (as lavaan takes them); correlations become
covariances by the delta method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.moments.between_units import between_units
from analysis.sem.moments.ordinal import (
    LARGEST,
    OrdinalMoments,
    Polychoric,
    check_varied,
    coded,
    ordinal_moments,
    polychoric,
)
from analysis.sem.moments.sample import Sample
from analysis.sem.moments.views import NumberView, OrderedView, View, pair_score, pair_slopes

Array = NDArray[Any]
_TOLERANCE = 1e-10
_MAX_ITERATIONS = 100
_COLLINEAR = 1e-10
"""Singular value of the covariates, each of length one, below which one of them follows from the others."""


@dataclass(frozen=True)
class _Step:
    """The first step for one item: thresholds (or the mean alone), slopes, variance (1 for an ordered item), and the
    inverse of the sum of products of its scores.
    """

    name: str
    ordered: bool
    levels: Array
    slopes: Array
    variance: float
    inverse: Array
    converged: bool

    def view(self, answers: Array, x: Array) -> View:
        """What the rows say at the parameters."""
        if self.ordered:
            return OrderedView.at(answers, x, self.levels, self.slopes)
        return NumberView.at(answers, x, float(self.levels[0]), self.slopes, self.variance)


@dataclass(frozen=True)
class _Pair:
    """The second step for two items: ρ, A₂₂, and what their own scores take from that of ρ."""

    first: int
    second: int
    rho: float
    own: float
    by_first: Array
    by_second: Array
    converged: bool


def response_moments(
    sample: Sample,
    items: Sequence[str],
    *,
    ordered: NDArray[np.bool_],
    covariates: NDArray[np.int64] | None = None,
    located: bool = False,
) -> OrdinalMoments:
    """Moments of the items that are no covariates, in their order; `ordered` says which of all items are.

    `covariates` are the places of those that the moments are conditional on; every row has them. Weights, strata, PSU
    and missing answers as in `ordinal_moments`, which it is where all items are ordered. Raises MethodError for an
    ordered item with one category or too many, another without variance, and for covariates that say the same.
    """
    given = np.zeros(0, dtype=np.int64) if covariates is None else covariates
    kept = np.setdiff1d(np.arange(len(items)), given)
    names, graded = [items[place] for place in kept], ordered[kept]
    if graded.all() and not len(given):
        return ordinal_moments(sample, items, located=located)
    known = sample.in_double
    answers, x = known[:, kept].copy(), known[:, given]
    _check_covariates(x, [items[place] for place in given])
    places = np.flatnonzero(graded)
    codes, sizes = coded(answers[:, places], [names[place] for place in places])
    answers[:, places] = np.where(np.isnan(answers[:, places]), np.nan, codes)
    tables = None if len(given) else polychoric(codes, sizes, sample.weights, [names[place] for place in places])
    first = [_first_step(answers[:, i], x, sample.weights, name, graded[i]) for i, name in enumerate(names)]
    second = _second_steps(first, answers, x, sample.weights, tables)
    scores = _Scores(first, second, x.shape[1], float(sample.weights.sum()), tables)
    gamma = between_units(replace(sample, answers=np.column_stack([answers, x])), matrices=[scores], traces=[])[0]
    return _gathered(first, second, gamma, sample.n, located=located)


def _check_covariates(x: Array, names: Sequence[str]) -> None:
    away = x - x.mean(axis=0)
    length = np.linalg.norm(away, axis=0)
    constant = [name for name, found in zip(names, length, strict=True) if found == 0]
    if constant:
        raise MethodError("A covariate of the model has one value only.", where=", ".join(constant))
    if len(names) and np.linalg.svd(away / length, compute_uv=False)[-1] < _COLLINEAR:
        raise MethodError(
            "A covariate of the model follows from the others.", where=", ".join(names), hint="remove one of them"
        )


def _first_step(answers: Array, x: Array, weights: Array, name: str, ordered: bool) -> _Step:
    known = ~np.isnan(answers)
    own, beside, share = answers[known], x[known], weights[known]
    step = (_probit if ordered else _least_squares)(own, beside, share, name)
    scores = step.view(own, beside).scores()
    information = scores.T @ (share[:, None] * scores)
    scale = np.sqrt(np.diag(information))
    if not (scale > 0).all() or np.linalg.cond(information / np.outer(scale, scale)) > 1 / _COLLINEAR:
        raise MethodError(
            "The answers to an item leave its thresholds or its mean and variance undetermined.",
            where=name,
            expected="different answers, and covariates that don't decide them",
        )
    return replace(step, inverse=np.linalg.inv(information))


def _least_squares(answers: Array, x: Array, weights: Array, name: str) -> _Step:
    """Mean, slopes and variance (denominator Σw)."""
    root = np.sqrt(weights)[:, None]
    design = np.column_stack([np.ones(len(x)), x])
    found = np.linalg.lstsq(root * design, root[:, 0] * answers, rcond=None)[0]
    variance = float(weights @ (answers - design @ found) ** 2 / weights.sum())
    if variance <= 1e-12 * float(weights @ answers**2 / weights.sum()) or len(answers) < 2:
        raise MethodError(
            "An item of the structural model has no variance of its own.",
            where=name,
            hint="remove the item from the model",
        )
    return _Step(name, False, found[:1], found[1:], variance, np.zeros((0, 0)), True)


def _probit(answers: Array, x: Array, weights: Array, name: str) -> _Step:
    """Thresholds and slopes of the latent response, by Newton's method from the thresholds of the margin."""
    from scipy.special import ndtri

    shares = np.bincount(answers.astype(np.int64), weights=weights)
    levels = ndtri(np.cumsum(shares)[:-1] / shares.sum())
    k, theta = len(levels), np.concatenate([levels, np.zeros(x.shape[1])])
    value, settled = _log_likelihood(answers, x, weights, theta, k), not x.shape[1]
    for _ in range(0 if settled else _MAX_ITERATIONS):
        view = OrderedView.at(answers, x, theta[:k], theta[k:])
        gradient = weights @ view.scores()
        step = np.linalg.lstsq(view.curvature(weights), gradient, rcond=None)[0]
        if gradient @ step < _TOLERANCE**2 * len(answers):
            settled = True
            break
        for halvings in range(30):
            candidate = theta + step / 2**halvings
            proposed = _log_likelihood(answers, x, weights, candidate, k)
            if proposed >= value - 1e-12 * abs(value):
                break
        theta, value = candidate, proposed
    return _Step(name, True, theta[:k], theta[k:], 1.0, np.zeros((0, 0)), settled)


def _log_likelihood(answers: Array, x: Array, weights: Array, theta: Array, k: int) -> float:
    from scipy.special import ndtr

    if (np.diff(theta[:k]) <= 0).any():
        return -np.inf
    view = OrderedView.at(answers, x, theta[:k], theta[k:])
    return float(weights @ np.log(np.maximum(ndtr(view.upper) - ndtr(view.lower), np.finfo(float).tiny)))


def _second_steps(
    first: Sequence[_Step], answers: Array, x: Array, weights: Array, tables: Polychoric | None
) -> list[_Pair]:
    """Every two items; correlations that the tables of ordered items have are taken from there."""
    views = [step.view(answers[:, i], x) for i, step in enumerate(first)]
    known = _by_tables(first, tables)
    pairs = []
    for i, j in combinations(range(len(first)), 2):
        if (i, j) in known and tables is not None:
            rho = float(tables.rho[known[i, j]])
            pairs.append(_Pair(i, j, rho, np.nan, np.zeros(0), np.zeros(0), tables.converged))
        else:
            pairs.append(_second_step(i, j, first, views, weights))
    return pairs


def _by_tables(first: Sequence[_Step], tables: Polychoric | None) -> dict[tuple[int, int], int]:
    """Where the correlation of two items stands among those of the tables."""
    if tables is None:
        return {}
    places = [i for i, step in enumerate(first) if step.ordered]
    return {pair: number for number, pair in enumerate(combinations(places, 2))}


def _second_step(i: int, j: int, first: Sequence[_Step], views: Sequence[View], weights: Array) -> _Pair:
    one, other = views[i], views[j]
    share = weights * (one.known & other.known)
    rho, converged = _correlation(one, other, share)
    if not converged and abs(rho) > 0.99 * LARGEST:
        raise MethodError(
            "Two items of the structural model repeat each other exactly.",
            got=f"{first[i].name} and {first[j].name}",
            hint="remove one of them from the model",
        )
    found = pair_slopes(one, other, rho)
    pull = share * found.rho
    by_first, by_second = (
        step.inverse @ (pull @ view.pulled(*two))
        for step, view, two in ((first[i], one, found.first), (first[j], other, found.second))
    )
    return _Pair(i, j, rho, float(pull @ found.rho), by_first, by_second, converged)


def _correlation(one: View, other: View, share: Array) -> tuple[float, bool]:
    """ρ with the largest likelihood, and whether it was reached; steps go at most half of the way to ±LARGEST."""
    a, b = one.residual, other.residual
    rho = float(share @ (a * b) / max(np.sqrt(float(share @ a**2) * float(share @ b**2)), _TOLERANCE))
    rho = float(np.clip(rho, -0.95, 0.95))
    for _ in range(_MAX_ITERATIONS):
        score, bend = pair_score(one, other, rho)
        gradient, observed, products = float(share @ score), -float(share @ bend), float(share @ score**2)
        step = gradient / (observed if observed > 0.1 * products else max(products, _TOLERANCE))
        moved = float(np.clip(rho + step, (rho - LARGEST) / 2, (rho + LARGEST) / 2))
        rho, distance = moved, abs(moved - rho)
        if distance < _TOLERANCE:
            return rho, abs(rho) < 0.999 * LARGEST
    return rho, False


class _Scores:
    """What single rows (answers with category numbers for ordered items, then covariates) add to the moments: n × M,
    in the order of levels, slopes, variances and covariances.
    """

    def __init__(
        self, first: Sequence[_Step], second: Sequence[_Pair], c: int, total: float, tables: Polychoric | None
    ) -> None:
        self.first, self.second, self.c, self.total, self.tables = first, second, c, total, tables
        self.known = _by_tables(first, tables)
        self.places = [i for i, step in enumerate(first) if step.ordered]

    def __call__(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        p = len(self.first)
        x = values[:, p:]
        views = [step.view(values[:, i], x) for i, step in enumerate(self.first)]
        scores = [view.scores() for view in views]
        moves = [self.total * own @ step.inverse for own, step in zip(scores, self.first, strict=True)]
        k = [len(step.levels) for step in self.first]
        levels = [own[:, :size] for own, size in zip(moves, k, strict=True)]
        slopes = [own[:, size : size + self.c] for own, size in zip(moves, k, strict=True)]
        spread = {i: own[:, -1] for i, own in enumerate(moves) if not self.first[i].ordered}
        covariances = self._pairs(values, of_row, views, scores, spread)
        return np.concatenate([*levels, *slopes, np.column_stack([*spread.values(), *covariances])], axis=1)

    def _pairs(
        self, values: Array, of_row: NDArray[np.int64], views: Sequence[View], scores: Sequence[Array], spread: Any
    ) -> list[Array]:
        by_tables = self._table_rows(values, of_row)
        result = []
        for pair in self.second:
            i, j = pair.first, pair.second
            if (i, j) in self.known:
                result.append(by_tables[:, self.known[i, j]])
                continue
            both = views[i].known & views[j].known
            score = np.where(both, pair_slopes(views[i], views[j], pair.rho).rho, 0.0)
            moved = (score - scores[i] @ pair.by_first - scores[j] @ pair.by_second) * self.total / pair.own
            scale = [np.sqrt(self.first[place].variance) for place in (i, j)]
            moved = moved * scale[0] * scale[1]
            for place, beside, own in ((i, scale[1], scale[0]), (j, scale[0], scale[1])):
                if place in spread:
                    moved = moved + pair.rho * beside / (2 * own) * spread[place]
            result.append(moved)
        return result

    def _table_rows(self, values: Array, of_row: NDArray[np.int64]) -> Array:
        """What the rows add to the correlations of ordered items that rest on tables."""
        if self.tables is None:
            return np.zeros((len(values), 0))
        codes = values[:, self.places]
        silent = self.tables.thresholds.shape[1] + 1
        return self.tables.contributions(np.where(np.isnan(codes), silent, codes).astype(np.int64), of_row)


def _gathered(
    first: Sequence[_Step], second: Sequence[_Pair], gamma: Array, n: int, *, located: bool
) -> OrdinalMoments:
    p, ordered = len(first), np.array([step.ordered for step in first])
    sizes = [len(step.levels) for step in first]
    thresholds = np.full((p, max(1, *(s for s, is_graded in zip(sizes, ordered, strict=True) if is_graded), 1)), np.nan)
    errors, own = thresholds.copy(), np.sqrt(np.diag(gamma) / (n - 1))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for i in np.flatnonzero(ordered).tolist():
        thresholds[i, : sizes[i]] = first[i].levels
        errors[i, : sizes[i]] = own[starts[i] : starts[i + 1]]
    covariance = np.diag([step.variance for step in first])
    for pair in second:
        i, j = pair.first, pair.second
        value = pair.rho * np.sqrt(first[i].variance * first[j].variance)
        covariance[i, j] = covariance[j, i] = value
    check_varied(np.diag(gamma)[starts[-1] :])
    return OrdinalMoments(
        thresholds=thresholds,
        threshold_errors=errors,
        covariance=covariance,
        gamma=gamma if located else gamma[starts[-1] :, starts[-1] :],
        n=n,
        converged=all(step.converged for step in first) and all(pair.converged for pair in second),
        means=np.array([0.0 if step.ordered else float(step.levels[0]) for step in first]),
        slopes=np.array([step.slopes for step in first]).reshape(p, -1),
        located=located,
    )
