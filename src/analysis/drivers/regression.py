"""Regressions under a survey design: linear, logistic and of ordered answers, with one sandwich for all.

Arrays in, arrays out; knows NumPy, SciPy and the design. With the score s_i of a row in the weighted (log) likelihood
and the information A, the influence of a row on the coefficients is A⁻¹·w_i·s_i, and the covariance of the coefficients
is that of the total of the influences under the design. No array of rows × coefficients is kept besides the columns:
scores are a number per row times its columns. Equals R survey's svyglm (gaussian, quasibinomial) and svyolr.
Sources: Binder 1983; Lumley 2010, §5–6; McCullagh 1980 (proportional odds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.drivers.fitting import weighted_products
from analysis.errors import MethodError
from analysis.survey.estimation.sandwich import covariance_by_rows, covariance_of_scores, sum_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

Family = Literal["linear", "logistic", "ordered"]
MOST_STEPS = 50
TOLERANCE = 1e-10
"""Largest step, in standard errors, that still changes a coefficient."""
FAR = 30.0
"""A linear predictor beyond this is a probability of 0 or 1: the answers are told apart completely."""


@dataclass(frozen=True)
class Scores:
    """Derivatives of the weighted log likelihood of each row by the coefficients: slope · x, never written out at once.

    Ordered answers have them by the threshold above (`upper`) and below (`lower`) the answer `code`, of `count`, too.
    """

    x: Floats
    slope: Floats
    code: Codes | None = None
    upper: Floats | None = None
    lower: Floats | None = None
    count: int = 0

    def at(self, rows: Codes) -> Floats:
        """Those of some rows: rows × (coefficients, then thresholds)."""
        own = self.x[rows] * self.slope[rows][:, None]
        if self.code is None or self.upper is None or self.lower is None:
            return own
        # a column more at each end: no threshold is below the lowest answer, and none above the highest
        thresholds, place = np.zeros((len(rows), self.count + 1)), np.arange(len(rows))
        thresholds[place, self.code[rows]] = self.lower[rows]
        thresholds[place, self.code[rows] + 1] = self.upper[rows]
        return np.hstack([own, thresholds[:, 1:-1]])


@dataclass(frozen=True)
class Regression:
    """A fitted regression: coefficients, then thresholds of ordered answers; scores and inverse of the information.

    degrees: of freedom, first-stage units − strata + 1 − coefficients (of ordered answers without the 1, as in R).
    """

    family: Family
    estimate: Floats
    scores: Scores
    inverse: Floats
    covariance: Floats
    degrees: float
    n: int

    @property
    def se(self) -> Floats:
        """Standard error of each estimate."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)), dtype=np.float64)


def fit_linear(y: Floats, x: Floats, design: SurveyDesign) -> Regression:
    """Weighted least squares of y on the columns of x, intercept included (R: svyglm)."""
    inverse = _inverse(weighted_products(x, design.weights), len(y))
    beta = inverse @ (x.T @ (design.weights * y))
    return _fitted("linear", beta, Scores(x, design.weights * (y - x @ beta)), inverse, design)


def fit_logistic(y: Floats, x: Floats, design: SurveyDesign) -> Regression:
    """Weighted logistic regression of y (0 or 1) on the columns of x (R: svyglm, quasibinomial)."""
    weights = design.weights

    def climb(beta: Floats) -> tuple[Floats, Floats]:
        share = _expit(x @ beta)
        return x.T @ (weights * (y - share)), weighted_products(x, weights * share * (1 - share))

    start = np.zeros(x.shape[1])
    share = float(np.clip(weights @ y / weights.sum(), 1e-6, 1 - 1e-6))
    start[0] = np.log(share / (1 - share))
    beta, inverse = _maximise(climb, start, len(y), lambda beta: x @ beta)
    return _fitted("logistic", beta, Scores(x, weights * (y - _expit(x @ beta))), inverse, design)


def fit_ordered(y: NDArray[np.int64], x: Floats, design: SurveyDesign) -> Regression:
    """Proportional odds of ordered answers (codes 0 … K − 1) on the columns of x, which have no intercept (R: svyolr).

    P(y ≤ j) = expit(ζ_j − x·β); the K − 1 thresholds ζ come after the coefficients.
    """
    count, width, weights = int(y.max()) + 1, x.shape[1], design.weights

    def chances(parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """P(y ≤ answer), P(y < answer) and P(answer) of each row."""
        ends, linear = np.concatenate([[-np.inf], parameters[width:], [np.inf]]), x @ parameters[:width]
        high, low = _expit(ends[y + 1] - linear), _expit(ends[y] - linear)
        return high, low, np.maximum(high - low, 1e-300)

    def scores(parameters: Floats) -> Scores:
        high, low, chance = chances(parameters)
        upper, lower = weights * high * (1 - high) / chance, -weights * low * (1 - low) / chance
        return Scores(x, -(upper + lower), y, upper, lower, count)

    def climb(parameters: Floats) -> tuple[Floats, Floats]:
        high, low, chance = chances(parameters)
        rise, fall = high * (1 - high), low * (1 - low)
        up, down = rise / chance, -fall / chance
        bend_up, bend_down = rise * (1 - 2 * high) / chance, fall * (1 - 2 * low) / chance
        # information by the two thresholds beside an answer, each alone and both; by x·β it is that of their sum
        above, below, both = up**2 - bend_up, down**2 + bend_down, up * down
        information = np.zeros((width + count + 1,) * 2)
        information[:width, :width] = weighted_products(x, weights * (above + below + 2 * both))
        thresholds, answers = information[width:, width:], np.arange(count)
        thresholds[answers + 1, answers + 1] += np.bincount(y, weights * above, count)
        thresholds[answers, answers] += np.bincount(y, weights * below, count)
        thresholds[answers + 1, answers] = thresholds[answers, answers + 1] = np.bincount(y, weights * both, count)
        crossed = information[width:, :width]
        crossed[1:] -= sum_rows(x, weights * (above + both), y, count)
        crossed[:-1] -= sum_rows(x, weights * (below + both), y, count)
        information[:width, width:] = crossed.T
        steps = np.bincount(y + 1, weights * up, count + 1) + np.bincount(y, weights * down, count + 1)
        gradient = np.concatenate([x.T @ (-weights * (up + down)), steps])
        kept = np.r_[:width, width + 1 : width + count]
        return gradient[kept], information[np.ix_(kept, kept)]

    under = np.cumsum(np.bincount(y, weights=weights, minlength=count))[:-1] / weights.sum()
    start = np.concatenate([np.zeros(width), np.log(under / (1 - under))])
    estimate, inverse = _maximise(climb, start, len(y), lambda parameters: x @ parameters[:width])
    return _fitted("ordered", estimate, scores(estimate), inverse, design, thresholds=count - 1)


def predictive_margins(
    fit: Regression, changes: Iterable[tuple[Codes, Floats]], design: SurveyDesign
) -> tuple[Floats, Floats]:
    """Mean prediction with some columns changed in each way (their places, and rows × so many), and its covariance.

    Marginal standardisation: everybody keeps what they are but for what was changed. The score of a row is that of the
    mean of the predictions and that of the coefficients together: w(μ_i − m)/Σw + (∂m/∂β)·influence (Graubard & Korn
    1999). `fit` is linear (a mean) or logistic (a share of 0–1).
    """
    x, weights, total = fit.scores.x, design.weights, design.weights.sum()
    linear, sums = x @ fit.estimate, weights @ x
    found, own, gradients = [], [], []
    for places, values in changes:
        beta = fit.estimate[places]
        mean = linear + values @ beta - x[:, places] @ beta
        each, gradient = weights, sums.copy()
        if fit.family == "logistic":
            mean = _expit(mean)
            each = weights * mean * (1 - mean)
            gradient = each @ x
        gradient[places] = each @ values
        middle = float(weights @ mean / total)
        found.append(middle)
        own.append(weights * (mean - middle) / total)
        gradients.append(gradient)
    scores = x @ (fit.inverse @ np.column_stack(gradients))
    scores *= (fit.scores.slope / total)[:, None]
    scores += np.column_stack(own)
    return np.array(found), covariance_of_scores(scores, design)


def variance_inflation(x: Floats, weights: Floats, terms: list[NDArray[np.int64]]) -> Floats:
    """Generalised variance inflation of terms, each some columns of x (without intercept): det R₁·det R₂/det R.

    For a term of one column it is 1/(1 − R²) of that column on the others. Source: Fox & Monette 1992 (R: car, vif).
    """
    products = weighted_products(x, weights, middle=weights @ x / weights.sum())
    spread = np.sqrt(np.diag(products))
    correlation = products / np.outer(spread, spread)
    _, whole = np.linalg.slogdet(correlation)
    found = []
    for own in terms:
        others = np.setdiff1d(np.arange(x.shape[1]), own)
        parts = [np.linalg.slogdet(correlation[np.ix_(part, part)])[1] for part in (own, others)]
        found.append(np.exp(sum(parts) - whole))
    return np.array(found)


def _maximise(
    climb: Callable[[Floats], tuple[Floats, Floats]],
    start: Floats,
    rows: int,
    predictor: Callable[[Floats], Floats],
) -> tuple[Floats, Floats]:
    """Newton's method on gradient and information: estimate, and the inverse of the information there."""
    parameters = start
    for _ in range(MOST_STEPS):
        gradient, information = climb(parameters)
        inverse = _inverse(information, rows)
        step = inverse @ gradient
        parameters = parameters + step
        if np.abs(predictor(parameters)).max(initial=0.0) > FAR:
            break
        if (np.abs(step) <= TOLERANCE * np.sqrt(np.diag(inverse))).all():
            return parameters, _inverse(climb(parameters)[1], rows)
    raise MethodError(
        "The regression does not come to an end: some answers tell the outcome completely.",
        expected="both outcomes among the interviews with any answer",
        hint="leave a question out of drivers.background, or join its rare answers",
    )


def _inverse(information: Floats, rows: int) -> Floats:
    scale = np.sqrt(np.maximum(np.diag(information), 0.0))
    scaled = information / np.outer(scale, scale) if (scale > 0).all() else information
    if rows <= len(information) or np.linalg.matrix_rank(scaled, tol=1e-10, hermitian=True) < len(information):
        raise MethodError(
            "What explains the outcome can't be told apart: one of the questions follows from the others.",
            expected=f"more than {len(information)} interviews, and answers that differ",
            got=f"{rows} interviews",
            hint="leave a question out of drivers.background, or a pair out of drivers.interactions",
        )
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale), dtype=np.float64)


def _fitted(
    family: Family,
    estimate: Floats,
    scores: Scores,
    inverse: Floats,
    design: SurveyDesign,
    *,
    thresholds: int = 0,
) -> Regression:
    lost = len(estimate) - thresholds - (thresholds == 0)
    covariance = covariance_by_rows(lambda rows: scores.at(rows) @ inverse, len(estimate), design)
    degrees = float(max(design.degrees - lost, 1))
    return Regression(family, estimate, scores, inverse, covariance, degrees, int((design.weights != 0).sum()))


def _expit(values: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(values), dtype=np.float64)
