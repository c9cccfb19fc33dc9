"""Sample against population: allocation to strata, and margins before and after weighting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish import formats
from analysis.publish.figures.style import BLUE, GREY, LINE_HEIGHT, ORANGE, PALE, bare, new_figure, wrapped
from analysis.publish.labels import Labels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def draw_allocation(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Share of each stratum in the population and in the sample, with the interviews allocated."""
    frame = tables["allocation"].sort_values("population", ascending=True, kind="stable")
    figure, (axes,) = new_figure(1.3 + 0.55 * len(frame))
    rows = range(len(frame))
    sample = (frame["n"] / frame["n"].sum() * 100).tolist()
    population = (frame["share"] * 100).tolist()
    axes.barh(
        [row + 0.2 for row in rows],
        population,
        height=0.36,
        color=PALE,
        label=labels.text("figures.allocation.population"),
    )
    axes.barh(
        [row - 0.2 for row in rows], sample, height=0.36, color=BLUE, label=labels.text("figures.allocation.sample")
    )
    for row, share, n in zip(rows, sample, frame["n"], strict=True):
        text = labels.text("figures.scores.weighted_n", n=formats.count(n))
        axes.annotate(text, (share, row - 0.2), xytext=(4, 0), textcoords="offset points", va="center", size=9.5)
    names = [labels.category(labels.edition.sampling.stratum or "", str(code)) for code in frame["category"]]
    axes.set_yticks(list(rows), [wrapped(name, 20) for name in names])
    axes.set_xlim(0, max(*sample, *population) * 1.16)
    axes.set_xlabel(labels.text("figures.allocation.axis"))
    figure.legend(loc="outside upper left", ncols=2)
    bare(axes)
    return figure


def draw_margins(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Distance of every category from its population share, before and after weighting."""
    frame = tables["weighting_margins"]
    adjusted = "nonresponse_share" in frame and frame["nonresponse_share"].notna().any()
    groups = [(str(name), rows) for name, rows in frame.groupby("margin", sort=False)]
    heights = [len(rows) + 0.9 for _, rows in groups]
    figure, panels = new_figure(1.0 + LINE_HEIGHT * 0.9 * sum(heights), rows=len(groups), ratios=heights)
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
        axes.set_yticks(places, [wrapped(labels.category(margin, str(code)), 26) for code in rows["category"]])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlim(-reach, reach)
        axes.set_title(labels.question(margin), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
        bare(axes)
    panels[-1].set_xlabel(labels.text("figures.margins.axis"))
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=len(names))
    return figure
