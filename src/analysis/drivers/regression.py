"""Regressions under a survey design: linear, logistic and of ordered answers, with one sandwich for all.

Arrays in, arrays out; knows NumPy, SciPy and the design. With the score s_i of a row in the weighted (log) likelihood
and the information A, the influence of a row on the coefficients is A⁻¹·w_i·s_i, and the covariance of the coefficients
is that of the total of the influences under the design. Equals R survey's svyglm (gaussian, quasibinomial) and svyolr.
Sources: Binder 1983; Lumley 2010, §5–6; McCullagh 1980 (proportional odds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.errors import MethodError
from analysis.survey.estimation.sandwich import covariance_of_scores

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

Family = Literal["linear", "logistic", "ordered"]
MOST_STEPS = 50
TOLERANCE = 1e-10
"""Largest step, in standard errors, that still changes a coefficient."""
FAR = 30.0
"""A linear predictor beyond this is a probability of 0 or 1: the answers are told apart completely."""


@dataclass(frozen=True)
class Regression:
    """A fitted regression: coefficients, then thresholds of ordered answers; influence of each row on each of them.

    degrees: of freedom, first-stage units − strata + 1 − coefficients (of ordered answers without the 1, as in R).
    """

    family: Family
    estimate: Floats
    influence: Floats
    covariance: Floats
    degrees: float
    n: int

    @property
    def se(self) -> Floats:
        """Standard error of each estimate."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)), dtype=np.float64)


def fit_linear(y: Floats, x: Floats, design: SurveyDesign) -> Regression:
    """Weighted least squares of y on the columns of x, intercept included (R: svyglm)."""
    information = x.T @ (design.weights[:, None] * x)
    inverse = _inverse(information, len(y))
    beta = inverse @ (x.T @ (design.weights * y))
    return _fitted("linear", beta, x * (y - x @ beta)[:, None], inverse, design)


def fit_logistic(y: Floats, x: Floats, design: SurveyDesign) -> Regression:
    """Weighted logistic regression of y (0 or 1) on the columns of x (R: svyglm, quasibinomial)."""

    def climb(beta: Floats) -> tuple[Floats, Floats]:
        share = _expit(x @ beta)
        return x * (y - share)[:, None], x.T @ ((design.weights * share * (1 - share))[:, None] * x)

    start = np.zeros(x.shape[1])
    share = float(np.clip(design.weights @ y / design.weights.sum(), 1e-6, 1 - 1e-6))
    start[0] = np.log(share / (1 - share))
    beta, scores, inverse = _maximise(climb, start, design.weights, lambda beta: x @ beta)
    return _fitted("logistic", beta, scores, inverse, design)


def fit_ordered(y: NDArray[np.int64], x: Floats, design: SurveyDesign) -> Regression:
    """Proportional odds of ordered answers (codes 0 … K − 1) on the columns of x, which have no intercept (R: svyolr).

    P(y ≤ j) = expit(ζ_j − x·β); the K − 1 thresholds ζ come after the coefficients.
    """
    count, width = int(y.max()) + 1, x.shape[1]
    steps = np.eye(count - 1)
    upper = np.hstack([-x, np.vstack([steps, np.zeros(count - 1)])[y]])
    lower = np.hstack([-x, np.vstack([np.zeros(count - 1), steps])[y]])
    top, bottom = y == count - 1, y == 0

    def climb(parameters: Floats) -> tuple[Floats, Floats]:
        high = np.where(top, 1.0, _expit(upper @ parameters))
        low = np.where(bottom, 0.0, _expit(lower @ parameters))
        chance, rise, fall = np.maximum(high - low, 1e-300), high * (1 - high), low * (1 - low)
        scores = (rise[:, None] * upper - fall[:, None] * lower) / chance[:, None]
        w = design.weights / chance
        curve = upper.T @ ((w * rise * (1 - 2 * high))[:, None] * upper)
        curve -= lower.T @ ((w * fall * (1 - 2 * low))[:, None] * lower)
        return scores, scores.T @ (design.weights[:, None] * scores) - curve

    below = np.cumsum(np.bincount(y, weights=design.weights, minlength=count))[:-1] / design.weights.sum()
    start = np.concatenate([np.zeros(width), np.log(below / (1 - below))])
    fit = _maximise(climb, start, design.weights, lambda parameters: x @ parameters[:width])
    return _fitted("ordered", *fit, design, thresholds=count - 1)


def predictive_margins(fit: Regression, columns: list[Floats], design: SurveyDesign) -> tuple[Floats, Floats]:
    """Mean prediction with the columns changed in each way, and the covariance of these means.

    Marginal standardisation: everybody keeps what they are but for what was changed. The score of a row is that of the
    mean of the predictions and that of the coefficients together: w(μ_i − m)/Σw + (∂m/∂β)·influence (Graubard & Korn
    1999). `fit` is linear (a mean) or logistic (a share of 0–1).
    """
    weights, total = design.weights, design.weights.sum()
    found, scores = [], []
    for x in columns:
        mean = x @ fit.estimate
        slope = np.ones(len(mean))
        if fit.family == "logistic":
            mean = _expit(mean)
            slope = mean * (1 - mean)
        middle = float(weights @ mean / total)
        gradient = (weights * slope) @ x / total
        found.append(middle)
        scores.append(weights * (mean - middle) / total + fit.influence @ gradient)
    return np.array(found), covariance_of_scores(np.column_stack(scores), design)


def variance_inflation(x: Floats, weights: Floats, terms: list[NDArray[np.int64]]) -> Floats:
    """Generalised variance inflation of terms, each some columns of x (without intercept): det R₁·det R₂/det R.

    For a term of one column it is 1/(1 − R²) of that column on the others. Source: Fox & Monette 1992 (R: car, vif).
    """
    centred = x - weights @ x / weights.sum()
    spread = np.sqrt(weights @ centred**2)
    correlation = (centred * weights[:, None]).T @ centred / np.outer(spread, spread)
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
    weights: Floats,
    predictor: Callable[[Floats], Floats],
) -> tuple[Floats, Floats, Floats]:
    """Newton's method: estimate, scores of the rows, and the inverse of the information there."""
    parameters = start
    for _ in range(MOST_STEPS):
        scores, information = climb(parameters)
        inverse = _inverse(information, len(weights))
        step = inverse @ (weights @ scores)
        parameters = parameters + step
        if np.abs(predictor(parameters)).max(initial=0.0) > FAR:
            break
        if (np.abs(step) <= TOLERANCE * np.sqrt(np.diag(inverse))).all():
            scores, information = climb(parameters)
            return parameters, scores, _inverse(information, len(weights))
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
    scores: Floats,
    inverse: Floats,
    design: SurveyDesign,
    *,
    thresholds: int = 0,
) -> Regression:
    influence = (scores * design.weights[:, None]) @ inverse
    lost = len(estimate) - thresholds - (thresholds == 0)
    return Regression(
        family,
        estimate,
        influence,
        covariance_of_scores(influence, design),
        float(max(design.degrees - lost, 1)),
        int((design.weights != 0).sum()),
    )


def _expit(values: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(values), dtype=np.float64)
