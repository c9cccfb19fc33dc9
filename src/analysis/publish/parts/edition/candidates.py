"""What benchmarks offer for the front page: where the survey is clearly ahead of published levels and where behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict
from analysis.publish.part import Candidate
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.phrases import lowered
from analysis.publish.words.spoken import capital, errors

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def candidates(store: Store, labels: Labels) -> Iterator[Candidate]:
    """For each unit the largest lead together with the largest shortfall, where there are both."""
    if not store.has_table("benchmark_comparison"):
        return
    frame = store.table("benchmark_comparison").dropna(subset=["gap", "p_adjusted", "ci_low", "ci_high"])
    level = labels.edition.index.confidence
    ways = [verdict(gap, p, confidence=level) for gap, p in zip(frame["gap"], frame["p_adjusted"], strict=True)]
    for unit, rows in frame.assign(way=ways).groupby("unit", sort=False):
        ahead = rows[rows["way"] == "higher"].nlargest(1, "gap").to_dict("records")
        behind = rows[rows["way"] == "lower"].nsmallest(1, "gap").to_dict("records")
        if not (ahead and behind):
            continue
        named = {"ahead": ahead[0], "behind": behind[0]}
        values = {key: lowered(plain(str(row[f"measured_{labels.lang}"])), labels) for key, row in named.items()}
        for key, row in named.items():
            values[f"{key}_value"] = amount(row["value"], str(unit), labels)
            values[f"{key}_published"] = amount(row["benchmark"], str(unit), labels)
        yield Candidate(
            theme="benchmarks",
            sentence=capital(labels.text("front.benchmarks", **values)),
            basis=labels.text(
                "front.benchmarks_basis",
                ahead=formats.interval(ahead[0]["ci_low"], ahead[0]["ci_high"], labels.lang),
                behind=formats.interval(behind[0]["ci_low"], behind[0]["ci_high"], labels.lang),
                n=formats.count(ahead[0]["n"]),
            ),
            section="sec-against-guide",
            about=(str(ahead[0]["key"]), str(behind[0]["key"])),
            size=min(errors(row["gap"], row["ci_low"], row["ci_high"]) for row in named.values()),
            contrast=0.8,
            surprise=0.2,
            use=0.2,
        )
