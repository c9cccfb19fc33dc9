"""Effects of training, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, GREY, LINE_HEIGHT, bare, new_figure, wrapped
from analysis.publish.parts.training.cells import staff_of
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_training(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """One panel per measure: all staff first, then the kinds of institution by the size of the effect."""
    frame = tables["training_effects"].dropna(subset=["effect", "ci_low", "ci_high"]).fillna({"category": ""})
    measures = list(dict.fromkeys(frame["measure"].astype(str)))
    panels_of = [frame[frame["measure"] == measure] for measure in measures]
    heights = [len(rows) + 1.2 for rows in panels_of]
    figure, panels = new_figure(1.0 + LINE_HEIGHT * sum(heights), rows=max(len(measures), 1), ratios=heights or [1.0])
    low, high = min(0.0, float(frame["ci_low"].min())), float(frame["ci_high"].max())
    for axes, measure, rows in zip(panels, measures, panels_of, strict=False):
        parts = rows[rows["category"] != ""].sort_values("effect", ascending=False, kind="stable")
        ordered = [*rows[rows["category"] == ""].to_dict("records"), *parts.to_dict("records")]
        places = list(range(len(ordered)))[::-1]
        for place, row in zip(places, ordered, strict=True):
            colour = GREY if row["category"] else BLUE
            axes.hlines(place, row["ci_low"], row["ci_high"], color=colour, linewidth=2)
            axes.scatter(row["effect"], place, s=40, color=BLUE, zorder=3)
            text = formats.signed(row["effect"])
            axes.annotate(
                text, (row["ci_high"], place), xytext=(6, 0), textcoords="offset points", va="center", size=9.5
            )
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_yticks(places, [wrapped(staff_of(str(row["category"]), labels), 26) for row in ordered])
        axes.set_ylim(-0.6, len(ordered) - 0.4)
        axes.set_xlim(low - 0.5, high + 1.2)
        axes.set_title(labels.known("training_measures", measure), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
        bare(axes)
    panels[-1].set_xlabel(labels.text("figures.training.axis"))
    return figure
