"""The sample as planned: allocation to strata, and precision by domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BLUE,
    GREY,
    LINE_HEIGHT,
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


def draw_allocation(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Share of each stratum in the population and in the sample, with the interviews allocated."""
    frame = tables["allocation"].sort_values("population", ascending=True, kind="stable")
    figure, (axes,) = new_figure(1.3 + 0.55 * len(frame))
    rows = range(len(frame))
    sample = (frame["n"] / frame["n"].sum() * 100).tolist()
    population = (frame["share"] * 100).tolist()
    axes.barh(
        [row + bar_height(0.2) for row in rows],
        population,
        height=bar_height(0.36),
        color=PALE,
        label=labels.text("figures.allocation.population"),
    )
    axes.barh(
        [row - bar_height(0.2) for row in rows],
        sample,
        height=bar_height(0.36),
        color=BLUE,
        label=labels.text("figures.allocation.sample"),
    )
    for row, share, n in zip(rows, sample, frame["n"], strict=True):
        text = labels.text("figures.scores.weighted_n", n=formats.count(n))
        axes.annotate(
            text, (share, row - bar_height(0.2)), xytext=(4, 0), textcoords="offset points", va="center", size=9.5
        )
    names = [labels.category(labels.edition.sampling.stratum or "", str(code)) for code in frame["category"]]
    name_rows(axes, list(rows), names, lift=0.5)
    axes.set_ylim(-0.6, len(frame) - 0.3)
    axes.set_xlim(0, max(*sample, *population) * (1.3 if for_phone() else 1.16))
    axes.set_xlabel(labels.text("figures.allocation.axis"))
    legend(figure)
    bare(axes)
    return figure


def draw_domain_precision(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Width of the interval that each domain can expect, beside the rule for publication."""
    frame = tables["domain_precision"]
    groups = [(str(name), rows) for name, rows in frame.groupby("question", sort=False)]
    heights = [len(rows) + 1.0 for _, rows in groups]
    figure, panels = new_figure(1.2 + LINE_HEIGHT * sum(heights), rows=len(groups), ratios=heights)
    rule = 2 * labels.edition.sampling.stratum_margin
    reach = max(float(frame["width"].max()), rule) * 1.12
    for axes, (question, rows) in zip(panels, groups, strict=True):
        places = list(range(len(rows)))[::-1]
        colours = [BLUE if met else ORANGE for met in rows["met"].astype(bool)]
        axes.barh(places, rows["width"], height=bar_height(0.6), color=colours)
        for place, width in zip(places, rows["width"], strict=True):
            text = formats.number(width, 1)
            axes.annotate(
                text,
                (width, place),
                xytext=(-5, 0),
                textcoords="offset points",
                va="center",
                ha="right",
                color="white",
                size=9.5,
            )
        axes.axvline(rule, color=GREY, linewidth=1.2, linestyle="--")
        name_rows(axes, places, [labels.category(question, str(code)) for code in rows["category"]])
        axes.set_ylim(-0.6, len(rows) - 0.3)
        axes.set_xlim(0, reach)
        axes.set_title(labels.question(question), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
        bare(axes)
    panels[-1].set_xlabel(labels.text("figures.precision.axis"))
    _precision_legend(figure, frame, rule, labels)
    return figure


def _precision_legend(figure: Figure, frame: pd.DataFrame, rule: float, labels: Labels) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    met = frame["met"].astype(bool)
    handles: list[Patch | Line2D] = []
    if met.any():
        handles.append(Patch(color=BLUE, label=labels.text("figures.precision.met")))
    if not met.all():
        handles.append(Patch(color=ORANGE, label=labels.text("figures.precision.failed")))
    text = labels.text("figures.precision.rule", width=formats.number(rule, 1))
    handles.append(Line2D([], [], color=GREY, linewidth=1.2, linestyle="--", label=text))
    legend(figure, handles=handles, ncols=3)
