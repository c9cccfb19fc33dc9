"""The specification curve: the index under every combination of choices, and below it which choices they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, GREY, INK, LIGHT, ORANGE, PALE, bare, new_figure
from analysis.publish.parts.robustness.cells import option
from analysis.robustness.scoring import HIGH
from analysis.robustness.specifications import CHOICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

ROW = 0.24
"""Inches of height of a row of the matrix."""
CURVE = 2.5
"""Inches of height of the curve."""


def draw_specifications(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Estimates in points, sorted, with their intervals; the published one stands out, with its interval as a band."""
    table = tables["specifications"].dropna(subset=["estimate"])
    table = table[table["scoring"] != HIGH].reset_index(drop=True)
    rows = _rows(table)
    height = CURVE + ROW * max(len(rows), 1) + 0.8
    figure, (curve, matrix) = new_figure(height, rows=2, ratios=[CURVE, ROW * max(len(rows), 1)])
    _draw_curve(curve, table, labels)
    _draw_matrix(matrix, table, rows, labels)
    curve.sharex(matrix)
    matrix.set_xlim(-1, len(table))
    curve.tick_params(labelbottom=False, bottom=False)
    matrix.tick_params(labelbottom=False, bottom=False)
    figure.legend(loc="outside upper left", ncols=2)
    return figure


def _rows(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Choice and option of every line of the matrix; a line without an option names the choice."""
    rows = []
    for choice, options in CHOICES.items():
        known = [code for code in options if choice in table and (table[choice] == code).any()]
        if len(known) > 1:
            rows += [(choice, ""), *((choice, code) for code in known)]
    return rows


def _draw_curve(axes: Axes, table: pd.DataFrame, labels: Labels) -> None:
    own = table["published"].astype(bool)
    places = table.index.to_series()
    if own.any():
        row = table[own].iloc[0]
        name = labels.text("figures.specifications.band")
        axes.axhspan(float(row["ci_low"]), float(row["ci_high"]), color=LIGHT, zorder=0, label=name)
    for chosen, colour, size, key in ((~own, BLUE, 2.4, "others"), (own, ORANGE, 6.0, "published")):
        some = table[chosen]
        if some.empty:
            continue
        lines = PALE if key == "others" else ORANGE
        axes.vlines(places[chosen], some["ci_low"], some["ci_high"], color=lines, linewidth=1.1, zorder=2)
        name = labels.text(f"figures.specifications.{key}")
        axes.plot(
            places[chosen], some["estimate"], color=colour, marker="o", markersize=size, linestyle="none", label=name
        )
    axes.set_ylabel(labels.text("figures.specifications.axis"))
    bare(axes, grid="y")


def _draw_matrix(axes: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], labels: Labels) -> None:
    heights = list(range(len(rows)))[::-1]
    for height, (choice, code) in zip(heights, rows, strict=True):
        if not code:
            continue
        chosen = table.index[table[choice] == code]
        axes.axhline(height, color=LIGHT, linewidth=0.6, zorder=0)
        axes.plot(list(chosen), [height] * len(chosen), color=INK, marker="s", markersize=2.2, linestyle="none")
        own = table.index[(table[choice] == code) & table["published"].astype(bool)].tolist()
        axes.plot(own, [height] * len(own), color=ORANGE, marker="s", markersize=5, linestyle="none")
    names = [option(*row, labels) if row[1] else labels.text(f"robust_choices.{row[0]}") for row in rows]
    axes.set_yticks(heights, names, size=9.5)
    for tick, (_, code) in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("normal" if code else "bold")
    axes.set_ylim(-0.6, len(rows) - 0.4)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
