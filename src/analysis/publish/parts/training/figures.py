"""Effects of training, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.grid import Field, draw_grid, shade
from analysis.publish.figures.style import BLUE, GREY, LINE_HEIGHT, bare, for_phone, name_rows, new_figure, wrapped
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
    figure, panels = new_figure(
        0.8 + 0.74 * LINE_HEIGHT * sum(heights), rows=max(len(measures), 1), ratios=heights or [1.0]
    )
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
        name_rows(axes, places, [staff_of(str(row["category"]), labels) for row in ordered])
        axes.set_ylim(-0.6, len(ordered) - 0.3)
        axes.set_xlim(low - 0.5, high + (2.0 if for_phone() else 1.2))
        axes.set_title(labels.known("training_measures", measure), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
        bare(axes)
    panels[-1].set_xlabel(labels.text("figures.training.axis"))
    return figure


def draw_needs(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Kinds of institution by dimensions: the darker, the likelier among the first two of its kind."""
    frame = tables["needs"].dropna(subset=["p_first_two"])
    grid = frame.pivot(index="category", columns="construct", values="p_first_two")
    grid = grid[grid.mean().sort_values(ascending=False, kind="stable").index]
    grid = grid.loc[list(dict.fromkeys(frame["category"]))]  # kinds in the order of the questionnaire
    fields = {
        (row, column): Field(formats.percent(value, 0), shade(value, 0.0, 1.0))
        for row, values in enumerate(grid.to_numpy(dtype=float))
        for column, value in enumerate(values)
        if not formats.is_missing(value)
    }
    kinds = [staff_of(str(kind), labels) for kind in grid.index]
    names = [labels.construct(str(key)) for key in grid.columns]
    return draw_grid(kinds, names, fields, slanted=labels.lang == "en")


def draw_course(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Effect before and after training began, a panel for each measure; before it the effect should be 0."""
    frame = tables["training_course"].dropna(subset=["effect", "ci_low", "ci_high"])
    measures = list(dict.fromkeys(frame["measure"].astype(str)))
    figure, panels = new_figure(2.6 if not for_phone() else 1.7, columns=max(len(measures), 1))
    low, high = float(frame["ci_low"].min()), float(frame["ci_high"].max())
    for axes, measure in zip(panels, measures, strict=False):
        rows = frame[frame["measure"] == measure]
        colours = [BLUE if since >= 0 else GREY for since in rows["since"]]
        axes.vlines(rows["since"], rows["ci_low"], rows["ci_high"], color=colours, linewidth=2)
        axes.scatter(rows["since"], rows["effect"], s=40, color=colours, zorder=3)
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=":")
        axes.set_ylim(min(low, 0) - 0.5, high + 0.5)
        axes.set_xticks(sorted(int(since) for since in rows["since"].unique()))
        axes.set_title(wrapped(labels.known("training_measures", measure), 26), loc="left", size=10, weight="bold")
        if axes is panels[-1] or not for_phone():
            axes.set_xlabel(labels.text("figures.course.axis"), size=9.5)
        bare(axes, grid="y")
    panels[0].set_ylabel(labels.text("figures.training.axis"))
    return figure
