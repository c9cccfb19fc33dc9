"""Key points on the course of the index and on where it is heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.parts.trend import findings
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def change(store: Store, labels: Labels) -> str:
    """The change of the latest wave, and the long run."""
    row = findings.compared(store)
    way = "unknown" if row is None else findings.way_of(row, labels)
    if row is None or way == "unknown":
        return ""
    since = labels.text(f"findings.trend.since.{row['change']}")
    told = labels.text(f"points.trend.{way}", **findings.change_values(row, labels) | {"since": since})
    if not store.has_table("course"):
        return told
    slope, course = findings.slope_of(store)
    first = formats.wave(str(store.record("09_trend", "series")["first"]), labels.lang)
    size = formats.number(abs(slope["estimate"]), 2)
    ci = findings.slope_interval(slope, labels)
    return formats.joined([told, labels.text(f"points.trend.{course}", first=first, size=size, ci=ci)], labels.lang)


def outlook(store: Store, labels: Labels) -> str:
    """Where the index is expected at the end of the horizon, and how likely that is more than today."""
    end = store.table("forecast").to_dict("records")[-1]
    known = store.table("waves")["csi"].dropna()
    if known.empty:
        return ""
    return labels.text(
        "points.outlook",
        wave=formats.wave(str(end["wave"]), labels.lang),
        value=formats.number(end["estimate"]),
        ci=formats.interval(end["ci_low"], end["ci_high"], labels.lang),
        last=formats.number(known.iloc[-1]),
        above=formats.number(100 * end["above"], 0),
    )
