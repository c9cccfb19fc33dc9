"""What speaks against a solution: never quiet about a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.inference.effects import Derived, Effects, loading_place
from analysis.sem.model.structure import Fitted
from analysis.sem.moments.rows import MIN_ROWS

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = (
    "not_converged",
    "singular_information",
    "correlations_not_pd",
    "negative_variance",
    "latent_covariance_not_pd",
    "std_loading_above_one",
    "std_path_above_one",
    "collinear",
    "few_units",
    "few_rows",
)
"""Everything that may be said against a solution."""

IMPROPER = frozenset(
    {"not_converged", "singular_information", "negative_variance", "latent_covariance_not_pd", "std_loading_above_one"}
)
"""Those with which a solution is improper: no number of it may be used."""

MAX_INFLATION = 10.0
"""Variance inflation of a predictor above which its path can't be told from those beside it."""


def find_faults(
    solution: Fitted,
    effects: Effects,
    loadings: Derived,
    *,
    observed: NDArray[Any] | None = None,
    independent: float = float("inf"),
    rows: float = float("inf"),
) -> pd.DataFrame:
    """What speaks against the solution: verdict (one of VERDICTS), subject (construct, item or path), value behind it.

    correlations_not_pd is said of the `observed` moments, where they are polychoric; few_units of a sample with fewer
    `independent` pieces of information than the model has parameters, few_rows of less than MIN_ROWS `rows`.
    """
    import pandas as pd

    found: list[tuple[str, str, float]] = []
    if not solution.converged:
        found.append(("not_converged", "", float("nan")))
    if solution.singular:
        found.append(("singular_information", "", float("nan")))
    if observed is not None and (least := float(np.linalg.eigvalsh(observed)[0])) <= 0:
        found.append(("correlations_not_pd", "", least))
    matrices, syntax = solution.matrices, solution.structure.syntax
    variances = np.concatenate([np.diag(matrices.residual), np.diag(matrices.latent)])
    found += [
        ("negative_variance", name, float(value))
        for name, value in zip((*syntax.items, *syntax.nodes), variances, strict=True)
        if value < 0
    ]
    implied = matrices.latent_covariance
    smallest = float(np.linalg.eigvalsh(implied)[0])
    if smallest <= 1e-10 * float(np.abs(np.diag(implied)).max()):
        found.append(("latent_covariance_not_pd", "", smallest))
    found += _large_coefficients(solution, effects, loadings)
    found += _collinear_predictors(solution)
    if independent < len(solution.theta):
        found.append(("few_units", "", independent))
    if rows < MIN_ROWS:
        found.append(("few_rows", "", rows))
    return pd.DataFrame(found, columns=["verdict", "subject", "value"])


def _large_coefficients(solution: Fitted, effects: Effects, loadings: Derived) -> list[tuple[str, str, float]]:
    """Standardised loadings and paths beyond one."""
    structure = solution.structure
    rows: list[tuple[str, str, float]] = []
    for parameter in structure.syntax.parameters:
        if parameter.op == "=~":
            value = float(loadings.estimate[loading_place(structure, parameter)])
            code = "std_loading_above_one"
        elif parameter.op == "~":
            value = float(
                effects.std_direct.estimate[structure.latents[parameter.lhs], structure.latents[parameter.rhs]]
            )
            code = "std_path_above_one"
        else:
            continue
        if abs(value) > 1 + 1e-9:
            rows.append((code, f"{parameter.lhs} {parameter.op} {parameter.rhs}", value))
    return rows


def _collinear_predictors(solution: Fitted) -> list[tuple[str, str, float]]:
    """Predictors whose variance inflation beside the other predictors of the same outcome exceeds the limit."""
    structure, implied = solution.structure, solution.matrices.latent_covariance
    rows = []
    for outcome in structure.syntax.endogenous:
        names = [predictor for effect, predictor in structure.syntax.regressions if effect == outcome]
        positions = [structure.latents[name] for name in names]
        block = implied[np.ix_(positions, positions)]
        if np.linalg.eigvalsh(block)[0] <= 0:
            continue
        inflation = np.diag(block) * np.diag(np.linalg.inv(block))
        rows += [
            ("collinear", f"{outcome} ~ {name}", float(value))
            for name, value in zip(names, inflation, strict=True)
            if value > MAX_INFLATION
        ]
    return rows
