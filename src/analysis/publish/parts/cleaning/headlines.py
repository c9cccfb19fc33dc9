"""Title of the figure of how the raw records become the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def exclusions(store: Store, labels: Labels) -> str:
    """How many of the records remain, and the rule that took out most."""
    frame = store.table("exclusion_log")
    ends = frame["rule"].isin(["raw", "kept"])
    rules = frame[~ends].dropna(subset=["excluded"])
    values = {name: formats.count(frame.loc[frame["rule"] == name, "remaining"].iloc[0]) for name in ("raw", "kept")}
    if not rules["excluded"].sum():
        return title("exclusions.none", labels, **values)
    first = rules.iloc[int(rules["excluded"].argmax())]
    rule = lowered(labels.known("rules", str(first["rule"])), labels)
    return title("exclusions.some", labels, rule=rule, n=formats.count(first["excluded"]), **values)
