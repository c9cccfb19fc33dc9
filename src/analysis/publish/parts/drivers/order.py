"""Sentences on where to begin: dimensions and suggestions by importance × gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.publish.parts.drivers.findings import SURE, in_hundred
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered, question_inside

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

CLOSE = 0.05
"""Probability of being first from which a dimension is named beside the first."""


def priorities(store: Store, labels: Labels) -> str:
    """Where to begin, what it would bring, how sure that is, and where each group should begin."""
    rows = store.table("priorities").dropna(subset=["priority"]).sort_values("rank", kind="stable")
    if rows.empty:
        return labels.text("findings.withheld")
    first, *others = rows.to_dict("records")
    if not first["priority_low"] > 0:
        return labels.text("findings.priorities.none")
    sentences = [_first(first, labels), _times(first, others, labels)]
    near = [row for row in others if row["first"] >= CLOSE] or others[:1]
    if first["first"] < SURE and near:
        names = formats.listed([construct_inside(str(row["construct"]), labels) for row in near], labels.lang)
        sentences.append(labels.text("findings.priorities.next", name=names))
    if store.has_table("group_priorities"):
        sentences.append(_by_group(store.table("group_priorities"), labels))
    return formats.joined(sentences, labels.lang)


def priorities_in_brief(store: Store, labels: Labels) -> str:
    """The same for the summary, which says nothing where no order can be given."""
    rows = store.table("priorities").dropna(subset=["priority"])
    told = not rows.empty and rows.sort_values("rank", kind="stable")["priority_low"].iloc[0] > 0
    return priorities(store, labels) if told else ""


def _first(row: Mapping[Any, Any], labels: Labels) -> str:
    group = row["target_category"]
    key = "first_share" if row["basis"] != "model" else "first_full" if formats.is_missing(group) else "first"
    best = "" if formats.is_missing(group) else labels.group(str(row["target_segment"]), str(group))
    return labels.text(
        f"findings.priorities.{key}",
        name=construct_inside(str(row["construct"]), labels),
        outcome=construct_inside(str(row["outcome"]), labels),
        best=best,
        target=formats.number(row["target"]),
        gap=formats.number(row["gap"]),
        gain=formats.gained(row["priority"]),
        ci=formats.gained_interval(row["priority"], row["priority_low"], row["priority_high"], labels.lang),
        index=formats.gained(row["index_gain"]),
        index_ci=formats.gained_interval(row["index_gain"], row["index_low"], row["index_high"], labels.lang),
    )


def _times(first: Mapping[Any, Any], others: Sequence[Mapping[Any, Any]], labels: Labels) -> str:
    """How sure the first place is; one alone has no rank."""
    return labels.text("findings.priorities.times", times=in_hundred(first["first"])) if others else ""


def _by_group(frame: pd.DataFrame, labels: Labels) -> str:
    """The first dimension of every group of which it is clear that it lies below its target."""
    known = frame[frame["rank"] == 1].dropna(subset=["priority"])
    leading, others = (known[(known["priority_low"] > 0) == clear] for clear in (True, False))
    named: dict[str, list[str]] = {}
    for row in leading.to_dict("records"):
        group = labels.group(str(row["segment"]), str(row["category"]))
        named.setdefault(str(row["construct"]), []).append(group)
    if not named:
        return ""
    parts = [
        labels.text(
            "findings.priorities.group",
            name=construct_inside(key, labels),
            groups=formats.listed(groups, labels.lang),
        )
        for key, groups in named.items()
    ]
    segment = question_inside(str(leading["segment"].iloc[0]), labels)
    together = formats.semicolons(parts, labels.lang) if labels.lang == "zh" else formats.listed(parts, labels.lang)
    sentences = [labels.text("findings.priorities.groups", segment=segment, list=together)]
    if len(others):
        names = [labels.group(str(row["segment"]), str(row["category"])) for row in others.to_dict("records")]
        sentences.append(labels.text("findings.priorities.others", groups=formats.listed(names, labels.lang)))
    return formats.joined(sentences, labels.lang)


def suggestions(store: Store, labels: Labels) -> str:
    """The suggestions in the order of what reaching their benchmark would bring; those reached already apart."""
    rows = store.table("suggestions").dropna(subset=["gain"]).sort_values("rank", kind="stable").to_dict("records")
    open_ones, reached = ([row for row in rows if (row["gap"] > 0) is short] for short in (True, False))
    if not rows:
        return labels.text("findings.unranked")
    sentences = []
    if open_ones:
        first, *others = open_ones
        values = {"name": _measured(first, labels), "outcome": construct_inside(str(first["outcome"]), labels)}
        values |= {"gap": formats.number(first["gap"]), **_gain(first, labels)}
        sentences += [labels.text("findings.suggestions.first", **values), _times(first, rows[1:], labels)]
        entries = [
            labels.text("findings.suggestions.entry", name=_measured(row, labels), **_gain(row, labels))
            for row in others
        ]
        if entries:
            listed = formats.listed(entries, labels.lang)
            sentences.append(labels.text("findings.suggestions.then", list=listed))
    for key, found in (("reached", reached), ("stand_in", [row for row in rows if not row["asked"]])):
        if found:
            names = formats.listed([_measured(row, labels) for row in found], labels.lang)
            sentences.append(labels.text(f"findings.suggestions.{key}", names=names))
    return formats.joined(sentences, labels.lang)


def _gain(row: Mapping[Any, Any], labels: Labels) -> dict[str, str]:
    """What reaching the benchmark would bring, with its interval."""
    ci = formats.gained_interval(row["gain"], row["gain_low"], row["gain_high"], labels.lang)
    return {"gain": formats.gained(row["gain"]), "ci": ci}


def _measured(row: Mapping[Any, Any], labels: Labels) -> str:
    return lowered(str(row[f"measured_{labels.lang}"]), labels)
