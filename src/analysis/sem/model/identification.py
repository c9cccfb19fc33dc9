"""Whether the moments of the items determine the parameters, whatever the data.

A model is locally identified where the derivatives of the implied moments by the parameters are linearly independent
(Wald 1950; Rothenberg 1971); they are taken at parameters without a pattern, so that only the model decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import EditionError
from analysis.sem.model.bounds import Bounds
from analysis.sem.model.structure import Structure
from analysis.sem.model.syntax import INTERCEPT, OF_ORDERED, ModelSyntax, Parameter, generic_moments

Array = NDArray[Any]
_DEPENDENT = 1e-9
"""Singular value, of columns of length one, below which parameters count as dependent."""
_NAMED = 6
"""Parameters that a message lists."""


def check_identified(groups: Sequence[ModelSyntax], where: str) -> None:
    """Raise EditionError naming the parameters (and their lines) that no data can tell apart.

    `groups`: the model of each group; equal names are one parameter. Constraints that are equations add to what the
    moments say. Of thresholds and scales of ordered items, whose number only the data know, and of the means beside
    them, nothing is said.
    """
    if any(p.op in OF_ORDERED for one in groups for p in one.parameters):
        groups = [replace(one.of_numbers().without_means(), defined=(), constraints=()) for one in groups]
    names = {name: place for place, name in enumerate(dict.fromkeys(name for one in groups for name in one.free))}
    structures = [Structure(generic_moments(syntax)) for syntax in groups]
    at = _generic(groups, names)
    bounds = Bounds(groups, names)
    slopes = np.concatenate([_slopes(structure, names, at) for structure in structures])
    if bounds.equal.any():
        slopes = np.concatenate([slopes, bounds.slopes(at)[bounds.equal]])
    length = np.linalg.norm(slopes, axis=0)
    _, values, directions = np.linalg.svd(slopes / np.where(length > 0, length, 1.0))
    lost = directions[np.concatenate([values < _DEPENDENT, np.ones(len(directions) - len(values), dtype=bool)])]
    if not len(lost):
        return
    entangled = np.flatnonzero(np.abs(lost).max(axis=0) > 1e-6)
    stated = [p for one in groups for p in one.parameters if p.name is not None and names[p.name] in entangled]
    stated = list({(p.text, p.line): p for p in stated}.values())
    lines = sorted({p.line for p in stated})
    named = ", ".join(p.text for p in stated[:_NAMED])
    raise EditionError(
        "The model is not identified: no data can tell some of its parameters apart.",
        where=f"{where}, line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}",
        expected=f"fewer parameters or more items: {len(slopes)} moments for {len(names)} free parameters",
        got=named if len(stated) <= _NAMED else f"{named} and {len(stated) - _NAMED} more",
        hint="measure a construct by more items or fix parameters",
    )


def _slopes(structure: Structure, names: Mapping[str, int], at: Array) -> Array:
    """Derivatives of the moments that one group has to explain by all parameters."""
    syntax = structure.syntax
    theta = at[[names[name] for name in structure.free]]
    matrices = structure.matrices(theta)
    given = np.isin(np.arange(len(syntax.items)), syntax.placed_covariates)
    rows, columns = np.tril_indices(len(syntax.items))
    explained = ~(given[rows] & given[columns])
    by_covariance = structure.derivatives(matrices)[:, rows[explained], columns[explained]].T
    parts = [np.pad(by_covariance, ((0, 0), (0, len(theta) - structure.k)))]
    if structure.means:
        parts.append(structure.mean_derivatives(matrices)[~given])
    own = np.concatenate(parts)
    result = np.zeros((len(own), len(names)))
    result[:, [names[name] for name in structure.free]] = own
    return result


def _generic(groups: Sequence[ModelSyntax], names: Mapping[str, int]) -> Array:
    """Parameters of a usual size that hold no equation between each other."""
    random = np.random.default_rng(20)
    theta = np.empty(len(names))
    for parameter in (p for syntax in groups for p in syntax.parameters):
        if parameter.name is not None:
            low, high = _range(parameter)
            theta[names[parameter.name]] = random.uniform(low, high)
    return theta


def _range(parameter: Parameter) -> tuple[float, float]:
    if parameter.op == "~~":
        return (0.8, 1.6) if parameter.lhs == parameter.rhs else (0.1, 0.3)
    return {"=~": (0.6, 1.4), "~": (0.2, 0.7), INTERCEPT: (1.0, 4.0)}[parameter.op]
