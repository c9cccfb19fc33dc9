"""On time by class; what tickets and open answers are about, and how much of it is complaint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BLUE,
    GREY,
    LINE_HEIGHT,
    ORANGE,
    bar_height,
    bare,
    legend,
    name_rows,
    new_figure,
)
from analysis.publish.parts.feedback.cells import theme, triage_class
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

MOST_BARS = 14


def draw_classes(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Share handled within the limit of the class, the most pressing class at the top."""
    frame = tables["ticket_classes"].dropna(subset=["on_time", "limit"]).iloc[::-1]
    figure, (axes,) = new_figure(0.9 + 1.3 * LINE_HEIGHT * max(len(frame), 1))
    places = list(range(len(frame)))
    value, low, high = (frame[name] * 100 for name in ("on_time", "ci_low", "ci_high"))
    axes.hlines(places, low, high, color=GREY, linewidth=2)
    axes.scatter(value, places, s=46, color=BLUE, zorder=3)
    for place, end, share in zip(places, high, frame["on_time"], strict=True):
        text = formats.percent(share)
        axes.annotate(text, (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=10)
    frame = frame.assign(name=[triage_class(str(key), labels) for key in frame["triage_class"]])
    names = [
        labels.text("figures.classes.name", name=name, hours=f"{limit:g}")
        for name, limit in zip(frame["name"], frame["limit"], strict=True)
    ]
    name_rows(axes, places, names)
    axes.set_ylim(-0.6, len(frame) - 0.4)
    axes.set_xlim(max(0.0, float(low.min()) - 5 if len(frame) else 0.0), 103)
    axes.set_xticks([tick for tick in range(0, 101, 5) if tick >= axes.get_xlim()[0]])
    axes.set_xlabel(labels.text("figures.classes.axis"))
    bare(axes)
    return figure


def draw_ticket_themes(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Themes of tickets."""
    return _themes(tables["ticket_themes"], labels, labels.text("figures.themes.of_tickets"))


def draw_comment_themes(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Themes of open answers."""
    return _themes(tables["comment_themes"], labels, labels.text("figures.themes.of_writers"))


def _themes(frame: pd.DataFrame, labels: Labels, axis: str) -> Figure:
    """The most frequent theme at the top; of each the part that complains in another colour."""
    shown = frame.dropna(subset=["share"])
    shown = shown[shown["share"] > 0].sort_values("share", kind="stable").tail(MOST_BARS)
    figure, (axes,) = new_figure(1.1 + LINE_HEIGHT * 1.05 * max(len(shown), 1))
    places = list(range(len(shown)))
    share = shown["share"] * 100
    known = shown["negative"].notna()
    bad = share * shown["negative"].fillna(0.0)
    height = bar_height(0.62)
    axes.barh(places, bad, color=ORANGE, height=height, label=labels.text("figures.themes.complaining"))
    rest = (share - bad).where(known, 0.0)
    axes.barh(places, rest, left=bad, color=BLUE, height=height, label=labels.text("figures.themes.other"))
    if not known.all():
        told = labels.text("figures.themes.withheld")
        axes.barh(places, share.where(~known, 0.0), color=GREY, height=height, label=told)
    for place, end, value in zip(places, share, shown["share"], strict=True):
        text = formats.percent(value)
        axes.annotate(text, (end, place), xytext=(5, 0), textcoords="offset points", va="center", size=9.5)
    name_rows(axes, places, [theme(str(key), labels) for key in shown["category"]])
    axes.set_ylim(-0.6, len(shown) - 0.3)
    axes.set_xlim(0, float(share.max() if len(share) else 1.0) * 1.15)
    axes.set_xlabel(axis)
    legend(figure, ncols=3)
    bare(axes)
    return figure
