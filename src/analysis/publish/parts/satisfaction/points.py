"""Key points on the index, its dimensions and questions, and on what lies beyond it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.publish.comparison import at_the_ends, differences, estimates, unfit
from analysis.publish.parts.satisfaction.item_findings import item_scores, lowest_and_highest, satisfied_shares
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside
from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def level(store: Store, labels: Labels) -> str:
    """The index, and which dimensions stand at its ends."""
    overall = {str(row["measure"]): row for row in store.table("csi_overall").to_dict("records")}["csi"]
    if formats.is_missing(overall["estimate"]):
        return ""
    values = {
        "csi": formats.number(overall["estimate"]),
        "ci": formats.interval(overall["ci_low"], overall["ci_high"], labels.lang),
    }
    barred, confidence = unfit(store), labels.edition.index.confidence
    found = [one for one in estimates(store.table("csi_dimensions"), "construct", "score") if one.name not in barred]
    if len(found) < 2:
        return labels.text("points.level.alone", **values)
    tested = differences(store, "dimensions")
    top, low = at_the_ends(found, lambda one, other: tested.differ(one, other, confidence=confidence))
    if not top:
        return labels.text("points.level.same", **values)
    gap = formats.number(top[0].value - low[-1].value)
    gap_ci = formats.interval(*tested.interval(top[0], low[-1]), labels.lang)
    return labels.text(
        "points.level.ends", gap=gap, gap_ci=gap_ci, top=_names(top, labels), low=_names(low, labels), **values
    )


def lowest_item(store: Store, labels: Labels) -> str:
    """The question that comes last, with the share that is satisfied."""
    found = item_scores(store, labels)
    top, low = lowest_and_highest(found, labels)
    shares = satisfied_shares(store)
    if not low or formats.is_missing(shares[low[-1].name]) or formats.is_missing(shares[top[0].name]):
        return ""
    return labels.text(
        f"points.item.{'one' if len(low) == 1 else 'several'}",
        n=formats.count(len(found)),
        item=labels.item(low[-1].name),
        share=formats.percent(shares[low[-1].name]),
        best=labels.item(top[0].name),
        best_share=formats.percent(shares[top[0].name]),
        others=len(low) - 1,
    )


def outcomes(store: Store, labels: Labels) -> str:
    """Which of satisfaction and its outcomes stands highest and which lowest."""
    frame = store.table("construct_levels")
    whole = frame[frame["category"].isna() & ~frame["construct"].isin(list(unfit(store)))]
    found = estimates(whole, "construct", "score")
    if len(found) < 2:
        return ""
    apart = partial(differ, confidence=labels.edition.index.confidence, pairs=len(found) - 1)
    top, low = at_the_ends(found, apart)
    if not top:
        return ""
    return labels.text("points.outcomes", top=_scored(top, labels), low=_scored(low, labels))


def _names(found: Sequence[Estimate], labels: Labels) -> str:
    return formats.listed([construct_inside(one.name, labels) for one in found], labels.lang)


def _scored(found: Sequence[Estimate], labels: Labels) -> str:
    parts = [
        labels.text("points.scored", name=construct_inside(one.name, labels), score=formats.number(one.value))
        for one in found
    ]
    return formats.listed(parts, labels.lang)
