"""How long relationships last: half of them, and on average, for each group of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import (
    BEHIND,
    BLUE,
    GREY,
    LINE_HEIGHT,
    ORANGE,
    TEAL,
    bare,
    for_phone,
    legend,
    name_rows,
    name_value,
    new_figure,
)
from analysis.publish.parts.relationships.cells import group_name, stage_name, trait_name
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_lifetimes(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Mean lifetime of every group with its interval, longest at the top, and beside it the time that half outlast."""
    frame = tables["relationship_lifetimes"].dropna(subset=["mean", "mean_low", "mean_high"])
    groups = frame[frame["question"] != ""].sort_values("mean", kind="stable")
    figure, (axes,) = new_figure(1.1 + LINE_HEIGHT * 0.9 * max(len(groups), 1))
    places = list(range(len(groups)))
    axes.hlines(places, groups["mean_low"], groups["mean_high"], color=BLUE, linewidth=2)
    axes.scatter(groups["mean"], places, s=42, color=BLUE, zorder=3, label=labels.text("figures.lifetimes.mean"))
    axes.scatter(
        groups["median"],
        places,
        s=36,
        color=TEAL,
        marker="|",
        linewidth=2.4,
        label=labels.text("figures.lifetimes.half"),
    )
    for place, end, value in zip(places, groups["mean_high"], groups["mean"], strict=True):
        axes.annotate(
            formats.number(value), (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=9.5
        )
    named = zip(groups["question"], groups["category"], strict=True)
    name_rows(axes, places, [group_name(str(question), str(category), labels) for question, category in named])
    axes.set_ylim(-0.6, len(groups) - 0.3)
    axes.set_xlim(0, float(groups["mean_high"].max()) * 1.1 if len(groups) else 1)
    axes.set_xlabel(labels.text("figures.lifetimes.axis"))
    legend(figure)
    bare(axes)
    return figure


def draw_journey(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Score of every stage in the order of the journey, the biggest fall in another colour."""
    frame = tables["journey"].dropna(subset=["score", "ci_low", "ci_high"]).reset_index(drop=True)
    figure, (axes,) = new_figure(1.0 + LINE_HEIGHT * 1.1 * max(len(frame), 1))
    places = list(range(len(frame)))[::-1]
    falls = frame["step"].fillna(0.0)
    worst = int(falls.to_numpy().argmin()) if len(frame) and falls.min() < 0 else -1
    axes.plot(frame["score"], places, color=GREY, linewidth=1.2)
    axes.hlines(places, frame["ci_low"], frame["ci_high"], color=BLUE, linewidth=2)
    colours = [ORANGE if place == worst else BLUE for place in range(len(frame))]
    axes.scatter(frame["score"], places, s=46, color=colours, zorder=3)
    around = (frame["score"].shift(1).fillna(frame["score"]) + frame["score"].shift(-1).fillna(frame["score"])) / 2
    for place, row, beside in zip(places, frame.to_dict("records"), around, strict=True):
        text = formats.number(row["score"])
        if not formats.is_missing(row["step"]):
            text = f"{text} ({formats.signed(row['step'])})"
        left = row["score"] < beside  # the line comes from the right
        name_value(axes, text, (row["ci_low"], row["ci_high"]), place, left=left, size=9.5)
    name_rows(axes, places, [stage_name(str(key), labels) for key in frame["stage"]])
    axes.set_ylim(-0.6, len(frame) - 0.3)
    if len(frame):
        room = 5 if for_phone() else 2
        axes.set_xlim(float(frame["ci_low"].min()) - room, float(frame["ci_high"].max()) + room)
    axes.set_xlabel(labels.text("figures.journey.axis"))
    bare(axes)
    return figure


def draw_churn(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Hazard ratios with intervals, and below them what was foretold of the last year against what came."""
    frame = tables["churn_hazards"].dropna(subset=["ratio", "ci_low", "ci_high"]).fillna({"category": ""})
    frame = frame.sort_values("ratio", kind="stable")
    bands = tables["churn_calibration"].dropna(subset=["expected", "observed", "ci_low", "ci_high"])
    top = 0.9 + LINE_HEIGHT * max(len(frame), 1)
    figure, (axes, held) = new_figure(top + 3.2, rows=2, ratios=[top, 3.0])
    places = list(range(len(frame)))
    axes.hlines(places, frame["ci_low"], frame["ci_high"], color=BLUE, linewidth=2)
    axes.scatter(frame["ratio"], places, s=42, color=BLUE, zorder=3)
    axes.axvline(1, color=GREY, linewidth=0.8)
    named = zip(frame["question"].astype(str), frame["category"].astype(str), strict=True)
    name_rows(axes, places, [trait_name(*pair, labels) for pair in named])
    axes.set_ylim(-0.6, len(frame) - 0.3)
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        at = (row["ci_high"], place)
        text = formats.number(row["ratio"], 2)
        axes.annotate(text, at, xytext=(6, 0), textcoords="offset points", va="center", size=9.5, bbox=BEHIND)
    axes.set_xlabel(labels.text("figures.churn.ratio"))
    bare(axes)
    held.vlines(100 * bands["expected"], 100 * bands["ci_low"], 100 * bands["ci_high"], color=BLUE, linewidth=2)
    held.scatter(100 * bands["expected"], 100 * bands["observed"], s=42, color=BLUE, zorder=3)
    end = 100 * float(max(bands["expected"].max(), bands["ci_high"].max(), 0.01)) * 1.05
    held.plot([0, end], [0, end], color=GREY, linewidth=0.9)
    held.set_xlabel(labels.text("figures.churn.foretold"))
    held.set_ylabel(labels.text("figures.churn.came"))
    bare(held, grid="both")
    return figure
