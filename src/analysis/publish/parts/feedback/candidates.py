"""What texts offer for the front page: the theme that goes with the lowest scores, and what complaints are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from analysis.publish.comparison import verdict
from analysis.publish.part import Candidate
from analysis.publish.parts.feedback.cells import theme
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.publish.words.spoken import based, capital, errors

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def candidates(store: Store, labels: Labels) -> Iterable[Candidate]:
    """What people who write are dissatisfied with, then what tickets are about."""
    yield from written(store, labels)
    yield from tickets(store, labels)


def written(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The theme whose writers score clearly lower than the others, by most."""
    if not store.has_table("comment_themes"):
        return
    frame = store.table("comment_themes").dropna(subset=["difference", "p_adjusted", "negative"])
    level = labels.edition.service.confidence
    rows = [
        row
        for row in frame.to_dict("records")
        if verdict(row["difference"], row["p_adjusted"], confidence=level) == "lower"
    ]
    for row in sorted(rows, key=lambda row: row["difference"])[:1]:
        low, high = sorted(abs(row[name]) for name in ("difference_low", "difference_high"))
        yield Candidate(
            theme="comments",
            sentence=labels.text(
                "front.written",
                theme=lowered(theme(str(row["category"]), labels), labels),
                points=formats.number(abs(row["difference"]), 0),
                negative=formats.percent(row["negative"], 0),
            ),
            basis=labels.text(
                "front.written_basis",
                interval=formats.interval(low, high, labels.lang),
                negative=formats.percent_interval(row["negative_low"], row["negative_high"], labels.lang),
                n=formats.count(row["mentions"]),
            ),
            section="sec-texts",
            about=(str(row["category"]), str(row["construct"] or "")),
            size=errors(row["difference"], row["difference_low"], row["difference_high"]),
            contrast=0.4,
            surprise=0.3,
            use=0.5,
        )


def tickets(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The theme of most tickets."""
    if not store.has_table("ticket_themes"):
        return
    frame = store.table("ticket_themes").dropna(subset=["share", "ci_low", "ci_high"])
    frame = frame.sort_values("share", ascending=False, kind="stable")
    if len(frame) < 2:
        return
    first, second = frame.to_dict("records")[:2]
    yield Candidate(
        theme="tickets",
        sentence=capital(
            labels.text(
                "front.tickets",
                theme=lowered(theme(str(first["category"]), labels), labels),
                share=formats.percent(first["share"], 0),
            )
        ),
        basis=based(first["ci_low"], first["ci_high"], first["n"], labels, share=True),
        section="sec-channels",
        about=(str(first["category"]),),
        size=errors(first["share"] - second["share"], first["ci_low"], first["ci_high"]),
        use=0.4,
    )
