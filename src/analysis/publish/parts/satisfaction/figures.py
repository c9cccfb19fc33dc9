"""Scores and indices with their intervals: dimensions, segments, their crossing, and the outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.publish.figures.grid import Field, draw_grid, shade
from analysis.publish.figures.style import (
    BEHIND,
    BLUE,
    LINE_HEIGHT,
    ORANGE,
    TEAL,
    bare,
    for_phone,
    name_rows,
    name_value,
    new_figure,
    wrapped,
)
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels


def draw_dimensions(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Score of every dimension with its interval, highest first, beside the index."""
    frame = tables["csi_dimensions"].dropna(subset=["score"]).sort_values("score", kind="stable", ascending=False)
    figure, (axes,) = new_figure(1.2 + 0.42 * len(frame))
    names = [labels.construct(str(key)) for key in frame["construct"]]
    _dots(axes, names, frame, value="score", line=_index(tables["csi_overall"]))
    _overall_line(axes, tables["csi_overall"], labels)
    axes.set_xlabel(labels.text("figures.scores.axis"))
    return figure


def draw_segments(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Index of every published category with its interval, one panel per segment."""
    frame = tables["csi_segments"].dropna(subset=["csi"])
    groups = [(str(name), rows) for name, rows in frame.groupby("segment", sort=False)]
    heights = [len(rows) + 1.0 for _, rows in groups]
    figure, panels = new_figure(1.0 + LINE_HEIGHT * 1.1 * sum(heights), rows=max(len(groups), 1), ratios=heights)
    limits = _limits(frame["ci_low"], frame["ci_high"])
    for axes, (segment, rows) in zip(panels, groups, strict=False):
        ordered = rows.sort_values("csi", ascending=False, kind="stable")
        names = [labels.category(segment, str(code)) for code in ordered["category"]]
        _dots(axes, names, ordered, value="csi", limits=limits, labels=labels, line=_index(tables["csi_overall"]))
        _overall_line(axes, tables["csi_overall"], labels, name=axes is panels[0])
        axes.set_title(labels.question(segment), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel(labels.text("figures.scores.index"))
    return figure


def draw_segment_dimensions(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Grid of the scores: categories of the first segment in rows, dimensions in columns, both by their mean."""
    frame = tables["segment_dimensions"]
    segment = str(frame["segment"].iloc[0])
    scores = frame.pivot(index="category", columns="construct", values="score")
    scores = scores.loc[scores.mean(axis=1).sort_values(ascending=False, kind="stable").index]
    scores = scores[scores.mean().sort_values(ascending=False, kind="stable").index]
    low, high = float(scores.min().min()), float(scores.max().max())
    fields = {
        (row, column): Field(formats.number(value), shade(value, low, high))
        for row, values in enumerate(scores.to_numpy())
        for column, value in enumerate(values)
        if not formats.is_missing(value)
    }
    names = [labels.construct(str(key)) for key in scores.columns]
    groups = [labels.category(segment, str(code)) for code in scores.index]
    return draw_grid(groups, names, fields, slanted=labels.lang == "en")


def draw_construct_levels(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Level of satisfaction and its outcomes: overall and by category of the first segment."""
    frame = tables["construct_levels"].dropna(subset=["score"])
    constructs = list(dict.fromkeys(frame["construct"]))
    overall = frame[frame["category"].isna()]
    by_category = frame[frame["category"].notna()]
    columns = min(2, len(constructs))
    rows = math.ceil(len(constructs) / columns)
    codes = (
        by_category.groupby("category", sort=False)["score"]
        .mean()
        .sort_values(ascending=False, kind="stable")
        .index.tolist()
    )
    figure, panels = new_figure(0.7 + rows * (0.75 + LINE_HEIGHT * (len(codes) + 1)), rows=rows, columns=columns)
    limits = _limits(frame["ci_low"], frame["ci_high"])
    segment = str(by_category["segment"].iloc[0]) if len(by_category) else ""
    shown = [labels.text("columns.overall"), *(labels.category(segment, str(code)) for code in codes)]
    for position, (axes, construct) in enumerate(zip(panels, constructs, strict=False)):
        whole = overall[overall["construct"] == construct]
        parts = by_category[by_category["construct"] == construct].set_index("category").reindex(codes)
        places = list(range(len(codes), -1, -1))
        drawn = places[:1] * len(whole), places[1:]
        _whiskers(axes, drawn[0], whole, "score", colour=ORANGE)
        _whiskers(axes, drawn[1], parts, "score", colour=BLUE)
        shown_rows = [*whole.to_dict("records"), *parts.to_dict("records")]
        for place, row in zip([*drawn[0], *drawn[1]], shown_rows, strict=True):
            if not formats.is_missing(row["score"]):
                at, text = (row["ci_high"], place), formats.number(row["score"])
                axes.annotate(text, at, xytext=(5, 0), textcoords="offset points", va="center", size=9.5, bbox=BEHIND)
        alone = for_phone() or position % columns == 0
        name_rows(axes, places, shown if alone else [""] * len(shown), width=24)
        axes.set_ylim(-0.6, len(codes) + 0.6)
        axes.set_xlim(limits[0], limits[1] + (limits[1] - limits[0]) * 0.12)
        axes.set_title(wrapped(labels.construct(str(construct)), 30), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=position + columns >= len(constructs))
        bare(axes)
    for axes in panels[len(constructs) :]:
        axes.set_visible(False)
    figure.supxlabel(labels.text("figures.scores.axis"), size=11)
    return figure


def _dots(
    axes: Axes,
    names: Sequence[str],
    frame: pd.DataFrame,
    *,
    value: str,
    limits: tuple[float, float] | None = None,
    labels: Labels | None = None,
    line: float | None = None,
) -> None:
    """Dots with intervals from top to bottom, the value beside each (and its n when `labels` are given).

    line: where a line will run from top to bottom: what lies left of it has its value at the left.
    """
    places = list(range(len(frame)))[::-1]
    _whiskers(axes, places, frame, value, colour=BLUE)
    lefts = [line is not None and high < line for high in frame["ci_high"]]
    for place, left, row in zip(places, lefts, frame.to_dict("records"), strict=True):
        text = formats.number(row[value])
        if labels is not None:
            text = f"{text}  (n = {formats.count(row['n'])})"
        name_value(axes, text, (row["ci_low"], row["ci_high"]), place, left=left)
    name_rows(axes, places, names)
    axes.set_ylim(-0.7, len(frame) - 0.3)
    low, high = limits or _limits(frame["ci_low"], frame["ci_high"])
    room = (high - low) * ((0.45 if for_phone() else 0.2) if labels is not None else 0.1)
    axes.set_xlim(low - room * (line is not None), high + room)
    bare(axes)


def _whiskers(axes: Axes, places: Sequence[float], frame: pd.DataFrame, value: str, *, colour: str) -> None:
    scores = frame[value]
    errors = [(scores - frame["ci_low"]).tolist(), (frame["ci_high"] - scores).tolist()]
    axes.errorbar(
        scores.tolist(),
        list(places),
        xerr=errors,
        fmt="o",
        color=colour,
        ecolor=colour,
        elinewidth=2,
        capsize=3.5,
        markersize=6.5,
        zorder=3,
    )


def _overall_line(axes: Axes, overall: pd.DataFrame, labels: Labels, *, name: bool = True) -> None:
    value = _index(overall)
    if value is None:
        return
    axes.axvline(value, color=TEAL, linewidth=1.4, linestyle=(0, (5, 3)), zorder=1)
    if name:
        text = labels.text("figures.scores.overall", value=formats.number(value))
        axes.annotate(
            text,
            (value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=TEAL,
            size=10,
        )


def _index(overall: pd.DataFrame) -> float | None:
    index = overall.loc[overall["measure"] == "csi", "estimate"].dropna()
    return None if index.empty else float(index.iloc[0])


def _limits(low: pd.Series[float], high: pd.Series[float]) -> tuple[float, float]:
    """Bounds of the axis: whole steps around the intervals, at least six points wide, within the scale."""
    if low.dropna().empty:
        return 0.0, 100.0
    first, last = float(low.min()), float(high.max())
    pad = max(1.0, (last - first) * 0.12, (6 - (last - first)) / 2)
    return max(0.0, math.floor(first - pad)), min(101.0, math.ceil(last + pad))
