"""The model-implied moments: where each parameter sits, Σ(θ), and its derivatives.

Jöreskog's all-y notation: Σ = Λ (I − B)⁻¹ Ψ (I − B)⁻ᵀ Λᵀ + Θ. Knows NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.model import ModelSyntax, Parameter

Array = NDArray[Any]
STEP = 1e-30
"""Complex step of differentiation: so small that the derivative is exact to rounding (Squire & Trapp 1998)."""


@dataclass(frozen=True)
class Matrices:
    """Model matrices: loadings Λ (p × m), paths B (m × m), latent residuals Ψ (m × m), item residuals Θ (p × p).

    Each may be a stack of such matrices, one for each vector of parameters.
    """

    loadings: Array
    paths: Array
    latent: Array
    residual: Array

    @property
    def inverse(self) -> Array:
        """(I − B)⁻¹."""
        return np.asarray(np.linalg.inv(np.eye(self.paths.shape[-1]) - self.paths))

    @property
    def latent_covariance(self) -> Array:
        """Implied covariance of the constructs, m × m."""
        inverse = self.inverse
        return np.asarray(inverse @ self.latent @ inverse.swapaxes(-1, -2))

    @property
    def implied(self) -> Array:
        """Implied covariance of the items, p × p."""
        return np.asarray(self.loadings @ self.latent_covariance @ self.loadings.swapaxes(-1, -2) + self.residual)


@dataclass(frozen=True)
class Cells:
    """The free cells of one matrix: their place (i, j) and the free parameter that fills them.

    `mirrored` cells stand for two. `rounds` are positions of cells without a repeated parameter, which may be added up
    by plain indexing.
    """

    i: Array
    j: Array
    parameter: Array
    mirrored: Array
    rounds: tuple[Array, ...]

    def add(self, result: Array, values: Array) -> None:
        """Add the value of each cell (… × cells) to its parameter in `result` (… × q)."""
        for chosen in self.rounds:
            result[..., self.parameter[chosen]] += values[..., chosen]


class Structure:
    """Where each parameter of a model sits in the matrices."""

    def __init__(self, syntax: ModelSyntax) -> None:
        self.syntax = syntax
        self.items = {name: i for i, name in enumerate(syntax.items)}
        self.latents = {name: i for i, name in enumerate(syntax.latents)}
        self.free = {name: i for i, name in enumerate(syntax.free)}
        self.places = [(p, *self._place(p)) for p in syntax.parameters]
        self.cells = {name: self._cells(name) for name in ("loadings", "paths", "latent", "residual")}
        self._fixed = self._start()

    def _place(self, parameter: Parameter) -> tuple[str, int, int]:
        lhs, rhs = parameter.lhs, parameter.rhs
        if parameter.op == "=~":
            return "loadings", self.items[rhs], self.latents[lhs]
        if parameter.op == "~":
            return "paths", self.latents[lhs], self.latents[rhs]
        if lhs in self.latents:
            return "latent", self.latents[lhs], self.latents[rhs]
        return "residual", self.items[lhs], self.items[rhs]

    def _cells(self, matrix: str) -> Cells:
        found = [(i, j, self.free[p.name]) for p, name, i, j in self.places if name == matrix and p.name is not None]
        i, j, parameter = np.array(found, dtype=int).reshape(-1, 3).T
        mirrored = (i != j) if matrix in {"latent", "residual"} else np.zeros(len(i), dtype=bool)
        repeat = np.array([int((parameter[:place] == own).sum()) for place, own in enumerate(parameter)], dtype=int)
        rounds = tuple(np.flatnonzero(repeat == number) for number in range(int(repeat.max(initial=-1)) + 1))
        return Cells(i, j, parameter, mirrored, rounds)

    def _start(self) -> Matrices:
        """Matrices that hold the fixed values only."""
        p, m = len(self.items), len(self.latents)
        shapes = {"loadings": (p, m), "paths": (m, m), "latent": (m, m), "residual": (p, p)}
        filled = {name: np.zeros(shape) for name, shape in shapes.items()}
        for parameter, name, i, j in self.places:
            if parameter.name is None:
                filled[name][i, j] = parameter.value
                if parameter.op == "~~":
                    filled[name][j, i] = parameter.value
        return Matrices(**filled)

    def matrices(self, theta: Array) -> Matrices:
        """Fill the matrices from free parameters (q, or a stack … × q; real, or complex for differentiation)."""
        filled = {}
        for name, cells in self.cells.items():
            fixed = getattr(self._fixed, name)
            matrix = np.broadcast_to(fixed, (*theta.shape[:-1], *fixed.shape)).astype(theta.dtype)
            matrix[..., cells.i, cells.j] = theta[..., cells.parameter]
            mirrored = cells.mirrored
            matrix[..., cells.j[mirrored], cells.i[mirrored]] = theta[..., cells.parameter[mirrored]]
            filled[name] = matrix
        return Matrices(**filled)

    def sides(self, matrices: Matrices) -> dict[str, tuple[Array, Array]]:
        """∂Σ/∂cell(i, j) = u vᵀ + v uᵀ (half of it on a diagonal): the matrices that hold every u and v as columns."""
        reach = matrices.loadings @ matrices.inverse
        spread = matrices.loadings @ matrices.latent_covariance
        identity = np.eye(len(self.items))
        return {
            "loadings": (identity, spread),
            "paths": (reach, spread),
            "latent": (reach, reach),
            "residual": (identity, identity),
        }

    def derivatives(self, matrices: Matrices) -> Array:
        """∂Σ/∂θ, q × p × p."""
        p = len(self.items)
        result = np.zeros((len(self.free), p, p))
        for name, (left, right) in self.sides(matrices).items():
            cells = self.cells[name]
            outer = left.T[cells.i][:, :, None] * right.T[cells.j][:, None, :]
            outer = outer + outer.transpose(0, 2, 1) * self._twice(name)[:, None, None]
            cells.add(result.T, outer.T)
        return result

    def _twice(self, name: str) -> Array:
        """1 for a cell that stands for two (or for a product), 0 for one on the diagonal of a covariance."""
        cells = self.cells[name]
        return np.ones(len(cells.i)) if name in {"loadings", "paths"} else cells.mirrored.astype(float)

    def pulled(self, matrices: Matrices, weight: Array) -> Array:
        """tr(G ∂Σ/∂θ) for a symmetric G (p × p, or a stack … × p × p), at one or as many matrices: … × q."""
        stack = weight.shape[:-2]
        result = np.zeros((*stack, len(self.free)), dtype=np.result_type(weight, matrices.loadings))
        for name, (left, right) in self.sides(matrices).items():
            cells = self.cells[name]
            through = left.swapaxes(-1, -2) @ weight @ right
            values = through[..., cells.i, cells.j] * (1.0 + self._twice(name))
            cells.add(result, values)
        return result

    def curvature(self, theta: Array, weight: Array) -> Array:
        """tr(G ∂²Σ/∂θ∂θ), q × q, by complex step through `pulled`."""
        rows = []
        for position in range(len(theta)):
            moved = theta.astype(complex)
            moved[position] += 1j * STEP
            rows.append(self.pulled(self.matrices(moved), weight).imag / STEP)
        return np.array(rows)

    def scores(self, matrices: Matrices, rows: Array) -> Array:
        """yᵀ ∂Σ/∂θ y for every row y of `rows` (n × p): n × q."""
        reach, spread = self.sides(matrices)["paths"]
        own = np.ascontiguousarray(rows.T)
        reached, spreads = reach.T @ own, spread.T @ own
        pairs = {
            "loadings": (own, spreads),
            "paths": (reached, spreads),
            "latent": (reached, reached),
            "residual": (own, own),
        }
        result = np.zeros((len(self.free), len(rows)))
        for name, (left, right) in pairs.items():
            cells = self.cells[name]
            for i, j, parameter, times in zip(cells.i, cells.j, cells.parameter, 1.0 + self._twice(name), strict=True):
                result[parameter] += times * left[i] * right[j]
        return result.T
