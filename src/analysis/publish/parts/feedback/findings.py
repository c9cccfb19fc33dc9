"""Sentences on the tickets: answered in time, closed, piling up."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs
from analysis.publish.parts.feedback.cells import tickets_of
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

STEP = "10_feedback"


def shares(store: Store, labels: Labels) -> str:
    """Share of the tickets answered and handled in time, and whose were clearly more or less often."""
    frame = store.table("ticket_shares").dropna(subset=["on_time"]).fillna({"category": ""})
    whole = frame[frame["category"] == ""].to_dict("records")
    sentences = [
        labels.text(
            f"findings.tickets.{row['clock']}",
            share=formats.percent(row["on_time"]),
            ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
            n=formats.count(row["n"]),
            hours=f"{row['limit']:g}",
        )
        for row in whole
    ]
    return formats.joined([*sentences, *_apart(frame, labels)], labels.lang) if sentences else ""


def _apart(frame: pd.DataFrame, labels: Labels) -> list[str]:
    level = labels.edition.service.confidence
    rows = frame[frame["category"] != ""].dropna(subset=["p_adjusted"]).to_dict("records")
    clear = [row for row in rows if differs(row["p_adjusted"], confidence=level)]
    if rows and not clear:
        return [labels.text("findings.tickets.alike")]
    return [
        labels.text(
            f"findings.tickets.{'less' if row['difference'] < 0 else 'more'}",
            clock=lowered(labels.known("ticket_clocks", str(row["clock"])), labels),
            group=lowered(tickets_of(str(row["question"]), str(row["category"]), labels), labels),
            share=formats.percent(row["on_time"]),
            gap=formats.number(abs(row["difference"]) * 100),
        )
        for row in sorted(clear, key=lambda row: row["difference"])
    ]


def closing(store: Store, labels: Labels) -> str:
    """How long until a ticket is closed, on average, for half of them and for nine in ten."""
    frame = store.table("ticket_closing").fillna({"category": ""})
    rows = frame[frame["category"] == ""].to_dict("records")
    if not rows or formats.is_missing(rows[0]["mean"]):
        return ""
    row = rows[0]
    values: dict[str, Any] = {name: formats.number(row[name]) for name in ("mean", "median", "p90")}
    known = not (formats.is_missing(row["median"]) or formats.is_missing(row["p90"]))
    ci = formats.interval(row["mean_low"], row["mean_high"], labels.lang)
    told = labels.text(f"findings.tickets.{'closing' if known else 'closing_mean'}", ci=ci, **values)
    return formats.joined([told, _guide(labels)], labels.lang)


def _guide(labels: Labels) -> str:
    """The two means of the guide that disagree, where the edition has them."""
    published = labels.edition.benchmarks.benchmarks if labels.edition.benchmarks else ()
    known = {one.key: one for one in published if one.unit == "days" and one.value > 0}
    for one in known.values():
        other = known.get(one.disagrees_with or "")
        if other is not None:
            values = {"one": f"{one.value:g}", "other": f"{other.value:g}"}
            sections = {"one_section": one.section, "other_section": other.section}
            return labels.text("findings.tickets.guide", **values, **sections)
    return ""


def backlog(store: Store, labels: Labels) -> str:
    """How many are open on the last day, and whether more tickets came lately than were closed."""
    frame, record = store.table("ticket_backlog"), store.record(STEP, "feedback")
    return labels.text(
        f"findings.tickets.{record['flow']}",
        date=formats.date(dt.date.fromisoformat(str(record["as_of"])), labels.lang),
        open=formats.count(int(frame["open"].iloc[-1])),
        weeks=record["weeks"],
        received=formats.count(record["received"]),
        closed=formats.count(record["closed"]),
    )
