"""The figure of a profile: its scores beside those of all, with intervals and bands."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from analysis.publish.base import Base
from analysis.publish.figures.style import BLUE, GREY, INK, LIGHT, ORANGE, bare, for_phone, name_rows, new_figure
from analysis.publish.part import Figure
from analysis.publish.parts.profiles.data import Profile, profiles
from analysis.publish.parts.profiles.facts import side
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

COLOURS = {"higher": BLUE, "lower": ORANGE, "same": GREY, "": BLUE}
SIGNS = {"higher": " ▲", "lower": " ▼", "same": "", "": ""}


class _Read:
    """Tables as a store gives them."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = tables

    def has_table(self, name: str) -> bool:
        return name in self._tables

    def table(self, name: str) -> pd.DataFrame:
        return self._tables[name]


def each(store: Store, labels: Labels) -> tuple[Figure, ...]:
    """A figure for every profile with scores that may be told."""
    return tuple(
        Figure(
            f"profile_{one.place}",
            _tables(store),
            partial(draw_profile, question=one.segment, category=one.category),
            base=Base("survey", partial(_interviews, n=one.index["n"])),
        )
        for one in profiles(store, labels)
        if one.dimensions
    )


def _tables(store: Store) -> tuple[str, ...]:
    """What the figures are drawn from, as far as it is there: own scores, the comparison, and scores of all."""
    own = next(name for name in ("segment_dimensions", "dimension_groups") if store.has_table(name))
    return own, *(name for name in ("fair_dimensions", "csi_dimensions") if store.has_table(name))


def _interviews(store: Store, *, n: float | None) -> float | None:  # noqa: ARG001
    return n


def headline(one: Profile) -> str:
    """What the figure shows, in one sentence."""
    labels = one.labels
    sides = {band: side(one, band) for band in ("higher", "lower")}
    key = "both" if all(sides.values()) else "higher" if sides["higher"] else "lower" if sides["lower"] else "none"
    if not any(row["band"] for row in one.dimensions):
        ends = [construct_inside(one.dimensions[place]["construct"], labels) for place in (0, -1)]
        key = "alone" if len(one.dimensions) > 1 else "single"
        return labels.text(f"profiles.headline.{key}", high=ends[0], low=ends[1])
    return labels.text(f"profiles.headline.{key}", **sides)


def draw_profile(tables: Mapping[str, pd.DataFrame], labels: Labels, *, question: str, category: str) -> Drawing:
    """Own scores with their intervals, highest first, and those of all as rings."""
    there = profiles(cast("Store", _Read(tables)), labels)
    one = next(one for one in there if (one.segment, one.category) == (question, category))
    rows = one.dimensions
    figure, (axes,) = new_figure(0.9 + 0.42 * len(rows))
    places = list(range(len(rows)))[::-1]
    for place, row in zip(places, rows, strict=True):
        colour = COLOURS[row["band"]]
        axes.plot([row["ci_low"], row["ci_high"]], [place, place], color=colour, linewidth=3.2, alpha=0.35)
        axes.plot(row["score"], place, "o", color=colour, markersize=8)
        if not formats.is_missing(row["everybody"]):
            axes.plot(row["everybody"], place, "o", markersize=9, markerfacecolor="none", markeredgecolor=INK)
        text = f"{formats.number(row['score'])}{SIGNS[row['band']]}"
        offset, edge = ((0, -7), "top") if for_phone() else ((0, 6), "bottom")  # on a phone its name stands above
        at = (row["score"], place)
        axes.annotate(text, at, xytext=offset, textcoords="offset points", ha="center", va=edge, color=INK, size=9.5)
    name_rows(axes, places, [labels.construct(row["construct"]) for row in rows], width=24)
    axes.set_ylim(-0.6, len(rows) - 0.2)
    ends = [row[key] for row in rows for key in ("ci_low", "ci_high", "score", "everybody")]
    known = [end for end in ends if not formats.is_missing(end)]
    low, high = min(known), max(known)
    axes.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    axes.hlines(places, *axes.get_xlim(), color=LIGHT, linewidth=0.8, zorder=0)
    axes.set_xlabel(labels.text("profiles.axis"))
    bare(axes)
    return figure
