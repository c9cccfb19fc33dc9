"""Title of the figure of all specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import lies_within
from analysis.publish.headlines import title
from analysis.publish.parts.robustness.findings import in_points, published
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def specifications(store: Store, labels: Labels) -> str:
    """Whether every way to compute the index stays within its published interval, and between which values."""
    table = in_points(store)
    own = published(table)
    if own is None or len(table) < 2:
        return ""
    low, high = float(table["estimate"].min()), float(table["estimate"].max())
    within = all(lies_within(own["ci_low"], own["ci_high"], end) for end in (low, high))
    key = f"specifications.{'all' if within else 'some'}"
    return title(key, labels, low=formats.number(low), high=formats.number(high))
