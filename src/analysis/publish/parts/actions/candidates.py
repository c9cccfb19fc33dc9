"""What monitoring offers for the front page: the indicator that will not reach its target as things work now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.publish.part import Candidate
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.phrases import lowered
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def candidates(store: Store, labels: Labels) -> Iterator[Candidate]:
    """Indicators whose own variation keeps them from the target."""
    if not store.has_table("control_summary"):
        return
    frame = store.table("control_summary").dropna(subset=["value", "target", "sigma"])
    for row in frame[frame["assurance"] == "misses"].to_dict("records"):
        name, unit = lowered(plain(str(row[f"indicator_{labels.lang}"])), labels), str(row["unit"])
        yield Candidate(
            theme="monitoring",
            sentence=capital(
                labels.text(
                    "front.misses",
                    indicator=name,
                    level=amount(round(float(row["level"]), 1), unit, labels),
                    target=amount(row["target"], unit, labels),
                )
            ),
            basis=labels.text(
                "front.misses_basis",
                low=amount(round(float(row["low"]), 1), unit, labels),
                high=amount(round(float(row["high"]), 1), unit, labels),
                n=formats.count(row["periods"]),
            ),
            section="sec-indicators",
            about=(str(row["indicator"]),),
            size=abs(row["target"] - row["level"]) / row["sigma"],
            contrast=0.2,
            surprise=0.2,
            use=0.8,
        )
