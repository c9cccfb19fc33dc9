"""Margins before and after weighting, and how the weights spread out from stage to stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BLUE,
    GREY,
    INK,
    LINE_HEIGHT,
    ORANGE,
    PALE,
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


def draw_margins(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Distance of every category from its population share, before and after weighting."""
    frame = tables["weighting_margins"]
    adjusted = "nonresponse_share" in frame and frame["nonresponse_share"].notna().any()
    groups = [(str(name), rows) for name, rows in frame.groupby("margin", sort=False)]
    heights = [len(rows) + 0.9 for _, rows in groups]
    figure, panels = new_figure(
        1.0 + LINE_HEIGHT * (1.1 if for_phone() else 0.9) * sum(heights), rows=len(groups), ratios=heights
    )
    gaps = [((frame[name] - frame["target_share"]) * 100) for name in ("sample_share", "weighted_share")]
    reach = max(1.0, *(float(gap.abs().max()) if gap.notna().any() else 0.0 for gap in gaps)) * 1.12
    for axes, (margin, rows) in zip(panels, groups, strict=True):
        places = list(range(len(rows)))[::-1]
        before = ((rows["sample_share"] - rows["target_share"]) * 100).tolist()
        after = ((rows["weighted_share"] - rows["target_share"]) * 100).tolist()
        axes.hlines(places, before, after, color=PALE, linewidth=2.5, zorder=2)
        axes.scatter(before, places, s=46, color=ORANGE, zorder=3, label=labels.text("figures.margins.before"))
        axes.scatter(after, places, s=46, color=BLUE, marker="D", zorder=4, label=labels.text("figures.margins.after"))
        if adjusted:
            between = ((rows["nonresponse_share"] - rows["target_share"]) * 100).tolist()
            name = labels.text("figures.margins.between")
            axes.scatter(
                between, places, s=34, facecolor="white", edgecolor=ORANGE, linewidth=1.6, zorder=3, label=name
            )
        axes.axvline(0, color=GREY, linewidth=1)
        name_rows(axes, places, [labels.category(margin, str(code)) for code in rows["category"]])
        axes.set_ylim(-0.6, len(rows) - 0.3)
        axes.set_xlim(-reach, reach)
        axes.set_title(labels.question(margin), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
        bare(axes)
    panels[-1].set_xlabel(labels.text("figures.margins.axis"))
    handles, names = panels[0].get_legend_handles_labels()
    legend(figure, handles=handles, labels=names, ncols=len(names))
    return figure


def draw_weight_stages(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Smallest to largest weight of each stage as a line, the middle 90 % and 50 % as bars, the median as a stroke."""
    frame = tables["weighting_diagnostics"].dropna(subset=["deff"])
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
    name_rows(axes, rows, [labels.known("stages", str(stage)) for stage in frame["stage"]], lift=0.5)
    axes.set_xlim(min(0.0, 1.1 * min(low)), max(high) * (1.5 if for_phone() else 1.22))
    axes.set_ylim(-0.6, len(rows) - 0.3)
    axes.set_xlabel(labels.text("figures.weights.axis"))
    legend(figure, ncols=3)
    bare(axes)
    return figure
