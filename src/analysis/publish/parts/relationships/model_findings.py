"""Sentences on the journey, on what makes customers leave, and on loyalty by value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.publish.comparison import at_the_ends, differs, estimates, verdict
from analysis.publish.parts.relationships.cells import group_name, stage_name, trait_name
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def journey(store: Store, labels: Labels) -> str:
    """The highest and the lowest stage, the biggest fall, and where the treated and the others differ."""
    frame = store.table("journey").dropna(subset=["score", "ci_low", "ci_high"]).reset_index(drop=True)
    if len(frame) < 2:
        return ""
    level = labels.edition.index.confidence
    found = estimates(frame, "stage", "score")
    top, bottom = at_the_ends(found, partial(differ, confidence=level, pairs=len(found) - 1))
    sentences = [
        labels.text("findings.journey.level", low=formats.number(found[-1].value), high=formats.number(found[0].value))
    ]
    if top:
        ends = {"low": _stages(bottom, labels), "high": _stages(top, labels)}
        sentences = [labels.text("findings.journey.ends", **ends)]
    steps = frame.dropna(subset=["step", "p_adjusted"])
    ways = [verdict(row["step"], row["p_adjusted"], confidence=level) for row in steps.to_dict("records")]
    falls = steps.loc[[way == "lower" for way in ways]]
    if len(falls):
        place = int(falls.index.to_numpy()[falls["step"].to_numpy().argmin()])
        before, after = frame.iloc[place - 1], frame.iloc[place]
        sentences.append(
            labels.text(
                "findings.journey.fall",
                before=lowered(stage_name(str(before["stage"]), labels), labels),
                after=lowered(stage_name(str(after["stage"]), labels), labels),
                fall=formats.number(abs(after["step"])),
                ci=formats.interval(-after["step_high"], -after["step_low"], labels.lang),
            )
        )
    sentences += _modes(store, labels, level)
    return formats.joined(sentences, labels.lang)


def _stages(found: Sequence[Estimate], labels: Labels) -> str:
    """Stages with their score and interval, as a list inside a sentence."""
    named = [
        labels.text(
            "findings.journey.scored",
            stage=lowered(stage_name(one.name, labels), labels),
            score=formats.number(one.value),
            ci=formats.interval(one.low, one.high, labels.lang),
        )
        for one in found
    ]
    return formats.listed(named, labels.lang)


def _modes(store: Store, labels: Labels, level: float) -> list[str]:
    if not store.has_table("journey_modes"):
        return []
    frame = store.table("journey_modes").dropna(subset=["difference", "p_adjusted"])
    told = [
        labels.text(
            f"findings.journey.{verdict(row['difference'], row['p_adjusted'], confidence=level)}",
            stage=lowered(stage_name(str(row["stage"]), labels), labels),
            gap=formats.number(abs(row["difference"])),
        )
        for row in frame.to_dict("records")
        if differs(row["p_adjusted"], confidence=level)
    ]
    if told or not len(frame):
        return told
    return [labels.text("findings.journey.alike")]


def hazards(store: Store, labels: Labels) -> str:
    """Who leaves sooner and later, other things equal, and how well the model foretells."""
    frame = store.table("churn_hazards").dropna(subset=["ratio", "p_adjusted"]).fillna({"category": ""})
    level = labels.edition.service.confidence
    clear = [row for row in frame.to_dict("records") if differs(row["p_adjusted"], confidence=level)]
    least = {row["question"]: row["ratio"] for row in sorted(clear, key=lambda row: row["ratio"], reverse=True)}
    sentences: list[str] = []
    before = ""
    for row in sorted(clear, key=lambda row: (least[row["question"]], row["question"], row["ratio"])):
        way = verdict(row["ratio"] - 1, row["p_adjusted"], confidence=level)
        kind = ("again_" if before == row["question"] else "") if row["category"] else "number_"
        before = str(row["question"])
        sentences.append(
            labels.text(
                f"findings.hazards.{kind}{way}",
                group=_group(str(row["question"]), str(row["category"]), labels),
                reference=lowered(group_name(str(row["question"]), str(row["reference"]), labels), labels),
                change=formats.percent(abs(row["ratio"] - 1), 0),
                ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang, decimals=2),
                ratio=formats.number(row["ratio"], 2),
            )
        )
    if not clear:
        sentences.append(labels.text("findings.hazards.alike"))
    quality = store.table("churn_quality").iloc[0]
    if not formats.is_missing(quality["concordance"]):
        told = {name: formats.count(quality[name]) for name in ("n_year", "expected", "observed")}
        right = formats.percent(quality["concordance"], 0)
        sentences.append(labels.text("findings.hazards.quality", right=right, **told))
    return formats.joined(sentences, labels.lang)


def _group(question: str, category: str, labels: Labels) -> str:
    """As it stands in the middle of a sentence, or a number at its beginning."""
    name = trait_name(question, category, labels)
    return lowered(name, labels) if category else name


def revenue(store: Store, labels: Labels) -> str:
    """The share of the revenue that is expected to go within a year."""
    frame = store.table("revenue_at_risk").dropna(subset=["revenue", "revenue_low", "revenue_high"])
    whole = frame[frame["question"] == ""]
    if not len(whole):
        return ""
    row = whole.iloc[0]
    sentences = [
        labels.text(
            "findings.revenue.whole",
            n=formats.count(row["n"]),
            expected=formats.percent(row["expected"]),
            expected_ci=formats.percent_interval(row["expected_low"], row["expected_high"], labels.lang),
            revenue=formats.percent(row["revenue"]),
            ci=formats.percent_interval(row["revenue_low"], row["revenue_high"], labels.lang),
        )
    ]
    tiers = frame[frame["question"] == "value_tier"].dropna(subset=["of_revenue", "of_revenue_low"])
    if len(tiers) > 1:
        top = tiers.sort_values("of_revenue", kind="stable").iloc[-1]
        tier = lowered(group_name("value_tier", str(top["category"]), labels), labels)
        ci = formats.percent_interval(top["of_revenue_low"], top["of_revenue_high"], labels.lang)
        share = formats.percent(top["of_revenue"])
        sentences.append(labels.text("findings.revenue.tier", tier=tier, share=share, ci=ci))
    return formats.joined(sentences, labels.lang)


def levels(store: Store, labels: Labels) -> str:
    """The highly loyal beside what the guide says."""
    frame = store.table("loyalty_levels").dropna(subset=["share", "ci_low", "ci_high"])
    rows = frame[frame["level"] == "highly"].to_dict("records")
    if not rows:
        return ""
    row = rows[0]
    told = {
        "share": formats.percent(row["share"]),
        "ci": formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        "n": formats.count(row["n"]),
        "from_score": formats.number(labels.edition.relationships.highly_loyal, 0),
    }
    sentences = [labels.text("findings.loyalty.highly", **told)]
    if not formats.is_missing(row["benchmark"]):
        level = labels.edition.index.confidence
        way = verdict(row["share"] - row["benchmark"], row["p"], confidence=level)
        quoted = {"benchmark": formats.percent(row["benchmark"]), "year": str(row["year"])}
        sentences.append(labels.text(f"findings.loyalty.guide_{way}", **quoted))
    return formats.joined(sentences, labels.lang)


def value(store: Store, labels: Labels) -> str:
    """The most valuable customers: how many are highly loyal, and how many are not loyal."""
    frame = store.table("value_loyalty").dropna(subset=["share", "ci_low", "ci_high"])
    top = frame[(frame["question"] == "value_tier") & (frame["category"] == labels.edition.relationships.top_tier)]
    rows = {str(row["level"]): row for row in top.to_dict("records")}
    if not {"highly", "other"} <= set(rows):
        return "" if len(frame[frame["question"] == "value_tier"]) else labels.text("findings.value.unjoined")
    told = {
        f"{name}{part}": text
        for name, row in (("highly", rows["highly"]), ("other", rows["other"]))
        for part, text in (
            ("", formats.percent(row["share"])),
            ("_ci", formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang)),
        )
    }
    tier = lowered(group_name("value_tier", labels.edition.relationships.top_tier, labels), labels)
    return labels.text("findings.value.top", tier=tier, n=formats.count(rows["highly"]["n"]), **told)
