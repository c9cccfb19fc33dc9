"""The map of importance and performance, and the order of work, each with its intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BLUE,
    GREY,
    LINE_HEIGHT,
    MUTED,
    ORANGE,
    TEAL,
    bare,
    for_phone,
    name_rows,
    new_figure,
    wrapped,
)
from analysis.publish.parts.drivers.findings import in_hundred
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

SELDOM = 0.01
"""Probability of being first below which nothing is said of it."""
COLOURS = {"act": ORANGE, "keep": BLUE, "later": MUTED, "enough": TEAL}
CORNERS = {"act": (0, 1), "keep": (1, 1), "later": (0, 0), "enough": (1, 0)}
"""Corner of each quadrant: scores to the right, importance upwards."""
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.9}
"""Behind a name, so that no line crosses it."""
PLACES = ((8, 7, "left", "bottom"), (-8, 7, "right", "bottom"), (8, -7, "left", "top"), (-8, -7, "right", "top"))
"""Where a name may stand beside its point, best first: offset and the side that it is set from."""


def draw_map(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Effect of one point against the score of every dimension, with both intervals, one panel for each outcome."""
    frame = tables["importance_performance"].dropna(subset=["performance"])
    panels = list(frame.groupby("outcome", sort=False))
    figure, found = new_figure(4.1 * max(len(panels), 1), rows=max(len(panels), 1))
    for axes, (outcome, rows) in zip(found, panels, strict=False):
        _draw_panel(axes, rows, labels)
        axes.set_title(labels.construct(str(outcome)), loc="left", size=11, weight="bold")
        axes.set_ylabel(labels.text(f"figures.importance_performance.{rows['basis'].iloc[0]}"))
    found[-1].set_xlabel(labels.text("figures.importance_performance.score"))
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame, labels: Labels) -> None:
    score, effect = rows["performance"], rows["importance"]
    for quadrant, own in rows.groupby("quadrant", sort=False):
        x, y = own["performance"], own["importance"]
        axes.errorbar(
            x.tolist(),
            y.tolist(),
            xerr=[(x - own["performance_low"]).tolist(), (own["performance_high"] - x).tolist()],
            yerr=[(y - own["importance_low"]).tolist(), (own["importance_high"] - y).tolist()],
            fmt="o",
            color=COLOURS[str(quadrant)],
            elinewidth=1.6,
            markersize=6,
        )
    axes.axvline(float(score.mean()), color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.axhline(float(effect.mean()), color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.margins(0.16)
    for corner, (right, up) in CORNERS.items():
        axes.annotate(
            wrapped(labels.text(f"quadrants.{corner}"), 14 if for_phone() else 40),
            (right, up),
            xycoords="axes fraction",
            xytext=(-6 if right else 6, -4 if up else 4),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top" if up else "bottom",
            color=COLOURS[corner],
            size=9.5,
        )
    _name_points(axes, rows, labels)
    bare(axes, grid="both")


def _name_points(axes: Axes, rows: pd.DataFrame, labels: Labels) -> None:
    """A name beside every point, on the side where it is furthest from the others."""
    points = list(zip(rows["performance"].tolist(), rows["importance"].tolist(), strict=True))
    width = max(x for x, _ in points) - min(x for x, _ in points) or 1.0
    height = max(y for _, y in points) - min(y for _, y in points) or 1.0
    for (x, y), key in zip(points, rows["construct"], strict=True):

        def crowd(place: tuple[int, int, str, str], x: float = x, y: float = y) -> int:
            """Points that lie where the name would stand: within a third of the panel to one side."""
            right, up = 1 if place[0] > 0 else -1, 1 if place[1] > 0 else -1
            ahead = [((a - x) / width * right, (b - y) / height * up) for a, b in points if (a, b) != (x, y)]
            return sum(-0.03 < across < 0.33 and -0.03 < over < 0.14 for across, over in ahead)

        dx, dy, side, edge = min(PLACES, key=crowd)
        name = labels.construct(str(key))
        axes.annotate(name, (x, y), xytext=(dx, dy), textcoords="offset points", ha=side, va=edge, size=10, bbox=BEHIND)


def draw_priorities(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Effect × distance to the target of every dimension, the first at the top, with the chance that it is first."""
    rows = tables["priorities"].dropna(subset=["priority"]).sort_values("rank", kind="stable")
    figure, (axes,) = new_figure(1.1 + LINE_HEIGHT * 1.25 * max(len(rows), 1))
    places = list(range(len(rows)))[::-1]
    value = rows["priority"]
    bounds = rows[["priority_low", "priority_high"]]
    lows, highs = (bounds[name].fillna(value) for name in bounds)  # an interval may be withheld
    errors = [(value - lows).tolist(), (highs - value).tolist()]
    axes.errorbar(value.tolist(), places, xerr=errors, fmt="o", color=BLUE, elinewidth=2, capsize=3.5, markersize=6.5)
    for place, end, row in zip(places, highs, rows.to_dict("records"), strict=True):
        text = formats.gained(row["priority"])
        if row["first"] >= SELDOM:
            text = labels.text("figures.priorities.times", value=text, times=in_hundred(row["first"]))
        axes.annotate(text, (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=10, bbox=BEHIND)
    axes.axvline(0, color=GREY, linewidth=1)
    name_rows(axes, places, [labels.construct(str(key)) for key in rows["construct"]])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    low, high = min(float(lows.min()), 0.0), max(float(highs.max()), 0.01)
    axes.set_xlim(low - 0.03 * (high - low), high + (0.6 if for_phone() else 0.45) * (high - low))
    if rows["basis"].iloc[0] == "model":
        outcome = construct_inside(str(rows["outcome"].iloc[0]), labels)
        axes.set_xlabel(labels.text("figures.priorities.axis", outcome=outcome))
    else:
        axes.set_xlabel(labels.text("figures.priorities.axis_importance"))
    bare(axes)
    return figure
