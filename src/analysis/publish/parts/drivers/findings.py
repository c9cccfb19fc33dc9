"""Sentences on what moves customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.drivers.leading import final_outcome
from analysis.publish.comparison import differs
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LIKELY = 0.8
"""Probability of a quadrant from which a single question is named."""
SURE = 0.95
"""Probability of a rank from which it is told as a fact."""


def importance(store: Store, labels: Labels) -> str:
    """What has most to do with each outcome, its share of what the dimensions explain, and how sure that rank is."""
    frame = store.table("importance").dropna(subset=["share"])
    sentences = [_leader(str(outcome), rows, labels) for outcome, rows in frame.groupby("outcome", sort=False)]
    return formats.joined(sentences, labels.lang)


def _leader(outcome: str, rows: pd.DataFrame, labels: Labels) -> str:
    ordered = rows.sort_values("share", ascending=False, kind="stable").to_dict("records")
    first, second = ordered[0], ordered[min(1, len(ordered) - 1)]
    values = {
        "outcome": construct_inside(outcome, labels),
        "first": construct_inside(str(first["predictor"]), labels),
        "second": construct_inside(str(second["predictor"]), labels),
        "share": formats.percent(first["share"], 0),
        "ci": formats.percent_interval(first["share_low"], first["share_high"], labels.lang, decimals=0),
        "times": in_hundred(first["first"]),
    }
    key = "single" if len(ordered) == 1 else "sure" if first["first"] >= SURE else "unsure"
    return labels.text(f"findings.importance.{key}", **values)


def in_hundred(probability: float) -> str:
    """A probability as times in a hundred; never 0 or 100, which nobody knows."""
    return formats.count(min(max(round(probability * 100), 1), 99))


def quadrants(store: Store, labels: Labels) -> str:
    """Which dimensions matter and are rated low, and which matter and are rated well, with their probability."""
    frame = store.table("importance_performance").dropna(subset=["performance"])
    if frame.empty:
        return labels.text("findings.withheld")
    target = final_outcome(frame, labels.edition.instrument)
    rows = frame[frame["outcome"] == target].sort_values("importance", ascending=False, kind="stable")
    act, keep = (rows[rows["quadrant"] == key] for key in ("act", "keep"))
    key = "none" if act.empty else "act" if len(act) == 1 else "act_several"
    names = [construct_inside(str(act["construct"].iloc[0]), labels)] if len(act) == 1 else _likely(act, labels)
    values = {"outcome": construct_inside(target, labels), "names": formats.listed(names, labels.lang)}
    times = in_hundred(act["probability"].iloc[0]) if len(act) else ""
    sentences = [labels.text(f"findings.map.{key}", times=times, **values)]
    if len(keep):
        names = _likely(keep, labels)
        sentences.append(labels.text("findings.map.keep", names=formats.listed(names, labels.lang)))
    sentences.append(_weak_item(store, target, labels))
    return formats.joined(sentences, labels.lang)


def _weak_item(store: Store, target: str, labels: Labels) -> str:
    """The question that matters most among those that are likely to matter and to be rated low."""
    if not store.has_table("importance_performance_items"):
        return ""
    frame = store.table("importance_performance_items").dropna(subset=["performance"])
    own = frame[(frame["outcome"] == target) & (frame["quadrant"] == "act")]
    rows = own[own["probability"] >= LIKELY]
    if rows.empty:
        return ""
    first = rows.sort_values("importance", ascending=False, kind="stable").to_dict("records")[0]
    values = {"item": labels.item(str(first["item"])), "score": formats.number(first["performance"])}
    return labels.text("findings.map.item", **values)


def _likely(rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Dimensions with how probable their quadrant is."""
    return [
        labels.text(
            "findings.map.likely",
            name=construct_inside(str(row["construct"]), labels),
            times=in_hundred(row["probability"]),
        )
        for row in rows.to_dict("records")
    ]


def background(store: Store, labels: Labels) -> str:
    """The largest difference of the index by one background question, all others held constant."""
    frame = store.table("background_coefficients").dropna(subset=["estimate", "pvalue"])
    rows = frame[(frame["outcome"] == "csi") & frame["other_term"].isna()]
    level = labels.edition.drivers.confidence
    clear = rows.loc[[differs(p * len(rows), confidence=level) for p in rows["pvalue"]]]  # Bonferroni
    if clear.empty:
        return labels.text("findings.background.none")
    largest = clear.sort_values("estimate", key=abs, ascending=False).to_dict("records")[0]
    question, code = str(largest["term"]), str(largest["category"])
    levels = store.table("adjusted_index").dropna(subset=["adjusted"])
    own = levels[levels["question"] == question].set_index("category")["adjusted"]
    compared = set(rows.loc[rows["term"] == question, "category"].astype(str))
    reference = [str(name) for name in own.index if str(name) not in compared]
    if code not in own.index or not reference:
        return ""
    low, high = sorted(abs(float(largest[end])) for end in ("ci_low", "ci_high"))
    return labels.text(
        "findings.background.clear",
        question=question_inside(question, labels),
        category=labels.category(question, code),
        reference=labels.category(question, reference[0]),
        adjusted=formats.number(own[code]),
        against=formats.number(own[reference[0]]),
        gap=formats.number(abs(largest["estimate"])),
        ci=formats.interval(low, high, labels.lang),
    )
