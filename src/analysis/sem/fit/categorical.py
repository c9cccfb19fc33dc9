"""Structural model of ordered answers: weighted least squares on polychoric correlations, lavaan's WLSMV.

Items are the latent responses y* of unit variance (delta parameterisation), so that their residual variances are no
parameters and the thresholds, which fit exactly, don't enter. θ minimises F = Σ w (r − ρ(θ))² over the correlations
with w = 1 / diag Γ; errors and test allow for what the diagonal leaves out (Muthén, du Toit & Spisic 1997; Asparouhov &
Muthén 2010 for the scaled and shifted χ²), with n − 1 for n as in lavaan: under the model its mean and its rejections
are nearer to those of χ² than with n (of 1,000 samples of 60 with 19 degrees of freedom: mean 20.6, not 20.9; 8.3 % at
the 5 % level, not 9.0; of 200: 19.5 and 5.7 %, not 19.6 and 5.8), and errors, too small in both cases, less so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.information import invert_information
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.model.syntax import ModelSyntax, Parameter
from analysis.sem.moments.ordinal import OrdinalMoments

Array = NDArray[Any]
_MAX_ITERATIONS = 500
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""


class ResponseStructure(Structure):
    """Where each parameter sits when the items are latent responses of unit variance.

    Least squares take `matrices` and `derivatives`; the sums for the normal likelihood have no use here. `alone` are
    constructs that a single item shows without error: they are its latent response, and the residual variance of the
    construct is what the unit variance leaves.
    """

    def __init__(self, syntax: ModelSyntax, alone: Mapping[str, str] | None = None) -> None:
        self.alone = _alone(syntax) if alone is None else alone
        kept = tuple(p for p in syntax.parameters if not _is_completed(p, syntax, self.alone))
        super().__init__(replace(syntax, parameters=kept))
        self._shown = [self.latents[name] for name in self.alone]
        self._showing = [self.items[name] for name in self.alone.values()]

    def of(self, syntax: ModelSyntax) -> ResponseStructure:
        """A wider model of the same constructs."""
        return ResponseStructure(syntax, self.alone)

    def matrices(self, theta: Array) -> Matrices:
        """The matrices, completed so that Σ has a unit diagonal: residual variances of the items, and of constructs
        that one item shows.
        """
        matrices, item = super().matrices(theta), np.arange(len(self.items))
        if self.alone:
            given = replace(matrices)  # what is derived of it is not that of the completed matrices
            reach = (given.loadings @ given.inverse)[..., self._showing, :][..., self._shown] ** 2
            rest = 1.0 - given.implied[..., self._showing, self._showing]
            matrices.latent[..., self._shown, self._shown] = np.linalg.solve(reach, rest[..., None])[..., 0]
        explained = (matrices.loadings @ matrices.latent_covariance * matrices.loadings).sum(axis=-1)
        matrices.residual[..., item, item] = 1.0 - explained
        return matrices

    def derivatives(self, matrices: Matrices) -> Array:
        """∂Σ/∂θ, q × p × p, with a diagonal of zeros."""
        result, item = super().derivatives(matrices), np.arange(len(self.items))
        if self.alone:
            reach = (matrices.loadings @ matrices.inverse)[:, self._shown]
            moved = np.linalg.solve(reach[self._showing] ** 2, -result[:, self._showing, self._showing].T)
            result += np.einsum("kq,ik,jk->qij", moved, reach, reach, optimize=True)
        result[:, item, item] = 0.0
        return result


def _alone(syntax: ModelSyntax) -> dict[str, str]:
    """Constructs with one item that measures nothing else and has no residual, and that item."""
    loadings = [(p.lhs, p.rhs) for p in syntax.parameters if p.op == "=~"]
    sure = {p.lhs for p in syntax.parameters if _is_residual_variance(p, syntax) and p.value == 0.0}
    parts, wholes = Counter(lhs for lhs, _ in loadings), Counter(rhs for _, rhs in loadings)
    return {lhs: rhs for lhs, rhs in loadings if rhs in sure and parts[lhs] == wholes[rhs] == 1}


def _is_completed(parameter: Parameter, syntax: ModelSyntax, alone: Mapping[str, str]) -> bool:
    """Whether a variance follows from the unit variances of the latent responses."""
    own = parameter.op == "~~" and parameter.lhs == parameter.rhs
    return own and (parameter.lhs in alone or _is_residual_variance(parameter, syntax))


def _is_residual_variance(parameter: Parameter, syntax: ModelSyntax) -> bool:
    return parameter.op == "~~" and parameter.lhs == parameter.rhs and parameter.lhs in syntax.items


@dataclass(frozen=True)
class AdjustedTest:
    """A least-squares fit F with `df` degrees of freedom as a test: `chi2` = (n − 1) F, and scaled and shifted.

    chi2_scaled = chi2 / scaling + shift has mean and variance of χ² with the same degrees of freedom.
    """

    chi2: float
    df: int
    scaling: float
    shift: float

    @property
    def chi2_scaled(self) -> float:
        """The statistic that is referred to χ²."""
        return self.chi2 / self.scaling + self.shift if self.df else 0.0


@dataclass(frozen=True)
class CategoricalSolution:
    """A WLSMV solution θ with its sandwich covariance (q × q), its test and that of uncorrelated items."""

    structure: ResponseStructure
    moments: OrdinalMoments
    start: Array
    theta: Array
    covariance: Array
    test: AdjustedTest
    baseline: AdjustedTest
    converged: bool
    singular: bool

    @cached_property
    def matrices(self) -> Matrices:
        """Model matrices at the solution."""
        return self.structure.matrices(self.theta)


def fit_categorical(moments: OrdinalMoments, syntax: ModelSyntax) -> CategoricalSolution:
    """Fit the model to the moments of its items, which are in the order of the syntax.

    Covariance: (ΔᵀWΔ)⁻¹ ΔᵀWΓWΔ (ΔᵀWΔ)⁻¹ / (n − 1) with the Jacobian Δ of the correlations. Raises MethodError when the
    model restricts residual variances of items, which are not parameters here.
    """
    structure = ResponseStructure(syntax)
    _check_completed(syntax, structure.alone)
    weight = 1.0 / np.diag(moments.gamma)
    start = _start(structure, moments.correlation)
    theta, settled = _descend(structure, moments, weight, start)
    matrices = structure.matrices(theta)
    jacobian = structure.derivatives(matrices)[:, *moments.pairs].T
    inverse, singular = invert_information(jacobian.T @ (weight[:, None] * jacobian))
    pull = inverse @ (jacobian.T * weight)
    observed = moments.correlation[moments.pairs]
    distance = observed - matrices.implied[moments.pairs]
    residual = np.diag(weight) - (weight[:, None] * jacobian) @ pull
    return CategoricalSolution(
        structure=structure,
        moments=moments,
        start=start,
        theta=theta,
        covariance=pull @ moments.gamma @ pull.T / (moments.n - 1),
        test=_adjusted_test(distance, weight, residual @ moments.gamma, moments.n, len(weight) - len(theta)),
        baseline=_adjusted_test(observed, weight, weight[:, None] * moments.gamma, moments.n, len(weight)),
        converged=settled and moments.converged,
        singular=singular,
    )


def _check_completed(syntax: ModelSyntax, alone: Mapping[str, str]) -> None:
    """Raise MethodError where the model restricts a variance that follows from the others."""
    shared = {name for name, count in Counter(p.name for p in syntax.parameters).items() if count > 1}
    restricted = [
        p.lhs
        for p in syntax.parameters
        if _is_completed(p, syntax, alone) and (p.name is None or p.name in shared) and p.lhs not in alone.values()
    ]
    if restricted:
        raise MethodError(
            "WLSMV can't restrict the residual variance of an ordered item, which follows from its loadings,"
            " nor that of a construct with a single item.",
            where=", ".join(restricted),
            expected="no fixed or equal variances of them",
            hint="remove these lines from the model, or set structural.estimator to MLR",
        )


def _start(structure: ResponseStructure, correlation: Array) -> Array:
    """Loadings of 1 with the sign of the correlation with the first item, constructs that explain half of their items.

    Exogenous constructs covary 0.25, half of their variance; paths to one construct are equal and add up to 0.5.
    """
    latents, items = structure.latents, structure.items
    causes = Counter(outcome for outcome, _ in structure.syntax.regressions)
    first: dict[str, str] = {}
    theta = np.zeros(len(structure.free))
    for p in structure.syntax.parameters:
        if p.op == "=~":
            marker = first.setdefault(p.lhs, p.rhs)
            value = 1.0 if correlation[items[marker], items[p.rhs]] >= 0 else -1.0
        elif p.op == "~":
            value = 0.5 / causes[p.lhs]
        elif p.lhs == p.rhs:
            value = 0.25 if p.lhs in causes else 0.5
        else:
            value = 0.25 if p.lhs in latents and p.lhs not in causes else 0.0
        if p.name is not None:
            theta[structure.free[p.name]] = value
    return theta


def _descend(structure: ResponseStructure, moments: OrdinalMoments, weight: Array, theta: Array) -> tuple[Array, bool]:
    """Gauss-Newton steps, halved until F falls; returns the estimates and whether they converged."""
    observed = moments.correlation[moments.pairs]
    matrices = structure.matrices(theta)
    distance = observed - matrices.implied[moments.pairs]
    for _ in range(_MAX_ITERATIONS):
        jacobian = structure.derivatives(matrices)[:, *moments.pairs]
        gradient = jacobian @ (weight * distance)
        step = invert_information((jacobian * weight) @ jacobian.T)[0] @ gradient
        if np.sqrt(max((moments.n - 1) * float(gradient @ step), 0.0)) < _TOLERANCE:
            return theta, True
        value = weight @ distance**2
        for halvings in range(30):
            candidate = theta + step / 2**halvings
            matrices = structure.matrices(candidate)
            proposed = observed - matrices.implied[moments.pairs]
            if weight @ proposed**2 <= value * (1 + 1e-13):
                break
        else:
            return theta, False
        theta, distance = candidate, proposed
    return theta, False


def _adjusted_test(distance: Array, weight: Array, product: Array, n: int, df: int) -> AdjustedTest:
    """Test of the distances between correlations and model; `product` is UΓ, whose eigenvalues weigh the χ².

    scaling = √(tr(UΓUΓ) / df) and shift = df − tr(UΓ) / scaling.
    """
    chi2 = (n - 1) * float(weight @ distance**2)
    if df == 0:
        return AdjustedTest(chi2, df, float("nan"), 0.0)
    scaling = float(np.sqrt(np.einsum("ij,ji->", product, product) / df))
    return AdjustedTest(chi2, df, scaling, df - float(np.trace(product)) / scaling)
