"""Modification indices: how much χ² would fall if one parameter that the model fixes were free."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.categorical import CategoricalSolution
from analysis.sem.fit.estimate import Solution, invert_information
from analysis.sem.model.structure import Fitted

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]


def modification_indices(solution: Solution) -> pd.DataFrame:
    """Score statistic of every cross-loading and residual covariance of items that the model leaves out.

    Columns: lhs, op, rhs, index (χ² with 1 df), change (expected value of the parameter), the largest index first.
    index = N s² / (I_kk − I_kθ I_θθ⁻¹ I_θk), change = s / (…), with the expected information of complete data (the
    moments without a model stand in where answers are missing). Sources: Sörbom 1989; lavaan's `modindices`.
    """
    structure, matrices = solution.structure, solution.matrices
    candidates, directions = _candidates(solution)
    precision = np.linalg.inv(matrices.implied)
    through = 0.5 * (precision - precision @ solution.moments.covariance @ precision)
    score = -np.einsum("kij,ij->k", directions, through)
    free = precision @ structure.derivatives(matrices)
    new = precision @ directions
    inside = 0.5 * _traces(free, free)
    crossed = 0.5 * _traces(new, free)
    own = 0.5 * np.einsum("kij,kji->k", new, new)
    return _ranked(candidates, score, own, crossed, inside, solution.objective.patterns.total)


def categorical_modification_indices(solution: CategoricalSolution) -> pd.DataFrame:
    """The same for ordered answers: how much the unscaled χ² would fall.

    With r the residual correlations, D their derivatives along the candidates and Δ along θ: s = DᵀWr and DᵀWD, DᵀWΔ,
    ΔᵀWΔ for the information; n − 1 for N.
    """
    moments, pairs = solution.moments, solution.moments.pairs
    candidates, directions = _candidates(solution)
    new = directions[:, *pairs]
    free = solution.structure.derivatives(solution.matrices)[:, *pairs]
    weight = 1.0 / np.diag(moments.gamma)
    weighted = new * weight
    score = weighted @ (moments.correlation - solution.matrices.implied)[pairs]
    own = (weighted * new).sum(axis=1)
    return _ranked(candidates, score, own, weighted @ free.T, (free * weight) @ free.T, moments.n - 1)


def _ranked(
    candidates: list[tuple[str, str, str]], score: Array, own: Array, crossed: Array, inside: Array, total: float
) -> pd.DataFrame:
    """Indices and expected changes of the candidates; those that the model can't tell apart are left out.

    own : their information, k. crossed : that with the free parameters, k × q. inside : that of these, q × q.
    """
    import pandas as pd

    left = own - np.einsum("kq,qr,kr->k", crossed, invert_information(inside)[0], crossed, optimize=True)
    usable = left > 1e-10 * own
    frame = pd.DataFrame(candidates, columns=["lhs", "op", "rhs"])
    frame["index"] = np.where(usable, total * score**2 / np.where(usable, left, 1.0), np.nan)
    frame["change"] = np.where(usable, score / np.where(usable, left, 1.0), np.nan)
    return frame.dropna().sort_values("index", ascending=False, kind="stable", ignore_index=True)


def _traces(one: Array, other: Array) -> Array:
    """tr(A_k B_l), k × l."""
    return np.asarray(one.reshape(len(one), -1) @ other.transpose(0, 2, 1).reshape(len(other), -1).T)


def _candidates(solution: Fitted) -> tuple[list[tuple[str, str, str]], Array]:
    """Names of the parameters left out and ∂Σ along each of them."""
    structure, syntax = solution.structure, solution.structure.syntax
    spread = solution.matrices.loadings @ solution.matrices.latent_covariance
    stated = {(p.op, *sorted((p.lhs, p.rhs))) for p in syntax.parameters}
    p = len(syntax.items)
    names: list[tuple[str, str, str]] = []
    directions: list[Array] = []
    for latent, column in structure.latents.items():
        for item, row in structure.items.items():
            if ("=~", *sorted((latent, item))) not in stated:
                direction = np.zeros((p, p))
                direction[row] = spread[:, column]
                names.append((latent, "=~", item))
                directions.append(direction + direction.T)
    for one, other in combinations(structure.items, 2):
        if ("~~", *sorted((one, other))) not in stated:
            direction = np.zeros((p, p))
            direction[structure.items[one], structure.items[other]] = 1.0
            names.append((one, "~~", other))
            directions.append(direction + direction.T)
    return names, np.array(directions).reshape(-1, p, p)
