"""Title of the figure of the control charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def control_charts(store: Store, labels: Labels) -> str:
    """How many indicators changed beyond what they do by themselves, and how many miss their target every time."""
    frame = store.table("control_summary").dropna(subset=["indicator"])
    moved = frame["variation"].isin(["improving", "concerning"]).sum()
    misses = (frame["assurance"] == "misses").sum()
    key = ("moved" if moved else "steady") + ("_misses" if misses else "")
    return title(f"control_charts.{key}", labels, moved=int(moved), misses=int(misses), total=len(frame))


def values(store: Store) -> float:
    """Values of all indicators in all periods."""
    return float(store.table("control_points")["value"].notna().sum())
