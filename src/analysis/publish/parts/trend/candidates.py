"""What the tracking series offers for the front page: the change since it began, and since the last wave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict_of_interval
from analysis.publish.part import Candidate
from analysis.publish.words import formats
from analysis.publish.words.spoken import capital, errors

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def candidates(store: Store, labels: Labels) -> Iterator[Candidate]:
    """Changes that are clear; the one on a year earlier stands beside the index."""
    if not store.has_table("changes"):
        return
    frame = store.table("changes").dropna(subset=["difference", "ci_low", "ci_high"])
    for row in frame[frame["change"] != "year"].to_dict("records"):
        way = verdict_of_interval(row["ci_low"], row["ci_high"])
        if way == "same":
            continue
        low, high = sorted(abs(row[name]) for name in ("ci_low", "ci_high"))
        yield Candidate(
            theme="change",
            sentence=capital(
                labels.text(
                    f"front.changed.{way}",
                    since=formats.wave(str(row["against"]), labels.lang),
                    points=formats.number(abs(row["difference"])),
                    before=formats.number(row["before"]),
                )
            ),
            basis=labels.text("front.changed_basis", interval=formats.interval(low, high, labels.lang)),
            section="sec-trends",
            about=(str(row["against"]),),
            size=errors(row["difference"], row["ci_low"], row["ci_high"]),
            contrast=0.2,
            surprise=0.3,
            use=0.1,
        )
