"""What changed: the latest wave against earlier ones, and the waves at which the series left its course."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.estimation.overlap import Estimate, change
from analysis.trend import structural
from analysis.trend.gaussian import Factor, factorise

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from analysis.edition.sections.trend import Trend
    from analysis.trend.series import WaveSeries

    Floats = NDArray[np.float64]
    Row = Mapping[Hashable, Any]

CERTAIN = 0.9
"""Probability from which an event is told."""
MOST_EVENTS = 4
KNOWN = 300.0
"""Standard deviation of the size of an event that has been found, in units of the scale: next to nothing is assumed."""
MIN_WAVES = 8
"""Measured waves below which a course can't be told from an event."""


def changes(series: WaveSeries, *, trend: Trend) -> pd.DataFrame:
    """The latest measured wave against that of a year earlier, the one before, that of the last edition and the first.

    Returns change (year, wave, edition, first), wave, against, before, after, difference, ci_low, ci_high; a bound is
    missing where an error is not known. A wave that stands for two of them is listed once, in this order.
    Neighbouring waves share respondents as the params say; the index that the edition measured itself shares none.
    Raises MethodError for a series of one measured wave, and for a last edition that is no earlier wave of the series.
    """
    table = series.table(trend.confidence).dropna(subset=["csi"])
    if len(table) < 2:
        raise MethodError("One wave alone shows no change.", expected="at least 2 measured waves", got=str(len(table)))
    labels = table["wave"].tolist()
    if trend.last_edition is not None and trend.last_edition not in labels[:-1]:
        raise MethodError(
            "The wave of the last edition is no earlier wave of the series.",
            where="trend.last_edition",
            expected=f"one of {labels[0]} … {labels[-2]}",
            got=trend.last_edition,
        )
    latest = int(table.index[-1])
    places = {"year": latest - series.period} if series.has_years else {}
    places["wave"] = int(table.index[-2])
    if trend.last_edition is not None:
        places["edition"] = int(table.index[labels.index(trend.last_edition)])
    places["first"] = int(table.index[0])
    waves = {int(number): wave for number, wave in zip(table.index, table.to_dict("records"), strict=True)}
    rows, told = [], set()
    for kind, place in places.items():
        if place in waves and place not in told:
            told.add(place)
            rows.append(_change(kind, waves[latest], waves[place], latest - place, trend))
    return pd.DataFrame(rows)


def _change(kind: str, after: Row, before: Row, apart: int, trend: Trend) -> dict[str, Any]:
    one, other = (
        Estimate(str(wave["wave"]), float(wave["csi"]), float(wave["ci_low"]), float(wave["ci_high"]))
        for wave in (after, before)
    )
    common = trend.shared_correlation * trend.shared_respondents**apart if after["source"] == before["source"] else 0.0
    found = change(one, other, confidence=trend.confidence, shared=common)
    values = {"before": other.value, "after": one.value, "difference": found.value}
    return {
        "change": kind,
        "wave": one.name,
        "against": other.name,
        **values,
        "ci_low": found.low,
        "ci_high": found.high,
    }


def change_points(series: WaveSeries, *, trend: Trend) -> pd.DataFrame:
    """Waves that stand apart (outlier) or from which the level has moved for good (shift), surest first.

    In the structural models each wave may carry one event. Where the probability that there is one reaches 0.9, the
    likeliest is taken into the models, and the search goes on beside it (de Jong & Penzer 1998), four times
    at most. Returns wave, event, size, ci_low, ci_high, probability (that it is an event of this kind, at this wave
    or a neighbouring one); the size is its least-squares estimate. Raises MethodError for fewer than 8 measured waves.
    """
    if series.measured < MIN_WAVES:
        raise MethodError(
            "The tracking series is too short to tell an event from its course.",
            expected=f"at least {MIN_WAVES} measured waves",
            got=str(series.measured),
        )
    series.need_even_steps()
    observed = series.observed(trend.shared_respondents * trend.shared_correlation).last(structural.MOST_WAVES)
    names = series.waves["wave"].tolist()[-len(observed) :]
    unit = structural.scale(observed)
    models = [(model, False) for model in structural.MODELS]
    models += [(model, True) for model in structural.MODELS] if observed.period > 1 else []
    grids = [structural.parameter_grid(model, seasonal=seasonal) for model, seasonal in models]
    covariance = [structural.covariances(observed, grid, unit=unit, horizon=0) for grid in grids]
    prior = np.concatenate([np.full(len(grid), -np.log(len(grid))) for grid in grids])
    joint, found = np.concatenate(covariance), []
    for _ in range(MOST_EVENTS):
        event = _likeliest(factorise(joint, observed.deviations()), prior, structural.EVENT_SIZE * unit)
        if event is None:
            break
        kind, place, value, error, probability = event
        half = structural.half_width(trend.confidence) * error
        found.append((names[place], kind, value, value - half, value + half, probability))
        shape = structural.event_shape(kind, place, len(observed))
        joint = joint + (KNOWN * unit) ** 2 * np.outer(shape, shape)
    return pd.DataFrame(found, columns=["wave", "event", "size", "ci_low", "ci_high", "probability"])


def _likeliest(factor: Factor, prior: Floats, size: float) -> tuple[str, int, float, float, float] | None:
    """Kind, place, size with its error, and probability of the likeliest event; None where none is near certain."""
    total = factor.errors.shape[1]
    plain = prior + factor.loglik(total)
    inverse = factor.inverse(total)
    parts = {kind: structural.events(factor, inverse, total, kind, size) for kind in structural.EVENTS}
    weights = {kind: plain[:, None] + part.gained for kind, part in parts.items()}
    top = max(float(part.max()) for part in (plain, *weights.values()))
    chance = {kind: np.exp(part - top) for kind, part in weights.items()}
    whole = float(np.exp(plain - top).sum()) + sum(float(part.sum()) for part in chance.values())
    if 1 - float(np.exp(plain - top).sum()) / whole < CERTAIN:
        return None
    kind = max(chance, key=lambda name: float(chance[name].sum(axis=0).max()))
    place = int(np.argmax(chance[kind].sum(axis=0)))
    share = chance[kind][:, place] / chance[kind][:, place].sum()
    sizes = parts[kind].met[:, place] / parts[kind].information[:, place]
    value = float(share @ sizes)
    error = float(np.sqrt(share @ (1 / parts[kind].information[:, place] + (sizes - value) ** 2)))
    near = float(chance[kind][:, max(place - 1, 0) : place + 2].sum()) / whole
    return kind, place + (1 if kind == "shift" else 0), value, error, near
