"""Figures of comparisons: the scorecard of the units, a funnel of many, gains and losses, the effect of service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict
from analysis.publish.figures.grid import Field, draw_grid
from analysis.publish.figures.style import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    LINE_HEIGHT,
    ORANGE,
    PALE,
    TEAL,
    bar_height,
    bare,
    for_phone,
    name_rows,
    new_figure,
    wrapped,
)
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

COLOURS = {"higher": BLUE, "same": GREY, "lower": ORANGE}
BANDS = {"higher": (BLUE, "▲"), "same": (LIGHT, ""), "lower": ("#f0b27f", "▼")}
"""Fill and sign of each band: two ways to tell it."""


def draw_scorecard(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Units in rows, the best index first, index and dimensions in columns: adjusted score and band of each."""
    import pandas as pd

    index = tables["fair_index"].assign(construct="").sort_values("adjusted", ascending=False, kind="stable")
    frame = pd.concat([index, tables["fair_dimensions"]], ignore_index=True)
    units, columns = (list(dict.fromkeys(frame[name])) for name in ("category", "construct"))
    fields = {
        (units.index(row["category"]), columns.index(row["construct"])): _field(row, labels)
        for row in frame.to_dict("records")
    }
    names = [labels.construct(str(key)) if key else labels.text("figures.fair.index") for key in columns]
    segment = str(frame["segment"].iloc[0])
    groups = [labels.category(segment, str(code)) for code in units]
    return draw_grid(groups, names, fields, slanted=labels.lang == "en")


def _field(row: Mapping[Any, Any], labels: Labels) -> Field:
    if formats.is_missing(row["adjusted"]):
        return Field(formats.MISSING, "#ffffff")
    confidence = labels.edition.drivers.confidence
    fill, sign = BANDS[verdict(float(row["difference"]), float(row["p_adjusted"]), confidence=confidence)]
    between = "" if for_phone() else " "
    return Field(f"{sign}{between}{formats.number(float(row['adjusted']))}".strip(), fill)


def draw_funnel(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Adjusted index of many units against their interviews, within the range that is to be expected."""
    frame = tables["fair_funnel"].dropna(subset=["adjusted"]).sort_values("n", kind="stable")
    figure, (axes,) = new_figure(3.6)
    axes.fill_between(frame["n"], frame["range_low"], frame["range_high"], color=LIGHT, linewidth=0)
    axes.axhline(float(frame["overall"].iloc[0]), color=TEAL, linewidth=1.4, linestyle=(0, (5, 3)))
    for row in frame.to_dict("records"):
        band = verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)
        axes.plot(row["n"], row["adjusted"], "o", color=COLOURS[band], markersize=6)
        if band != "same":
            name = labels.category(str(row["segment"]), str(row["category"]))
            axes.annotate(name, (row["n"], row["adjusted"]), xytext=(6, 0), textcoords="offset points", va="center")
    axes.set_xlabel(labels.text("figures.fair.interviews"))
    axes.set_ylabel(labels.text("figures.fair.adjusted"))
    bare(axes, grid="y")
    return figure


def draw_asymmetry(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """What ten points less cost and ten more bring, dimension by dimension, the costliest shortfall first."""
    frame = tables["asymmetry"].dropna(subset=["penalty", "reward"])
    frame = frame.assign(order=frame["reward"] - frame["penalty"]).sort_values("order", kind="stable")
    figure, (axes,) = new_figure(1.3 + 0.44 * len(frame))
    places = list(range(len(frame)))[::-1]
    for name, side, colour in (("penalty", -1, ORANGE), ("reward", 1, BLUE)):
        value, low, high = (side * frame[key] for key in (name, f"{name}_low", f"{name}_high"))
        axes.barh(places, value, height=bar_height(0.56), color=colour)
        errors = [(value - low).abs().tolist(), (high - value).abs().tolist()]
        axes.errorbar(
            value.tolist(), places, xerr=errors[:: int(side)], fmt="none", ecolor=INK, elinewidth=1.2, capsize=3
        )
    reach = 1.12 * float(frame[["penalty_high", "reward_high"]].max().max())
    for place, kind in zip(places, frame["kind"], strict=True):
        text = labels.text(f"factor_kinds.{kind}")
        axes.annotate(text, (reach, place), xytext=(4, 0), textcoords="offset points", va="center", size=10)
    axes.set_ylim(-0.6, len(frame) - 0.2)
    axes.set_xlim(-reach, (1.95 if for_phone() else 1.5) * reach)
    axes.set_xticks([step for step in range(-int(reach), int(reach) + 1) if step % max(1, int(reach) // 3) == 0])
    name_rows(axes, places, [labels.construct(str(key)) for key in frame["construct"]], lift=0.44)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.xaxis.set_major_formatter(_signed)
    axes.set_xlabel(labels.text("figures.asymmetry.axis"))
    axes.set_title(labels.text("figures.asymmetry.sides"), loc="left", size=10)
    bare(axes)
    return figure


def draw_service_effect(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Effect of the service with its interval, on all and by group, the plain difference beside it; by outcome."""
    from matplotlib.ticker import MaxNLocator

    whole, groups = tables["service_effect"], tables["service_effect_groups"]
    outcomes = list(dict.fromkeys(whole["outcome"]))
    codes = list(dict.fromkeys(groups["category"]))
    height = 1.3 + LINE_HEIGHT * 1.2 * (len(codes) + 1)
    figure, panels = new_figure(
        height * (1 if len(outcomes) < 3 else 2), columns=min(len(outcomes), 2), rows=-(-len(outcomes) // 2)
    )
    segment = str(groups["segment"].iloc[0])
    names = [labels.text("columns.overall"), *(labels.category(segment, str(code)) for code in codes)]
    for number, (axes, outcome) in enumerate(zip(panels, outcomes, strict=False)):
        rows = _effects(whole[whole["outcome"] == outcome], groups[groups["outcome"] == outcome])
        places = list(range(len(rows)))[::-1]
        errors = [(rows["estimate"] - rows["ci_low"]).tolist(), (rows["ci_high"] - rows["estimate"]).tolist()]
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.errorbar(
            rows["estimate"].tolist(), places, xerr=errors, fmt="o", color=BLUE, elinewidth=2, capsize=3.5, zorder=3
        )
        axes.plot(
            rows["naive"], [place - 0.22 for place in places], "D", color=PALE, markersize=5, markeredgecolor=GREY
        )
        alone = for_phone() or number % 2 == 0
        name_rows(axes, places, names if alone else [""] * len(names), width=24)
        axes.set_ylim(-0.7, len(rows) - 0.4)
        axes.set_title(wrapped(labels.construct(str(outcome)), 30), loc="left", size=11, weight="bold")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(_signed)
        axes.set_xlim(*_reach(whole, groups))
        bare(axes)
    for axes in panels[len(outcomes) :]:
        axes.set_visible(False)
    figure.supxlabel(labels.text("figures.service.axis"), size=10)
    return figure


def _reach(whole: pd.DataFrame, groups: pd.DataFrame) -> tuple[float, float]:
    """Bounds of the axis that all panels share: the widest interval, and 0."""
    low = min(0.0, float(whole["ci_low"].min()), float(groups["ci_low"].min()))
    high = max(0.0, float(whole["ci_high"].max()), float(groups["ci_high"].max()))
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _signed(value: float, place: float) -> str:  # noqa: ARG001 - the axis gives the place of a tick too
    return formats.signed(value, 0)


def _effects(whole: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The effect on all, then on each group, with the plain difference of each."""
    import pandas as pd

    first = whole[whole["method"] == "aipw"].assign(naive=whole.loc[whole["method"] == "naive", "estimate"].max())
    names = ["estimate", "ci_low", "ci_high", "naive"]
    return pd.concat([first[names], groups[names]], ignore_index=True)
