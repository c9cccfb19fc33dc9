"""How the weights spread out from stage to stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish import formats
from analysis.publish.figures.style import BLUE, GREY, INK, PALE, bare, new_figure
from analysis.publish.labels import Labels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def draw_weight_stages(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Smallest to largest weight of each stage as a line, the middle 90 % and 50 % as bars, the median as a stroke."""
    frame = tables["weighting_diagnostics"]
    figure, (axes,) = new_figure(1.5 + 0.62 * len(frame))
    rows = list(range(len(frame)))[::-1]
    low, high = frame["min"].tolist(), frame["max"].tolist()
    axes.hlines(rows, low, high, color=GREY, linewidth=1.2, label=labels.text("figures.weights.range"))
    for first, last, height, colour, key in (
        ("p05", "p95", 0.26, PALE, "most"),
        ("p25", "p75", 0.46, BLUE, "half"),
    ):
        widths = (frame[last] - frame[first]).tolist()
        name = labels.text(f"figures.weights.{key}")
        axes.barh(rows, widths, left=frame[first].tolist(), height=height, color=colour, label=name, zorder=3)
    axes.scatter(frame["p50"].tolist(), rows, marker="|", s=260, color="white", linewidth=2.2, zorder=4)
    for row, largest, deff in zip(rows, high, frame["deff"], strict=True):
        text = labels.text("figures.weights.deff", value=formats.number(deff, 2))
        axes.annotate(text, (largest, row), xytext=(6, 0), textcoords="offset points", va="center", size=9.5)
    axes.axvline(1, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(rows, [labels.known("stages", str(stage)) for stage in frame["stage"]])
    axes.set_xlim(0, max(high) * 1.22)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(labels.text("figures.weights.axis"))
    figure.legend(loc="outside upper left", ncols=3)
    bare(axes)
    return figure
