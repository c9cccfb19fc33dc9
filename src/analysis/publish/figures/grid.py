"""A grid of values: groups in rows, what was measured in columns, a field for each with its value in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.publish.figures.style import for_phone, ink_on, name_rows, new_figure, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SLANT, STEEP = 35, 60
"""Degrees of the heads of many columns, on a page and on a phone."""
CROWDED = 10
"""Columns from which the values are written smaller."""


@dataclass(frozen=True)
class Field:
    """One field: its value as text and its colour; what is written can be read on any."""

    text: str
    fill: str
    bold: bool = False


def draw_grid(
    rows: Sequence[str],
    columns: Sequence[str],
    fields: Mapping[tuple[int, int], Field],
    *,
    slanted: bool,
    head: float = 1.1,
) -> Figure:
    """Fields by (row, column) under the heads of the columns, the first row at the top; `head`: inches of the heads."""
    from matplotlib.patches import Rectangle

    figure, (axes,) = new_figure(head + 0.44 * len(rows))
    tall = 0.5 if for_phone() else 0.88
    size = 10.0 if len(columns) < CROWDED else 8.5
    for (row, column), field in fields.items():
        x, y = column, len(rows) - 1 - row
        axes.add_patch(Rectangle((x - 0.47, y - tall / 2), 0.94, tall, facecolor=field.fill))
        style = {"size": size, "weight": "bold" if field.bold else "normal", "color": ink_on(field.fill)}
        axes.annotate(field.text, (x, y), ha="center", va="center", **style)  # type: ignore[arg-type]
    _heads(axes, columns, slanted=slanted)
    name_rows(axes, list(range(len(rows)))[::-1], rows, width=22, lift=0.41)
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(rows) - (0.35 if for_phone() else 0.5)))
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure


def _heads(axes: Axes, columns: Sequence[str], *, slanted: bool) -> None:
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(columns)))
    if slanted:
        turned = STEEP if for_phone() else SLANT
        axes.set_xticklabels(columns, rotation=turned, ha="left", rotation_mode="anchor")
    else:
        axes.set_xticklabels([wrapped(name, 6 if for_phone() else 8) for name in columns])


def shade(value: float, low: float, high: float) -> str:
    """Colour of a value between the lowest and the highest: the higher, the deeper."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    colours = LinearSegmentedColormap.from_list("blues", ["#f1f5f9", "#a9c3dc", "#1f4e79"])
    return str(to_hex(colours((value - low) / (high - low) if high > low else 0.5)))
