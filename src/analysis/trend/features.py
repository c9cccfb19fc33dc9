"""The course of a series in numbers: its slope, its seasons and named waves, with intervals; and what was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.trend import structural
from analysis.trend.gaussian import Mixture, cholesky

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.edition.sections.trend import Trend
    from analysis.trend.series import WaveSeries

    Floats = NDArray[np.float64]

MIN_WAVES = 8
"""Measured waves below which no slope is told."""


def course(series: WaveSeries, *, trend: Trend, spells: Sequence[str] = ()) -> pd.DataFrame:
    """Slope a year, effect of each season and of each wave of `spells`, from one regression over the whole series.

    Deviations from the course are autocorrelated about it, with the sampling errors on top; as everywhere, they are
    integrated over a grid (generalised least squares for each point, weighted by its restricted likelihood). Waves
    that stand apart (`change_points`) are not taken out: they belong to the error of the slope.
    Returns feature (slope, season, wave), name (part of the year, or wave), period (waves a year), estimate and bounds.
    Raises MethodError for fewer than 8 measured waves.
    """
    if series.measured < MIN_WAVES:
        raise MethodError(
            "The tracking series is too short for a slope.",
            expected=f"at least {MIN_WAVES} measured waves",
            got=str(series.measured),
        )
    series.need_even_steps()
    observed = series.observed(trend.shared_respondents * trend.shared_correlation)
    seen = observed.measured
    labels = series.waves["wave"].tolist()
    columns, names = _columns(series, [labels.index(wave) for wave in spells if wave in labels])
    grid = [one for one in structural.parameter_grid("reverting", seasonal=False) if not one["line"]]
    covariance = structural.covariances(observed, grid, unit=structural.scale(observed), horizon=0)
    lower = cholesky(covariance[:, seen[:, None], seen])
    effects, errors, weight = _regression(lower, observed.deviations()[seen], columns[seen])
    combinations, told = _combinations(series, names)
    found = Mixture(
        weight,
        effects @ combinations.T,
        np.sqrt(np.maximum(np.einsum("fk,gkl,fl->gf", combinations, errors, combinations), 1e-18)),
    )
    low, high = found.quantiles((1 - trend.confidence) / 2, (1 + trend.confidence) / 2)
    table = pd.DataFrame(told, columns=["feature", "name"])
    return table.assign(period=series.period, estimate=found.expected(), ci_low=low, ci_high=high)


def _columns(series: WaveSeries, spells: Sequence[int]) -> tuple[Floats, list[tuple[str, str]]]:
    """Regressors: level, slope, seasons less the last one (which then is minus their sum), waves that stand apart."""
    place = np.arange(len(series.waves))
    part = series.season
    columns, names = [np.ones(len(place)), place.astype(np.float64)], [("level", ""), ("slope", "")]
    if series.period > 1 and series.measured >= 2 * series.period + 2:
        for season in range(series.period - 1):
            columns.append((part == season).astype(np.float64) - (part == series.period - 1))
            names.append(("season", str(season + 1)))
    for spell in spells:
        columns.append((place == spell).astype(np.float64))
        names.append(("wave", str(series.waves["wave"].iloc[spell])))
    return np.stack(columns, axis=1), names


def _combinations(series: WaveSeries, names: list[tuple[str, str]]) -> tuple[Floats, list[tuple[str, str]]]:
    """What is told as combinations of the coefficients: the slope by the year, every season, the waves."""
    unit = np.eye(len(names))
    rows, told = [unit[1] * series.period], [("slope", "")]
    seasons = [place for place, name in enumerate(names) if name[0] == "season"]
    if seasons:
        rows += [unit[place] for place in seasons] + [-unit[seasons].sum(axis=0)]
        told += [("season", str(season + 1)) for season in range(len(seasons) + 1)]
    apart = [place for place, name in enumerate(names) if name[0] == "wave"]
    return np.array(rows + [unit[place] for place in apart]), told + [names[place] for place in apart]


def _regression(lower: Floats, values: Floats, columns: Floats) -> tuple[Floats, Floats, Floats]:
    """Coefficients, their covariance and the weight of each parameter set by its restricted likelihood."""
    known = np.concatenate([values[:, None], columns], axis=1)
    scaled = np.linalg.solve(lower, np.broadcast_to(known, (len(lower), *known.shape)))
    value, design = scaled[..., :1], scaled[..., 1:]
    turned = np.swapaxes(design, 1, 2)
    errors = np.linalg.inv(turned @ design)
    effects = errors @ (turned @ value)
    squares = ((value - design @ effects) ** 2).sum(axis=(1, 2))
    logdet = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    loglik = -0.5 * squares - logdet + 0.5 * np.linalg.slogdet(errors)[1]
    weight = np.exp(loglik - loglik.max())
    return effects[..., 0], errors, weight / weight.sum()


def recovered(found: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """What was planted in a series (feature, name, planted) beside its estimate: is it inside the interval?"""
    table = planted.merge(found, on=["feature", "name"], how="inner", validate="one_to_one")
    table["inside"] = table["planted"].between(table["ci_low"], table["ci_high"])
    return table
