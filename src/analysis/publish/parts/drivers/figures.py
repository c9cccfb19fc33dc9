"""Importance of the drivers, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, LINE_HEIGHT, bare, name_rows, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_importance(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Share of the explained variance of each driver, the largest first, one panel for each outcome."""
    frame = tables["importance"].dropna(subset=["share"])
    panels = list(frame.groupby("outcome", sort=False))
    heights = [len(rows) + 1.2 for _, rows in panels]
    figure, found = new_figure(0.9 + LINE_HEIGHT * 1.15 * sum(heights), rows=len(panels), ratios=heights)
    limit = float(frame[["share", "share_high"]].max().max()) * 115
    for axes, (outcome, rows) in zip(found, panels, strict=True):
        _shares(axes, rows, labels)
        axes.set_xlim(0, limit)
        axes.set_title(labels.construct(str(outcome)), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is found[-1])
    found[-1].set_xlabel(labels.text("figures.importance.axis"))
    return figure


def _shares(axes: Axes, rows: pd.DataFrame, labels: Labels) -> None:
    places = list(range(len(rows)))[::-1]
    share, low, high = (100 * rows[name] for name in ("share", "share_low", "share_high"))
    axes.errorbar(
        share.tolist(),
        places,
        xerr=[(share - low).tolist(), (high - share).tolist()],
        fmt="o",
        color=BLUE,
        elinewidth=2,
        capsize=3.5,
        markersize=6.5,
    )
    for place, end, value in zip(places, high, rows["share"], strict=True):
        text = formats.percent(value, 0)
        axes.annotate(text, (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=10)
    name_rows(axes, places, [labels.construct(str(key)) for key in rows["predictor"]])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    bare(axes)
