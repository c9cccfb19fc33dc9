"""The standard bivariate normal distribution: Φ₂, its density φ₂ = ∂Φ₂/∂ρ and ∂φ₂/∂ρ, for arrays of any one shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BEYOND = 40.0
"""Threshold above every answer: the normal probability is 1 and the density 0 in double precision."""
_NODES = 32
"""Nodes of the Gauss-Legendre rule: the error is below 1e-13 for |ρ| ≤ 0.999."""


def bivariate_normal(h: Array, k: Array, rho: Array) -> Array:
    """P(X ≤ h, Y ≤ k) of standard normal X and Y with correlation ρ.

    Φ(h) Φ(k) + ∫₀^ρ φ₂(h, k; r) dr (Drezner & Wesolowsky 1990) with r = tanh z, which keeps the integrand smooth up to
    the ends: dr = (1 − r²) dz.
    """
    from scipy.special import ndtr

    end = np.arctanh(rho)
    integral = np.zeros(np.broadcast_shapes(h.shape, k.shape, rho.shape))
    for node, weight in zip(*np.polynomial.legendre.leggauss(_NODES), strict=True):
        r = np.tanh(end * (node + 1) / 2)
        integral += weight * (1 - r**2) * normal_density(h, k, r)
    return np.asarray(ndtr(h) * ndtr(k) + integral * end / 2)


def normal_density(h: Array, k: Array, rho: Array) -> Array:
    """φ₂(h, k; ρ)."""
    rest = 1 - rho**2
    return np.asarray(np.exp((2 * rho * h * k - h**2 - k**2) / (2 * rest)) / (2 * np.pi * np.sqrt(rest)))


def density_slope(h: Array, k: Array, rho: Array) -> Array:
    """∂φ₂/∂ρ = φ₂ {ρ / (1 − ρ²) + [hk (1 + ρ²) − ρ (h² + k²)] / (1 − ρ²)²}."""
    rest = 1 - rho**2
    relative = rho / rest + (h * k * (1 + rho**2) - rho * (h**2 + k**2)) / rest**2
    return np.asarray(normal_density(h, k, rho) * relative)
