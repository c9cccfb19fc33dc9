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
_SETTLED = 1e-3
"""Change of communalities that ends the rounds: the descent does the rest."""
_LEAST, _MOST = 0.05, 0.95
"""Bounds of communalities and of correlations between constructs; also the smallest share of a residual."""
_SHARED = 0.8
"""Standardised loading of a construct on one of a higher order."""


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


def nearly_nothing(syntax: ModelSyntax, covariance: Array, *, variance: float) -> Array:
    """Values with constructs of a small `variance` that don't covary, and items of which half is error, as in lavaan.

    Loadings are those of each item on the first one, the other items for instruments (Hägglund 1982), so that a
    construct whose first item is a poor one begins with loadings of any size and sign.
    """
    structure, half = Structure(syntax.without_means()), 0.5 * np.diag(covariance)
    theta = _filled(structure, "loadings", _instrumental(structure, covariance), np.zeros(len(structure.free)))
    measured = np.zeros((len(structure.latents), len(structure.latents)))
    for place in _measured_nodes(structure):
        measured[place] = 1.0
    theta = _filled(structure, "paths", measured, theta)
    places = structure.items
    diagonal = [half[places[name]] if name in places else variance for name in structure.latents]
    theta = _filled(structure, "latent", np.diag(diagonal), theta)
    return _filled(structure, "residual", np.diag(half), theta)


def _instrumental(structure: Structure, covariance: Array) -> Array:
    """Loadings on the first item of each construct by instrumental variables; 1 where there are none: p × m."""
    result = np.ones((len(structure.items), len(structure.latents)))
    for latent, column in structure.latents.items():
        measured = [p.rhs for p in structure.syntax.parameters if p.op == "=~" and p.lhs == latent]
        first, *rest = [structure.items[name] for name in measured if name in structure.items] or [0]
        for item in rest if len(rest) > 1 else []:
            others = [one for one in rest if one != item]
            weights = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, first])
            below = float(covariance[first, others] @ weights)
            result[item, column] = float(covariance[item, others] @ weights) / below if below else 1.0
    return result


def with_own_starts(structure: Structure, theta: Array) -> Array:
    """θ with the values that the text gives by `start()`."""
    result = theta.copy()
    for parameter in structure.syntax.parameters:
        if parameter.start is not None and parameter.name is not None and structure.free[parameter.name] < len(theta):
            result[structure.free[parameter.name]] = parameter.start
    return result


def plain_values(syntax: ModelSyntax, covariance: Array, *, loading: float) -> Array:
    """Values as `starting_values`, but the same standardised loading for every item, and constructs apart.

    They owe nothing to the answers but the items' variances: a second place to begin, from which another optimum shows.
    """
    structure = Structure(syntax.without_means())
    deviations = np.sqrt(np.diag(covariance))
    suggested = loading * deviations[:, None] * np.ones(len(structure.latents))
    for name in syntax.observed:
        suggested[structure.items[name], structure.latents[name]] = deviations[structure.items[name]]
    units = _fixed_deviations(structure, _marked_units(structure, suggested))
    theta = np.zeros(len(structure.free))
    theta = _filled(structure, "loadings", suggested / units, theta)
    measured = np.zeros((len(units), len(units)))
    for i, j in _measured_nodes(structure):
        measured[i, j] = loading * units[i] / units[j]
    theta = _filled(structure, "paths", measured, theta)
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
    """Loadings of every construct on its own items, both with variance one: p × m.

    A construct of constructs has those of their items, an item that stands in the structural part that of itself.
    """
    result = np.zeros((len(structure.items), len(structure.latents)))
    for latent, column in structure.latents.items():
        own = _items_below(structure, latent)
        result[own, column] = _principal_factor(correlation[np.ix_(own, own)])
    return result


def _items_below(structure: Structure, latent: str) -> list[int]:
    """Positions of the items that a construct is measured by, by way of other constructs too."""
    if latent in structure.items:
        return [structure.items[latent]]
    found: list[int] = []
    waiting, known = [latent], {latent}
    while waiting:
        name = waiting.pop(0)
        for below in (p.rhs for p in structure.syntax.parameters if p.op == "=~" and p.lhs == name):
            if below in structure.items:
                found.append(structure.items[below])
            elif below not in known:
                known.add(below)
                waiting.append(below)
    return list(dict.fromkeys(found))


def _measured_nodes(structure: Structure) -> list[tuple[int, int]]:
    """Cells of the paths that are loadings: what measures, and the construct that it measures."""
    return [(i, j) for p, matrix, i, j in structure.places if p.op == "=~" and matrix == "paths"]


def _principal_factor(correlation: Array) -> Array:
    """Loadings of one factor (Harman 1976, §8.2), the first of them positive; 1 for an item that stands alone."""
    if len(correlation) == 1:
        return np.ones(1)
    communality = np.full(len(correlation), 0.5)
    for _ in range(_ROUNDS):
        values, vectors = np.linalg.eigh(correlation - np.diag(1 - communality))
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], _LEAST))
        before, communality = communality, np.clip(loadings**2, _LEAST, _MOST)
        if np.abs(communality - before).max() < _SETTLED:
            break
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
    own = structure.syntax.observed
    for name in own:
        result[structure.latents[name]] = loadings[structure.items[name], structure.latents[name]]
    for parameter, matrix, i, j in reversed(structure.places):
        if parameter.name is None and parameter.value and matrix == "paths" and parameter.op == "=~":
            result[j] = _SHARED * result[i] / parameter.value
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
    edges = structure.syntax.edges
    for outcome in dict.fromkeys(effect for effect, _ in edges):
        causes = [places[predictor] for name, predictor in edges if name == outcome]
        result[places[outcome], causes] = np.linalg.solve(
            latent[np.ix_(causes, causes)], latent[causes, places[outcome]]
        )
    return result
