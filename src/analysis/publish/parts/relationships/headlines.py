"""Titles of the figures of the customer journey and of how long customers stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import estimates, verdict
from analysis.publish.headlines import highest_and_lowest, independent, title
from analysis.publish.parts.relationships.cells import group_name, stage_name, trait_name
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def journey(store: Store, labels: Labels) -> str:
    """The stage at which scores fall most."""
    frame = store.table("journey").dropna(subset=["score"])
    known = frame.dropna(subset=["step", "p_adjusted"])
    confidence = labels.edition.index.confidence
    rows = known.to_dict("records")
    ways = [verdict(row["step"], row["p_adjusted"], confidence=confidence) for row in rows]
    falls = [row for row, way in zip(rows, ways, strict=True) if way == "lower"]
    if known.empty:
        return ""
    if not falls:
        return title("journey.none", labels)
    worst = min(falls, key=lambda row: float(row["step"]))
    stage = lowered(stage_name(str(worst["stage"]), labels), labels)
    fall = formats.number(-worst["step"])
    return title("journey.falls", labels, stage=stage, fall=fall, score=formats.number(worst["score"]))


def lifetimes(store: Store, labels: Labels) -> str:
    """Whose relationships last longest and shortest, by the question whose groups are furthest apart."""
    frame = store.table("relationship_lifetimes").dropna(subset=["mean", "mean_low", "mean_high"])
    groups = frame[frame["question"] != ""].astype({"question": str, "category": str})
    best: tuple[float, str] = (-1.0, "")
    for question, rows in groups.groupby("question", sort=False):
        found = estimates(rows, "category", "mean", "mean_low", "mean_high")
        apart = independent(found, labels.edition.index.confidence)
        if len(found) > 1 and apart(found[0], found[-1]):
            best = max(best, (found[0].value - found[-1].value, str(question)))
    if not best[1]:
        return title("lifetimes.same_all", labels) if len(groups) > 1 else ""
    found = estimates(groups[groups["question"] == best[1]], "category", "mean", "mean_low", "mean_high")
    return highest_and_lowest(
        "lifetimes",
        found,
        labels,
        apart=independent(found, labels.edition.index.confidence),
        name=lambda code: lowered(group_name(best[1], code, labels), labels),
    )


def churn_model(store: Store, labels: Labels) -> str:
    """What goes with leaving most clearly."""
    frame = store.table("churn_hazards").dropna(subset=["ratio", "p_adjusted"]).fillna({"category": ""})
    confidence = labels.edition.index.confidence
    rows = frame.to_dict("records")
    ways = [verdict(row["ratio"] - 1, row["p_adjusted"], confidence=confidence) for row in rows]
    clear = [row for row, way in zip(rows, ways, strict=True) if way != "same"]
    if frame.empty:
        return ""
    if not clear:
        return title("churn_model.none", labels)
    most = max(clear, key=lambda row: max(row["ratio"], 1 / row["ratio"]))
    name = lowered(trait_name(str(most["question"]), str(most["category"]), labels), labels)
    key = "more" if most["ratio"] > 1 else "less"
    return title(f"churn_model.{key}", labels, name=name, ratio=formats.number(most["ratio"], 2))
