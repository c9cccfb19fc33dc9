"""Exponential smoothing with additive errors: the kind by AICc, the forecast integrated over the smoothing parameters.

y_t = w′x_{t−1} + e_t, x_t = F x_{t−1} + g e_t (Hyndman, Koehler, Ord & Snyder 2008, chapter 2): the waves are a
combination of the first states and of the errors so far, jointly normal like those of any other linear model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from analysis.trend.gaussian import VAGUE, Mixture, Observed, cholesky, forecasts_of_scale, least_squares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KINDS = {"ANN": 1, "AAN": 2, "AAdN": 3}
"""Number of smoothing parameters (α; β; φ) of the level, the trend and the damped trend."""
BOUNDS = ((1e-4, 0.9999), (1e-4, 0.9999), (0.8, 0.98))
"""Bounds of α, of β as a share of α, and of φ, as in R's ets()."""
LEVELS = (0.02, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 0.9999)
TRENDS = (1e-4, 0.05, 0.15, 0.35, 0.7)
FADES = (0.8, 0.86, 0.92, 0.98)


@dataclass(frozen=True)
class SmoothingFit:
    """One kind at its maximum: smoothing parameters (α, β, φ as far as it has them), log-likelihood and AICc."""

    kind: str
    smoothing: tuple[float, ...]
    loglik: float
    size: int

    @property
    def parameters(self) -> int:
        """Smoothing parameters, first states and the variance."""
        return KINDS[self.kind] + (1 if self.kind == "ANN" else 2) + 1

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples, as R's ets() counts."""
        spare = self.size - self.parameters - 1
        if spare <= 0:
            return math.inf
        return -2 * self.loglik + 2 * self.parameters * (1 + (self.parameters + 1) / spare)


def fit_smoothing(values: Floats, kind: str) -> SmoothingFit:
    """Maximum of the likelihood over smoothing parameters and first states; NaN in `values` where a wave is missing."""
    from scipy.optimize import minimize

    sets = parameter_sets(kind)
    start = sets[int(np.argmax(profile(sets, kind, values)))]
    found = minimize(
        lambda point: -profile(np.atleast_2d(point), kind, values)[0],
        start,
        method="Nelder-Mead",
        bounds=BOUNDS[: KINDS[kind]],
        options={"xatol": 1e-5, "fatol": 1e-7},
    )
    alpha, *others = (float(value) for value in found.x)
    smoothing = (alpha, *([alpha * others[0], *others[1:]] if others else []))
    return SmoothingFit(kind, smoothing, -float(found.fun), int((~np.isnan(values)).sum()))


def choose(values: Floats) -> SmoothingFit:
    """The kind with the smallest AICc."""
    return min((fit_smoothing(values, kind) for kind in KINDS), key=lambda fit: fit.aicc)


def parameter_sets(kind: str) -> Floats:
    """Grid of α, β/α and φ, as far as the kind has them."""
    return np.array(list(product(*(LEVELS, TRENDS, FADES)[: KINDS[kind]])))


def profile(sets: Floats, kind: str, values: Floats) -> Floats:
    """Log-likelihood of each parameter set, first states and variance at their own maximum."""
    measured = ~np.isnan(values)
    responses, states = innovations_form(sets, kind, len(values))
    seen = responses[:, measured]
    return least_squares(cholesky(seen @ np.swapaxes(seen, 1, 2)), values[measured], states[:, measured])[0]


def forecasts(series: Observed, kind: str, *, origins: Sequence[int], horizon: int) -> list[Mixture]:
    """Forecasts from each origin, averaged over the grid of smoothing parameters by their likelihood."""
    sets = parameter_sets(kind)
    responses, states = innovations_form(sets, kind, len(series) + horizon)
    covariance = responses @ np.swapaxes(responses, 1, 2) + VAGUE * states @ np.swapaxes(states, 1, 2)
    even = np.zeros(len(sets))
    return forecasts_of_scale(series, covariance, even, free=states.shape[2], origins=origins, horizon=horizon)


def innovations_form(sets: Floats, kind: str, size: int) -> tuple[Floats, Floats]:
    """How every wave responds to the errors (sets × waves × waves) and to the first states (sets × waves × states)."""
    alpha = sets[:, :1]
    beta = alpha * sets[:, 1:2] if KINDS[kind] > 1 else np.zeros_like(alpha)
    phi = sets[:, 2:3] if KINDS[kind] > 2 else np.ones_like(alpha)
    steps = np.cumsum(phi ** np.arange(1, size + 1), axis=1)
    after = alpha + beta * steps[:, : size - 1]
    kernel = np.concatenate([np.ones_like(alpha), after], axis=1)
    place = np.arange(size)
    lag = place[:, None] - place
    responses = np.where(lag >= 0, kernel[:, np.maximum(lag, 0)], 0.0)
    level = np.ones((len(sets), size))
    return responses, np.stack([level] if kind == "ANN" else [level, steps], axis=2)
