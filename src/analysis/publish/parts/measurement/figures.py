"""How close the constructs are to each other, and how many factors the items hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.publish.figures.grid import Field, draw_grid, shade
from analysis.publish.figures.style import BLUE, GREY, ORANGE, bare, for_phone, legend, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

MOST_UPRIGHT = 9
"""Constructs whose Chinese names stand upright above their columns."""


def draw_construct_map(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Correlations below the diagonal, √AVE on it, HTMT above it."""
    keys = tables["validity"]["construct"].astype(str).tolist()
    values = _values(tables["construct_pairs"], tables["validity"], keys)
    fields = {
        (row, column): Field(formats.number(value, 2), shade(abs(value), 0.0, 1.0), bold=row == column)
        for (row, column), value in np.ndenumerate(values)
        if not np.isnan(value)
    }
    names = [labels.construct(key) for key in keys]
    return draw_grid(names, names, fields, slanted=labels.lang == "en" or len(keys) > MOST_UPRIGHT, head=1.6)


def _values(pairs: pd.DataFrame, validity: pd.DataFrame, keys: list[str]) -> NDArray[Any]:
    place = {key: position for position, key in enumerate(keys)}
    values = np.full((len(keys), len(keys)), np.nan)
    for row in pairs.to_dict("records"):
        first, second = sorted((place[str(row["construct"])], place[str(row["other"])]))
        values[second, first], values[first, second] = float(row["correlation"]), float(row["htmt"])
    np.fill_diagonal(values, validity["root_ave"].astype(float).to_numpy())
    return values


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
    axes.set_xticks(
        numbers[:: 1 if len(numbers) <= MOST_UPRIGHT or not for_phone() else -(-len(numbers) // MOST_UPRIGHT)]
    )
    axes.set_xlabel(labels.text("figures.scree.number"))
    axes.set_ylabel(labels.text("figures.scree.axis"))
    axes.set_ylim(bottom=0)
    legend(figure)
    bare(axes, grid="y")
    return figure
