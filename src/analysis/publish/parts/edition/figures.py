"""The service process: each scenario as a lane of steps with owner and limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.figures.style import BLUE, INK, LIGHT, MUTED, PHONE, for_phone, wrapped
from analysis.publish.parts.edition.cells import limit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

LANE, HEAD, GAP, EDGE, BOX = 1.24, 0.3, 0.16, 0.04, 0.62
"""Inches: height of a lane and of its heading, gap between steps, air at the sides, height of a step on a phone."""
PAGE = 5.6
"""Inches of width on a page."""


def draw_service_process(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """One lane per scenario; in it the steps, each with what, who and how fast, joined where one follows another.

    On a phone the steps of a lane stand below each other.
    """
    from matplotlib.figure import Figure

    frame = tables["standards"]
    lanes = [(str(name), rows.to_dict("records")) for name, rows in frame.groupby("scenario", sort=False)]
    most = max(len(steps) for _, steps in lanes)
    high = [HEAD + (BOX + GAP) * len(steps) if for_phone() else LANE for _, steps in lanes]
    height, wide = sum(high) + 0.06, PHONE if for_phone() else PAGE
    figure = Figure(figsize=(wide, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, wide), ylim=(0, height))
    axes.set_axis_off()
    width = wide - 2 * EDGE if for_phone() else (wide - 2 * EDGE - GAP * (most - 1)) / most
    top = height - 0.03
    for lane, (scenario, steps) in zip(high, lanes, strict=True):
        axes.text(EDGE, top - HEAD / 2, labels.scenario(scenario), va="center", size=10, weight="bold", color=BLUE)
        for place, step in enumerate(steps):
            told = {str(key): value for key, value in step.items()}
            if for_phone():
                floor = top - HEAD - (place + 1) * (BOX + GAP) + GAP
                _flat_step(axes, floor, width, told, labels)
            else:
                left = EDGE + place * (width + GAP)
                _step(axes, left, top - lane, width, told, labels)
            if step["follows"]:
                middle = (
                    (EDGE + 0.3, floor + BOX + GAP - 0.02) if for_phone() else (left - GAP, top - (LANE + HEAD) / 2)
                )
                _arrow(axes, middle)
        top -= lane
    return figure


def _flat_step(axes: Axes, floor: float, width: float, step: Mapping[str, Any], labels: Labels) -> None:
    """A step as wide as the phone: what and who at the left, how fast at the right."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((EDGE, floor), width, BOX, facecolor="white", edgecolor=BLUE, linewidth=1, zorder=2))
    name, owner = str(step[f"step_{labels.lang}"]), str(step[f"owner_{labels.lang}"])
    axes.text(EDGE + 0.1, floor + BOX * 0.7, name, va="center", size=9, weight="bold", zorder=4)
    told = [owner] + ([limit(step, labels)] if step["limit"] == step["limit"] else [])
    axes.text(EDGE + 0.1, floor + BOX * 0.28, " · ".join(told), va="center", size=8, color=MUTED, zorder=4)


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
    axes.text(middle, low + 0.43 + shift, owner, ha="center", va="center", size=8, color=MUTED, zorder=4)
    if timed:
        pill = {"boxstyle": "round,pad=0.22", "facecolor": LIGHT, "edgecolor": "none"}
        text = limit(step, labels)
        axes.text(middle, low + 0.14, text, ha="center", va="center", size=8, color=INK, bbox=pill, zorder=4)


def _arrow(axes: Axes, begin: tuple[float, float]) -> None:
    """An arrow over the gap between two steps: to the right on a page, down on a phone."""
    arrow = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    x, y = begin
    end = (x, y - GAP + 0.03) if for_phone() else (x + GAP - 0.01, y)
    axes.annotate("", xy=end, xytext=(x if for_phone() else x + 0.01, y), arrowprops=arrow, zorder=3)
