"""Modification indices: how much χ² would fall if one parameter that the model fixes, ties or leaves out were free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.categorical import CategoricalSolution
from analysis.sem.fit.constrained import directions
from analysis.sem.fit.estimate import Objective, Solution
from analysis.sem.fit.information import invert_information
from analysis.sem.fit.likelihood import Point
from analysis.sem.model.responses import ResponseStructure
from analysis.sem.model.structure import Fitted, Structure
from analysis.sem.model.syntax import ModelSyntax, Parameter

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]

_NOT_TOLD_APART = 1e-8
"""Share of a parameter's information that the free ones leave, below which the model can't estimate it besides."""


@dataclass(frozen=True)
class _Wider:
    """The model with every cell free, at the solution: its structure, the value of each cell (Q), which free parameter
    fills which cell (Q × q), and the cells that are no free parameter of their own (positions, and as in the model).
    """

    structure: Structure
    theta: Array
    filled: Array
    places: list[int]
    candidates: list[Parameter]


def modification_indices(solution: Solution) -> pd.DataFrame:
    """Score statistic of every cell that the model leaves out, fixes, or gives the value of another one.

    Left out can be loadings, residual covariances of items, covariances of constructs, and paths between constructs
    that stand in a regression. Columns: lhs, op, rhs, index (χ² with 1 df), change (expected change of the parameter),
    the largest index first; what the model could not estimate besides its parameters has no row.
    index = N s² / (I_kk − I_kθ I_θθ⁻¹ I_θk), change = s / (…), with the expected information, with missing answers that
    of the patterns: the observed one need not be positive far from the truth, where an index is looked for.
    Sources: Sörbom 1989; lavaan's `modindices`.
    """
    wider, patterns = _widened(solution), solution.objective.patterns
    objective = Objective(wider.structure, patterns, solution.objective.mean)
    point = objective.at(wider.theta)
    score = -objective.gradient(wider.theta, point)
    own, crossed = _expected_information(wider, point)
    return _ranked(wider, score, own, crossed, patterns.total, directions(solution.structure.bounds, solution.theta))


def _expected_information(wider: _Wider, point: Point) -> tuple[Array, Array]:
    """The expected information of each cell (Q), and that with the free parameters of the model (Q × q)."""
    structure, matrices = wider.structure, wider.structure.matrices(wider.theta)
    along = structure.derivatives(matrices)
    pressed = point.pressed(np.tensordot(wider.filled[: structure.k], along, axes=(0, 0)))
    own, crossed = np.zeros(len(wider.theta)), np.zeros(wider.filled.shape)
    own[: structure.k] = 0.5 * point.share @ structure.squares(matrices, point.precision)
    crossed[: structure.k] = 0.5 * along.reshape(len(along), -1) @ pressed.reshape(len(pressed), -1).T
    if structure.means:
        slopes = structure.mean_derivatives(matrices)
        towards = point.summed @ slopes
        own += (slopes * towards).sum(axis=0)
        crossed += slopes.T @ (towards @ wider.filled)
    return own, crossed


def categorical_modification_indices(solution: CategoricalSolution) -> pd.DataFrame:
    """The same for ordered answers: how much the unscaled χ² would fall.

    With r the residual correlations and D their derivatives along the cells: s = DᵀWr and DᵀWD for the information;
    n − 1 for N.
    """
    moments, wider = solution.moments, _widened(solution)
    assert isinstance(wider.structure, ResponseStructure)
    along = wider.structure.jacobian(wider.structure.matrices(wider.theta), moments).T
    weighted = along / np.diag(moments.gamma)
    score = weighted @ (moments.fitted - solution.structure.expected(solution.matrices, moments))
    crossed = weighted @ (along.T @ wider.filled)
    free = directions(solution.structure.bounds, solution.theta)
    return _ranked(wider, score, (weighted * along).sum(axis=1), crossed, moments.n - 1, free)


def _ranked(wider: _Wider, score: Array, own: Array, crossed: Array, total: float, free: Array | None) -> pd.DataFrame:
    """Indices and expected changes of the candidates, from the score (Q) and the information of all cells.

    own: that of each cell (Q). crossed: that with the free parameters of the model (Q × q), which may move in the
    directions `free` only.
    """
    import pandas as pd

    filled = wider.filled if free is None else wider.filled @ free
    crossed = crossed if free is None else crossed @ free
    places, inside = wider.places, filled.T @ crossed
    score, own, crossed = score[places], own[places], crossed[places]
    left = own - np.einsum("kq,qr,kr->k", crossed, invert_information(inside)[0], crossed, optimize=True)
    usable = left > _NOT_TOLD_APART * own
    divisor = np.where(usable, left, 1.0)
    named = [(one.lhs, one.op, one.rhs) for one in wider.candidates]
    frame = pd.DataFrame(named, columns=["lhs", "op", "rhs"])
    frame["index"] = np.where(usable, total * score**2 / divisor, np.nan)
    frame["change"] = np.where(usable, score / divisor, np.nan)
    return frame.dropna().sort_values("index", ascending=False, kind="stable", ignore_index=True)


def _widened(solution: Fitted) -> _Wider:
    """The model of a solution with every cell free."""
    syntax, at = solution.structure.syntax, dict(zip(solution.structure.free, solution.theta, strict=True))
    shared, given = _shared(syntax.parameters), set(syntax.covariates)
    cells = [*syntax.parameters, *_left_out(syntax)]
    free = [replace(cell, name=f"cell{number}", value=None) for number, cell in enumerate(cells)]
    structure = solution.structure.of(replace(syntax, parameters=tuple(free)))
    theta, filled = np.zeros(len(cells)), np.zeros((len(cells), len(at)))
    places, candidates = [], []
    for cell, own in zip(cells, free, strict=True):
        place = structure.free[str(own.name)]
        theta[place] = at[cell.name] if cell.name is not None else cell.value or 0.0
        if cell.name is not None:
            filled[place, solution.structure.free[cell.name]] = 1.0
        if (cell.name is None or cell.name in shared) and cell.lhs not in given:
            places.append(place)
            candidates.append(cell)
    return _Wider(structure, theta, filled, places, candidates)


def _shared(parameters: Iterable[Parameter]) -> set[str]:
    """Names of free parameters that fill several cells."""
    names = [one.name for one in parameters if one.name is not None]
    return {name for name in names if names.count(name) > 1}


def _left_out(syntax: ModelSyntax) -> Iterator[Parameter]:
    """Cells that the model does not name, and that lavaan would free one by one."""
    stated = {(one.op, frozenset((one.lhs, one.rhs))) for one in syntax.parameters if one.op != "~"}
    paths = {(one.lhs, one.rhs) for one in syntax.parameters if one.op == "~"}
    within, given = set(syntax.nodes), set(syntax.covariates)
    regressed = [name for name in syntax.nodes if any(name in pair for pair in paths)]
    alone = [name for name in syntax.items if name not in within]
    pairs = [("=~", (latent, item)) for latent in syntax.latents for item in syntax.items if item not in given]
    pairs += [("~~", pair) for names in (alone, syntax.nodes) for pair in combinations(names, 2)]
    for op, (lhs, rhs) in pairs:
        taken = (op, frozenset((lhs, rhs))) in stated or (op == "=~" and (rhs, lhs) in paths)
        if not taken and not given & {lhs, rhs}:
            yield Parameter(lhs, op, rhs, None, 0.0)
    for lhs, rhs in permutations(regressed, 2):
        if (lhs, rhs) not in paths and lhs not in given and ("=~", frozenset((lhs, rhs))) not in stated:
            yield Parameter(lhs, "~", rhs, None, 0.0)
