"""How close the constructs are to each other, and how many factors the items hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.publish.figures.style import BLUE, GREY, INK, ORANGE, bare, new_figure, wrapped
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

CELL = 0.46
"""Inches of height that one construct takes."""


def draw_construct_map(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Correlations below the diagonal, √AVE on it, HTMT above it."""
    keys = tables["validity"]["construct"].astype(str).tolist()
    values = _values(tables["construct_pairs"], tables["validity"], keys)
    figure, (axes,) = new_figure(1.9 + CELL * len(keys))
    axes.imshow(np.abs(values), cmap=_colours(), vmin=0.0, vmax=1.0, aspect="auto")
    size = 10 if len(keys) <= 8 else 8.5
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = "white" if abs(value) > 0.7 else INK
            weight = "bold" if row == column else "normal"
            axes.text(
                column, row, formats.number(value, 2), ha="center", va="center", size=size, color=colour, weight=weight
            )
    names = [labels.construct(key) for key in keys]
    axes.set_yticks(range(len(keys)), [wrapped(name, 24) for name in names], size=10)
    axes.set_xticks(range(len(keys)), [wrapped(name, 14) for name in names], size=9, rotation=45, ha="right")
    _frame_diagonal(axes, len(keys))
    figure.supxlabel(labels.text("figures.constructs.lower"), size=10)
    return figure


def _values(pairs: pd.DataFrame, validity: pd.DataFrame, keys: list[str]) -> NDArray[Any]:
    place = {key: position for position, key in enumerate(keys)}
    values = np.full((len(keys), len(keys)), np.nan)
    for row in pairs.to_dict("records"):
        first, second = sorted((place[str(row["construct"])], place[str(row["other"])]))
        values[second, first], values[first, second] = float(row["correlation"]), float(row["htmt"])
    np.fill_diagonal(values, validity["root_ave"].astype(float).to_numpy())
    return values


def _colours() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("blues", ["#ffffff", "#a9c3dc", BLUE])
    colours.set_bad("#f3f5f7")
    return colours


def _frame_diagonal(axes: Axes, count: int) -> None:
    from matplotlib.patches import Rectangle

    for position in range(count):
        corner = (position - 0.5, position - 0.5)
        axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=INK, linewidth=1.1))
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)


def draw_scree(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Eigenvalues of the items beside those of random data of the same size."""
    frame = tables["eigenvalues"]
    numbers = frame["number"].tolist()
    figure, (axes,) = new_figure(3.4)
    found = labels.text("figures.scree.found")
    axes.plot(numbers, frame["eigenvalue"].tolist(), "o-", color=BLUE, linewidth=1.8, markersize=5.5, label=found)
    random = labels.text("figures.scree.random")
    axes.plot(numbers, frame["reference"].tolist(), "s--", color=ORANGE, linewidth=1.4, markersize=4, label=random)
    axes.axhline(1.0, color=GREY, linewidth=0.8)
    axes.set_xticks(numbers)
    axes.set_xlabel(labels.text("figures.scree.number"))
    axes.set_ylabel(labels.text("figures.scree.axis"))
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper right")
    bare(axes, grid="y")
    return figure
