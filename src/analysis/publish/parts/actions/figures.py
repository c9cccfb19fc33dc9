"""Control charts of the monitored indicators, as small multiples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.publish.figures.style import BLUE, GREY, INK, ORANGE, PALE, bare, for_phone, legend, new_figure, wrapped
from analysis.publish.parts.actions.cells import limited
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

HEIGHT, COLUMNS = 1.75, 2
"""Inches of one chart, and how many stand side by side."""
SIZE = 9.5
"""Points."""
BEHIND = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
"""So that no line crosses a value."""
MARKERS = {"improving": ("^", BLUE), "concerning": ("v", ORANGE), "unexpected": ("D", INK)}
"""Form and colour of a signal: two forms, so that colour alone tells nothing."""


def draw_control_charts(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """One chart per indicator that was not withheld: values, mean and limits, target, signals by form and colour."""
    points, summary = tables["control_points"], tables["control_summary"].dropna(subset=["indicator"])
    columns = min(COLUMNS, max(len(summary), 1))
    rows = max(-(-len(summary) // columns), 1)
    figure, panels = new_figure(0.7 + HEIGHT * rows, rows=rows, columns=columns)
    for axes, row in zip(panels, summary.to_dict("records"), strict=False):
        own = points[points["indicator"] == row["indicator"]].reset_index(drop=True)
        _draw(axes, own, {str(key): value for key, value in row.items()}, labels)
    for axes in panels[len(summary) :]:
        axes.set_visible(False)
    _explain(figure, points, labels)
    return figure


def _draw(axes: Axes, points: pd.DataFrame, row: dict[str, Any], labels: Labels) -> None:
    places, unit = np.arange(len(points)), str(row["unit"])
    for _, phase in points.groupby("phase", sort=True):
        inside = phase.index.to_numpy()
        edges = np.concatenate([inside - 0.5, inside[-1:] + 0.5])
        axes.stairs(phase["high"], edges, baseline=phase["low"], fill=True, color=PALE, alpha=0.35, linewidth=0)
        axes.stairs(phase["centre"], edges, baseline=None, color=GREY, linewidth=1.0)
        if inside[0]:
            axes.axvline(inside[0] - 0.5, color=GREY, linewidth=0.8, linestyle=":")
    axes.plot(places, points["value"], color=BLUE, linewidth=1.2, marker="o", markersize=3)
    for signal, (marker, colour) in MARKERS.items():
        hit = (points["signal"] == signal).to_numpy()
        axes.plot(places[hit], points["value"][hit], linestyle="none", marker=marker, markersize=7, color=colour)
    if not formats.is_missing(row["target"]):
        axes.axhline(float(row["target"]), color=INK, linewidth=1.0, linestyle=(0, (5, 3)))
    _name(axes, points, row, labels)
    axes.set_title(wrapped(_title(row, labels), 44), loc="left", size=SIZE, weight="bold")
    step = max(len(points) - 1, 1)
    names = [formats.wave(str(points["period"].iloc[place]), labels.lang) for place in (0, -1)]
    axes.set_xticks([0, step], names if len(points) > 1 else [names[0], ""])
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}%" if unit == "percent" else f"{value:g}")
    axes.locator_params(axis="y", nbins=3)
    axes.use_sticky_edges = False
    axes.margins(y=0.12)
    axes.tick_params(labelsize=SIZE - 0.5)
    room = 0.2 if for_phone() else 0.16
    axes.set_xlim(-0.7, len(points) + max(len(points) * room, 1.0))
    bare(axes, grid="y")


def _title(row: dict[str, Any], labels: Labels) -> str:
    """The name of the indicator and its target."""
    name = str(row[f"indicator_{labels.lang}"])
    if formats.is_missing(row["target"]):
        return name
    target = limited(row["target"], str(row["unit"]), str(row["bound"]), labels)
    return labels.text("figures.control.title", name=name, target=target)


def _name(axes: Axes, points: pd.DataFrame, row: dict[str, Any], labels: Labels) -> None:
    """The latest value beside its point."""
    measured = np.flatnonzero(points["value"].notna().to_numpy())
    if len(measured):
        last = int(measured[-1])
        value = float(points["value"].iloc[last])
        text = amount(round(value, 1), "percent" if row["unit"] == "percent" else "score", labels)
        text = text if row["unit"] == "percent" else formats.number(value)
        axes.annotate(
            text, (last, value), xytext=(7, 0), textcoords="offset points", va="center", size=SIZE, bbox=BEHIND
        )


def _explain(figure: Figure, points: pd.DataFrame, labels: Labels) -> None:
    """What band, lines and forms mean; forms only where there are any."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    text = {name: labels.text(f"figures.control.{name}") for name in ("limits", "mean", "aim", *MARKERS)}
    shown: list[Any] = [
        Patch(color=PALE, alpha=0.35, label=text["limits"]),
        Line2D([], [], color=GREY, linewidth=1.0, label=text["mean"]),
        Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (5, 3)), label=text["aim"]),
    ]
    found = set(points["signal"])
    for signal, (marker, colour) in MARKERS.items():
        if signal in found:
            form = {"linestyle": "none", "marker": marker, "color": colour, "markersize": 7}
            shown.append(Line2D([], [], label=text[signal], **form))  # type: ignore[arg-type]
    legend(figure, handles=shown, ncols=3)
