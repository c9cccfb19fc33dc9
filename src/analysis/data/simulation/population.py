"""What a structural model should find in the simulated population: its paths once the shifts of the groups are in.

The planted paths hold within a group. Groups shift causes and outcomes alike, so that over the whole population the
constructs have other variances, and a path picks up what the groups move at both of its ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.data.simulation.answers import residual_variances, shifts_of
from analysis.data.simulation.drawing import Floats
from analysis.data.simulation.planted import Planted


def population_paths(planted: Planted, regressions: Sequence[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Standardised path of each (outcome, predictor) when the population is regressed on these predictors.

    β = Σ_xx⁻¹ σ_xy · √σ_xx / √σ_yy with the exact covariance of the constructs, which is what a recursive model with
    uncorrelated disturbances estimates.
    """
    place = {key: number for number, key in enumerate(planted.constructs)}
    covariance = latent_covariance(planted)
    paths: dict[tuple[str, str], float] = {}
    for outcome in dict.fromkeys(outcome for outcome, _ in regressions):
        predictors = [predictor for effect, predictor in regressions if effect == outcome]
        x, y = [place[key] for key in predictors], place[outcome]
        slopes = np.linalg.solve(covariance[np.ix_(x, x)], covariance[x, y])
        standardised = slopes * np.sqrt(np.diag(covariance)[x] / covariance[y, y])
        paths |= {(outcome, key): float(value) for key, value in zip(predictors, standardised, strict=True)}
    return paths


def latent_covariance(planted: Planted) -> Floats:
    """Covariance of the constructs in the population, m × m: (I − B)⁻¹ (Ψ + shifts) (I − B)⁻ᵀ."""
    keys = list(planted.constructs)
    place = {key: number for number, key in enumerate(keys)}
    paths, disturbances = np.zeros((len(keys), len(keys))), np.zeros((len(keys), len(keys)))
    exogenous = [place[key] for key in planted.exogenous]
    disturbances[np.ix_(exogenous, exogenous)] = planted.structure.correlation
    disturbances[exogenous, exogenous] = 1.0
    for outcome, variance in residual_variances(planted).items():
        disturbances[place[outcome], place[outcome]] = variance
        for predictor, weight in planted.structure.paths[outcome].items():
            paths[place[outcome], place[predictor]] = weight
    through = np.linalg.inv(np.eye(len(keys)) - paths)
    return np.asarray(through @ (disturbances + shift_covariance(planted)) @ through.T)


def shift_covariance(planted: Planted) -> Floats:
    """Covariance of the groups' shifts over the population, m × m.

    Questions without a `given` are independent of each other; each brings the questions that depend on it.
    """
    profile = planted.survey.profile
    return np.asarray(
        sum(_mixed(planted, key, margin.shares)[1] for key, margin in profile.items() if not margin.given)
    )


def _mixed(
    planted: Planted, question: str, shares: dict[str, float], within: str | None = None
) -> tuple[Floats, Floats]:
    """Mean and covariance of the shifts of a question and of all that depend on it, for given shares of its answers."""
    own = shifts_of(planted, question, shares, within=within)
    dependent = [key for key, margin in planted.survey.profile.items() if margin.given == question]
    size = len(planted.constructs)
    mean, square = np.zeros(size), np.zeros((size, size))
    for code, share in shares.items():
        inner = [_mixed(planted, key, planted.survey.profile[key].by[code], code) for key in dependent]
        middle = own[code] + sum((part for part, _ in inner), np.zeros(size))
        spread = sum((part for _, part in inner), np.zeros((size, size)))
        mean += share * middle
        square += share * (spread + np.outer(middle, middle))
    return mean, square - np.outer(mean, mean)
