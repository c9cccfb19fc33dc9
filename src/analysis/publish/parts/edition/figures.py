"""The service process: each scenario as a lane of steps with owner and limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.figures.style import BLUE, INK, LIGHT, NARROW, wrapped
from analysis.publish.parts.edition.cells import limit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

LANE, HEAD, GAP, EDGE = 1.24, 0.3, 0.16, 0.04
"""Inches: height of a lane and of its heading, gap between steps, air at the sides."""


def draw_service_process(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """One lane per scenario; in it the steps, each with what, who and how fast, joined where one follows another."""
    from matplotlib.figure import Figure

    frame = tables["standards"]
    lanes = [(str(name), rows.to_dict("records")) for name, rows in frame.groupby("scenario", sort=False)]
    most = max(len(steps) for _, steps in lanes)
    height = len(lanes) * LANE + 0.06
    figure = Figure(figsize=(NARROW, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, NARROW), ylim=(0, height))
    axes.set_axis_off()
    width = (NARROW - 2 * EDGE - GAP * (most - 1)) / most
    for position, (scenario, steps) in enumerate(lanes):
        floor = height - 0.03 - (position + 1) * LANE
        name = labels.scenario(scenario)
        axes.text(EDGE, floor + LANE - HEAD / 2, name, va="center", size=10, weight="bold", color=BLUE)
        for place, step in enumerate(steps):
            left = EDGE + place * (width + GAP)
            _step(axes, left, floor, width, {str(key): value for key, value in step.items()}, labels)
            if step["follows"]:
                _arrow(axes, left - GAP, floor + (LANE - HEAD) / 2)
    return figure


def _step(axes: Axes, left: float, floor: float, width: float, step: Mapping[str, Any], labels: Labels) -> None:
    from matplotlib.patches import FancyBboxPatch

    low, high = floor + 0.04, LANE - HEAD - 0.04
    shape = "round,pad=0,rounding_size=0.06"
    axes.add_patch(
        FancyBboxPatch(
            (left, low), width, high, boxstyle=shape, facecolor="white", edgecolor=BLUE, linewidth=1, zorder=2
        )
    )
    middle, characters = left + width / 2, int(width * 14)
    name = wrapped(str(step[f"step_{labels.lang}"]), characters)
    owner = wrapped(str(step[f"owner_{labels.lang}"]), characters)
    timed = step["limit"] == step["limit"]
    shift = 0.0 if timed else -0.1
    axes.text(middle, low + high - 0.22 + shift, name, ha="center", va="center", size=8.5, weight="bold", zorder=4)
    axes.text(middle, low + 0.43 + shift, owner, ha="center", va="center", size=8, color="#4a5663", zorder=4)
    if timed:
        pill = {"boxstyle": "round,pad=0.22", "facecolor": LIGHT, "edgecolor": "none"}
        text = limit(step, labels)
        axes.text(middle, low + 0.14, text, ha="center", va="center", size=8, color=INK, bbox=pill, zorder=4)


def _arrow(axes: Axes, left: float, height: float) -> None:
    arrow = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    axes.annotate("", xy=(left + GAP - 0.01, height), xytext=(left + 0.01, height), arrowprops=arrow, zorder=3)
