"""Sampling error of what is computed from covariance matrices, and what it does to an order of rank.

The covariance of many results comes from the replicates of the design, each of which has a covariance matrix of its
own; without replicates it is linearised. Knows NumPy only, and of the survey its design.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.drivers.importance import BLOCK_ROWS, weighted_covariances
from analysis.errors import MethodError
from analysis.survey.design.codes import same_length
from analysis.survey.estimation.linearisation import deviations
from analysis.survey.estimation.sandwich import covariance_of_scores

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]
    OfCovariances = Callable[[Floats], Floats]

STEP = 1e-4
"""Step of the numerical derivative, in standard deviations of the two variables."""
LEAST_ROWS = 3
"""Complete interviews for each variable below which a covariance matrix says nothing."""


@dataclass(frozen=True)
class JointEstimate:
    """Results of one sample: estimates, their covariance, degrees of freedom, and the interviews they rest on."""

    estimate: Floats
    covariance: Floats
    degrees: float
    n: int

    def half_width(self, confidence: float) -> Floats:
        """Half of each interval, t·se."""
        from scipy.special import stdtrit

        error = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return np.asarray(stdtrit(self.degrees, 0.5 + confidence / 2) * error, dtype=np.float64)


def estimate_from_covariances(values: Floats, function: OfCovariances, *, design: SurveyDesign) -> JointEstimate:
    """Results of `function` for the covariance matrix of `values` (rows × k, NaN: no answer), with their covariance.

    `function` maps (r, k, k) to (r, m). The complete rows count, as a domain of the design. With replicates, V = Σ_r
    factors_r (θ_r − θ)(θ_r − θ)ᵀ; else θ is linearised: the score of a row is Σ_ij ∂θ/∂S_ij · w((x_i − m_i)(x_j − m_j)
    − S_ij)/Σw with numerical derivatives (central differences), and the scores go through the one sandwich. Raises
    MethodError where too few rows are complete.
    """
    same_length(len(values), design.rows, "values")
    complete = np.asarray(~np.isnan(values).any(axis=1))
    weights = np.where(complete, design.weights, 0.0)
    n, least = int((weights != 0).sum()), LEAST_ROWS * values.shape[1]
    if n < least:
        raise MethodError(
            "Too few interviews answer all of the questions that are set against each other.",
            expected=f"{least} or more",
            got=str(n),
        )
    filled, domain = np.where(complete[:, None], values, 0.0), replace(design, weights=weights)
    middle = weighted_covariances(filled, weights)
    estimate = function(middle)[0]
    drawn = design.replicates
    if drawn is None:
        scores = _scores(filled, weights, middle[0], function)
        return JointEstimate(estimate, covariance_of_scores(scores, domain), float(domain.degrees), n)
    each = function(weighted_covariances(filled, drawn.weights, used=complete))
    moved = deviations(each.T, estimate, drawn)
    return JointEstimate(estimate, moved @ moved.T, domain.limit, n)


def _scores(values: Floats, weights: Floats, covariance: Floats, function: OfCovariances) -> Floats:
    """Linearised score of every row in every result of `function`: rows × m."""
    first, second = np.triu_indices(len(covariance))
    spread = np.sqrt(np.diag(covariance))
    step = STEP * np.where(spread[first] * spread[second] > 0, spread[first] * spread[second], 1.0)
    moved = np.zeros((len(first), *covariance.shape))
    moved[np.arange(len(first)), first, second] = moved[np.arange(len(first)), second, first] = step
    gradient = (function(covariance + moved) - function(covariance - moved)) / (2 * step)[:, None]
    share = weights / weights.sum()
    middle, found = weights @ values / weights.sum(), np.empty((len(values), gradient.shape[1]))
    for start in range(0, len(values), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        away = np.ascontiguousarray((values[part] - middle).T)
        products = away[first] * away[second] - covariance[first, second][:, None]
        found[part] = share[part, None] * (products.T @ gradient)
    return found


def draw(estimate: Floats, covariance: Floats, *, count: int, seed: int | tuple[int, ...]) -> Floats:
    """What other samples might have found: count × m from the normal distribution around the estimates."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng(seed).standard_normal((count, len(estimate)))
    return np.asarray(estimate + normal @ root.T, dtype=np.float64)


def rank_probabilities(drawn: Floats) -> Floats:
    """Share of the draws (rows) in which each quantity (columns) has each rank, 1 for the largest: m × m."""
    ranks = (-drawn).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    places = np.arange(drawn.shape[1])
    return np.asarray((ranks[:, :, None] == places).mean(axis=0), dtype=np.float64)
