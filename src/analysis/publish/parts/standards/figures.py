"""Share of every step on time, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, GREY, LINE_HEIGHT, bare, name_rows, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_service_steps(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Steps with a limit in time, the one that keeps it least at the top; beside each its share and its limit."""
    frame = tables["service_steps"].dropna(subset=["on_time"]).sort_values("on_time", ascending=False, kind="stable")
    figure, (axes,) = new_figure(0.8 + LINE_HEIGHT * 0.88 * max(len(frame), 1))
    places = list(range(len(frame)))
    value, low, high = (frame[name] * 100 for name in ("on_time", "ci_low", "ci_high"))
    axes.hlines(places, low, high, color=GREY, linewidth=2)
    axes.scatter(value, places, s=42, color=BLUE, zorder=3)
    for place, end, share in zip(places, high, frame["on_time"], strict=True):
        axes.annotate(
            formats.percent(share), (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=9
        )
    names = [
        labels.text("figures.steps_on_time.step", scenario=labels.scenario(str(row.scenario)), step=step)
        for row, step in zip(frame.itertuples(), frame[f"step_{labels.lang}"], strict=True)
    ]
    name_rows(axes, places, names, width=44)
    axes.set_ylim(-0.6, len(frame) - 0.3)
    axes.set_xlim(max(0.0, float(low.min()) - 3), 103)
    axes.set_xticks([tick for tick in range(0, 101, 10) if tick >= axes.get_xlim()[0]])
    axes.set_xlabel(labels.text("figures.steps_on_time.axis"))
    bare(axes)
    return figure
