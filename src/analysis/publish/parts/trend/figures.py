"""The tracking series with its intervals, and the forecast with its band."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import gcd
from typing import TYPE_CHECKING

from analysis.periods import WAVES, frequency_of, number_of
from analysis.publish.figures.style import BLUE, GREY, ORANGE, PALE, bare, for_phone, legend, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

_YEAR_START = re.compile(r"(\d{4})(?:Q1|H1|-01)?\Z")
MOST_TICKS, PHONE_TICKS = 9, 5
MOST_NAMED = 7
"""Waves up to which each is named on the axis, and its value beside it."""


def draw_trend(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Index by wave with its interval, then the forecast from the last measured wave with its band."""
    waves, forecast = tables["waves"], tables["forecast"]
    figure, (axes,) = new_figure(3.9)
    labelled = [*waves["wave"].astype(str), *forecast["wave"].astype(str)]
    places = _places(labelled)
    row = int(waves["csi"].notna().to_numpy().nonzero()[0].max(initial=0))
    last, ahead = places[row], places[len(waves) :]
    start = (last, float(waves["csi"].iloc[row]))
    _draw_series(axes, waves, labels, places=places[: len(waves)])
    _draw_forecast(axes, forecast, labels, start=start, ahead=ahead)
    _name_ends(axes, start, (ahead[-1], float(forecast["estimate"].iloc[-1])))
    axes.axvline(last + 0.5, color=GREY, linewidth=0.8, linestyle=":")
    _wave_ticks(axes, labelled, places, labels)
    axes.set_xlim(-0.5, ahead[-1] + 1.2)
    axes.set_ylabel(labels.text("figures.trend.axis"))
    legend(figure)
    bare(axes, grid="y")
    return figure


def draw_waves(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Index by wave with its interval, each wave at its distance in time from the others."""
    waves = tables["waves"].dropna(subset=["csi"])
    figure, (axes,) = new_figure(3.4)
    places, values = _places(waves["wave"].astype(str).tolist()), waves["csi"].tolist()
    axes.plot(places, values, color=PALE, linewidth=1.2, label=labels.text("figures.trend.measured"))
    known = waves.assign(place=places).dropna(subset=["ci_low", "ci_high"])
    level = formats.level(labels.edition.trend.confidence)
    axes.vlines(
        known["place"],
        known["ci_low"],
        known["ci_high"],
        color=BLUE,
        linewidth=2,
        label=labels.text("figures.trend.interval", level=level),
    )
    axes.plot(places, values, color=BLUE, marker="o", markersize=5.5, linestyle="none")
    for place, value in zip(places, values, strict=True) if len(places) <= MOST_NAMED else ():
        text = formats.number(value)
        axes.annotate(text, (place, value), xytext=(7, 9), textcoords="offset points", size=10, va="center")
    _wave_ticks(axes, waves["wave"].astype(str).tolist(), places, labels)
    axes.set_xlim(min(places) - 0.04 * max(places[-1], 1) - 0.2, max(places) + 0.1 * max(places[-1], 1) + 0.2)
    axes.set_ylabel(labels.text("figures.trend.axis"))
    legend(figure)
    bare(axes, grid="y")
    return figure


def _places(waves: Sequence[str]) -> list[int]:
    """Where each wave lies on the axis of time, in the steps that all have in common."""
    kind = frequency_of(waves, kinds=WAVES)
    numbers = [number_of(wave, kind) for wave in waves]
    step = gcd(*(number - numbers[0] for number in numbers)) or 1
    return [(number - numbers[0]) // step for number in numbers]


def _draw_series(axes: Axes, waves: pd.DataFrame, labels: Labels, *, places: list[int]) -> None:
    level = formats.level(labels.edition.trend.confidence)
    low, high = waves["ci_low"].tolist(), waves["ci_high"].tolist()
    name = labels.text("figures.trend.interval", level=level)
    axes.fill_between(places, low, high, color=BLUE, alpha=0.16, linewidth=0, label=name)
    name = labels.text("figures.trend.measured")
    axes.plot(places, waves["csi"].tolist(), color=BLUE, marker="o", markersize=4.5, label=name)


def _draw_forecast(
    axes: Axes, forecast: pd.DataFrame, labels: Labels, *, start: tuple[int, float], ahead: list[int]
) -> None:
    place, value = start
    low, high = ([value, *forecast[side].tolist()] for side in ("ci_low", "ci_high"))
    band = labels.text("figures.trend.prediction", level=formats.level(labels.edition.trend.confidence))
    axes.fill_between([place, *ahead], low, high, color=ORANGE, alpha=0.18, linewidth=0, label=band)
    dashed, estimates, name = (0, (4, 2)), forecast["estimate"].tolist(), labels.text("figures.trend.forecast")
    axes.plot([place, *ahead], [value, *estimates], color=ORANGE, linestyle=dashed, label=name)
    axes.plot(ahead, estimates, color=ORANGE, marker="D", markersize=4.5, linestyle="none")


def _name_ends(axes: Axes, *ends: tuple[float, float]) -> None:
    for (place, value), offset, side in zip(ends, ((2, -13), (6, 0)), ("center", "left"), strict=True):
        text = formats.number(value)
        axes.annotate(text, (place, value), xytext=offset, textcoords="offset points", size=10, ha=side, va="center")


def _wave_ticks(axes: Axes, waves: list[str], places: list[int], labels: Labels) -> None:
    """Years where waves are shorter than a year and there are many, else every wave; thinned to what fits."""
    starts = [row for row, wave in enumerate(waves) if _YEAR_START.match(wave)]
    if len(starts) > 1 and len(waves) > MOST_NAMED:
        shown = starts[:: -(-len(starts) // (PHONE_TICKS if for_phone() else MOST_TICKS))]
        names = [formats.wave(waves[row][:4], labels.lang) for row in shown]
    else:
        shown = list(range(0, len(waves), -(-len(waves) // MOST_NAMED)))
        names = [formats.wave(waves[row], labels.lang, alone=True) for row in shown]
    axes.set_xticks([places[row] for row in shown], names)
    axes.set_xticks(places, minor=True)
