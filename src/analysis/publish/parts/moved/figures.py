"""The change of every measure with its interval, and beside it the parts that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.publish.figures.style import (
    BLUE,
    GREY,
    LIGHT,
    LINE_HEIGHT,
    ORANGE,
    PALE,
    TEAL,
    bare,
    name_value,
    new_figure,
    wrapped,
)
from analysis.publish.parts.moved.cells import measure
from analysis.publish.words import formats
from analysis.waves.editions import PARTS
from analysis.waves.scores import CSAT, CSI

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

COLOURS = {"composition": ORANGE, "weighting": PALE, "instrument": TEAL, "real": BLUE}


def draw_moved(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Index and share first, then the constructs by their change; left the change, right its parts end to end."""
    table = tables["headline_changes"].dropna(subset=["difference"])
    heads = table["measure"].isin([CSI, CSAT])
    order = [*table.index[heads], *table[~heads].sort_values("difference", ascending=False).index]
    table = table.loc[order].reset_index(drop=True)
    parts = tables["change_parts"].set_index("measure").reindex(table["measure"]).reset_index()
    figure, (left, right) = new_figure(1.5 + LINE_HEIGHT * 1.15 * len(table), columns=2)
    places = np.arange(len(table))[::-1]
    _draw_changes(left, table, places, labels)
    _draw_parts(right, parts, places, labels)
    left.set_yticks(places, [wrapped(measure(str(key), labels), 26) for key in table["measure"]])
    right.set_yticks(places, [""] * len(table))
    for axes in (left, right):
        axes.axvline(0, color=GREY, linewidth=1)
        axes.set_ylim(-0.6, len(table) - 0.4)
        bare(axes)
    handles, names = right.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4)
    return figure


def _draw_changes(axes: Axes, table: pd.DataFrame, places: np.ndarray, labels: Labels) -> None:
    axes.hlines(places, table["ci_low"], table["ci_high"], color=PALE, linewidth=3)
    axes.scatter(table["difference"], places, s=44, color=BLUE, zorder=3)
    for place, row in zip(places, table.to_dict("records"), strict=True):
        bounds = (row["ci_low"], row["ci_high"])
        name_value(axes, formats.signed(row["difference"]), bounds, place, left=row["ci_high"] < 0, size=9.5)
    low, high = float(table["ci_low"].min()), float(table["ci_high"].max())
    room = 0.28 * max(high - low, 1.0)
    at_left = table.loc[table["ci_high"] < 0, "ci_low"] - room
    axes.set_xlim(min([low, 0.0, *(at_left + 0.2)]) - 0.2, max(high, 0.0) + room)
    axes.set_title(labels.text("figures.moved.change"), loc="left", size=11, weight="bold")


def _draw_parts(axes: Axes, parts: pd.DataFrame, places: np.ndarray, labels: Labels) -> None:
    """Bars end to end, those above zero to the right and those below to the left."""
    ends = {1: np.zeros(len(parts)), -1: np.zeros(len(parts))}
    axes.axvspan(0, 0, color=LIGHT)
    for part in PARTS[::-1]:
        values = parts[part].to_numpy(dtype=np.float64)
        for sign in (1, -1):
            width = np.where(np.sign(values) == sign, values, 0.0)
            name = labels.text(f"moved.parts.{part}") if sign == 1 else None
            axes.barh(places, width, left=ends[sign], height=0.6, color=COLOURS[part], label=name)
            ends[sign] = ends[sign] + width
    axes.set_title(labels.text("figures.moved.parts"), loc="left", size=11, weight="bold")
