"""semopy's ML estimates: the reference that every headline model is compared with, and a second place to start."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.model.syntax import ModelSyntax

Array = NDArray[Any]


def semopy_estimates(syntax: ModelSyntax, covariance: Array) -> Array:
    """semopy's ML estimates of the covariance structure from a covariance matrix, in the order of its free parameters.

    Raises MethodError when semopy can't go on.
    """
    import pandas as pd
    import semopy

    syntax = syntax.without_means()
    items = list(syntax.items)
    moments = pd.DataFrame(covariance, index=items, columns=items)
    model = semopy.Model(syntax.text, cov_diag=True)
    for name, start in _freed_loading_starts(syntax, covariance).items():
        model.parameters[name].start = start
    try:
        rows = pd.DataFrame(_rows_with(covariance), columns=items)
        model.fit(rows, cov=moments, obj="MLW")
    except np.linalg.LinAlgError as error:
        raise MethodError(
            "The structural model could not be fitted.",
            got=f"semopy stopped: {error}",
            hint="check the model for items or constructs that repeat each other",
        ) from None
    active = [name for name, parameter in model.parameters.items() if parameter.active]
    estimates = dict(zip(active, model.param_vals, strict=True))
    return np.array([estimates[name] for name in syntax.free], dtype=float)


def _rows_with(covariance: Array) -> Array:
    """Rows whose covariance is exactly this one: semopy takes its own starting values from rows.

    The cosines of whole frequencies are orthogonal and add up to zero.
    """
    p = len(covariance)
    count = 2 * p + 2
    angles = np.pi * np.outer(np.arange(count) + 0.5, np.arange(1, p + 1)) / count
    return np.asarray(np.sqrt(2) * np.cos(angles) @ np.linalg.cholesky(covariance).T)


def _freed_loading_starts(syntax: ModelSyntax, covariance: Array) -> dict[str, float]:
    """Starting loadings of constructs without a fixed loading; semopy would look for one for ever."""
    fixed = {p.lhs for p in syntax.parameters if p.op == "=~" and p.name is None}
    deviations = dict(zip(syntax.items, np.sqrt(np.diag(covariance)), strict=True))
    loadings = (p for p in syntax.parameters if p.op == "=~" and p.lhs not in fixed)
    return {p.name: 0.7 * float(deviations[p.rhs]) for p in loadings if p.name is not None}
