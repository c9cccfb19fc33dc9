"""Maximum likelihood for a covariance structure: semopy's fit, brought to full precision by Fisher scoring.

The model-implied covariance is Σ = Λ (I − B)⁻¹ Ψ (I − B)⁻ᵀ Λᵀ + Θ (Jöreskog's all-y notation). The kernels below
know NumPy and SciPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.model import ModelSyntax, Parameter

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]
_MAX_ITERATIONS = 500
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""
_SINGULAR = 1e-9
"""Smallest eigenvalue of the information, scaled to a unit diagonal, below which it counts as singular."""


@dataclass(frozen=True)
class Moments:
    """Mean-free sample moments of `n` complete rows: covariance (p × p, denominator n)."""

    covariance: Array
    n: int


@dataclass(frozen=True)
class Matrices:
    """Model matrices: loadings Λ (p × m), paths B (m × m), latent residuals Ψ (m × m), item residuals Θ (p × p)."""

    loadings: Array
    paths: Array
    latent: Array
    residual: Array

    @property
    def inverse(self) -> Array:
        """(I − B)⁻¹."""
        return np.asarray(np.linalg.inv(np.eye(self.paths.shape[0]) - self.paths))

    @property
    def latent_covariance(self) -> Array:
        """Implied covariance of the constructs, m × m."""
        inverse = self.inverse
        return np.asarray(inverse @ self.latent @ inverse.T)

    @property
    def implied(self) -> Array:
        """Implied covariance of the items, p × p."""
        return np.asarray(self.loadings @ self.latent_covariance @ self.loadings.T + self.residual)


class Structure:
    """Where each parameter of a model sits in the matrices."""

    def __init__(self, syntax: ModelSyntax) -> None:
        self.syntax = syntax
        self.items = {name: i for i, name in enumerate(syntax.items)}
        self.latents = {name: i for i, name in enumerate(syntax.latents)}
        self.free = {name: i for i, name in enumerate(syntax.free)}
        self.cells = [(p, *self._place(p)) for p in syntax.parameters]

    def _place(self, parameter: Parameter) -> tuple[str, int, int]:
        lhs, rhs = parameter.lhs, parameter.rhs
        if parameter.op == "=~":
            return "loadings", self.items[rhs], self.latents[lhs]
        if parameter.op == "~":
            return "paths", self.latents[lhs], self.latents[rhs]
        if lhs in self.latents:
            return "latent", self.latents[lhs], self.latents[rhs]
        return "residual", self.items[lhs], self.items[rhs]

    def matrices(self, theta: Array) -> Matrices:
        """Fill the matrices from the vector of free parameters (real, or complex for differentiation)."""
        p, m = len(self.items), len(self.latents)
        shapes = {"loadings": (p, m), "paths": (m, m), "latent": (m, m), "residual": (p, p)}
        filled = {name: np.zeros(shape, dtype=theta.dtype) for name, shape in shapes.items()}
        for parameter, name, i, j in self.cells:
            value = parameter.value if parameter.name is None else theta[self.free[parameter.name]]
            filled[name][i, j] = value
            if parameter.op == "~~":
                filled[name][j, i] = value
        return Matrices(**filled)

    def derivatives(self, matrices: Matrices) -> Array:
        """∂Σ/∂θ, q × p × p: each cell contributes u vᵀ + v uᵀ (half of it on a diagonal)."""
        p = len(self.items)
        identity = np.eye(p)
        reach = matrices.loadings @ matrices.inverse
        spread = matrices.loadings @ matrices.latent_covariance
        sides = {
            "loadings": (identity, spread),
            "paths": (reach, spread),
            "latent": (reach, reach),
            "residual": (identity, identity),
        }
        result = np.zeros((len(self.free), p, p))
        for parameter, name, i, j in self.cells:
            if parameter.name is not None:
                left, right = sides[name]
                outer = np.outer(left[:, i], right[:, j])
                diagonal = parameter.op == "~~" and i == j
                result[self.free[parameter.name]] += outer if diagonal else outer + outer.T
        return result


@dataclass(frozen=True)
class Solution:
    """A maximum-likelihood solution: free parameters (q), their covariance (q × q) and the minimum of F."""

    structure: Structure
    moments: Moments
    theta: Array
    covariance: Array
    minimum: float
    converged: bool
    singular: bool

    @property
    def matrices(self) -> Matrices:
        """Model matrices at the solution."""
        return self.structure.matrices(self.theta)


def sample_moments(rows: Array) -> Moments:
    """Covariance of complete rows (n × p), denominator n, summed in a fixed order whatever the number of threads."""
    centred = rows - rows.mean(axis=0)
    return Moments(np.einsum("ni,nj->ij", centred, centred) / rows.shape[0], rows.shape[0])


def fit_maximum_likelihood(frame: pd.DataFrame, syntax: ModelSyntax) -> Solution:
    """Fit the model to the complete rows of `frame` (columns = items of the model) by normal-theory ML.

    semopy finds the region of the minimum; Fisher scoring then takes the gradient to rounding error without semopy's
    bounds on variances, so that an inadmissible solution shows instead of sitting on a bound, as in lavaan. Standard
    errors come from the expected information. Raises MethodError when no starting point has a likelihood.
    """
    structure = Structure(syntax)
    moments = sample_moments(frame[list(syntax.items)].to_numpy(dtype=float))
    theta = _semopy_estimates(frame, syntax, moments)
    if not np.isfinite(discrepancy(structure.matrices(theta).implied, moments)):
        raise MethodError(
            "The structural model could not be fitted: no solution has a likelihood.",
            expected="items that the model's constructs can explain",
            hint="check the model for constructs that measure the same thing, or simplify it",
        )
    theta, converged = _score(structure, moments, theta)
    matrices = structure.matrices(theta)
    _, information = _gradient_and_information(structure, matrices, moments)
    inverse, singular = _inverse_information(information)
    minimum = discrepancy(matrices.implied, moments)
    return Solution(structure, moments, theta, inverse / moments.n, minimum, converged, singular)


def discrepancy(implied: Array, moments: Moments) -> float:
    """F = log|Σ| + tr(SΣ⁻¹) − log|S| − p; infinite where Σ is not positive definite (Jöreskog 1969)."""
    sign, log_implied = np.linalg.slogdet(implied)
    if sign <= 0 or np.linalg.eigvalsh(implied)[0] <= 0:
        return float("inf")
    sample = moments.covariance
    log_sample = np.linalg.slogdet(sample)[1]
    return float(log_implied + np.trace(np.linalg.solve(implied, sample)) - log_sample - sample.shape[0])


def _semopy_estimates(frame: pd.DataFrame, syntax: ModelSyntax, moments: Moments) -> Array:
    """semopy's ML estimates in the order of the free parameters."""
    import pandas as pd
    import semopy

    items = list(syntax.items)
    covariance = pd.DataFrame(moments.covariance, index=items, columns=items)
    model = semopy.Model(syntax.text, cov_diag=True)
    for name, start in _freed_loading_starts(syntax, moments).items():
        model.parameters[name].start = start
    try:
        model.fit(frame[items], cov=covariance, obj="MLW")
    except np.linalg.LinAlgError as error:
        raise MethodError(
            "The structural model could not be fitted.",
            got=f"semopy stopped: {error}",
            hint="check the model for items or constructs that repeat each other",
        ) from None
    active = [name for name, parameter in model.parameters.items() if parameter.active]
    estimates = dict(zip(active, model.param_vals, strict=True))
    return np.array([estimates[name] for name in syntax.free], dtype=float)


def _freed_loading_starts(syntax: ModelSyntax, moments: Moments) -> dict[str, float]:
    """Starting loadings of constructs without a fixed loading; semopy would look for one for ever."""
    fixed = {p.lhs for p in syntax.parameters if p.op == "=~" and p.name is None}
    deviations = dict(zip(syntax.items, np.sqrt(np.diag(moments.covariance)), strict=True))
    loadings = (p for p in syntax.parameters if p.op == "=~" and p.lhs not in fixed)
    return {p.name: 0.7 * float(deviations[p.rhs]) for p in loadings if p.name is not None}


def _score(structure: Structure, moments: Moments, theta: Array) -> tuple[Array, bool]:
    """Fisher scoring with step halving; returns the estimates and whether they converged."""
    value = discrepancy(structure.matrices(theta).implied, moments)
    for _ in range(_MAX_ITERATIONS):
        gradient, information = _gradient_and_information(structure, structure.matrices(theta), moments)
        step = -_inverse_information(information)[0] @ gradient
        if np.sqrt(max(-moments.n * float(gradient @ step), 0.0)) < _TOLERANCE:
            return theta, True
        for halvings in range(30):
            candidate = theta + step / 2**halvings
            proposed = discrepancy(structure.matrices(candidate).implied, moments)
            if proposed <= value + 1e-13:
                break
        else:
            return theta, False
        theta, value = candidate, proposed
    return theta, False


def _gradient_and_information(structure: Structure, matrices: Matrices, moments: Moments) -> tuple[Array, Array]:
    """Gradient of F/2 (q) and expected information per row ½ tr(Σ⁻¹ ∂Σ Σ⁻¹ ∂Σ) (q × q)."""
    implied = matrices.implied
    derivatives = structure.derivatives(matrices)
    precision = np.linalg.inv(implied)
    whitened = precision @ derivatives
    residual = precision @ (implied - moments.covariance)
    gradient = 0.5 * np.einsum("qij,ji->q", whitened, residual)
    flat = whitened.reshape(len(whitened), -1)
    turned = whitened.transpose(0, 2, 1).reshape(len(whitened), -1)
    return gradient, 0.5 * flat @ turned.T


def _inverse_information(information: Array) -> tuple[Array, bool]:
    """Inverse of the information and whether it is singular (then its pseudo-inverse)."""
    scale = np.sqrt(np.diag(information))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    kept = values > _SINGULAR
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return inverse / np.outer(scale, scale), not bool(kept.all())
