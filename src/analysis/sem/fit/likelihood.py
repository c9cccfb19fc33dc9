"""The normal likelihood of a mean and covariance structure, by pattern of answered items: value, gradient, curvature.

f(μ, Σ) = ½ Σ_g ω_g [log|Σ_g| + tr(Σ_g⁻¹ M_g)] / Σω with M_g = S_g + (m_g − μ)(m_g − μ)ᵀ over the items that pattern g
answered: minus the mean log-likelihood of a row without its constant. With complete data this is half of Jöreskog's
discrepancy but for a constant; with gaps it is full information maximum likelihood (Arbuckle 1996). The kernels below
know NumPy only; a mean of None stands for the sample means, which is where free intercepts of complete data end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.moments.gaps import embedded_inverse
from analysis.sem.moments.patterns import Patterns

Array = NDArray[Any]
Products = Callable[[Array, Array], Array]
"""Gives tr(L d_k R d_l), q × q, for symmetric L and R (p × p)."""


@dataclass(frozen=True)
class Point:
    """The likelihood of `patterns` at one mean (p) and covariance (p × p)."""

    patterns: Patterns
    mean: Array
    covariance: Array

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        return embedded_inverse(self.patterns.observed, self.covariance)

    @property
    def precision(self) -> Array:
        """Σ_g⁻¹, zero where not answered: patterns × p × p."""
        return self._inverse[0]

    @cached_property
    def share(self) -> Array:
        """Share of the weight in each pattern."""
        return self.patterns.weight / self.patterns.total

    @cached_property
    def away(self) -> Array:
        """m_g − μ, zero where not answered: patterns × p."""
        return (self.patterns.mean - self.mean) * self.patterns.observed

    @cached_property
    def _parts(self) -> tuple[Array, Array, Array]:
        """`pulled`, Σ_g share_g Σ_g⁻¹, and the log determinants, without the inverse of each pattern."""
        if self.patterns.complete:
            return self.away @ self.precision[0], self.precision[0], self._inverse[1]
        return self.patterns.gaps.pull(self.covariance, self.away, self.share)

    @property
    def pulled(self) -> Array:
        """Σ_g⁻¹ (m_g − μ): patterns × p."""
        return self._parts[0]

    @property
    def summed(self) -> Array:
        """Σ_g share_g Σ_g⁻¹, p × p."""
        return self._parts[1]

    @cached_property
    def _several(self) -> Array:
        """Σ_g⁻¹ of the patterns of `patterns.several`."""
        if self.patterns.complete:
            return self.precision
        return embedded_inverse(self.patterns.observed[self.patterns.several], self.covariance)[0]

    def pull(self, answers: Array, of_row: NDArray[np.int64]) -> Array:
        """Σ_g⁻¹ (x − μ) of single rows (n × p, NaN = not answered) of the patterns `of_row`: n × p."""
        if self.patterns.complete:
            return np.asarray((answers - self.mean) @ self.precision[0])
        away = np.where(np.isnan(answers), 0.0, answers - self.mean)
        most = int(np.bincount(of_row).argmax())
        result, others = away @ self.precision[most], np.flatnonzero(of_row != most)
        result[others] = np.einsum("nij,nj->ni", self.precision[of_row[others]], away[others])
        return np.asarray(result)

    @cached_property
    def spread(self) -> Array:
        """Σ_g⁻¹ S_g Σ_g⁻¹ of the patterns of `patterns.several`: some × p × p."""
        return np.asarray(self._several @ self.patterns.spread[self.patterns.several] @ self._several)

    @cached_property
    def sandwich(self) -> Array:
        """Σ_g⁻¹ M_g Σ_g⁻¹: patterns × p × p."""
        result = self.pulled[:, :, None] * self.pulled[:, None, :]
        result[self.patterns.several] += self.spread
        return np.asarray(result)

    @property
    def admissible(self) -> bool:
        """Whether the covariance is positive definite, also to the precision of its inverse."""
        if not np.isfinite(self.covariance).all():
            return False
        try:
            np.linalg.cholesky(self.covariance)
            return bool(np.isfinite(self._parts[2]).all())
        except np.linalg.LinAlgError:
            return False

    @cached_property
    def value(self) -> float:
        """f; infinite where the covariance is not positive definite."""
        if not self.admissible:
            return float("inf")
        fit, several = (self.pulled * self.away).sum(axis=1), self.patterns.several
        fit[several] += np.einsum("gij,gji->g", self._several, self.patterns.spread[several])
        return float(0.5 * self.share @ (self._parts[2] + fit))

    @property
    def loglikelihood(self) -> float:
        """Log-likelihood of all rows, each counted with its weight."""
        answered = float(self.share @ self.patterns.observed.sum(axis=1))
        return -self.patterns.total * (self.value + 0.5 * answered * float(np.log(2 * np.pi)))

    def gradient(self) -> tuple[Array, Array]:
        """∂f/∂μ (p) and the symmetric G (p × p) with df = tr(G dΣ)."""
        met = (self.share[:, None] * self.pulled).T @ self.pulled
        met += _summed(self.share[self.patterns.several], self.spread)
        return -self.share @ self.pulled, 0.5 * (self.summed - met)

    def curvature(self, derivatives: Array, products: Products | None = None) -> tuple[Array, Array, Array]:
        """Second derivative of f along dΣ_k (q × p × p) and μ, without that of Σ itself: q × q, q × p, p × p.

        Along Σ it is ½ tr(−W d_k W d_l + W d_k W M W d_l + W M W d_k W d_l) summed over the patterns (W = Σ_g⁻¹);
        along Σ and μ it is W d_k W (m − μ), and along μ it is W. `products`: a shorter way to tr(L d_k R d_l) of
        complete data, where there is one.
        """
        half = self._products(self.sandwich - 0.5 * self.precision, derivatives, products)
        count, p, _ = self.precision.shape
        mixed = (self.share[:, None] * self.pulled).T @ self.precision.reshape(count, -1)  # c, (a b)
        turned = mixed.reshape(p, p, p).transpose(1, 2, 0).reshape(p, -1)  # a, (b c)
        return (
            0.5 * (half + half.T),
            derivatives.reshape(-1, p * p) @ turned.T,
            self.summed,
        )

    def expected(self, derivatives: Array | None, products: Products | None = None) -> Array:
        """Expected second derivative along Σ: ½ tr(W d_k W d_l), q × q; `products` of complete data need no more."""
        return 0.5 * self._products(self.precision, derivatives, products)

    def pressed(self, derivatives: Array) -> Array:
        """Σ_g share_g W_g d_k W_g with W = Σ_g⁻¹, q × p × p: half its product with d_l is what `expected` gives."""
        count, p, _ = self.precision.shape
        if count <= p:
            parts = zip(self.share, self.precision, strict=True)
            return np.asarray(sum(weight * (one @ derivatives @ one) for weight, one in parts))
        flat = self.precision.reshape(count, -1)
        tensor = (self.share[:, None] * flat).T @ flat  # (a b), (c d)
        turned = tensor.reshape(p, p, p, p).transpose(1, 2, 0, 3).reshape(p * p, p * p)  # (b c), (a d)
        return np.asarray((derivatives.reshape(-1, p * p) @ turned).reshape(-1, p, p))

    def _products(self, right: Array, derivatives: Array | None, products: Products | None) -> Array:
        """Σ_g share_g tr(W_g d_k R_g d_l)."""
        if products is not None and (self.patterns.complete or derivatives is None):
            left = self.precision[0]
            return products(left, left if right is self.precision else right[0])
        assert derivatives is not None
        return _products(self.share, self.precision, right, derivatives)


def _summed(share: Array, matrices: Array) -> Array:
    """Σ_g share_g A_g of a stack (g × p × p)."""
    return np.asarray((share @ matrices.reshape(len(share), -1)).reshape(matrices.shape[1:]))


def _products(share: Array, left: Array, right: Array, derivatives: Array) -> Array:
    """Σ_g share_g tr(L_g d_k R_g d_l), q × q; for many patterns over one tensor Σ_g share_g L_g ⊗ R_g."""
    count, p, _ = left.shape
    q = len(derivatives)
    if count <= p:
        result = np.zeros((q, q))
        for weight, one, other in zip(share, left, right, strict=True):
            ahead = (one @ derivatives).reshape(q, -1)
            behind = (other @ derivatives).transpose(0, 2, 1).reshape(q, -1)
            result += weight * ahead @ behind.T
        return result
    tensor = (share[:, None] * left.reshape(count, -1)).T @ right.reshape(count, -1)  # (a b), (c d)
    turned = tensor.reshape(p, p, p, p).transpose(1, 2, 0, 3).reshape(p * p, p * p)  # (b c), (a d)
    flat = derivatives.reshape(q, -1)  # d is symmetric: d_l(d, a) = d_l(a, d)
    if int(np.count_nonzero(flat, axis=1).max(initial=0)) > 2:
        return np.asarray(flat @ turned @ flat.T)
    places = np.argsort(flat != 0, axis=1)[:, -2:]  # single cells of Σ: nothing else is worth multiplying
    values = np.take_along_axis(flat, places, axis=1)
    ahead = np.einsum("kt,ktj->kj", values, turned[places])
    return np.asarray(np.einsum("lt,klt->kl", values, ahead[:, places]))
