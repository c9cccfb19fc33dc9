"""Whether the moments of the items determine the parameters, whatever the data.

A model is locally identified where the derivatives of the implied moments by the parameters are linearly independent
(Wald 1950; Rothenberg 1971); they are taken at parameters without a pattern, so that only the model decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import EditionError
from analysis.sem.model.structure import Structure
from analysis.sem.model.syntax import INTERCEPT, ModelSyntax, Parameter

_DEPENDENT = 1e-9
"""Singular value, of columns of length one, below which parameters count as dependent."""
_NAMED = 6
"""Parameters that a message lists."""


def check_identified(syntax: ModelSyntax, where: str) -> None:
    """Raise EditionError naming the parameters (and their lines) that no data can tell apart."""
    structure = Structure(syntax)
    matrices = structure.matrices(_generic(structure))
    p = len(syntax.items)
    lower = np.tril_indices(p)
    slopes = np.zeros((len(lower[0]) + p * structure.means, len(structure.free)))
    slopes[: len(lower[0]), : structure.k] = structure.derivatives(matrices)[:, lower[0], lower[1]].T
    if structure.means:
        slopes[len(lower[0]) :] = structure.mean_derivatives(matrices)
    length = np.linalg.norm(slopes, axis=0)
    _, values, directions = np.linalg.svd(slopes / np.where(length > 0, length, 1.0))
    lost = directions[np.concatenate([values < _DEPENDENT, np.ones(len(directions) - len(values), dtype=bool)])]
    if not len(lost):
        return
    entangled = np.flatnonzero(np.abs(lost).max(axis=0) > 1e-6)
    stated = [p for p in syntax.parameters if p.name is not None and structure.free[p.name] in entangled]
    lines = sorted({p.line for p in stated})
    named = ", ".join(p.text for p in stated[:_NAMED])
    raise EditionError(
        "The model is not identified: no data can tell some of its parameters apart.",
        where=f"{where}, line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}",
        expected=f"fewer parameters or more items: {len(slopes)} moments for {len(structure.free)} free parameters",
        got=named if len(stated) <= _NAMED else f"{named} and {len(stated) - _NAMED} more",
        hint="measure a construct by more items or fix parameters",
    )


def _generic(structure: Structure) -> NDArray[Any]:
    """Parameters of a usual size that hold no equation between each other."""
    random = np.random.default_rng(20)
    theta = np.empty(len(structure.free))
    for parameter in structure.syntax.parameters:
        if parameter.name is not None:
            low, high = _range(parameter)
            theta[structure.free[parameter.name]] = random.uniform(low, high)
    return theta


def _range(parameter: Parameter) -> tuple[float, float]:
    if parameter.op == "~~":
        return (0.8, 1.6) if parameter.lhs == parameter.rhs else (0.1, 0.3)
    return {"=~": (0.6, 1.4), "~": (0.2, 0.7), INTERCEPT: (1.0, 4.0)}[parameter.op]
