"""Sentences on relationships: how long they last, who leaves, in what stage the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs, verdict
from analysis.publish.parts.relationships.cells import group_name
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def lifetimes(store: Store, labels: Labels) -> str:
    """Mean and what half outlast, what counting the ended alone would give; then the value tier that stays longest.

    Where more than half outlast the register, the mean within it comes first: the other is a model's alone.
    """
    frame = store.table("relationship_lifetimes")
    whole = _whole(frame)
    if whole is None or formats.is_missing(whole["mean"]):
        return ""
    told = {
        "mean": formats.number(whole["mean"]),
        "ci": formats.interval(whole["mean_low"], whole["mean_high"], labels.lang),
        "n": formats.count(whole["n"]),
    }
    if formats.is_missing(whole["median"]):
        told |= {"mean_ci": told["ci"], "restricted": formats.number(whole["restricted"])}
        told["ci"] = formats.interval(whole["restricted_low"], whole["restricted_high"], labels.lang)
        horizon = store.record("13_relationships", "relationships")["horizon"]
        told["horizon"] = formats.number(horizon, 0 if horizon >= 1 else 1)
        sentences = [labels.text("findings.relationships.within", **told)]
    else:
        sentences = [labels.text("findings.relationships.lifetime", **told)]
        sentences.append(labels.text("findings.relationships.half", median=formats.number(whole["median"])))
    if not formats.is_missing(whole["ended_mean"]):
        ended = formats.number(whole["ended_mean"])
        sentences.append(labels.text("findings.relationships.ended", ended=ended))
    return formats.joined([*sentences, _longest_tier(frame, labels)], labels.lang)


def _longest_tier(frame: pd.DataFrame, labels: Labels) -> str:
    """The tier whose mean lies highest, where it differs from the tier with the lowest."""
    tiers = frame[frame["question"] == "value_tier"].dropna(subset=["mean", "mean_low", "mean_high"])
    ordered = tiers.sort_values("mean", ascending=False, kind="stable")
    if len(ordered) < 2:
        return ""
    first, last = ordered.iloc[0], ordered.iloc[-1]
    ends = [Estimate(str(row["category"]), row["mean"], row["mean_low"], row["mean_high"]) for row in (first, last)]
    if not differ(*ends, confidence=labels.edition.service.confidence):
        return ""
    return labels.text(
        "findings.relationships.tier",
        tier=group_name("value_tier", str(first["category"]), labels),
        mean=formats.number(first["mean"]),
        ci=formats.interval(first["mean_low"], first["mean_high"], labels.lang),
        other=lowered(group_name("value_tier", str(last["category"]), labels), labels),
        other_mean=formats.number(last["mean"]),
    )


def churn(store: Store, labels: Labels) -> str:
    """How many left within the year, and which groups left more or less often than the others."""
    frame = store.table("relationship_churn")
    whole = _whole(frame)
    if whole is None or formats.is_missing(whole["lost"]):
        return ""
    sentences = [labels.text("findings.relationships.churn", **_left(whole, labels), n=formats.count(whole["n"]))]
    level = labels.edition.service.confidence
    told = frame.dropna(subset=["lost", "p_adjusted"])
    clear = [row for row in told.to_dict("records") if differs(row["p_adjusted"], confidence=level)]
    for row in sorted(clear, key=lambda row: -row["lost"]):
        way = verdict(row["difference"], row["p_adjusted"], confidence=level)
        sentences.append(
            labels.text(
                f"findings.relationships.churn_{way}",
                group=group_name(str(row["question"]), str(row["category"]), labels),
                lost=formats.percent(row["lost"]),
                others=formats.percent(row["others"]),
            )
        )
    if not clear:
        sentences.append(labels.text("findings.relationships.churn_alike"))
    return formats.joined(sentences, labels.lang)


def churn_in_brief(store: Store, labels: Labels) -> str:
    """How many left, and of whom most."""
    frame = store.table("relationship_churn")
    whole = _whole(frame)
    if whole is None or formats.is_missing(whole["lost"]):
        return ""
    return labels.text("findings.relationships.churn_brief", **_left(whole, labels))


def stages(store: Store, labels: Labels) -> str:
    """New against lost: whether the register grows."""
    frame = store.table("relationship_stages").set_index("stage")["n"]
    way = store.record("13_relationships", "relationships")["balance"]
    counts = {stage: formats.count(frame.get(stage, 0)) for stage in ("new", "lost")}
    return labels.text(f"findings.relationships.{way}", **counts)


def stage_index(store: Store, labels: Labels) -> str:
    """The index of each stage, and which stages rate their institution clearly otherwise than the established do."""
    frame = store.table("relationship_stages").dropna(subset=["csi", "ci_low", "ci_high"])
    if len(frame) < 2:
        return ""
    level = labels.edition.service.confidence
    told = []
    for row in frame.sort_values("csi", ascending=False, kind="stable").to_dict("records"):
        way = verdict(row["difference"], row["p_adjusted"], confidence=level)
        told.append(
            labels.text(
                f"findings.stage_index.{way}",
                stage=lowered(labels.known("lifecycle", str(row["stage"])), labels),
                csi=formats.number(row["csi"]),
                ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
            )
        )
    joined = "，".join(told) if labels.lang == "zh" else formats.listed(told, labels.lang)
    return labels.text("findings.stage_index.whole", stages=joined)


def _whole(frame: pd.DataFrame) -> pd.Series[Any] | None:
    rows = frame[frame["question"].isna() | (frame["question"] == "")]
    return rows.iloc[0] if len(rows) else None


def _left(row: pd.Series[Any], labels: Labels) -> dict[str, str]:
    return {
        "lost": formats.percent(row["lost"]),
        "ci": formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
    }
