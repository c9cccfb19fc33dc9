"""Tickets received and closed by week, and what is left open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, GREY, ORANGE, bare, for_phone, new_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

MOST_TICKS, PHONE_TICKS = 7, 4


def draw_backlog(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Open tickets at the end of each week above; received and closed below."""
    frame = tables["ticket_backlog"]
    figure, (above, below) = new_figure(3.9, rows=2, ratios=[1.0, 1.0])
    places = list(range(len(frame)))
    above.fill_between(places, 0, frame["open"].tolist(), color=BLUE, alpha=0.16, linewidth=0)
    above.plot(places, frame["open"].tolist(), color=BLUE, label=labels.text("figures.backlog.open"))
    above.set_title(labels.text("figures.backlog.open"), loc="left", size=11, weight="bold")
    below.plot(places, frame["received"].tolist(), color=ORANGE, label=labels.text("figures.backlog.received"))
    below.plot(places, frame["closed"].tolist(), color=GREY, label=labels.text("figures.backlog.closed"))
    below.legend(loc="lower center", ncols=2)
    below.set_title(labels.text("figures.backlog.flow"), loc="left", size=11, weight="bold")
    shown = places[:: max(-(-len(places) // (PHONE_TICKS if for_phone() else MOST_TICKS)), 1)]
    names = [dt.date.fromisoformat(str(frame["week"].iloc[place])).strftime("%Y-%m") for place in shown]
    for axes in (above, below):
        axes.set_xticks(shown, names)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelbottom=axes is below)
        bare(axes, grid="y")
    return figure
