"""Key point on the channels: whom they reach, against the norms of the edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.parts.fieldwork.findings import flags
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def coverage(store: Store, labels: Labels) -> str:
    """Share reached online and by telephone, each with its norm and the verdict; nothing without norms."""
    if not flags(store, labels)["judged.norms"]:
        return ""
    rows = {str(row["norm"]): row for row in store.table("channel_norms").to_dict("records")}
    parts = [
        labels.text(
            f"points.coverage.{norm}",
            value=formats.percent(rows[norm]["value"]),
            required=formats.percent(rows[norm]["required"]),
            verdict=labels.text(f"points.coverage.verdict_{rows[norm]['verdict']}"),
        )
        for norm in ("online", "callback")
        if norm in rows and not formats.is_missing(rows[norm]["value"])
    ]
    if not parts:
        return ""
    text = formats.semicolons(parts, labels.lang)
    return labels.text("points.coverage.all", parts=text[0].upper() + text[1:])
