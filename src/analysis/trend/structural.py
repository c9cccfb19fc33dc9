"""Structural models of the index: level, trend, season and the waves' own sampling errors, integrated over variances.

y_t = μ_t + γ_t + irregular + sampling error with known variance (Harvey 1989; Durbin & Koopman 2012). Variances and
damping are not estimated and plugged in: every point of a grid is one parameter set, its weight is the likelihood of
the waves so far, and the forecast is the mixture. One wave or a few in a row may stand apart, or the level may have
moved for good at one wave; each such event has a small probability beforehand and is integrated over likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from analysis.trend.gaussian import UNSEEN, Factor, Mixture, Observed, factorise, mixture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Grid = list[dict[str, float]]

MODELS = ("level", "trend", "damped", "reverting")
"""The level wanders; it has a slope of its own; the slope fades; the index returns to a level or a line."""

STEPS = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4)
"""Standard deviations of a change of the level, in units of the scale of the series."""
IRREGULAR = (0.0, 0.3, 0.7)
SLOPES = (0.15, 0.5)
SLOPE_STEPS = (0.0, 0.05, 0.15)
FADING = (0.5, 0.8, 0.95)
FADING_STEPS = (0.15, 0.4, 0.8)
RETURN = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)
SEASON = 0.7
"""Standard deviation of the effect of a season."""
START = 20.0
"""Standard deviation of the first level about the first measured value: next to nothing is known of it."""
EVENTS = {"outlier": 0.01, "spell 2": 0.004, "spell 3": 0.004, "spell 4": 0.004, "shift": 0.01}
"""Probability, against none, that the one event of a series is of this kind and falls on a given wave: one wave stands
apart, so many neighbouring ones do, or the level moves for good."""
EVENT_SIZE = 3.0

MOST_WAVES = 60
"""Latest waves that forecasts and the search for events look back on: five years of months, fifteen of quarters."""
SCALE_WAVES = 8
"""First measured waves whose changes set the scale of the grids, so that no later wave does."""


def forecasts(series: Observed, model: str, *, seasonal: bool, origins: Sequence[int], horizon: int) -> list[Mixture]:
    """Predictive distribution of the next `horizon` waves from each origin (number of waves known by then)."""
    unit = scale(series)
    grid = parameter_grid(model, seasonal=seasonal)
    factor = factorise(covariances(series, grid, unit=unit, horizon=horizon), series.deviations())
    base = series.index[series.measured[0]]
    inverse = factor.inverse(len(series))
    found = []
    for origin in origins:
        weight, mean, sd = _with_events(factor, inverse, origin, horizon, size=EVENT_SIZE * unit)
        found.append(mixture(weight, mean + base, sd))
    return found


def scale(series: Observed) -> float:
    """Typical change from wave to wave: robust, of the first waves, and not below the sampling error."""
    measured = series.measured[:SCALE_WAVES]
    changes = np.diff(series.index[measured]) / np.sqrt(np.diff(measured))
    middle = float(np.median(np.abs(changes))) / 0.6745 if len(changes) else 0.0
    wide = float(np.sqrt(np.mean(changes**2))) if len(changes) else 0.0
    return max(middle, 0.5 * wide, float(np.sqrt(np.mean(series.se[measured] ** 2))), 1e-3)


def parameter_grid(model: str, *, seasonal: bool) -> Grid:
    """Parameter sets of a model as standard deviations of its parts, in units of the scale."""
    parts = {"level": _level, "trend": _trend, "damped": _damped, "reverting": _reverting}[model]
    return [{**parts_of_one, "start": START, **({"season": SEASON} if seasonal else {})} for parts_of_one in parts()]


def _level() -> Iterator[dict[str, float]]:
    for step, irregular in product(STEPS, IRREGULAR):
        yield {"walk": step, "irregular": irregular}


def _trend() -> Iterator[dict[str, float]]:
    for step, slope, turn, irregular in product((0.0, *STEPS[::2]), SLOPES, SLOPE_STEPS, IRREGULAR):
        yield {"walk": step, "line": slope, "turns": turn, "irregular": irregular}


def _damped() -> Iterator[dict[str, float]]:
    for fading, turn, step in product(FADING, FADING_STEPS, (0.0, *STEPS[::2])):
        yield {f"fading {fading}": turn, "walk": step}


def _reverting() -> Iterator[dict[str, float]]:
    for back, step, slope in product(RETURN, STEPS, (0.0, *SLOPES)):
        yield {f"return {back}": step, "line": slope}


def covariances(series: Observed, grid: Grid, *, unit: float, horizon: int) -> Floats:
    """Covariance of the waves and of those to come, for each parameter set of the grid."""
    size = len(series) + horizon
    names = sorted({name for one in grid for name in one})
    variances = np.array([[one.get(name, 0.0) ** 2 for name in names] for one in grid]) * unit**2
    parts = np.stack([_part(name, size, series.period) for name in names])
    covariance = np.tensordot(variances, parts, axes=1)
    missing = series.unseen(horizon) * (UNSEEN * unit) ** 2
    return np.asarray(covariance + series.noise(horizon) + np.diag(missing + 1e-9 * unit**2))


def _part(name: str, size: int, period: int) -> Floats:
    """Covariance of one part of a model with unit standard deviation."""
    place = np.arange(size, dtype=np.float64)
    apart = np.abs(place[:, None] - place)
    summed = np.tril(np.ones((size, size)), -1)
    walk = np.minimum(place[:, None], place)
    kind, _, value = name.partition(" ")
    back = float(value or 0)
    parts: dict[str, Floats] = {
        "start": np.ones((size, size)),
        "irregular": np.eye(size),
        "line": np.outer(place, place),
        "walk": walk,
        "turns": summed @ walk @ summed.T,
        "fading": summed @ (back**apart / (1 - back**2)) @ summed.T,
        "return": back**apart,
        "season": (apart % period == 0) - 1 / period,
    }
    return parts[kind]


@dataclass(frozen=True)
class Events:
    """One possible event per wave: parameter sets × waves (a shift can't fall on the first).

    shape: L⁻¹u, parameter sets × waves so far × events. gained: log-likelihood over none, prior probability included.
    size, variance: of the event, given that it took place. information: 1 over the variance of its least-squares
    estimate; met: that estimate times it.
    """

    shape: Floats
    gained: Floats
    size: Floats
    variance: Floats
    information: Floats
    met: Floats


def event_shape(kind: str, place: int, size: int) -> Floats:
    """What an event of size 1 that begins at `place` adds to each wave."""
    waves = np.arange(size)
    return np.asarray((waves >= place) & (waves < place + length(kind, size)), dtype=np.float64)


def length(kind: str, size: int) -> int:
    """Waves that an event lasts: all that follow for a shift."""
    return {"outlier": 1, "shift": size}.get(kind) or int(kind.split()[1])


def events(factor: Factor, inverse: Floats, origin: int, kind: str, size: float) -> Events:
    """Every possible event of a kind among the first `origin` waves: a shift begins after the first, a spell has ended.

    An event u with a size of variance v adds v·uu′ to the covariance, which changes likelihood and forecast by terms
    of rank one: with w = L⁻¹u, a = w′w and b = w′z the log-likelihood by v·b²/2(1 + va) − log(1 + va)/2; given
    the event, its size has mean v·b/(1 + va) and variance v/(1 + va).
    """
    shape = inverse[:, :origin, :origin]
    if kind == "shift":
        shape = np.cumsum(shape[:, :, ::-1], axis=2)[:, :, ::-1][:, :, 1:]
    elif kind != "outlier":
        lasting = length(kind, origin)
        shape = sum((shape[:, :, k : origin - lasting + k] for k in range(1, lasting)), shape[:, :, : origin - lasting])
    information = (shape**2).sum(axis=1)
    variance = size**2 / (1 + size**2 * information)
    met = np.einsum("gjt,gj->gt", shape, factor.errors[:, :origin])
    gained = 0.5 * variance * met**2 + 0.5 * np.log(variance / size**2) + np.log(EVENTS[kind])
    return Events(shape, gained, variance * met, variance, information, met)


def _with_events(
    factor: Factor, inverse: Floats, origin: int, horizon: int, *, size: float
) -> tuple[Floats, Floats, Floats]:
    """Log weights, means and standard deviations of every parameter set with no event and with each possible one."""
    plain = factor.loglik(origin)
    mean, sd = factor.ahead(origin, horizon)
    weights, means, spreads = [plain], [mean], [sd]
    rows = factor.lower[:, origin : origin + horizon, :origin]
    for kind in EVENTS:
        one = events(factor, inverse, origin, kind, size)
        left = np.swapaxes((1.0 if kind == "shift" else 0.0) - rows @ one.shape, 1, 2)
        weights.append((plain[:, None] + one.gained).ravel())
        means.append((mean[:, None] + left * one.size[:, :, None]).reshape(-1, horizon))
        spreads.append(np.sqrt(sd[:, None] ** 2 + left**2 * one.variance[:, :, None]).reshape(-1, horizon))
    return np.concatenate(weights), np.concatenate(means), np.concatenate(spreads)


def half_width(confidence: float) -> float:
    """Standard deviations from the middle of a normal distribution to a bound of its interval."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)
