"""What a structural model should find in the simulated population: its paths once the shifts of the groups are in.

The planted paths hold within a group. Groups shift causes and outcomes alike, so that over the whole population the
constructs have other variances, and a path picks up what the groups move at both of its ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from analysis.data.simulation.answers import residual_variances, shifts_of
from analysis.data.simulation.drawing import Floats
from analysis.data.simulation.planted import Planted


def population_paths(
    planted: Planted, regressions: Sequence[tuple[str, str]], *, exclude: Mapping[str, Sequence[str]] | None = None
) -> dict[tuple[str, str], float]:
    """Standardised path of each (outcome, predictor) when the population is regressed on these predictors.

    `exclude`: answers to profile questions (question: codes) of those who are left out of the population.

    β = Σ_xx⁻¹ σ_xy · √σ_xx / √σ_yy with the exact covariance of the constructs, which is what a recursive model with
    uncorrelated disturbances estimates.
    """
    place = {key: number for number, key in enumerate(planted.constructs)}
    covariance = latent_covariance(planted, exclude)
    paths: dict[tuple[str, str], float] = {}
    for outcome in dict.fromkeys(outcome for outcome, _ in regressions):
        predictors = [predictor for effect, predictor in regressions if effect == outcome]
        x, y = [place[key] for key in predictors], place[outcome]
        slopes = np.linalg.solve(covariance[np.ix_(x, x)], covariance[x, y])
        standardised = slopes * np.sqrt(np.diag(covariance)[x] / covariance[y, y])
        paths |= {(outcome, key): float(value) for key, value in zip(predictors, standardised, strict=True)}
    return paths


def latent_covariance(planted: Planted, exclude: Mapping[str, Sequence[str]] | None = None) -> Floats:
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
    return np.asarray(through @ (disturbances + shift_covariance(planted, exclude or {})) @ through.T)


def shift_covariance(planted: Planted, exclude: Mapping[str, Sequence[str]]) -> Floats:
    """Covariance of the groups' shifts over the population without those whom `exclude` names, m × m.

    Questions without a `given` are independent of each other; each brings the questions that depend on it.
    """
    profile = planted.survey.profile
    return np.asarray(
        sum(_mixed(planted, key, margin.shares, exclude)[2] for key, margin in profile.items() if not margin.given)
    )


def _mixed(
    planted: Planted,
    question: str,
    shares: dict[str, float],
    exclude: Mapping[str, Sequence[str]],
    within: str | None = None,
) -> tuple[float, Floats, Floats]:
    """Share that stays in, mean and covariance of the shifts of a question and of all that depend on it."""
    own = shifts_of(planted, question, shares, within=within)
    dependent = [key for key, margin in planted.survey.profile.items() if margin.given == question]
    size = len(planted.constructs)
    total, mean, square = 0.0, np.zeros(size), np.zeros((size, size))
    for code, share in shares.items():
        if code in exclude.get(question, ()):
            continue
        inner = [_mixed(planted, key, planted.survey.profile[key].by[code], exclude, code) for key in dependent]
        kept = share * prod(part for part, _, _ in inner)
        middle = own[code] + sum((part for _, part, _ in inner), np.zeros(size))
        spread = sum((part for _, _, part in inner), np.zeros((size, size)))
        total += kept
        mean += kept * middle
        square += kept * (spread + np.outer(middle, middle))
    if not total:
        return 0.0, mean, square
    mean, square = mean / total, square / total
    return total, mean, square - np.outer(mean, mean)
