"""Key points on feedback: handled in time, closed, come again, and what to mend."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from analysis.publish.comparison import at_the_ends, estimates
from analysis.publish.parts.feedback.cells import theme, triage_class
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.survey.estimation.overlap import differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

STEP = "10_feedback"


def classes(store: Store, labels: Labels) -> str:
    """Share of each class handled in time, and which class is clearly behind."""
    frame = store.table("ticket_classes").dropna(subset=["on_time", "limit"])
    if frame.empty:
        return ""
    parts = [
        labels.text(
            f"points.classes.{'next' if place else 'first'}",
            name=lowered(triage_class(str(row["triage_class"]), labels), labels),
            share=formats.percent(row["on_time"]),
            hours=f"{row['limit']:g}",
        )
        for place, row in enumerate(frame.to_dict("records"))
    ]
    told = labels.text("points.classes.all", parts=formats.clauses(parts, labels.lang))
    found = estimates(frame, "triage_class", "on_time")
    apart = partial(differ, confidence=labels.edition.service.confidence, pairs=max(len(found) - 1, 1))
    _, low = at_the_ends(found, apart)
    names = formats.listed([lowered(triage_class(one.name, labels), labels) for one in low], labels.lang)
    return formats.joined([told, labels.text("points.classes.behind", names=names) if low else ""], labels.lang)


def closing(store: Store, labels: Labels) -> str:
    """Time to close, and whether open tickets pile up."""
    row = _whole(store.table("ticket_closing"))
    if row is None or formats.is_missing(row["mean"]):
        return ""
    mean, ci = formats.number(row["mean"]), formats.interval(row["mean_low"], row["mean_high"], labels.lang)
    told = labels.text("points.closing.mean", mean=mean, ci=ci)
    if not store.has_table("ticket_backlog"):
        return told
    record = store.record(STEP, "feedback")
    left = labels.text(
        f"points.closing.{record['flow']}",
        date=formats.date(dt.date.fromisoformat(str(record["as_of"])), labels.lang),
        open=formats.count(int(store.table("ticket_backlog")["open"].iloc[-1])),
    )
    return formats.joined([told, left], labels.lang)


def repeats(store: Store, labels: Labels) -> str:
    """The share that comes again from the same customer."""
    frame = store.table("ticket_repeats")
    row = _whole(frame[frame["told_by"] == "customer"])
    if row is None or formats.is_missing(row["share"]):
        return ""
    return labels.text(
        "points.repeats",
        share=formats.percent(row["share"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        days=f"{row['days']:g}",
    )


def weak(store: Store, labels: Labels) -> str:
    """The theme that comes first among the weak points."""
    frame = store.table("weak_points").dropna(subset=["share"]).sort_values("rank", kind="stable")
    if frame.empty:
        return ""
    row = frame.to_dict("records")[0]
    by = store.record(STEP, "feedback")["texts"]["weak_points_by"]
    return labels.text(
        f"points.weak_{by}",
        name=lowered(theme(str(row["theme"]), labels), labels),
        share=formats.percent(row["share"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
    )


def _whole(frame: pd.DataFrame) -> pd.Series | None:
    rows = frame[frame["category"].fillna("") == ""]
    return rows.iloc[0] if len(rows) else None
