"""Figures of comparisons: the scorecard of the units, a funnel of many, gains and losses, the effect of service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict
from analysis.publish.figures.style import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    LINE_HEIGHT,
    ORANGE,
    PALE,
    TEAL,
    bare,
    new_figure,
    wrapped,
)
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

BANDS = {"higher": (BLUE, "white", "▲"), "same": (LIGHT, INK, ""), "lower": (ORANGE, INK, "▼")}
"""Fill, ink and sign of each band: three ways to tell it."""


def draw_scorecard(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Units in rows, index and dimensions in columns: adjusted score and band of each."""
    import pandas as pd

    index = tables["fair_index"].assign(construct="")
    frame = pd.concat([index, tables["fair_dimensions"]], ignore_index=True)
    units, columns = (list(dict.fromkeys(frame[name])) for name in ("category", "construct"))
    figure, (axes,) = new_figure(1.7 + 0.5 * len(units))
    for row in frame.to_dict("records"):
        x, y = columns.index(row["construct"]), len(units) - 1 - units.index(row["category"])
        _field(axes, x, y, row, labels)
    names = [labels.construct(str(key)) if key else labels.text("figures.fair.index") for key in columns]
    slanted = labels.lang == "en"
    axes.set_xticks(range(len(columns)))
    axes.set_xticklabels(
        names if slanted else [wrapped(name, 8) for name in names],
        rotation=35 if slanted else 0,
        ha="left" if slanted else "center",
        rotation_mode="anchor" if slanted else "default",
    )
    segment = str(frame["segment"].iloc[0])
    axes.set_yticks(range(len(units)), [wrapped(labels.category(segment, str(code)), 20) for code in reversed(units)])
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, len(units) - 0.5))
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.supxlabel(labels.text("figures.fair.legend"), size=10)
    return figure


def _field(axes: Axes, x: int, y: int, row: Mapping[Any, Any], labels: Labels) -> None:
    from matplotlib.patches import Rectangle

    missing = formats.is_missing(row["adjusted"])
    confidence = labels.edition.drivers.confidence
    difference, p = (float("nan") if missing else float(row[name]) for name in ("difference", "p_adjusted"))
    fill, ink, sign = BANDS["same" if missing else verdict(difference, p, confidence=confidence)]
    axes.add_patch(Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, facecolor="white" if missing else fill))
    score = formats.MISSING if missing else formats.number(float(row["adjusted"]))
    axes.annotate(f"{sign} {score}".strip(), (x, y), ha="center", va="center", color=ink, size=10)


def draw_funnel(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Adjusted index of many units against their interviews, within the range that is to be expected."""
    frame = tables["fair_funnel"].dropna(subset=["adjusted"]).sort_values("n", kind="stable")
    figure, (axes,) = new_figure(3.6)
    axes.fill_between(frame["n"], frame["range_low"], frame["range_high"], color=LIGHT, linewidth=0)
    axes.axhline(float(frame["overall"].iloc[0]), color=TEAL, linewidth=1.4, linestyle=(0, (5, 3)))
    for row in frame.to_dict("records"):
        band = verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)
        axes.plot(row["n"], row["adjusted"], "o", color=GREY if band == "same" else BANDS[band][0], markersize=6)
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
        axes.barh(places, value, height=0.56, color=colour)
        errors = [(value - low).abs().tolist(), (high - value).abs().tolist()]
        axes.errorbar(
            value.tolist(), places, xerr=errors[:: int(side)], fmt="none", ecolor=INK, elinewidth=1.2, capsize=3
        )
    reach = 1.12 * float(frame[["penalty_high", "reward_high"]].max().max())
    for place, kind in zip(places, frame["kind"], strict=True):
        text = labels.text(f"factor_kinds.{kind}")
        axes.annotate(text, (reach, place), xytext=(4, 0), textcoords="offset points", va="center", size=10)
    axes.set_xlim(-reach, 1.5 * reach)
    axes.set_xticks([step for step in range(-int(reach), int(reach) + 1) if step % max(1, int(reach) // 3) == 0])
    axes.set_yticks(places, [wrapped(labels.construct(str(key)), 24) for key in frame["construct"]])
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
        axes.set_yticks(places, [wrapped(name, 18) for name in names] if number % 2 == 0 else [""] * len(names))
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
