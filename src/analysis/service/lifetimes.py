"""The Weibull lifetime of relationships of which most still run: what the curve can't show is read off its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

_STEPS, _TOLERANCE = 100, 1e-10


@dataclass(frozen=True)
class Weibull:
    """S(t) = exp(−(t/scale)^shape), with the covariance of (log scale, log shape)."""

    scale: float
    shape: float
    covariance: Floats

    def mean(self, confidence: float = 0.95) -> tuple[float, float, float]:
        """Mean lifetime scale·Γ(1 + 1/shape) and its interval by the delta method on the logarithm."""
        from scipy.special import digamma, gamma, ndtri

        inverse = 1 / self.shape
        mean = self.scale * gamma(1 + inverse)
        slope = np.array([1.0, -inverse * digamma(1 + inverse)])
        half = ndtri(0.5 + confidence / 2) * np.sqrt(slope @ self.covariance @ slope)
        return float(mean), float(mean * np.exp(-half)), float(mean * np.exp(half))


def fit_weibull(duration: Floats, ended: NDArray[np.bool_], *, entry: Floats | None = None) -> Weibull | None:
    """Maximum likelihood by Newton's method; None where fewer than two have ended or no maximum is found.

    duration > 0 (n), ended (n); `entry` (n): age at which each came under observation, 0 for all where it is left out.
    """
    late = entry[entry > 0] if entry is not None else np.zeros(0)
    count = int(ended.sum())
    if count < 2 or len(np.unique(duration[ended])) < 2:
        return None
    theta = np.array([np.log((duration.sum() - late.sum()) / count), 0.0])
    value, gradient, hessian = _likelihood(theta, duration, ended, late)
    for _ in range(_STEPS):
        step = np.linalg.solve(hessian - np.eye(2) * 1e-9, -gradient)
        if gradient @ step < 0:  # not concave here: go uphill
            step = gradient / np.abs(gradient).max()
        for _ in range(40):
            new = _likelihood(theta + step, duration, ended, late)
            if new[0] >= value - 1e-12 * abs(value):
                break
            step = step / 2
        theta, (value, gradient, hessian) = theta + step, new
        if np.abs(gradient).max() < _TOLERANCE * count:
            return Weibull(float(np.exp(theta[0])), float(np.exp(theta[1])), np.linalg.inv(-hessian))
    return None


def _likelihood(
    theta: Floats, duration: Floats, ended: NDArray[np.bool_], late: Floats
) -> tuple[float, Floats, Floats]:
    """Log likelihood of (log scale, log shape), its gradient and Hessian; u = shape·(log t − log scale)."""
    shape = np.exp(theta[1])
    with np.errstate(over="ignore", invalid="ignore"):
        u = shape * (np.log(duration) - theta[0])
        before = shape * (np.log(late) - theta[0])
        hazard = [float((np.exp(u) * u**power).sum() - (np.exp(before) * before**power).sum()) for power in range(3)]
        d, sum_u = float(ended.sum()), float(u[ended].sum())
        value = d * theta[1] + sum_u - hazard[0]
        gradient = np.array([shape * (hazard[0] - d), d + sum_u - hazard[1]])
        across = shape * (hazard[0] - d + hazard[1])
        hessian = np.array([[-(shape**2) * hazard[0], across], [across, sum_u - hazard[1] - hazard[2]]])
    return (value if np.isfinite(value) else -np.inf), gradient, hessian
