"""Title of the figure of what moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.headlines import title
from analysis.publish.parts.moved.findings import leading, name_inside, rows_of, way
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def moved(store: Store, labels: Labels) -> str:
    """Whether the index, or the first result of an edition without one, rose or fell since the last edition."""
    row = leading(rows_of(store, "headline_changes"))
    if row is None:
        return ""
    verdict, size = way(row, labels), float(row["difference"])
    shown = formats.signed(size) if verdict == "same" else formats.number(abs(size))
    return title(f"moved.{verdict}", labels, name=lowered(name_inside(str(row["measure"]), labels), labels), size=shown)
