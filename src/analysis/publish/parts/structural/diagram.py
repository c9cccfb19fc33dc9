"""The path diagram of the structural model, for any recursive model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BEHIND,
    BLUE,
    GREY,
    INK,
    LIGHT,
    LINE_HEIGHT,
    MUTED,
    ORANGE,
    WIDTH,
    bare,
    for_phone,
    name_rows,
    new_figure,
    wrapped,
)
from analysis.publish.parts.structural.layout import Layout, lay_out
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

FOOT = 0.72
"""Inches kept for the legend."""


def draw_path_diagram(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Constructs as boxes with R², paths as arrows: width by size, dashed where the interval includes zero."""
    from matplotlib.figure import Figure

    paths = tables["paths"]
    if for_phone():
        return _as_list(paths, labels)
    edges = [
        (str(predictor), str(outcome)) for predictor, outcome in zip(paths["predictor"], paths["outcome"], strict=True)
    ]
    roles = {construct.key: construct.role for construct in labels.edition.instrument.constructs}
    layout = lay_out(edges, roles={key: str(role) for key, role in roles.items()}, width=WIDTH)
    total = layout.height + FOOT
    figure = Figure(figsize=(WIDTH, total))
    axes = figure.add_axes((0.0, FOOT / total, 1.0, layout.height / total))
    axes.set(xlim=(0, layout.width), ylim=(0, layout.height))
    axes.set_axis_off()
    for edge, (_, row) in zip(edges, paths.iterrows(), strict=True):
        _arrow(axes, layout, edge, float(row["std"]), clear=float(row["std_low"]) > 0 or float(row["std_high"]) < 0)
    explained = dict(zip(tables["r_squared"]["construct"].astype(str), tables["r_squared"]["r_squared"], strict=True))
    for construct in layout.centres:
        _box(axes, layout, construct, explained.get(construct), labels)
    _legend(figure, layout, explained, labels)
    return figure


def _as_list(paths: pd.DataFrame, labels: Labels) -> Figure:
    """The paths with their intervals, the strongest into each construct first: for a phone, which no diagram fits."""
    groups = [(str(name), rows) for name, rows in paths.groupby("outcome", sort=False)]
    heights = [len(rows) + 1.3 for _, rows in groups]
    figure, panels = new_figure(0.6 + LINE_HEIGHT * sum(heights), rows=len(groups), ratios=heights)
    low, high = min(0.0, float(paths["std_low"].min())), float(paths["std_high"].max())
    for axes, (outcome, rows) in zip(panels, groups, strict=True):
        ordered = rows.sort_values("std", kind="stable")
        places = list(range(len(ordered)))
        axes.axvline(0, color=GREY, linewidth=1)
        axes.hlines(places, ordered["std_low"], ordered["std_high"], color=BLUE, linewidth=2)
        axes.scatter(ordered["std"], places, s=40, color=BLUE, zorder=3)
        for place, end, value in zip(places, ordered["std_high"], ordered["std"], strict=True):
            text = formats.number(value, 2)
            axes.annotate(text, (end, place), xytext=(6, 0), textcoords="offset points", va="center", bbox=BEHIND)
        name_rows(axes, places, [labels.construct(str(key)) for key in ordered["predictor"]])
        axes.set_ylim(-0.6, len(ordered) - 0.3)
        axes.set_xlim(low - 0.02, high + 0.25 * (high - low))
        axes.set_title(f"→ {labels.construct(outcome)}", loc="left", weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
        bare(axes)
    return figure


def _arrow(axes: Axes, layout: Layout, edge: tuple[str, str], std: float, *, clear: bool) -> None:
    start, end = layout.edges[edge]
    colour = (BLUE if std >= 0 else ORANGE) if clear else GREY
    width = 0.8 + 4.0 * min(abs(std), 1.0)
    arrow = {
        "arrowstyle": f"-|>,head_length={0.45 + width / 14:.3f},head_width={0.2 + width / 20:.3f}",
        "color": colour,
        "linewidth": width,
        "linestyle": "-" if clear else (0, (3, 2)),
        "shrinkA": 0,
        "shrinkB": 0,
        "mutation_scale": 10,
    }
    axes.annotate("", xy=end, xytext=start, arrowprops=arrow, zorder=2)
    frame = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    axes.text(
        *layout.labels[edge],
        formats.number(std, 2),
        ha="center",
        va="center",
        size=10,
        color=INK if clear else MUTED,
        weight="bold" if clear else "normal",
        bbox=frame,
        zorder=4,
    )


def _box(axes: Axes, layout: Layout, construct: str, explained: float | None, labels: Labels) -> None:
    from matplotlib.patches import FancyBboxPatch

    (x, y), (width, height) = layout.centres[construct], layout.box
    patch = FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=LIGHT if explained is None else "#dbe7f2",
        edgecolor=BLUE,
        linewidth=1.1,
        zorder=3,
    )
    axes.add_patch(patch)
    name = wrapped(labels.construct(construct), int(width * 12))
    size = 10 if max(len(line) for line in name.split("\n")) <= width * 12 else 8.5
    if explained is None:
        axes.text(x, y, name, ha="center", va="center_baseline", size=size, zorder=5)
        return
    lift = 0.09 if "\n" not in name else 0.1
    axes.text(
        x, y + lift, name, ha="center", va="center", size=size if "\n" not in name else 8.5, weight="bold", zorder=5
    )
    text = labels.text("figures.path.r_squared", value=formats.number(explained, 2))
    axes.text(x, y - height / 2 + 0.1, text, ha="center", va="center", size=8.5, zorder=5)


def _legend(figure: Figure, layout: Layout, explained: Mapping[str, float], labels: Labels) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=BLUE, linewidth=2.2),
        Line2D([], [], color=GREY, linewidth=1.4, linestyle=(0, (3, 2))),
    ]
    names = [labels.text("figures.path.solid"), labels.text("figures.path.dashed")]
    total = layout.height + FOOT
    figure.legend(lines, names, loc="lower center", ncols=2, bbox_to_anchor=(0.5, 0.26 / total))
    exogenous = [construct for construct in layout.centres if construct not in explained]
    if len(exogenous) > 1:
        figure.text(
            0.5, 0.14 / total, labels.text("figures.path.correlated"), ha="center", va="center", size=9, color=MUTED
        )
