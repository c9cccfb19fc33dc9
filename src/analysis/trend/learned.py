"""A forecast that is learned: ridge regression of later waves on the latest changes and the season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.trend.gaussian import NODES, Mixture, Observed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LAGS = 3
"""Changes from wave to wave that the forecast looks back on."""
MIN_LEARNING = 16
"""Measured waves at the first origin below which nothing is learned."""
PENALTIES = tuple(10.0 ** np.arange(-1, 3.1, 0.5))


def forecasts(series: Observed, *, origins: Sequence[int], horizon: int) -> list[Mixture]:
    """Forecasts from each origin; each horizon has a regression of its own, fitted to the waves known by then."""
    return [_from(series.first(origin), horizon) for origin in origins]


def _from(series: Observed, horizon: int) -> Mixture:
    from scipy.special import stdtrit

    values = _filled(series.index)
    shares = (np.arange(NODES * 3) + 0.5) / (NODES * 3)
    centres, spreads = [], []
    for ahead in range(1, horizon + 1):
        mean, error, degrees = _regression(values, ahead, series.period)
        error = max(error, series.typical)
        centres.append(values[-1] + mean + error * stdtrit(degrees, shares))
        spreads.append(np.full(len(shares), error / len(shares) ** 0.5))
    return Mixture(np.full(len(shares), 1 / len(shares)), np.stack(centres, axis=1), np.stack(spreads, axis=1))


def _regression(values: Floats, ahead: int, period: int) -> tuple[float, float, float]:
    """Expected change over `ahead` waves, its error and degrees of freedom; the penalty by cross-validation (GCV)."""
    now = np.arange(LAGS, len(values))
    changes = np.diff(values)
    columns = [changes[now - 1 - lag] for lag in range(LAGS)]
    if period > 1:
        columns += [((now + ahead) % period == season).astype(np.float64) for season in range(period)]
    features = np.stack(columns, axis=1)
    known = now[: len(now) - ahead]
    target = values[known + ahead] - values[known]
    past, latest = features[: len(known)], features[-1]
    centre, spread = past.mean(axis=0), np.maximum(past.std(axis=0), 1e-9)
    left, singular, right = np.linalg.svd((past - centre) / spread, full_matrices=False)
    shrunk = singular**2 / (singular**2 + np.array(PENALTIES)[:, None])
    fitted = (shrunk * (left.T @ (target - target.mean()))) @ left.T + target.mean()
    spare = len(known) - 1 - shrunk.sum(axis=1)
    variance = ((target - fitted) ** 2).sum(axis=1) / np.maximum(spare, 1.0)
    best = int(np.argmin(variance / np.maximum(spare, 1.0)))
    weight = singular / (singular**2 + PENALTIES[best]) * (left.T @ (target - target.mean()))
    away = right @ ((latest - centre) / spread)
    leverage = 1 / len(known) + float(((singular / (singular**2 + PENALTIES[best]) * away) ** 2).sum())
    error = float(np.sqrt(variance[best] * (1 + leverage)))
    return float(target.mean() + weight @ away), max(error, 1e-9), float(max(spare[best], 1.0))


def _filled(values: Floats) -> Floats:
    """Gaps filled along straight lines."""
    place = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(place[0], place[-1] + 1), place, values[place])
