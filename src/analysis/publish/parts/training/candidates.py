"""What training offers for the front page: what it brought, and whether those who are served notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict
from analysis.publish.part import Candidate
from analysis.publish.words import formats
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def candidates(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The gain in knowledge beside that in the ratings of those who were served."""
    if not store.has_table("training_effects"):
        return
    frame = store.table("training_effects").dropna(subset=["effect", "p_adjusted"])
    whole = {str(row["measure"]): row for row in frame[frame["category"] == ""].to_dict("records")}
    taught, felt = whole.get("knowledge"), whole.get("satisfaction")
    if taught is None or felt is None:
        return
    level = labels.edition.service.confidence
    ways = [verdict(row["effect"], row["p_adjusted"], confidence=level) for row in (taught, felt)]
    if ways[0] != "higher" or ways[1] == "lower":
        return
    yield Candidate(
        theme="training",
        sentence=capital(
            labels.text(
                f"front.training.{ways[1]}",
                taught=formats.number(taught["effect"]),
                felt=formats.number(felt["effect"]),
            )
        ),
        basis=labels.text(
            "front.training_basis",
            taught=formats.interval(taught["ci_low"], taught["ci_high"], labels.lang),
            felt=formats.interval(felt["ci_low"], felt["ci_high"], labels.lang),
            n=formats.count(taught["n_trained"]),
            others=formats.count(taught["n_untrained"]),
        ),
        section="sec-evaluation",
        about=("training",),
        size=(felt if ways[1] == "higher" else taught)["effect"] / (felt if ways[1] == "higher" else taught)["se"],
        contrast=0.2 if ways[1] == "higher" else 0.9,
        surprise=0.2 if ways[1] == "higher" else 0.8,
        use=0.3,
    )
