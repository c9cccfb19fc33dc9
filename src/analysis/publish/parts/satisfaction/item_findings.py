"""Sentences on single questions: which are rated lowest and highest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.publish.comparison import at_the_ends, interval, unfit
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside
from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST_NAMES = 3
"""Questions that a sentence names."""


def items(store: Store, labels: Labels) -> str:
    """The questions rated lowest and highest, with score and satisfied share; how far they lie apart."""
    found = item_scores(store, labels)
    top, low = lowest_and_highest(found, labels)
    if not low:
        return ""
    shares = satisfied_shares(store)
    ends = {"lowest": _told(low[::-1], shares, labels), "highest": _told(top[:1], shares, labels)}
    return labels.text("findings.items.ends", n=formats.count(len(found)), **ends)


def item_scores(store: Store, labels: Labels) -> list[Estimate]:
    """Score from 0 to 100 of every question on a dimension whose score may be quoted, highest first."""
    frame = store.table("csi_items").dropna(subset=["mean", "ci_low", "ci_high"])
    instrument, barred = labels.edition.instrument, unfit(store)
    dimensions = {one.key for one in instrument.dimensions} - barred
    found = []
    for row in frame[frame["construct"].isin(list(dimensions))].to_dict("records"):
        scale = instrument.scale_of(str(row["item"]))
        bounds = (
            (float(row[name]) - scale.min) / (scale.max - scale.min) * 100 for name in ("mean", "ci_low", "ci_high")
        )
        found.append(Estimate(str(row["item"]), *bounds))
    return sorted(found, key=lambda one: -one.value)


def lowest_and_highest(found: Sequence[Estimate], labels: Labels) -> tuple[list[Estimate], list[Estimate]]:
    """Questions at the top and at the bottom, by the one rule of comparison."""
    apart = partial(differ, confidence=labels.edition.index.confidence, pairs=max(len(found) - 1, 1))
    return at_the_ends(found, apart)


def satisfied_shares(store: Store) -> dict[str, float]:
    """Share of satisfied answers by question."""
    frame = store.table("csi_items")
    return dict(zip(frame["item"].astype(str), frame["satisfied_share"].astype(float), strict=True))


def _told(found: Sequence[Estimate], shares: dict[str, float], labels: Labels) -> str:
    """Questions with score, interval and satisfied share, as a list inside a sentence."""
    keys = {item.key: one.key for one in labels.edition.instrument.dimensions for item in one.items}
    named = [
        labels.text(
            "findings.items.one_without_share" if formats.is_missing(shares[one.name]) else "findings.items.one",
            item=labels.item(one.name),
            dimension=construct_inside(keys[one.name], labels),
            score=formats.number(one.value),
            ci=interval(one, labels),
            share=formats.percent(shares[one.name]),
        )
        for one in found[:MOST_NAMES]
    ]
    return formats.listed(named, labels.lang)
