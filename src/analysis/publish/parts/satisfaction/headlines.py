"""Titles of the figures of the index, its dimensions and segments, and of the other constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import differences, estimates, unfit
from analysis.publish.headlines import highest_and_lowest, independent, title
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside
from analysis.survey.estimation.overlap import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def dimensions(store: Store, labels: Labels) -> str:
    """The strongest and the weakest dimensions."""
    barred = unfit(store)
    found = [one for one in estimates(store.table("csi_dimensions"), "construct", "score") if one.name not in barred]
    tested, confidence = differences(store, "dimensions"), labels.edition.index.confidence

    def apart(one: Estimate, other: Estimate) -> bool:
        return tested.differ(one, other, confidence=confidence)

    return highest_and_lowest("dimensions", found, labels, apart=apart, name=lambda key: construct_inside(key, labels))


def segments(store: Store, labels: Labels) -> str:
    """Who is most and who is least satisfied, by the first question whose groups differ."""
    frame = store.table("csi_segments").dropna(subset=["csi"])
    said = [_segment(str(name), rows, store, labels) for name, rows in frame.groupby("segment", sort=False)]
    told = [text for text in said if text]
    same = title("segments.same_all", labels)
    return next((text for text, clear in told if clear), same) if told else ""


def _segment(segment: str, rows: pd.DataFrame, store: Store, labels: Labels) -> tuple[str, bool] | None:
    found = estimates(rows, "category", "csi")
    tested, confidence = differences(store, "csi", segment), labels.edition.index.confidence

    def apart(one: Estimate, other: Estimate) -> bool:
        return tested.differ(one, other, confidence=confidence)

    if len(found) < 2:
        return None
    text = highest_and_lowest(
        "segments",
        found,
        labels,
        apart=apart,
        name=lambda code: labels.group(segment, code),
        segment=question_inside(segment, labels),
    )
    return text, apart(found[0], found[-1])


def segment_dimensions(store: Store, labels: Labels) -> str:
    """A group that leads on one dimension and trails on another; else the dimension on which groups differ most."""
    frame = store.table("segment_dimensions").dropna(subset=["score"])
    if frame["category"].nunique() < 2:
        return ""
    segment, barred = str(frame["segment"].iloc[0]), unfit(store)
    leads: dict[str, tuple[str, Estimate]] = {}
    trails: dict[str, tuple[str, Estimate]] = {}
    widest: tuple[float, str, list[Estimate]] | None = None
    for key, rows in frame.groupby("construct", sort=False):
        found = estimates(rows, "category", "score")
        apart = independent(found, labels.edition.index.confidence)
        if str(key) in barred or len(found) < 2 or not apart(found[0], found[-1]):
            continue
        spread = found[0].value - found[-1].value
        widest = max(widest or (0.0, "", found), (spread, str(key), found), key=lambda one: one[0])
        leads[found[0].name], trails[found[-1].name] = (str(key), found[0]), (str(key), found[-1])
    both = [name for name in leads if name in trails]
    if both:
        (first, high), (last, low) = leads[both[0]], trails[both[0]]
        return title(
            "segment_dimensions.reversal",
            labels,
            group=labels.group(segment, both[0]),
            first=construct_inside(first, labels),
            last=construct_inside(last, labels),
            high=formats.number(high.value),
            low=formats.number(low.value),
        )
    if widest is None:
        return title("segment_dimensions.same", labels)
    _, dimension, found = widest
    named = {"top": labels.group(segment, found[0].name), "bottom": labels.group(segment, found[-1].name)}
    ends = {"high": formats.number(found[0].value), "low": formats.number(found[-1].value)}
    return title("segment_dimensions.widest", labels, dimension=construct_inside(dimension, labels), **named, **ends)


def construct_levels(store: Store, labels: Labels) -> str:
    """On which of these constructs the groups differ."""
    frame, barred = store.table("construct_levels").dropna(subset=["score"]), unfit(store)
    by_group = frame[frame["category"].notna()]
    names: dict[bool, list[str]] = {True: [], False: []}
    for key, rows in by_group.groupby("construct", sort=False):
        found = estimates(rows, "category", "score")
        if len(found) > 1 and str(key) not in barred:
            tested = differences(store, str(key), str(rows["segment"].iloc[0]))
            clear = tested.differ(found[0], found[-1], confidence=labels.edition.index.confidence)
            names[clear].append(construct_inside(str(key), labels))
    if not names[True] and not names[False]:
        return ""
    key = "none" if not names[True] else "all" if not names[False] else "some"
    segment = question_inside(str(by_group["segment"].iloc[0]), labels)
    listed = formats.listed(names[True], labels.lang)
    return title(f"construct_levels.{key}", labels, names=listed, segment=segment)
