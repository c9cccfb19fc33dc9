"""Effect of a way of being served: what the outcome would be if all had it, less what it would be if nobody had.

Those who have it are others than those who don't. Three estimators make them comparable by the background answers x:
regression adjustment (RA) models the outcome in each group, inverse probability weighting (IPW) models who has it,
and the augmented estimator (AIPW) does both and is right when either model is (Robins, Rotnitzky & Zhao 1994; Stata's
teffects; weights of the survey in both models: Ridgeway et al. 2015, J. Causal Inference 3). AIPW here is
cross-fitted: each fold, whole sampling units, is predicted by models of the others (Chernozhukov et al. 2018,
Econometrics J. 21). What no x records stays in the effect; the E-value says how strong it would have to be
(VanderWeele & Ding 2017, Annals of Internal Medicine 167)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.drivers.fitting import Link, binary_regression, least_squares, pseudo_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.drivers.fitting import BinaryRegression

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

Estimator = Literal["ra", "ipw", "aipw"]


@dataclass(frozen=True)
class Arms:
    """Pseudo-values of the effect and of the mean without treatment, and each row's probability of treatment."""

    effect: Floats
    untreated: Floats
    propensity: Floats


def plain_difference(y: Floats, t: Floats, weights: Floats) -> Arms:
    """Difference of the means of those who have it and those who don't: nothing is held constant."""
    return regression_adjustment(y, t, np.ones((len(y), 1)), weights)


def regression_adjustment(y: Floats, t: Floats, x: Floats, weights: Floats) -> Arms:
    """RA: mean of the predictions x'β₁ − x'β₀ of least squares in either group; `x` has an intercept."""
    means, influences = [], []
    total = weights.sum()
    for arm in (t, 1 - t):
        fit = least_squares(y, x, weights * arm)
        predicted = x @ fit.coefficients
        mean = float(weights @ predicted / total)
        means.append(mean)
        influences.append(weights * (predicted - mean) / total + fit.influence_on(weights @ x / total))
    return _arms(means, influences, weights, np.full(len(y), np.nan))


def inverse_weighting(
    y: Floats, t: Floats, z: Floats, weights: Floats, *, link: Link = "logit", model: BinaryRegression | None = None
) -> Arms:
    """IPW: difference of the means weighted by 1/P(own group | z), each over the sum of its weights (Hájek).

    `model`: of `t` by `z`, where it is known from another outcome of the same rows.
    """
    model = model or binary_regression(t, z, weights, link=link)
    means, influences = [], []
    for arm, p, sign in ((t, model.probability, 1.0), (1 - t, 1 - model.probability, -1.0)):
        each = weights * arm / p
        mean = float(each @ y / each.sum())
        moved = -sign * (each * (y - mean) / p * model.slope) @ z / each.sum()
        means.append(mean)
        influences.append(each * (y - mean) / each.sum() + model.influence_on(moved))
    return _arms(means, influences, weights, model.probability)


def augmented_weighting(y: Floats, t: Floats, x: Floats, z: Floats, weights: Floats, *, link: Link = "logit") -> Arms:
    """AIPW without folds: E[m₁ − m₀ + t(y − m₁)/p − (1 − t)(y − m₀)/(1 − p)], errors of both models included."""
    model, total = binary_regression(t, z, weights, link=link), weights.sum()
    means, influences = [], []
    for arm, p, sign in ((t, model.probability, 1.0), (1 - t, 1 - model.probability, -1.0)):
        fit = least_squares(y, x, weights * arm)
        predicted = x @ fit.coefficients
        left = arm * (y - predicted) / p
        mean = float(weights @ (predicted + left) / total)
        by_outcome = (weights * (1 - arm / p)) @ x / total
        by_treatment = -sign * (weights * left / p * model.slope) @ z / total
        own = weights * (predicted + left - mean) / total
        means.append(mean)
        influences.append(own + fit.influence_on(by_outcome) + model.influence_on(by_treatment))
    return _arms(means, influences, weights, model.probability)


def cross_fitted(
    y: Floats,
    t: Floats,
    x: Floats,
    z: Floats,
    weights: Floats,
    *,
    fold: Codes,
    link: Link = "logit",
    propensity: Floats | None = None,
) -> Arms:
    """AIPW whose predictions of the rows of a `fold` come from models of all other folds.

    Errors of the models are of second order then: the pseudo-values are those of the estimator with known models.
    `propensity`: what these models say of `t`, where it is known from another outcome of the same rows and folds.
    """
    p, arms = np.empty(len(y)) if propensity is None else propensity, np.empty((2, len(y)))
    for number in np.unique(fold):
        inside = fold == number
        rest = np.where(inside, 0.0, weights)
        if propensity is None:
            p[inside] = binary_regression(t, z, rest, link=link).probability[inside]
        for place, arm in enumerate((t, 1 - t)):
            arms[place, inside] = x[inside] @ least_squares(y, x, rest * arm).coefficients
    with_it = arms[0] + t * (y - arms[0]) / p
    without = arms[1] + (1 - t) * (y - arms[1]) / (1 - p)
    return Arms(with_it - without, without, p)


def draw_folds(unit: Codes, *, folds: int, seed: int) -> Codes:
    """Fold of every row: sampling units (code of each row) are dealt out at random, all rows of a unit together."""
    names, place = np.unique(unit, return_inverse=True)
    dealt = np.random.default_rng(seed).permutation(len(names)) % folds
    return np.asarray(dealt[place], dtype=np.int64)


def overlap_bound(propensity: Floats, weights: Floats) -> float:
    """α of the rule of Crump et al. (2009, Biometrika 96): keep α ≤ p ≤ 1 − α; 0 where everybody may stay.

    The smallest α with 1/(α(1 − α)) ≤ 2·E[g | g ≤ 1/(α(1 − α))] for g = 1/(p(1 − p)), which minimises the variance of
    the effect on those who are kept.
    """
    g = 1 / (propensity * (1 - propensity))
    order = np.argsort(g, kind="stable")
    ordered, w = g[order], weights[order]
    mean = np.cumsum(w * ordered) / np.maximum(np.cumsum(w), np.finfo(float).tiny)
    if ordered[-1] <= 2 * mean[-1]:
        return 0.0
    kept = np.flatnonzero(ordered <= 2 * mean)
    return 0.5 - float(np.sqrt(max(0.25 - 1 / (2 * mean[kept[-1]]), 0.0)))


def e_value(difference: float, low: float, high: float, spread: float) -> tuple[float, float]:
    """E-values of a difference of means and of the limit of its interval next to 0 (1 where it holds 0).

    RR ≈ exp(0.91·d) with d the difference over the standard deviation `spread` of the outcome; E = RR + √(RR(RR − 1)).
    An unrecorded cause would have to be so strongly tied to treatment and outcome alike, as a risk ratio.
    """
    limit = 0.0 if low <= 0 <= high else min(abs(low), abs(high))

    def strength(size: float) -> float:
        ratio = float(np.exp(0.91 * size / spread))
        return ratio + float(np.sqrt(ratio * (ratio - 1)))

    return strength(abs(difference)), strength(limit)


def _arms(means: list[float], influences: list[Floats], weights: Floats, propensity: Floats) -> Arms:
    effect = pseudo_values(means[0] - means[1], influences[0] - influences[1], weights)
    return Arms(effect, pseudo_values(means[1], influences[1], weights), propensity)
