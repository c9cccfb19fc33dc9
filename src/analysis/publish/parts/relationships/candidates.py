"""What relationships offer for the front page: how much of the revenue leaves with those who leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict_of_interval
from analysis.publish.part import Candidate
from analysis.publish.words import formats
from analysis.publish.words.spoken import errors, spoken

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def candidates(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The share that leaves beside the share of revenue that leaves with them."""
    if not store.has_table("relationship_churn"):
        return
    frame = store.table("relationship_churn").dropna(subset=["lost", "revenue_lost"])
    for row in frame[frame["question"] == ""].head(1).to_dict("records"):
        way = verdict_of_interval(row["revenue_low"], row["revenue_high"], reference=row["lost"])
        lost, revenue = spoken([row["lost"], row["revenue_lost"]], share=True)
        yield Candidate(
            theme="churn",
            sentence=labels.text(f"front.churn.{way}", lost=lost, revenue=revenue),
            basis=labels.text(
                "front.churn_basis",
                lost=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
                revenue=formats.percent_interval(row["revenue_low"], row["revenue_high"], labels.lang),
                n=formats.count(row["n"]),
            ),
            section="sec-relationships",
            about=("churn",),
            size=errors(row["revenue_lost"] - row["lost"], row["revenue_low"], row["revenue_high"]),
            contrast=0.0 if way == "same" else 0.6,
            surprise=0.0 if way == "same" else 0.5,
            use=0.3,
        )
