"""Sentences on background questions one by one, on what matters and lags in every group, and on who is served how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.drivers.leading import final_outcome
from analysis.publish.comparison import differs, verdict
from analysis.publish.parts.drivers.findings import LIKELY
from analysis.publish.parts.drivers.service_findings import answers_treated
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def adjusted_gaps(store: Store, labels: Labels) -> str:
    """Background questions by which the index differs beyond chance, with their ends, and the others.

    All other background is held constant. Left out: the largest difference, which is told by itself, and the units
    that are compared like with like.
    """
    frame = store.table("background_coefficients").dropna(subset=["estimate", "pvalue"])
    rows = frame[(frame["outcome"] == "csi") & frame["other_term"].isna()]
    level = labels.edition.drivers.confidence
    clear = rows.loc[[differs(p * len(rows), confidence=level) for p in rows["pvalue"]]]  # Bonferroni
    told = set(clear.sort_values("estimate", key=abs, ascending=False)["term"].astype(str).head(1))
    unit = labels.edition.drivers.fair.unit
    if store.has_table("fair_index") and unit:
        told.add(unit)
    levels = store.table("adjusted_index").dropna(subset=["adjusted"])
    levels = levels[levels["outcome"] == "csi"] if "outcome" in levels else levels
    left = [key for key in dict.fromkeys(rows["term"].astype(str)) if key not in told]
    apart = [key for key in left if key in set(clear["term"].astype(str))]
    same = [key for key in left if key not in apart]
    sentences = []
    parts = [_ends(key, levels[levels["question"] == key], labels) for key in apart]
    if parts:
        sentences.append(labels.text("findings.adjusted_gaps.apart", parts=formats.listed(parts, labels.lang)))
    if same:
        names = formats.listed([question_inside(key, labels) for key in same], labels.lang)
        sentences.append(labels.text(f"findings.adjusted_gaps.{'others' if told or parts else 'all'}", names=names))
    return formats.joined(sentences, labels.lang)


def _ends(question: str, levels: pd.DataFrame, labels: Labels) -> str:
    """A question with its lowest and highest answer."""
    ordered = levels.sort_values("adjusted", kind="stable").to_dict("records")
    if len(ordered) < 2:
        return question_inside(question, labels)
    low, high = ordered[0], ordered[-1]
    return labels.text(
        "findings.adjusted_gaps.one",
        question=question_inside(question, labels),
        low=labels.category(question, str(low["category"])),
        low_score=formats.number(low["adjusted"]),
        high=labels.category(question, str(high["category"])),
        high_score=formats.number(high["adjusted"]),
    )


def map_groups(store: Store, labels: Labels) -> str:
    """What matters and lags in every group, where that is likely enough to be said."""
    frame = store.table("importance_performance_groups").dropna(subset=["performance"])
    frame = frame[frame["item"].isna() | (frame["item"] == "")]
    if frame.empty:
        return ""
    target = final_outcome(frame, labels.edition.instrument)
    known = frame[frame["segment"] == frame["segment"].iloc[0]]
    own = known[(known["outcome"] == target) & (known["quadrant"] == "act") & (known["probability"] >= LIKELY)]
    if own.empty:
        return ""
    parts = []
    for construct, rows in own.groupby("construct", sort=False):
        groups = [labels.group(str(row["segment"]), str(row["category"])) for row in rows.to_dict("records")]
        values = {"name": construct_inside(str(construct), labels), "groups": formats.listed(groups, labels.lang)}
        parts.append(labels.text("findings.map_groups.one", **values))
    segment = question_inside(str(own["segment"].iloc[0]), labels)
    names = formats.semicolons(parts, labels.lang)
    return labels.text("findings.map_groups.all", segment=segment, parts=names)


def online_share(store: Store, labels: Labels) -> str:
    """How many gave the answers whose effect is estimated, beside the published share."""
    frame = store.table("service_share").dropna(subset=["share"])
    if frame.empty:
        return ""
    row = frame.to_dict("records")[0]
    told = labels.text(
        "findings.online_share.alone",
        share=formats.percent(row["share"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        n=formats.count(row["n"]),
        answers=answers_treated(store, labels),
    )
    if formats.is_missing(row["benchmark"]):
        return told
    way = verdict(row["share"] - row["benchmark"], row["p"], confidence=labels.edition.drivers.confidence)
    benchmark = formats.percent(row["benchmark"], 0)
    return formats.joined([told, labels.text(f"findings.online_share.{way}", benchmark=benchmark)], labels.lang)
