"""ARIMA models by exact maximum likelihood, their order by AICc, and their forecast integrated over the parameters.

The autocovariances of an ARMA process give the joint distribution of the differenced waves, so that likelihoods of many
parameter sets come from one batch of Cholesky factors; a gap in the series is a row less. Coefficients are optimised as
partial autocorrelations, which keeps every set stationary and invertible up to the edge: a model near a unit root is
a candidate like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from analysis.trend.gaussian import VAGUE, Mixture, Observed, cholesky, forecasts_of_scale, least_squares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.edition.sections.trend import Trend

    Floats = NDArray[np.float64]

KPSS_CRITICAL = 0.463
"""5 % point of the KPSS statistic around a level (Kwiatkowski et al. 1992, table 1)."""

EDGE = 1 - 1e-5
"""Largest partial autocorrelation in size."""
START_POINTS = (-0.6, 0.0, 0.6)
"""Partial autocorrelations from which the search starts, for every coefficient."""
MOST_STARTED = 5
"""Coefficients up to which every combination of them is tried; with more, the search starts at white noise."""


@dataclass(frozen=True, order=True)
class Order:
    """ARIMA(p, d, q): with a mean when d = 0; `drift` (a constant change per wave) is possible when d = 1."""

    p: int
    d: int
    q: int
    drift: bool = False

    def __str__(self) -> str:
        return f"({self.p},{self.d},{self.q})" + ("+drift" if self.drift else "")

    @property
    def constant(self) -> bool:
        """Whether the differenced series has a mean of its own."""
        return self.d == 0 or self.drift


@dataclass(frozen=True)
class ArimaFit:
    """One fitted model: partial autocorrelations at the maximum, variance of the innovations, likelihood and AICc."""

    order: Order
    partial: Floats
    constant: float
    sigma2: float
    loglik: float
    size: int

    @property
    def parameters(self) -> int:
        """Number of parameters, the variance included."""
        return self.order.p + self.order.q + int(self.order.constant) + 1

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples (Hurvich & Tsai 1989), over the measured waves less d."""
        spare = self.size - self.parameters - 1
        if spare <= 0:
            return math.inf
        return -2 * self.loglik + 2 * self.parameters * (1 + (self.parameters + 1) / spare)

    @property
    def coefficients(self) -> dict[str, float]:
        """Coefficients as R's arima() names them: ar1, …, ma1, …, intercept or drift."""
        ar, ma = (part[0] for part in coefficients(self.partial[None], self.order))
        named = {f"ar{i + 1}": float(value) for i, value in enumerate(ar)}
        named |= {f"ma{i + 1}": float(value) for i, value in enumerate(ma)}
        if self.order.constant:
            named["drift" if self.order.d else "intercept"] = self.constant
        return named


@dataclass(frozen=True)
class Contrasts:
    """The measured waves, differenced d times over the gaps: `values`, as `sums` of the differenced process."""

    values: Floats
    sums: Floats

    @cached_property
    def ones(self) -> Floats:
        """What a constant of 1 in the differenced process adds to each value."""
        return np.asarray(self.sums.sum(axis=1))


def contrasts(values: Floats, d: int) -> Contrasts:
    """Differences between neighbouring measured waves; for d = 2 their changes, per wave where there are gaps."""
    place = np.flatnonzero(~np.isnan(values))
    known = values[place]
    size = len(values) - d
    if d == 0:
        return Contrasts(known, np.eye(size)[place])
    step = np.arange(len(values) - 1)
    first = ((step >= place[:-1, None]) & (step < place[1:, None])).astype(np.float64)
    if d == 1:
        return Contrasts(np.diff(known), first)
    ratio = np.diff(place)[1:] / np.diff(place)[:-1]
    second = first[1:] - ratio[:, None] * first[:-1]
    summed = np.tril(np.ones((len(values) - 1, size)), -1)
    return Contrasts(np.diff(known)[1:] - ratio * np.diff(known)[:-1], second @ summed)


def coefficients(partial: Floats, order: Order) -> tuple[Floats, Floats]:
    """AR and MA coefficients (parameter sets × p, × q) of partial autocorrelations (Monahan 1984)."""
    return _from_partial(partial[:, : order.p]), -_from_partial(partial[:, order.p :])


def _from_partial(partial: Floats) -> Floats:
    found = np.empty((len(partial), 0))
    for lag in range(partial.shape[1]):
        last = partial[:, lag : lag + 1]
        found = np.concatenate([found - last * found[:, ::-1], last], axis=1)
    return found


def autocovariances(ar: Floats, ma: Floats, size: int) -> Floats:
    """Autocovariances at lags 0 … size − 1 of ARMA processes whose innovations have variance 1.

    Source: Brockwell & Davis 1991, §3.3, second method.
    """
    sets, p, q = len(ar), ar.shape[1], ma.shape[1]
    theta = np.concatenate([np.ones((sets, 1)), ma], axis=1)
    psi = theta.copy()
    for lag in range(1, q + 1):
        for back in range(1, min(p, lag) + 1):
            psi[:, lag] += ar[:, back - 1] * psi[:, lag - back]
    right = np.zeros((sets, max(p + 1, size)))
    for lag in range(q + 1):
        right[:, lag] = (theta[:, lag:] * psi[:, : q + 1 - lag]).sum(axis=1)
    left = np.tile(np.eye(p + 1), (sets, 1, 1))
    for row, back in product(range(p + 1), range(1, p + 1)):
        left[:, row, abs(row - back)] -= ar[:, back - 1]
    found = right
    found[:, : p + 1] = np.linalg.solve(left, right[:, : p + 1, None])[..., 0]
    for lag in range(p + 1, size):
        found[:, lag] += (ar * found[:, lag - p : lag][:, ::-1]).sum(axis=1) if p else 0.0
    return found[:, :size]


def profile(partial: Floats, order: Order, data: Contrasts) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood, variance and constant of each parameter set, the last two at their own maximum."""
    size = data.sums.shape[1]
    lags = np.arange(size)
    process = autocovariances(*coefficients(partial, order), size)[:, np.abs(lags[:, None] - lags)]
    lower = cholesky(data.sums @ process @ data.sums.T)
    loglik, variance, found = least_squares(lower, data.values, data.ones[:, None] * np.ones(int(order.constant)))
    return loglik, variance, found[:, 0] if order.constant else np.zeros(len(lower))


def fit_order(values: Floats, order: Order) -> ArimaFit | None:
    """Fit one model to `values` (NaN where a wave is missing); None where the waves are fewer than its parameters.

    Exact Gaussian likelihood, its maximum sought from the best of a grid of starting points by BFGS.
    """
    from scipy.optimize import minimize

    data = contrasts(values, order.d)
    count = order.p + order.q
    if len(data.values) < count + int(order.constant) + 1:
        return None
    starts = np.array(list(product(START_POINTS if count <= MOST_STARTED else (0.0,), repeat=count)))
    best = starts[int(np.argmax(profile(starts, order, data)[0]))]
    if count:
        found = minimize(
            _downhill, np.arctanh(best), args=(order, data), jac=True, method="BFGS", options={"gtol": 1e-4}
        )
        best = EDGE * np.tanh(found.x)
    loglik, variance, constant = (float(part[0]) for part in profile(best[None], order, data))
    return ArimaFit(order, best, constant, variance, loglik, len(data.values))


def _downhill(point: Floats, order: Order, data: Contrasts) -> tuple[float, Floats]:
    """Minus the log-likelihood at a point of the unbounded scale, and its gradient by central differences."""
    step = 1e-5
    moves = np.concatenate([np.zeros((1, len(point))), step * np.eye(len(point)), -step * np.eye(len(point))])
    values = -profile(EDGE * np.tanh(point + moves), order, data)[0]
    ahead, behind = values[1 : len(point) + 1], values[len(point) + 1 :]
    return float(values[0]), (ahead - behind) / (2 * step)


def search(values: Floats, trend: Trend) -> list[ArimaFit]:
    """Every order p ≤ max_ar, q ≤ max_ma, with and without drift, differenced as KPSS says; smallest AICc first.

    The full search of Hyndman & Khandakar 2008 (J. Statistical Software 27/3), who throw models near a unit root out.
    """
    d = differences(values, trend.max_difference)
    grid = product(range(trend.max_ar + 1), range(trend.max_ma + 1), (False, True) if d == 1 else (False,))
    fits = [fit_order(values, Order(p, d, q, drift)) for p, q, drift in grid]
    known = [fit for fit in fits if fit is not None]
    return sorted(known, key=lambda fit: (fit.aicc, fit.parameters, fit.order))


def differences(values: Floats, most: int) -> int:
    """Number of differences after which the KPSS test no longer rejects a stable level."""
    current = values
    for d in range(most):
        if kpss_statistic(current) <= KPSS_CRITICAL:
            return d
        current = np.diff(current)
    return most


def kpss_statistic(values: Floats) -> float:
    """KPSS statistic around a level, Bartlett window of trunc(3·√n/13) lags; 0 for a series that does not vary.

    η = n⁻² Σ S_t² / s², S_t the partial sums of the deviations from the mean; missing waves are closed up.
    Source: Kwiatkowski, Phillips, Schmidt & Shin 1992; lags as in Hyndman & Khandakar 2008.
    """
    deviations = values[~np.isnan(values)]
    deviations = deviations - deviations.mean()
    size = len(deviations)
    lags = int(3 * math.sqrt(size) / 13)
    variance = float(deviations @ deviations) / size
    for lag in range(1, lags + 1):
        variance += 2 / size * (1 - lag / (lags + 1)) * float(deviations[lag:] @ deviations[:-lag])
    if variance <= 1e-12:
        return 0.0
    return float((np.cumsum(deviations) ** 2).sum() / size**2 / variance)


POINTS = 400
"""Parameter sets over which a forecast is averaged."""
SPREAD = 1.6
"""Their standard deviation on the unbounded scale, in units of the error 1/√n of a coefficient at the first origin."""
WITHIN = 2.0
"""Where an estimate lies on the edge, the sets lie about this point of the unbounded scale."""


def forecasts(series: Observed, fit: ArimaFit, *, origins: Sequence[int], horizon: int) -> list[Mixture]:
    """Forecasts from each origin by the order of `fit`, its coefficients integrated by importance sampling.

    The sets are quasi-random about the estimate; the prior is even over the partial autocorrelations.
    """
    count, order = len(fit.partial), fit.order
    centre = np.clip(np.arctanh(fit.partial), -WITHIN, WITHIN)
    spread = SPREAD / np.sqrt(max(int((series.measured < origins[0]).sum()), 1))
    points = centre + spread * _quasi_normal(POINTS if count else 1, count)
    prior = -2 * np.log(np.cosh(points)).sum(axis=1)
    proposed = -0.5 * (((points - centre) / spread) ** 2).sum(axis=1)
    size = len(series) + horizon
    vague = np.ones((size, size)) + (np.outer(*2 * [np.arange(size)]) if order.d + int(order.drift) > 1 else 0.0)
    covariance = process_covariance(EDGE * np.tanh(points), order, size) + VAGUE * vague
    free = order.d + int(order.constant)
    return forecasts_of_scale(series, covariance, prior - proposed, free=free, origins=origins, horizon=horizon)


def naive(*, drift: bool) -> ArimaFit:
    """The plain forecast, the last value, as a model; with drift it changes by the mean change so far."""
    return ArimaFit(Order(0, 1, 0, drift), np.empty(0), 0.0, 1.0, 0.0, 0)


def _quasi_normal(points: int, count: int) -> Floats:
    """Normal quantiles of a Kronecker sequence: even in every direction, the same in every run (Roberts 2018)."""
    from scipy.special import ndtri

    root = 1.0
    for _ in range(50):
        root = (1 + root) ** (1 / (count + 1))
    steps = root ** -np.arange(1.0, count + 1)
    return np.asarray(ndtri((0.5 + np.arange(1, points + 1)[:, None] * steps) % 1.0))


def process_covariance(partial: Floats, order: Order, size: int) -> Floats:
    """Covariance of `size` waves of the process, summed up d times, with innovations of variance 1."""
    lags = np.arange(size)
    process = autocovariances(*coefficients(partial, order), size)[:, np.abs(lags[:, None] - lags)]
    summed = np.tril(np.ones((size, size)), -1)
    for _ in range(order.d):
        process = summed @ process @ summed.T
    return np.asarray(process)
