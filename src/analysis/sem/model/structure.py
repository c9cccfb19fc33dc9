"""The model-implied moments: where each parameter sits, μ(θ) and Σ(θ), and their derivatives.

Jöreskog's all-y notation: Σ = Λ (I − B)⁻¹ Ψ (I − B)⁻ᵀ Λᵀ + Θ and μ = ν + Λ (I − B)⁻¹ α. Knows NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.sem.model.bounds import STEP, Bounds, stepped
from analysis.sem.model.syntax import INTERCEPT, ModelSyntax, Parameter

Array = NDArray[Any]


@dataclass(frozen=True)
class Matrices:
    """Model matrices: loadings Λ (p × m), paths B (m × m), latent residuals Ψ (m × m), item residuals Θ (p × p).

    With a mean structure also the intercepts of the items ν (p × 1) and of the constructs α (m × 1), else zeros. Each
    may be a stack of such matrices, one for each vector of parameters.
    """

    loadings: Array
    paths: Array
    latent: Array
    residual: Array
    intercepts: Array
    latent_intercepts: Array

    @cached_property
    def inverse(self) -> Array:
        """(I − B)⁻¹."""
        return np.asarray(np.linalg.inv(np.eye(self.paths.shape[-1]) - self.paths))

    @cached_property
    def latent_covariance(self) -> Array:
        """Implied covariance of the constructs, m × m."""
        inverse = self.inverse
        return np.asarray(inverse @ self.latent @ inverse.swapaxes(-1, -2))

    @property
    def implied(self) -> Array:
        """Implied covariance of the items, p × p."""
        return np.asarray(self.loadings @ self.latent_covariance @ self.loadings.swapaxes(-1, -2) + self.residual)

    @property
    def latent_mean(self) -> Array:
        """Implied means of the constructs, m."""
        return np.asarray((self.inverse @ self.latent_intercepts)[..., 0])

    @property
    def mean(self) -> Array:
        """Implied means of the items, p."""
        return np.asarray(self.intercepts[..., 0] + (self.loadings @ self.latent_mean[..., None])[..., 0])

    def standardised(self) -> Matrices:
        """The model of items and constructs with variance one (lavaan's std.all), residual covariances correlations."""
        items, constructs = deviations(self.implied), deviations(self.latent_covariance)
        return replace(
            self,
            loadings=self.loadings * constructs[..., None, :] / items[..., :, None],
            paths=self.paths * constructs[..., None, :] / constructs[..., :, None],
            latent=_correlations(self.latent, constructs),
            residual=_correlations(self.residual, items),
            intercepts=self.intercepts / items[..., :, None],
            latent_intercepts=self.latent_intercepts / constructs[..., :, None],
        )


def deviations(covariance: Array) -> Array:
    """Square roots of the diagonal; not a number where a variance is not positive."""
    variances = np.diagonal(covariance, axis1=-2, axis2=-1)
    return np.sqrt(np.where(variances.real > 0, variances, np.nan))


def _correlations(covariance: Array, scale: Array) -> Array:
    """Variances as shares of the square of `scale`, covariances as correlations (by |variance|, as lavaan does)."""
    variances = np.diagonal(covariance, axis1=-2, axis2=-1)
    own = np.sqrt(np.where(variances.real < 0, -variances, variances))
    diagonal = np.eye(covariance.shape[-1], dtype=bool)
    by = np.where(diagonal, scale[..., :, None] ** 2, own[..., :, None] * own[..., None, :])
    return np.divide(covariance, by, out=np.zeros_like(by), where=covariance != 0)


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


COVARIANCE = ("loadings", "paths", "latent", "residual")
"""Matrices that Σ is made of."""


class Structure:
    """Where each parameter of a model sits in the matrices.

    Of the q free parameters the first k move Σ; the others, which a mean structure brings along, are intercepts.
    `latents` are the places of the structural part: the constructs, and the items that stand in it themselves, each as
    a construct that its item shows without error.
    """

    made: type[Matrices] = Matrices

    def __init__(self, syntax: ModelSyntax) -> None:
        self.syntax = syntax
        self.items = {name: i for i, name in enumerate(syntax.items)}
        self.latents = {name: i for i, name in enumerate(syntax.nodes)}
        self.free = {name: i for i, name in enumerate(syntax.free)}
        self.places = [(p, *self._place(p)) for p in syntax.parameters]
        self.cells = {name: self._cells(name) for name in self._shapes()}
        self._filling = {name: self._flat(name, shape) for name, shape in self._shapes().items()}
        self.means = syntax.means
        self.bounds = Bounds([syntax], self.free)
        self.k = len(syntax.without_means().free)
        self._fixed = self._start()

    def of(self, syntax: ModelSyntax) -> Structure:
        """A wider model of the same constructs."""
        return Structure(syntax)

    def _place(self, parameter: Parameter) -> tuple[str, int, int]:
        lhs, rhs = parameter.lhs, parameter.rhs
        if parameter.op == INTERCEPT:
            within = lhs in self.latents
            return ("latent_intercepts", self.latents[lhs], 0) if within else ("intercepts", self.items[lhs], 0)
        if parameter.op == "=~" and rhs in self.latents:
            return "paths", self.latents[rhs], self.latents[lhs]
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

    def _flat(self, matrix: str, shape: tuple[int, int]) -> tuple[Array, Array]:
        """Places of the free cells in the matrix as one line, both of a mirrored pair, and the parameters there."""
        cells, wide = self.cells[matrix], shape[1]
        pair = cells.mirrored
        places = np.concatenate([cells.i * wide + cells.j, cells.j[pair] * wide + cells.i[pair]])
        return places, np.concatenate([cells.parameter, cells.parameter[pair]])

    def _start(self) -> Matrices:
        """Matrices that hold the fixed values only."""
        filled = {name: np.zeros(shape) for name, shape in self._shapes().items()}
        for parameter, name, i, j in self.places:
            if parameter.name is None:
                filled[name][i, j] = parameter.value
                if parameter.op == "~~":
                    filled[name][j, i] = parameter.value
        for name in self.syntax.observed:
            filled["loadings"][self.items[name], self.latents[name]] = 1.0
        return self.made(**filled)

    def _shapes(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of each matrix."""
        p, m = len(self.items), len(self.latents)
        shapes = {"loadings": (p, m), "paths": (m, m), "latent": (m, m), "residual": (p, p)}
        return shapes | {"intercepts": (p, 1), "latent_intercepts": (m, 1)}

    def matrices(self, theta: Array) -> Matrices:
        """The matrices at free parameters (q, or a stack … × q; real, or complex for differentiation)."""
        return self.filled(theta)

    def filled(self, theta: Array) -> Matrices:
        """The matrices with what is fixed and what is free, without what follows from these."""
        filled, stack = {}, theta.shape[:-1]
        for name, (places, parameter) in self._filling.items():
            fixed = getattr(self._fixed, name)
            matrix = np.empty((*stack, fixed.size), dtype=theta.dtype)
            matrix[...] = fixed.ravel()
            matrix[..., places] = theta[..., parameter]
            filled[name] = matrix.reshape(*stack, *fixed.shape)
        return self.made(**filled)

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
        """∂Σ/∂θ, k × p × p."""
        p = len(self.items)
        result = np.zeros((self.k, p, p))
        for name, (left, right) in self.sides(matrices).items():
            cells = self.cells[name]
            outer = left.T[cells.i][:, :, None] * right.T[cells.j][:, None, :]
            outer = outer + outer.transpose(0, 2, 1) * self._twice(name)[:, None, None]
            cells.add(result.T, outer.T)
        return result

    def products(self, matrices: Matrices, left: Array, right: Array) -> Array:
        """tr(L ∂_k Σ R ∂_l Σ) for symmetric L and R (p × p): k × k, without the derivatives themselves.

        With ∂Σ = c (u vᵀ + v uᵀ) for a cell it is a sum of products of the forms uᵀLu, uᵀLv, vᵀLv and the same of R.
        """
        sides = self.sides(matrices)
        u = np.concatenate([side[:, self.cells[name].i] for name, (side, _) in sides.items()], axis=1)
        v = np.concatenate([side[:, self.cells[name].j] for name, (_, side) in sides.items()], axis=1)
        share = np.concatenate([(1.0 + self._twice(name)) / 2 for name in sides])
        by_left = u.T @ left @ u, u.T @ left @ v, v.T @ left @ v
        by_right = by_left if right is left else (u.T @ right @ u, u.T @ right @ v, v.T @ right @ v)
        cells = by_left[0] * by_right[2] + by_left[2] * by_right[0]
        cells += by_left[1] * by_right[1].T + by_left[1].T * by_right[1]
        cells *= share[:, None] * share
        of_cell = np.concatenate([self.cells[name].parameter for name in sides])
        if len(of_cell) == self.k:  # every parameter has one cell
            own = np.argsort(of_cell)
            return np.asarray(cells[np.ix_(own, own)])
        gather = np.zeros((self.k, len(share)))
        gather[of_cell, np.arange(len(share))] = 1.0
        return np.asarray(gather @ cells @ gather.T)

    def squares(self, matrices: Matrices, weights: Array) -> Array:
        """tr(W ∂_k Σ W ∂_k Σ) for each symmetric W of a stack (g × p × p), where no two cells share a parameter: g × k.

        With ∂Σ = c (u vᵀ + v uᵀ) it is 2c² (uᵀWu vᵀWv + (uᵀWv)²).
        """
        result = np.zeros((len(weights), self.k))
        for name, (left, right) in self.sides(matrices).items():
            cells = self.cells[name]
            across = (left.T @ weights @ right)[:, cells.i, cells.j]
            alone = (np.einsum("ai,gab,bi->gi", side, weights, side, optimize=True) for side in (left, right))
            both = np.prod([one[:, places] for one, places in zip(alone, (cells.i, cells.j), strict=True)], axis=0)
            cells.add(result, 0.5 * (1.0 + self._twice(name)) ** 2 * (both + across**2))
        return result

    def _twice(self, name: str) -> Array:
        """1 for a cell that stands for two (or for a product), 0 for one on the diagonal of a covariance."""
        cells = self.cells[name]
        return np.ones(len(cells.i)) if name in {"loadings", "paths"} else cells.mirrored.astype(float)

    def pulled(self, matrices: Matrices, weight: Array) -> Array:
        """tr(G ∂Σ/∂θ) for a symmetric G (p × p, or a stack … × p × p), at one or as many matrices: … × k."""
        stack = np.broadcast_shapes(weight.shape[:-2], matrices.loadings.shape[:-2])
        result = np.zeros((*stack, self.k), dtype=np.result_type(weight, matrices.loadings))
        for name, (left, right) in self.sides(matrices).items():
            cells = self.cells[name]
            through = left.swapaxes(-1, -2) @ weight @ right
            values = through[..., cells.i, cells.j] * (1.0 + self._twice(name))
            cells.add(result, values)
        return result

    def mean_derivatives(self, matrices: Matrices) -> Array:
        """∂μ/∂θ, … × p × q."""
        inverse, latent = matrices.inverse, matrices.latent_mean
        reach = matrices.loadings @ inverse
        p, stack = len(self.items), latent.shape[:-1]
        result = np.zeros((*stack, p, len(self.free)), dtype=latent.dtype)
        identity = np.broadcast_to(np.eye(p), (*stack, p, p))
        for name, towards in (("loadings", identity), ("paths", reach)):
            cells = self.cells[name]
            cells.add(result, towards[..., cells.i] * latent[..., None, cells.j])
        for name, towards in (("intercepts", identity), ("latent_intercepts", reach)):
            cells = self.cells[name]
            cells.add(result, towards[..., cells.i])
        return result

    def gradient(self, matrices: Matrices, by_mean: Array, weight: Array) -> Array:
        """gᵀ ∂μ/∂θ + tr(G ∂Σ/∂θ) for g (p) and a symmetric G (p × p), or stacks of both: … × q."""
        by_covariance = self.pulled(matrices, weight)
        if not self.means:
            return by_covariance
        result = self._pulled_mean(matrices, by_mean)
        result[..., : self.k] += by_covariance
        return result

    def _pulled_mean(self, matrices: Matrices, towards: Array) -> Array:
        """gᵀ ∂μ/∂θ for g = `towards` (p, or a stack … × p), at one or as many matrices: … × q."""
        latent = matrices.latent_mean
        reached = (towards[..., None, :] @ (matrices.loadings @ matrices.inverse))[..., 0, :]
        result = np.zeros((*reached.shape[:-1], len(self.free)), dtype=reached.dtype)
        for name, side in (("loadings", towards), ("paths", reached)):
            cells = self.cells[name]
            cells.add(result, side[..., cells.i] * latent[..., cells.j])
        for name, side in (("intercepts", towards), ("latent_intercepts", reached)):
            cells = self.cells[name]
            cells.add(result, side[..., cells.i])
        return result

    def curvature(self, theta: Array, by_mean: Array, weight: Array) -> Array:
        """Derivative of `gradient` by θ for fixed g and G, q × q, by complex steps."""
        parts = [self.gradient(self.matrices(moved), by_mean, weight) for moved in stepped(theta)]
        return np.concatenate(parts).imag / STEP

    def scores(self, matrices: Matrices, rows: Array) -> Array:
        """yᵀ ∂Σ/∂θ y for every row y of `rows` (n × p): n × k."""
        reach, spread = self.sides(matrices)["paths"]
        own = np.ascontiguousarray(rows.T)
        reached, spreads = reach.T @ own, spread.T @ own
        pairs = {
            "loadings": (own, spreads),
            "paths": (reached, spreads),
            "latent": (reached, reached),
            "residual": (own, own),
        }
        result, begun = np.zeros((self.k, len(rows))), np.zeros(self.k, dtype=bool)
        for name, (left, right) in pairs.items():
            cells, doubled = self.cells[name], left + left
            for i, j, parameter, twice in zip(cells.i, cells.j, cells.parameter, self._twice(name), strict=True):
                one = (doubled if twice else left)[i]
                if begun[parameter]:
                    result[parameter] += one * right[j]
                else:
                    np.multiply(one, right[j], out=result[parameter])
                    begun[parameter] = True
        return result.T


class Fitted(Protocol):
    """A solution whatever the estimator: free parameters θ (q) of a structure, where they started, their covariance."""

    @property
    def structure(self) -> Structure: ...

    @property
    def start(self) -> Array: ...

    @property
    def theta(self) -> Array: ...

    @property
    def covariance(self) -> Array: ...

    @property
    def matrices(self) -> Matrices: ...

    @property
    def converged(self) -> bool: ...

    @property
    def singular(self) -> bool: ...
