"""How the raw records become the sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BLUE,
    ORANGE,
    PALE,
    bar_height,
    bare,
    for_phone,
    legend,
    name_rows,
    new_figure,
)
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_exclusions(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Bars from the raw records to those kept; each rule shows what remains and, hatched off, what it excluded."""
    frame = tables["exclusion_log"]
    if "applied" in frame:
        applied = frame["applied"].map(lambda value: str(value).lower() in {"true", "1", "1.0"})
        frame = frame[applied]
    if "action" in frame:
        frame = frame[frame["action"].ne("flag") | frame["excluded"].fillna(0).gt(0)]
    figure, (axes,) = new_figure(1.25 + 0.42 * len(frame))
    rows = list(range(len(frame)))[::-1]
    ends = frame["rule"].isin(["raw", "kept"]).tolist()
    remaining, excluded = frame["remaining"].tolist(), frame["excluded"].fillna(0).tolist()
    colours = [BLUE if end else PALE for end in ends]
    height = bar_height(0.62)
    axes.barh(rows, remaining, height=height, color=colours, label=labels.text("figures.exclusions.remaining"))
    axes.barh(
        rows, excluded, left=remaining, height=height, color=ORANGE, label=labels.text("figures.exclusions.excluded")
    )
    for row, end, left, gone in zip(rows, ends, remaining, excluded, strict=True):
        text = formats.count(left) if end else formats.signed(-gone, 0)
        place = (left + gone, row)
        axes.annotate(text, place, xytext=(5, 0), textcoords="offset points", va="center")
    name_rows(axes, rows, [labels.known("rules", str(rule)) for rule in frame["rule"]])
    axes.set_ylim(-0.6, len(rows) - 0.3)
    axes.set_xlim(0, max(remaining) * (1.25 if for_phone() else 1.12))
    axes.set_xlabel(labels.text("figures.exclusions.axis"))
    axes.xaxis.set_major_formatter(lambda value, _: formats.count(value))
    handles, names = axes.get_legend_handles_labels()
    legend(figure, handles=handles[1:], labels=names[1:])
    bare(axes)
    return figure
