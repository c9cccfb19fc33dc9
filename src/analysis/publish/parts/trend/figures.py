"""The tracking series with its intervals, and the forecast with its band."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, GREY, ORANGE, bare, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

_YEAR_START = re.compile(r"(\d{4})(?:Q1|H1|-01)?\Z")
MOST_TICKS = 9


def draw_trend(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Index by wave with its interval, then the forecast from the last measured wave with its band."""
    waves, forecast = tables["waves"], tables["forecast"]
    figure, (axes,) = new_figure(3.9)
    last = int(waves["csi"].notna().to_numpy().nonzero()[0].max(initial=0))
    start = (last, float(waves["csi"].iloc[last]))
    ahead = [len(waves) + step for step in range(len(forecast))]
    _draw_waves(axes, waves, labels)
    _draw_forecast(axes, forecast, labels, start=start, ahead=ahead)
    _name_ends(axes, start, (ahead[-1], float(forecast["estimate"].iloc[-1])))
    axes.axvline(last + 0.5, color=GREY, linewidth=0.8, linestyle=":")
    _wave_ticks(axes, [*waves["wave"].astype(str), *forecast["wave"].astype(str)], labels)
    axes.set_xlim(-0.5, ahead[-1] + 1.2)
    axes.set_ylabel(labels.text("figures.trend.axis"))
    figure.legend(loc="outside upper left", ncols=2)
    bare(axes, grid="y")
    return figure


def _draw_waves(axes: Axes, waves: pd.DataFrame, labels: Labels) -> None:
    places, level = list(range(len(waves))), formats.level(labels.edition.trend.confidence)
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


def _wave_ticks(axes: Axes, waves: list[str], labels: Labels) -> None:
    """Years where waves are shorter than a year, else every wave; thinned to what fits."""
    starts = [place for place, wave in enumerate(waves) if _YEAR_START.match(wave)]
    if len(starts) > 1:
        shown = starts[:: -(-len(starts) // MOST_TICKS)]
        names = [formats.wave(waves[place][:4], labels.lang) for place in shown]
    else:
        shown = list(range(0, len(waves), -(-len(waves) // 5)))
        names = [formats.wave(waves[place], labels.lang) for place in shown]
    axes.set_xticks(shown, names)
    axes.set_xticks(range(len(waves)), minor=True)
