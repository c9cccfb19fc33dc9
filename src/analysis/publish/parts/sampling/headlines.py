"""Titles of the figures of the sample as planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


EVEN = 1.15
"""How much more than its share a stratum gets up to which the allocation is called even."""


def allocation(store: Store, labels: Labels) -> str:
    """The stratum that gets most beyond its share of the population."""
    frame = store.table("allocation").dropna(subset=["n", "share"])
    if len(frame) < 2:
        return ""
    drawn = frame["n"] / frame["n"].sum()
    most = int((drawn / frame["share"]).argmax())
    share, own = float(frame["share"].iloc[most]), float(drawn.iloc[most])
    if own < EVEN * share:
        return title("allocation.even", labels)
    group = labels.group(labels.edition.sampling.stratum or "", str(frame["category"].iloc[most]))
    values = {"share": formats.percent(share), "drawn": formats.percent(own)}
    return title("allocation.more", labels, group=group, **values)


def domain_precision(store: Store, labels: Labels) -> str:
    """How many groups can expect an interval that may be published."""
    met = store.table("domain_precision")["met"].astype(bool)
    return title(f"domain_precision.{'all' if met.all() else 'some'}", labels, met=int(met.sum()), total=len(met))
