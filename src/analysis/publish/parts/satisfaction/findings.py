"""Sentences on the index, its dimensions and segments, the levels of the other constructs, and associations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import (
    at_the_ends,
    differences,
    differs,
    estimates,
    interval,
    narrow_enough,
    unfit,
    verdict,
)
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside
from analysis.survey.estimation.overlap import Estimate

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def overall(store: Store, labels: Labels) -> str:
    """Index and share of satisfied customers with their intervals."""
    rows = {row["measure"]: row for row in store.table("csi_overall").to_dict("records")}
    csi, csat = rows["csi"], rows["csat"]
    if formats.is_missing(csi["estimate"]):
        return labels.text("findings.withheld")
    told = {
        "csi": formats.number(csi["estimate"]),
        "csi_ci": formats.interval(csi["ci_low"], csi["ci_high"], labels.lang),
        "level": formats.level(labels.edition.index.confidence),
    }
    if formats.is_missing(csat["estimate"]):
        return labels.text("findings.overall.index", **told)
    share = formats.percent_interval(csat["ci_low"], csat["ci_high"], labels.lang)
    return labels.text("findings.overall.both", csat=formats.percent(csat["estimate"]), csat_ci=share, **told)


def weights(store: Store, labels: Labels) -> str:
    """Where the weights of the dimensions come from, the largest and the smallest of them, and what intervals hold."""
    index, outcome = labels.edition.index, labels.edition.instrument.satisfaction
    if not index.estimated or outcome is None:
        return labels.text(f"findings.weights.{'given' if index.weights else 'equal'}")
    name = construct_inside(outcome.key, labels)
    sentences = [labels.text(f"findings.weights.{index.weights}", outcome=name)]
    known = estimates(store.table("index_weights"), "construct", "weight") if store.has_table("index_weights") else []
    if len(known) > 1:
        ends = {
            key: f"{construct_inside(one.name, labels)}{'（' if labels.lang == 'zh' else ' ('}"
            f"{formats.percent(one.value)}{'，' if labels.lang == 'zh' else ', '}"
            f"{formats.percent_interval(one.low, one.high, labels.lang)}{'）' if labels.lang == 'zh' else ')'}"
            for key, one in (("largest", known[0]), ("smallest", known[-1]))
        }
        sentences.append(labels.text("findings.weights.range", **ends))
    against = store.record("05_satisfaction", "satisfaction")["against"]
    if against:
        names = formats.listed([construct_inside(key, labels) for key in against], labels.lang)
        sentences.append(labels.text("findings.weights.against", names=names, outcome=name))
    return formats.joined([*sentences, labels.text("findings.weights.carried")], labels.lang)


def dimensions_in_brief(store: Store, labels: Labels) -> str:
    """The same without the rule of comparison."""
    return dimensions(store, labels, detail=False)


def dimensions(store: Store, labels: Labels, *, detail: bool = True) -> str:
    """Strongest and weakest dimensions, and the gap between them; with `detail` how they were compared."""
    everything, barred = estimates(store.table("csi_dimensions"), "construct", "score"), unfit(store)
    found = [estimate for estimate in everything if estimate.name not in barred]
    if not found:
        return labels.text("findings.unfit" if everything else "findings.withheld")
    best, worst = found[0], found[-1]
    if len(found) == 1:
        values = {
            "name": labels.construct(best.name),
            "score": formats.number(best.value),
            "ci": interval(best, labels),
        }
        rated = len(labels.edition.instrument.dimensions)
        return labels.text(f"findings.dimensions.{'only' if rated == 1 else 'single'}", **values)
    confidence, tested = labels.edition.index.confidence, differences(store, "dimensions")
    top, low = at_the_ends(found, lambda one, other: tested.differ(one, other, confidence=confidence))
    if not top:
        ends = {"high": formats.number(best.value), "low": formats.number(worst.value)}
        return labels.text("findings.dimensions.same", **ends)
    named = {key: _scored(part, labels) for key, part in (("strongest", top), ("weakest", low))}
    named["strongest"] = named["strongest"][0].upper() + named["strongest"][1:]
    gap_ci = formats.interval(*tested.interval(best, worst), labels.lang)
    gap = formats.number(best.value - worst.value)
    sentences = [
        labels.text(f"findings.dimensions.range_{'one' if len(top) == 1 else 'many'}", **named),
        labels.text("findings.dimensions.differs", gap=gap, gap_ci=gap_ci),
    ]
    if detail:
        sentences.append(labels.text("findings.dimensions.rule"))
    return formats.joined(sentences, labels.lang)


def _scored(found: Sequence[Estimate], labels: Labels) -> str:
    """Dimensions with score and interval, as a list inside a sentence."""
    named = [
        labels.text(
            "findings.dimensions.scored",
            name=construct_inside(one.name, labels),
            score=formats.number(one.value),
            ci=interval(one, labels),
        )
        for one in found
    ]
    return formats.listed(named, labels.lang)


def segments(store: Store, labels: Labels) -> str:
    """For every segment the highest and the lowest category, and whether they differ."""
    frame, sentences = store.table("csi_segments"), []
    for segment, rows in frame.groupby("segment", sort=False):
        found = narrow_enough(estimates(rows, "category", "csi"), labels.edition)
        sentences.append(_segment(str(segment), found, store, labels))
        withheld = int(rows["csi"].isna().sum())
        if withheld and found:
            key = "withheld_one" if withheld == 1 else "withheld"
            sentences.append(
                labels.text(f"findings.segments.{key}", segment=question_inside(str(segment), labels), n=withheld)
            )
    return formats.joined(sentences, labels.lang)


def _segment(segment: str, found: Sequence[Estimate], store: Store, labels: Labels) -> str:
    name = question_inside(segment, labels)
    if not found:
        return labels.text("findings.segments.none", segment=name)
    high, low = found[0], found[-1]
    if len(found) == 1:
        category = labels.group(segment, high.name)
        values = {"csi": formats.number(high.value), "ci": interval(high, labels)}
        return labels.text("findings.segments.single", segment=name, category=category, **values)
    tested, level = differences(store, "csi", segment), labels.edition.index.confidence
    top, bottom = at_the_ends(found, lambda one, other: tested.differ(one, other, confidence=level))
    if not top:
        ends = {"high": formats.number(high.value), "low": formats.number(low.value)}
        return labels.text("findings.segments.same", segment=name, **ends)
    named = {key: _groups(part, segment, labels) for key, part in (("high", top), ("low", bottom))}
    return labels.text("findings.segments.differs", segment=name, gap=formats.number(high.value - low.value), **named)


def _groups(found: Sequence[Estimate], segment: str, labels: Labels) -> str:
    """Groups with their score and interval, as a list inside a sentence."""
    named = [
        labels.text(
            "findings.segments.scored",
            group=labels.group(segment, one.name),
            score=formats.number(one.value),
            ci=interval(one, labels),
        )
        for one in found
    ]
    return formats.listed(named, labels.lang)


def outside(store: Store, labels: Labels) -> str:
    """The index of those who are no customers, against the customers'."""
    frame = store.table("csi_outside").dropna(subset=["csi", "p_adjusted"])
    sentences = []
    for row in frame.to_dict("records"):
        level = Estimate(str(row["category"]), row["csi"], row["ci_low"], row["ci_high"])
        group = labels.group(str(row["segment"]), level.name)
        name = group[0].upper() + group[1:]
        if not narrow_enough([level], labels.edition):
            sentences.append(labels.text("findings.outside.wide", name=name))
            continue
        key = verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.index.confidence)
        sentences.append(
            labels.text(
                f"findings.outside.{key}",
                name=name,
                csi=formats.number(level.value),
                ci=interval(level, labels),
                gap=formats.number(abs(row["difference"])),
                gap_ci=formats.interval(*_magnitude(row), labels.lang),
            )
        )
    return formats.joined(sentences, labels.lang)


def _magnitude(row: Mapping[Any, Any]) -> tuple[float, float]:
    """Interval of a difference, seen from its larger side."""
    low, high = float(row["difference_low"]), float(row["difference_high"])
    return (low, high) if row["difference"] > 0 else (-high, -low)


def levels(store: Store, labels: Labels, *, detail: bool = True) -> str:
    """Levels of satisfaction, emotional value and loyalty; with `detail` their differences by the first segment."""
    frame = store.table("construct_levels")
    if frame["score"].notna().any() and set(frame["construct"]) <= unfit(store):
        return labels.text("findings.unfit")
    frame = frame[~frame["construct"].isin(list(unfit(store)))]
    whole = estimates(frame[frame["category"].isna()], "construct", "score")
    parts = [
        labels.text(
            "findings.levels.level",
            name=construct_inside(level.name, labels),
            score=formats.number(level.value),
            ci=interval(level, labels),
        )
        for level in whole
    ]
    if not parts:
        return labels.text("findings.withheld")
    text = "，".join(parts) if labels.lang == "zh" else formats.listed(parts, labels.lang)
    sentences = [labels.text("findings.levels.lead", levels=text)]
    gaps = []
    for construct, rows in frame[frame["category"].notna() & detail].groupby("construct", sort=False):
        found = narrow_enough(estimates(rows, "category", "score"), labels.edition)
        if len(found) > 1:
            gaps.append((str(construct), *_ends(str(construct), str(rows["segment"].iloc[0]), found, store, labels)))
    if gaps:
        sentences.append(_by_group(gaps, str(frame["segment"].dropna().iloc[0]), labels))
    return formats.joined(sentences, labels.lang)


def _by_group(gaps: Sequence[tuple[str, list[str], list[str]]], segment: str, labels: Labels) -> str:
    """Groups that stand at the top and at the bottom on everything; without any, the ends of each construct."""
    name = question_inside(segment, labels)
    high, low = ([code for code in gaps[0][side] if all(code in one[side] for one in gaps)] for side in (1, 2))
    if len(gaps) > 1 and (high or low):
        key = "both" if high and low else "high" if high else "low"
        ends = {"high": _named(high, segment, labels), "low": _named(low, segment, labels)}
        return labels.text(f"findings.levels.throughout_{key}", segment=name, **ends)
    first, *others = (_level_gap(*one, segment, labels) for one in gaps)
    told = [labels.text("findings.levels.by", segment=name, gap=first), *(gap[0].upper() + gap[1:] for gap in others)]
    return formats.joined(told, labels.lang)


def levels_in_brief(store: Store, labels: Labels) -> str:
    """The levels alone."""
    return levels(store, labels, detail=False)


def associations(store: Store, labels: Labels) -> str:
    """On which background characteristics being satisfied depends, the strongest first."""
    frame = store.table("associations").dropna(subset=["p_adjusted"])
    if frame.empty:
        return labels.text("findings.associations.untested")
    ordered = frame.sort_values("cramers_v", ascending=False, kind="stable")
    confidence = labels.edition.index.confidence
    found = ordered.loc[[differs(p, confidence=confidence) for p in ordered["p_adjusted"]]]
    others = ordered.drop(found.index)
    names = [[question_inside(str(key), labels) for key in part["segment"]] for part in (found, others)]
    if found.empty:
        return labels.text("findings.associations.none", names=formats.listed(names[1], labels.lang))
    values = {"names": formats.listed(names[0], labels.lang), "first": names[0][0]}
    key = "one" if len(found) == 1 else "some"
    sentences = [labels.text(f"findings.associations.{key}", v=formats.number(found["cramers_v"].iloc[0], 3), **values)]
    if names[1]:
        sentences.append(labels.text("findings.associations.others", names=formats.listed(names[1], labels.lang)))
    return formats.joined(sentences, labels.lang)


def _ends(
    construct: str, segment: str, found: Sequence[Estimate], store: Store, labels: Labels
) -> tuple[list[str], list[str]]:
    """Groups at the top and at the bottom of a construct."""
    tested, level = differences(store, construct, segment), labels.edition.index.confidence
    top, bottom = at_the_ends(found, lambda one, other: tested.differ(one, other, confidence=level))
    return [one.name for one in top], [one.name for one in bottom]


def _level_gap(construct: str, high: list[str], low: list[str], segment: str, labels: Labels) -> str:
    name = construct_inside(construct, labels)
    if not high:
        return labels.text("findings.levels.same", name=name)
    ends = {"high": _named(high, segment, labels), "low": _named(low, segment, labels)}
    return labels.text("findings.levels.differs", name=name, **ends)


def _named(codes: Sequence[str], segment: str, labels: Labels) -> str:
    return formats.listed([labels.group(segment, code) for code in codes], labels.lang)
