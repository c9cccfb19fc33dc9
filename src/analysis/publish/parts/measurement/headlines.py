"""Titles of the figures of the quality of the measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def construct_map(store: Store, labels: Labels) -> str:
    """How many constructs can be told apart from all others."""
    met = store.table("validity")["htmt_met"].dropna().astype(bool)
    if met.empty:
        return ""
    return title(f"construct_map.{'all' if met.all() else 'some'}", labels, met=int(met.sum()), total=len(met))


def scree(store: Store, labels: Labels) -> str:
    """How many factors hold more than chance would."""
    return title("scree", labels, n=int(store.table("eigenvalues")["retained"].astype(bool).sum()))
