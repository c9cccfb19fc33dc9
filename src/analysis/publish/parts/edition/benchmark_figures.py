"""This edition beside the benchmarks: one panel for shares, one for scores, and which of them differ clearly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict
from analysis.publish.figures.style import GREY, INK, LINE_HEIGHT, ORANGE, TEAL, bare, legend, name_rows, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

COLOURS = {"higher": TEAL, "same": GREY, "lower": ORANGE}
UNITS = ("percent", "score")
"""Shares and scores, which are never held against each other."""


def draw_benchmarks(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Every quantity with its interval and the benchmark as a tick, the furthest ahead first."""
    frame = tables["benchmark_comparison"].dropna(subset=["value", "gap", "p_adjusted"])
    parts = [frame[frame["unit"] == unit].sort_values("gap", kind="stable") for unit in UNITS]
    shown = [rows for rows in parts if len(rows)] or [frame]
    heights = [len(rows) + 1.4 for rows in shown]
    inches = 0.7 + 1.15 * LINE_HEIGHT * sum(heights)
    figure, panels = new_figure(inches, rows=len(shown), ratios=heights)
    for axes, rows in zip(panels, shown, strict=True):
        _panel(axes, rows, labels)
    marks = [panels[0].scatter([], [], s=40, color=COLOURS[way]) for way in COLOURS]
    tick = panels[0].scatter([], [], s=70, marker="|", color=INK, linewidth=1.8)
    names = [labels.text(f"figures.benchmarks.{way}") for way in (*COLOURS, "benchmark")]
    legend(figure, ncols=4, handles=[*marks, tick], labels=names, fontsize=9, handletextpad=0.2)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, labels: Labels) -> None:
    level = labels.edition.index.confidence
    for place, row in enumerate(rows.to_dict("records")):
        colour = COLOURS[verdict(row["gap"], row["p_adjusted"], confidence=level)]
        axes.hlines(place, row["ci_low"], row["ci_high"], color=colour, linewidth=2)
        axes.scatter(row["value"], place, s=40, color=colour, zorder=3)
        axes.scatter(row["benchmark"], place, s=70, marker="|", color=INK, linewidth=1.8, zorder=4)
        ahead = row["value"] >= row["benchmark"]
        place_of, side = (row["ci_high"], "left") if ahead else (row["ci_low"], "right")
        offset = (6 if ahead else -6, 0)
        text = formats.number(row["value"])
        axes.annotate(text, (place_of, place), xytext=offset, textcoords="offset points", va="center", ha=side, size=9)
    name_rows(axes, range(len(rows)), [str(name) for name in rows[f"measured_{labels.lang}"]], width=34)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.margins(x=0.16)
    unit = str(rows["unit"].iloc[0]) if len(rows) else UNITS[0]
    axes.set_xlabel(labels.text(f"figures.benchmarks.axis_{unit}"))
    bare(axes)


def headline(store: Store, labels: Labels) -> str:
    """The share that lies furthest below its benchmark, and the one that lies furthest above."""
    frame = store.table("benchmark_comparison").dropna(subset=["gap", "p_adjusted"])
    frame = frame[frame["unit"] == "percent"]
    level = labels.edition.index.confidence
    ways = [verdict(gap, p, confidence=level) for gap, p in zip(frame["gap"], frame["p_adjusted"], strict=True)]
    ends = frame.assign(way=ways).sort_values("gap", kind="stable")
    low, high = ends[ends["way"] == "lower"].head(1), ends[ends["way"] == "higher"].tail(1)
    if not (len(low) and len(high)):
        return ""
    names = {key: str(rows[f"measured_{labels.lang}"].iloc[0]) for key, rows in (("low", low), ("high", high))}
    return labels.text("headlines.benchmarks", **names)
