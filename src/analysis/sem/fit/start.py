"""Starting values from the moments of the items, construct by construct.

Loadings come from one factor in the items of each construct, covariances of the constructs from those of the items
across them, paths from least squares on these. Knows NumPy only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.model.structure import Structure
from analysis.sem.model.syntax import ModelSyntax

Array = NDArray[Any]
_ROUNDS = 20
"""Rounds of the principal factor: enough to be near its limit, and an improper one is held at the bounds."""
_LEAST, _MOST = 0.05, 0.95
"""Bounds of communalities and of correlations between constructs; also the smallest share of a residual."""


def starting_values(syntax: ModelSyntax, covariance: Array) -> Array:
    """Values of the free parameters of the covariance structure, in their order, from an item covariance (p × p).

    Equal parameters take the mean of what their cells suggest. Fixed cells keep their values, and what follows from
    them is worked out with these.
    """
    structure = Structure(syntax.without_means())
    variances = np.diag(covariance)
    deviations = np.sqrt(variances)
    correlation = covariance / np.outer(deviations, deviations)
    standardised = _standardised_loadings(structure, correlation)
    units = _units(structure, standardised * deviations[:, None])
    latent = _correlations(standardised, correlation) * np.outer(units, units)
    theta = np.zeros(len(structure.free))
    theta = _filled(structure, "loadings", standardised * deviations[:, None] / units, theta)
    theta = _filled(structure, "paths", _paths(structure, latent), theta)
    away = np.eye(len(latent)) - structure.matrices(theta).paths
    theta = _filled(structure, "latent", away @ latent @ away.T, theta)
    left = np.diag(covariance - structure.matrices(theta).implied)
    return _filled(structure, "residual", np.diag(np.clip(left, _LEAST * variances, variances)), theta)


def plain_values(syntax: ModelSyntax, covariance: Array, *, loading: float) -> Array:
    """Values as `starting_values`, but the same standardised loading for every item, and constructs apart.

    They owe nothing to the answers but the items' variances: a second place to begin, from which another optimum shows.
    """
    structure = Structure(syntax.without_means())
    deviations = np.sqrt(np.diag(covariance))
    suggested = loading * deviations[:, None] * np.ones(len(structure.latents))
    units = _fixed_deviations(structure, _marked_units(structure, suggested))
    theta = np.zeros(len(structure.free))
    theta = _filled(structure, "loadings", suggested / units, theta)
    theta = _filled(structure, "latent", np.diag(units**2), theta)
    return _filled(structure, "residual", np.diag((1 - loading**2) * deviations**2), theta)


def _filled(structure: Structure, matrix: str, suggested: Array, theta: Array) -> Array:
    """θ with the free cells of one matrix; a parameter in several cells takes their mean."""
    cells, result = structure.cells[matrix], theta.copy()
    count = np.bincount(cells.parameter, minlength=len(theta))
    total = np.bincount(cells.parameter, suggested[cells.i, cells.j], minlength=len(theta))
    result[count > 0] = total[count > 0] / count[count > 0]
    return result


def _standardised_loadings(structure: Structure, correlation: Array) -> Array:
    """Loadings of every construct on its own items, both with variance one: p × m."""
    result = np.zeros((len(structure.items), len(structure.latents)))
    for latent, column in structure.latents.items():
        own = [structure.items[p.rhs] for p in structure.syntax.parameters if p.op == "=~" and p.lhs == latent]
        result[own, column] = _principal_factor(correlation[np.ix_(own, own)])
    return result


def _principal_factor(correlation: Array) -> Array:
    """Loadings of one factor (Harman 1976, §8.2), the first of them positive; 1 for an item that stands alone."""
    if len(correlation) == 1:
        return np.ones(1)
    communality = np.full(len(correlation), 0.5)
    for _ in range(_ROUNDS):
        values, vectors = np.linalg.eigh(correlation - np.diag(1 - communality))
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], _LEAST))
        communality = np.clip(loadings**2, _LEAST, _MOST)
    signs = np.where(loadings < 0, -1.0, 1.0)
    return np.asarray(signs * signs[0] * np.sqrt(communality))


def _units(structure: Structure, loadings: Array) -> Array:
    """Standard deviation of every construct (m): from its first fixed loading, else from its variance where fixed."""
    return _marked_units(structure, loadings, _fixed_deviations(structure, np.ones(len(structure.latents))))


def _fixed_deviations(structure: Structure, units: Array) -> Array:
    """`units` (m), with those of the constructs whose variance is fixed."""
    result = units.copy()
    for parameter, matrix, i, j in reversed(structure.places):
        if parameter.name is None and parameter.value and matrix == "latent" and i == j:
            result[i] = np.sqrt(abs(parameter.value))
    return result


def _marked_units(structure: Structure, loadings: Array, units: Array | None = None) -> Array:
    """`units` (m; none: 1), with those of the constructs that have a fixed loading, by the first of them."""
    result = np.ones(len(structure.latents)) if units is None else units.copy()
    for parameter, matrix, i, j in reversed(structure.places):
        if parameter.name is None and parameter.value and matrix == "loadings":
            result[j] = loadings[i, j] / parameter.value
    return result


def _correlations(loadings: Array, correlation: Array) -> Array:
    """Correlations of the constructs by least squares, drawn towards zero until they are positive definite: m × m."""
    weights = loadings / (loadings**2).sum(axis=0)
    apart = correlation - np.diag(np.ones(len(correlation)) - (loadings**2).max(axis=1))
    result = np.clip(weights.T @ apart @ weights, -_MOST, _MOST)
    np.fill_diagonal(result, 1.0)
    smallest = float(np.linalg.eigvalsh(result)[0])
    kept = min(1.0, (1 - _LEAST) / (1 - smallest)) if smallest < _LEAST else 1.0
    return np.asarray(kept * result + (1 - kept) * np.eye(len(result)))


def _paths(structure: Structure, latent: Array) -> Array:
    """Least-squares paths from a covariance of the constructs: m × m."""
    result, places = np.zeros_like(latent), structure.latents
    for outcome in structure.syntax.endogenous:
        causes = [places[predictor] for name, predictor in structure.syntax.regressions if name == outcome]
        result[places[outcome], causes] = np.linalg.solve(
            latent[np.ix_(causes, causes)], latent[causes, places[outcome]]
        )
    return result
