"""Key point on the recommendations, and what became of each measure that was tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.parts.actions.cells import inside, month
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]

MOST = 4
"""Measures that a sentence names."""


def recommended(store: Store, labels: Labels) -> str:
    """How many recommendations there are, how many have an owner, and when the first fall due."""
    frame = store.table("recommendations")
    rows = frame[frame["suppressed"] != "withheld"] if "suppressed" in frame else frame
    if rows.empty:
        return ""
    dates, owners = rows["due"].dropna(), rows[f"owner_{labels.lang}"]
    owned = sum(not formats.is_missing(owner) for owner in owners)
    alone = len(rows) == 1
    key = "all" if owned == len(rows) else "some" if owned else "none"
    told = labels.text(f"points.advice.{'one_' if alone else ''}{key}", n=len(rows), owned=owned)
    if dates.empty:
        return told
    first = dates.min()
    soon = int((dates == first).sum())
    key = "one_due" if alone else "all_due" if soon == len(rows) else "due_one" if soon == 1 else "due"
    due = labels.text(f"points.advice.{key}", n=soon, due=month(first, labels))
    return formats.joined([told, due], labels.lang)


def each(store: Store, labels: Labels) -> str:
    """From what to what the measures with a change beyond chance moved their indicators."""
    frame = store.table("action_register")
    sentences = []
    for way in ("better", "worse"):
        own = frame[frame["changed"] == way].sort_values("progress", ascending=way == "worse", kind="stable")
        rows = [{str(key): value for key, value in row.items()} for row in own.to_dict("records")]
        parts = [_moved(row, labels) for row in rows[:MOST]]
        if len(rows) > MOST:
            parts.append(labels.text("findings.action_each.more", n=len(rows) - MOST))
        if parts:
            sentences.append(labels.text(f"findings.action_each.{way}", parts=formats.semicolons(parts, labels.lang)))
    same = int((frame["changed"] == "same").sum())
    if same:
        sentences.append(labels.text(f"findings.action_each.same{'_one' if same == 1 else ''}", n=same))
    return formats.joined(sentences, labels.lang)


def _moved(row: Row, labels: Labels) -> str:
    unit = str(row["unit"])
    return labels.text(
        "findings.action_each.one",
        measure=inside(row[f"measure_{labels.lang}"]),
        baseline=amount(row["baseline"], unit, labels),
        actual=amount(round(float(row["actual"]), 1), unit, labels),
    )
