"""Response rates, and the index by channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.figures.style import BLUE, GREY, LINE_HEIGHT, TEAL, bare, for_phone, legend, name_rows, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

WHITE_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""Keeps a number readable where a line passes behind it."""


def draw_response_rates(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Response rate of every channel and stratum with its interval, beside the rate that the design assumed."""
    panels_of = {"channels": tables["response_channels"], "strata": tables.get("response_strata")}
    groups = [(key, rows.dropna(subset=["rr1"])) for key, rows in panels_of.items() if rows is not None]
    groups = [(key, rows) for key, rows in groups if len(rows)]
    heights = [len(rows) + 1.0 for _, rows in groups]
    figure, panels = new_figure(1.1 + LINE_HEIGHT * 1.15 * sum(heights), rows=max(len(groups), 1), ratios=heights)
    sampling = labels.edition.sampling
    planned = sampling.response_rate * 100 if sampling.states("response_rate") else None
    bounds = [value * 100 for _, rows in groups for name in ("ci_low", "ci_high") for value in rows[name]]
    bounds += [] if planned is None else [planned]
    low, high = min(bounds) - 2.0, max(bounds) + (8.0 if for_phone() else 4.0)
    for axes, (key, rows) in zip(panels, groups, strict=False):
        ordered = rows.sort_values("rr1", ascending=False, kind="stable")
        names = [_name(key, str(code), labels) for code in ordered["category"]]
        _dots(axes, names, ordered, labels)
        if planned is not None:
            axes.axvline(planned, color=GREY, linewidth=1.2, linestyle="--")
        axes.set_xlim(low, high)
        axes.set_title(labels.text(f"figures.response.{key}"), loc="left", size=11, weight="bold")
        axes.tick_params(labelbottom=axes is panels[-1])
    if groups and planned is not None:
        text = labels.text("figures.response.planned", rate=formats.percent(planned / 100))
        panels[0].annotate(
            text, (planned, 1), xycoords=("data", "axes fraction"), xytext=(4, 3), textcoords="offset points", size=9.5
        )
    panels[-1].set_xlabel(labels.text("figures.response.axis"))
    return figure


def _name(key: str, code: str, labels: Labels) -> str:
    return labels.channel(code) if key == "channels" else labels.category(labels.edition.sampling.stratum or "", code)


def _dots(axes: Axes, names: list[str], rows: pd.DataFrame, labels: Labels) -> None:
    from matplotlib.ticker import MaxNLocator

    places = list(range(len(rows)))[::-1]
    value, low, high = (rows[name] * 100 for name in ("rr1", "ci_low", "ci_high"))
    axes.hlines(places, low, high, color=BLUE, linewidth=2)
    axes.scatter(value, places, s=42, color=BLUE, zorder=3)
    for place, end, n in zip(places, high, rows["n"], strict=True):
        text = labels.text("figures.response.cases", n=formats.count(n))
        axes.annotate(
            text, (end, place), xytext=(6, 0), textcoords="offset points", va="center", size=9.5, bbox=WHITE_BOX
        )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    name_rows(axes, places, names)
    axes.set_ylim(-0.6, len(rows) - 0.3)
    bare(axes)


def draw_mode_index(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Index of every channel, as answered and with the same profile, each with its interval."""
    frame = tables["mode_index"].dropna(subset=["estimate"]).sort_values("estimate", kind="stable")
    figure, (axes,) = new_figure(1.4 + 0.5 * len(frame))
    places = list(range(len(frame)))
    for shift, colour, marker, columns, key in (
        (0.14, TEAL, "o", ("estimate", "ci_low", "ci_high"), "raw"),
        (-0.14, BLUE, "D", ("adjusted", "adjusted_low", "adjusted_high"), "adjusted"),
    ):
        rows = [place + shift for place in places]
        value, low, high = (frame[name] for name in columns)
        axes.hlines(rows, low, high, color=colour, linewidth=2)
        axes.scatter(
            value, rows, s=40, color=colour, marker=marker, zorder=3, label=labels.text(f"figures.modes.{key}")
        )
    name_rows(axes, places, [labels.channel(str(code)) for code in frame["category"]])
    axes.set_ylim(-0.6, len(frame) - 0.3)
    axes.set_xlabel(labels.text("figures.scores.index"))
    legend(figure)
    bare(axes)
    return figure
