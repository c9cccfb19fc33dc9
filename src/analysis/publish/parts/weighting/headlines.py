"""Titles of the figures of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def margins(store: Store, labels: Labels) -> str:
    """The largest gap to the population, before and after weighting."""
    frame = store.table("weighting_margins")
    before, after = ((frame[name] - frame["target_share"]).abs().max() for name in ("sample_share", "weighted_share"))
    values = {"before": formats.number(100 * before), "after": formats.number(100 * after)}
    return "" if formats.is_missing(before) or formats.is_missing(after) else title("margins", labels, **values)


def weight_stages(store: Store, labels: Labels) -> str:
    """What the interviews are worth after the last stage."""
    last = store.table("weighting_diagnostics").iloc[-1]
    if formats.is_missing(last["n_eff"]):
        return ""
    values = {name: formats.count(last[name]) for name in ("n", "n_eff")}
    return title("weight_stages", labels, **values)
