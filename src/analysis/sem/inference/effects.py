"""Standardised solution and effects along the paths, each with its delta-method standard error.

Every quantity is a smooth function g(θ) of the free parameters; its variance is J V Jᵀ with the Jacobian J taken by
complex-step differentiation, exact to rounding (Squire & Trapp 1998; Sobel 1982 for indirect effects).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.model.bounds import STEP
from analysis.sem.model.structure import Fitted, Matrices, Structure, deviations
from analysis.sem.model.syntax import ModelSyntax, Parameter

Array = NDArray[Any]


@dataclass(frozen=True)
class Derived:
    """Quantities with standard errors, all of the same shape."""

    estimate: Array
    se: Array

    def rows(self) -> tuple[Derived, ...]:
        """The quantities along the first axis, one by one."""
        return tuple(Derived(estimate, se) for estimate, se in zip(self.estimate, self.se, strict=True))


@dataclass(frozen=True)
class Effects:
    """Effects of construct j on construct i (m × m each), in the items' units and in standard deviations."""

    direct: Derived
    indirect: Derived
    total: Derived
    std_direct: Derived
    std_indirect: Derived
    std_total: Derived


def path_effects(solution: Fitted) -> Effects:
    """Direct effects B, total effects (I − B)⁻¹ − I and their difference, raw and standardised (Bollen 1987)."""
    return Effects(*delta_method(solution, all_effects).rows())


def all_effects(matrices: Matrices) -> Array:
    """Direct, indirect and total effects, then the same standardised: … × 6 × m × m."""
    total = matrices.inverse - np.eye(matrices.paths.shape[-1])
    raw = np.stack([matrices.paths, total - matrices.paths, total], axis=-3)
    spread = deviations(matrices.latent_covariance)[..., None, :]
    return np.concatenate([raw, raw * spread[..., None, :] / spread[..., :, None]], axis=-3)


def loadings(matrices: Matrices) -> Array:
    """Loadings of the items (p) and, below them, of what stands in the structural part (m): (p + m) × m."""
    return np.concatenate([matrices.loadings, matrices.paths], axis=-2)


def loading_place(structure: Structure, parameter: Parameter) -> tuple[int, int]:
    """Where the loading `lhs =~ rhs` stands in `loadings`."""
    column = structure.latents[parameter.lhs]
    if parameter.rhs in structure.latents:
        return len(structure.items) + structure.latents[parameter.rhs], column
    return structure.items[parameter.rhs], column


def standardised_loadings(solution: Fitted) -> Derived:
    """`loadings` in standard deviations of item and construct (lavaan's std.all), (p + m) × m."""

    def standardised(matrices: Matrices) -> Array:
        constructs, items = deviations(matrices.latent_covariance), deviations(matrices.implied)
        rows = np.concatenate([items, constructs])
        return np.asarray(loadings(matrices) * constructs[None, :] / rows[:, None])

    return delta_method(solution, standardised)


def parameter_errors(solution: Fitted) -> Matrices:
    """Standard errors in the shape of the model matrices; 0 where a cell is not estimated."""
    structure, free = solution.structure, np.sqrt(np.maximum(np.diag(solution.covariance), 0.0))
    fixed, errors = structure.filled(np.zeros_like(free)), structure.filled(free)
    return Matrices(**{f.name: getattr(errors, f.name) - getattr(fixed, f.name) for f in fields(Matrices)})


def delta_method(solution: Fitted, function: Callable[[Matrices], Array]) -> Derived:
    """Value and delta-method standard error of an array-valued function of the model matrices."""
    structure, theta = solution.structure, solution.theta
    estimate = np.asarray(function(structure.matrices(theta)))
    slopes = jacobian(solution, function).reshape(len(theta), -1)
    variance = np.einsum("qk,qr,rk->k", slopes, solution.covariance, slopes, optimize=True)
    return Derived(estimate, np.sqrt(np.maximum(variance, 0.0)).reshape(estimate.shape))


def jacobian(solution: Fitted, function: Callable[[Matrices], Array]) -> Array:
    """Derivative of each value by each free parameter, q × (shape of the value); NaN where the value is."""
    structure, theta = solution.structure, solution.theta
    rows = []
    for position in range(len(theta)):
        moved = theta.astype(complex)
        moved[position] += 1j * STEP
        with np.errstate(invalid="ignore"):  # a complex number that is not one calls attention to itself
            rows.append(function(structure.matrices(moved)).imag / STEP)
    return np.array(rows)


def causes(syntax: ModelSyntax, outcome: str) -> dict[str, tuple[bool, bool]]:
    """What has a route to `outcome`, in the order of the model: (has a direct path, has an indirect route)."""
    direct = {predictor for effect, predictor in syntax.edges if effect == outcome}
    distant: set[str] = set()
    reached: Sequence[str] = sorted(direct)
    while reached:
        nearer = {predictor for effect, predictor in syntax.edges if effect in reached}
        reached = sorted(nearer - distant)
        distant |= nearer
    found = (direct | distant) - {outcome}
    return {name: (name in direct, name in distant) for name in syntax.nodes if name in found}
