"""The theta parameterisation of ordered items: residual variances are parameters, 1 where the model says nothing.

The scale follows from them, Δ_i = 1/√Σ*_ii, with Σ* the covariance of the latent responses given the covariates.
Source: Muthén & Asparouhov (2002), lavaan's `parameterization = "theta"`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.model.responses import Observed, ResponseMatrices, ResponseStructure
from analysis.sem.model.structure import Matrices, Structure, deviations
from analysis.sem.model.syntax import SCALE, ModelSyntax

Array = NDArray[Any]


class ThetaStructure(ResponseStructure):
    """Where each parameter sits when residual variances of ordered items are parameters as any other."""

    def __init__(self, syntax: ModelSyntax, ordered: Collection[str] | None = None) -> None:
        super().__init__(syntax, ordered, {}, completed=False)

    def of(self, syntax: ModelSyntax) -> ThetaStructure:
        """A wider model of the same constructs."""
        return ThetaStructure(syntax, self.ordered)

    def check(self, syntax: ModelSyntax) -> None:
        """Every variance may be restricted."""

    def matrices(self, theta: Array) -> ResponseMatrices:
        """The matrices, with the scales that give what covariates leave of each latent response unit variance."""
        matrices, graded = self.filled(theta), self._graded
        assert isinstance(matrices, ResponseMatrices)
        spread = deviations(self.conditional(replace(matrices)).implied)
        matrices.scales[..., graded, 0] = 1.0 / spread[..., graded]
        return matrices

    def jacobian(self, matrices: ResponseMatrices, moments: Observed) -> Array:
        """Derivatives of `expected` by θ, values × q: those at fixed scales, and by log Δ = −½ log Σ*_ii."""
        given, kept = self.conditional(matrices), self.responses
        spread = self.derivatives(given)[:, kept, kept] / np.diag(given.implied)[kept]
        by_scale = -0.5 * np.pad(spread.T, ((0, 0), (0, len(self.free) - self.k)))
        moved = self.expected(matrices, moments)[:, None] * self._scaled(moments)
        return np.asarray(super().jacobian(matrices, moments) + moved @ by_scale)

    def derivatives(self, matrices: Matrices) -> Array:
        """∂Σ*/∂θ given the covariates, k × p × p, before the scales."""
        return Structure.derivatives(self, matrices)


def with_residuals(syntax: ModelSyntax, ordered: Collection[str], *, freed: bool = False) -> ModelSyntax:
    """The model with residual variances of 1 for ordered items, but for those that its text fixes or labels; `freed`:
    they are free, as in all groups but the first where thresholds are shared.

    Raises MethodError for scales in the text, which follow from the residual variances here.
    """
    scaled = [p for p in syntax.parameters if p.op == SCALE]
    if scaled:
        raise MethodError(
            "Scales of latent responses follow from their residual variances.",
            where=", ".join(p.text for p in scaled),
            hint="remove these lines, or set structural.parameterization to delta",
        )
    own = {name for name in ordered if name not in syntax.covariates}
    alone = {p.lhs for p in syntax.parameters if p.op == "~~" and p.lhs == p.rhs and p.value == 0.0 and p.lhs in own}
    shown = {p.lhs for p in syntax.parameters if p.op == "=~" and p.rhs in alone}
    parameters = tuple(
        replace(p, name=None, value=1.0)
        if p.op == "~~"
        and p.lhs == p.rhs
        and p.name is not None
        and p.label is None
        and ((p.lhs in own and not freed) or p.lhs in shown)
        else p
        for p in syntax.parameters
    )
    return replace(syntax, parameters=parameters)
