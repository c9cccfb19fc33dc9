"""How long relationships last: half of them, and on average, for each group of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, LINE_HEIGHT, TEAL, bare, new_figure, wrapped
from analysis.publish.parts.relationships.cells import group_name
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_lifetimes(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Mean lifetime of every group with its interval, longest at the top, and beside it the time that half outlast."""
    frame = tables["relationship_lifetimes"].dropna(subset=["mean", "mean_low", "mean_high"])
    groups = frame[frame["question"] != ""].sort_values("mean", kind="stable")
    figure, (axes,) = new_figure(1.5 + LINE_HEIGHT * 1.2 * max(len(groups), 1))
    places = list(range(len(groups)))
    axes.hlines(places, groups["mean_low"], groups["mean_high"], color=BLUE, linewidth=2)
    axes.scatter(groups["mean"], places, s=42, color=BLUE, zorder=3, label=labels.text("figures.lifetimes.mean"))
    axes.scatter(
        groups["median"],
        places,
        s=36,
        color=TEAL,
        marker="|",
        linewidth=2.4,
        label=labels.text("figures.lifetimes.half"),
    )
    for place, end, value in zip(places, groups["mean_high"], groups["mean"], strict=True):
        axes.annotate(
            formats.number(value), (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=9.5
        )
    named = zip(groups["question"], groups["category"], strict=True)
    names = [wrapped(group_name(str(question), str(category), labels), 26) for question, category in named]
    axes.set_yticks(places, names)
    axes.set_ylim(-0.6, len(groups) - 0.4)
    axes.set_xlim(0, float(groups["mean_high"].max()) * 1.1 if len(groups) else 1)
    axes.set_xlabel(labels.text("figures.lifetimes.axis"))
    figure.legend(loc="outside upper left", ncols=2)
    bare(axes)
    return figure
