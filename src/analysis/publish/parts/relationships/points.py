"""Key points on the journey, on how long customers stay, and on who leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict, verdict_of_interval
from analysis.publish.parts.relationships.cells import group_name, stage_name
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]


def journey(store: Store, labels: Labels) -> str:
    """The step of the journey with the biggest fall."""
    frame = store.table("journey").dropna(subset=["score"]).reset_index(drop=True)
    level = labels.edition.index.confidence
    rows = _rows(frame)
    ways = [verdict(row["step"], row["p_adjusted"], confidence=level) for row in rows]
    falls = [(float(row["step"]), place, row) for place, row in enumerate(rows) if ways[place] == "lower"]
    if not falls:
        return ""
    _, place, row = min(falls, key=lambda one: one[0])
    before = frame.iloc[place - 1]
    return labels.text(
        "points.journey",
        before=lowered(stage_name(str(before["stage"]), labels), labels),
        after=lowered(stage_name(str(row["stage"]), labels), labels),
        from_score=formats.number(before["score"]),
        to_score=formats.number(row["score"]),
        ci=formats.interval(-row["step_high"], -row["step_low"], labels.lang),
    )


def lifetimes(store: Store, labels: Labels) -> str:
    """How long relationships last, and those of the top tier, each with its benchmark where the edition quotes one."""
    parts = [labels.text(f"points.lifetimes.{key}", **values) for key, values in _compared(store, labels)]
    return labels.text("points.lifetimes.all", parts=formats.semicolons(parts, labels.lang)) if parts else ""


def lifetime_benchmarks(store: Store, labels: Labels) -> str:
    """Whether relationships last as long as is published, for all and for the top tier."""
    told = [(key, values) for key, values in _compared(store, labels) if "benchmark" in values]
    parts = [labels.text(f"findings.lifetime_benchmarks.{key}", **values) for key, values in told]
    return labels.text("findings.lifetime_benchmarks.all", parts=formats.clauses(parts, labels.lang)) if parts else ""


def _compared(store: Store, labels: Labels) -> list[tuple[str, dict[str, str]]]:
    """Mean lifetime of all and of the top tier as values of a sentence, by whether there is a benchmark for it."""
    frame, rules = (
        store.table("relationship_lifetimes").fillna({"question": "", "category": ""}),
        labels.edition.relationships,
    )
    published = {one.key: one for one in labels.edition.benchmarks.benchmarks} if labels.edition.benchmarks else {}
    groups = (("whole", "", ""), ("tier", "value_tier", rules.top_tier))
    told = []
    for (name, question, category), key in zip(groups, rules.lifetime_benchmarks, strict=True):
        own = frame[(frame["question"] == question) & (frame["category"] == category)].dropna(
            subset=["mean", "mean_low", "median"]
        )
        if own.empty:
            continue
        row = _rows(own)[0]
        values = {
            "mean": formats.number(row["mean"]),
            "ci": formats.interval(row["mean_low"], row["mean_high"], labels.lang),
            "group": lowered(group_name(question, category, labels), labels) if question else "",
        }
        benchmark = published.get(key)
        if benchmark is None or benchmark.unit != "years":
            told.append((name, values))
            continue
        way = verdict_of_interval(row["mean_low"], row["mean_high"], reference=benchmark.value)
        told.append((f"{name}_{way}", values | {"benchmark": formats.number(benchmark.value)}))
    return told


def leaving(store: Store, labels: Labels) -> str:
    """The share that left within a year, and how many of the most valuable customers are not loyal."""
    sentences = []
    if store.has_table("relationship_churn"):
        frame = store.table("relationship_churn").fillna({"question": ""})
        for row in _rows(frame[frame["question"] == ""].dropna(subset=["lost"])):
            sentences.append(labels.text("points.left", **_share(row, "lost", labels)))
    if store.has_table("value_loyalty"):
        tier, frame = labels.edition.relationships.top_tier, store.table("value_loyalty")
        own = frame[(frame["question"] == "value_tier") & (frame["category"] == tier) & (frame["level"] == "other")]
        for row in _rows(own.dropna(subset=["share"])):
            name = lowered(group_name("value_tier", tier, labels), labels)
            sentences.append(labels.text("points.not_loyal", tier=name, **_share(row, "share", labels)))
    return formats.joined(sentences, labels.lang)


def _share(row: Row, column: str, labels: Labels) -> dict[str, str]:
    ci = formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang)
    return {"share": formats.percent(row[column]), "ci": ci}


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
