"""Sentences on classes, repetitions and fairness of tickets, and on what customers write about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs, verdict
from analysis.publish.parts.feedback.cells import theme, triage_class
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered
from analysis.text.sentiment import NEGATIVE, UNASSIGNED
from analysis.text.themes import NO_THEME
from analysis.text.triage import UNCLASSIFIED

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

STEP = "10_feedback"
FIRST = 3
"""Themes that a sentence names."""
STABLE = 0.6
"""Agreement from which themes that were found in the words may be read."""


def classes(store: Store, labels: Labels) -> str:
    """Share of each class on time, and what no rule classed."""
    frame = store.table("ticket_classes")
    known = frame.dropna(subset=["on_time", "limit"]).to_dict("records")
    sentences = [
        labels.text(
            "findings.classes.one",
            name=lowered(triage_class(str(row["triage_class"]), labels), labels),
            share=formats.percent(row["on_time"]),
            ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
            hours=f"{row['limit']:g}",
            n=formats.count(row["due"]),
        )
        for row in known
    ]
    if not sentences:
        return ""
    lead = labels.text("findings.classes.all", classes=formats.semicolons(sentences, labels.lang))
    return formats.joined([lead, _unclassified(store, labels)], labels.lang)


def _unclassified(store: Store, labels: Labels) -> str:
    counts = store.record(STEP, "feedback")["texts"]["tickets"]
    if not counts["available"]:
        return ""
    if counts["unclassified"]:
        left = labels.share_of_people(counts["unclassified"], counts["texts"])
        return labels.text("findings.classes.left", share=left)
    if counts["several"]:
        return labels.text("findings.classes.several", several=labels.people(counts["several"]))
    return labels.text("findings.classes.all_classed")


def repeats(store: Store, labels: Labels) -> str:
    """How many tickets come again, from the same customer or in the same words."""
    frame = store.table("ticket_repeats").fillna({"category": ""})
    whole = frame[frame["category"] == ""].dropna(subset=["share"]).to_dict("records")
    by_customer = any(row["told_by"] == "customer" for row in whole)
    told = [
        labels.text(
            f"findings.repeats.{'also_' if by_customer and row['told_by'] == 'wording' else ''}{row['told_by']}",
            share=formats.percent(row["share"]),
            ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
            days=f"{row['days']:g}",
        )
        for row in whole
    ]
    return formats.joined(told, labels.lang)


def equity(store: Store, labels: Labels) -> str:
    """Who waits longer with the same matter, if anybody does."""
    frame = store.table("ticket_equity").dropna(subset=["difference", "p_adjusted"])
    rows = frame.sort_values("difference", ascending=False, kind="stable").to_dict("records")
    if not rows:
        return ""
    level = labels.edition.service.confidence
    clear = [row for row in rows if differs(row["p_adjusted"], confidence=level)]
    if not clear:
        row = rows[0]
        return labels.text(
            "findings.equity.alike",
            group=labels.group(str(row["question"]), str(row["category"])),
            days=formats.number(abs(row["difference"])),
            ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        )
    told = [
        labels.text(
            f"findings.equity.{verdict(row['difference'], row['p_adjusted'], confidence=level)}",
            group=labels.group(str(row["question"]), str(row["category"])),
            days=formats.number(abs(row["difference"])),
            ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        )
        for row in clear
        if row["difference"] > 0 or len(rows) > 2
    ]
    return formats.joined(told, labels.lang)


def ticket_themes(store: Store, labels: Labels) -> str:
    """What tickets are most about."""
    return _most(store.table("ticket_themes"), labels, "findings.themes.tickets")


def comment_themes(store: Store, labels: Labels) -> str:
    """What the open answers are most about, and which theme is complaint more than any other."""
    frame = store.table("comment_themes")
    lead = _most(frame, labels, "findings.themes.comments")
    known = frame[frame["category"] != NO_THEME].dropna(subset=["negative"]).sort_values("negative", kind="stable")
    if len(known) < 2:
        return lead
    best, worst = known.iloc[0], known.iloc[-1]
    tone = labels.text(
        "findings.themes.tone",
        worst=lowered(theme(str(worst["category"]), labels), labels),
        high=formats.percent(worst["negative"]),
        best=lowered(theme(str(best["category"]), labels), labels),
        low=formats.percent(best["negative"]),
    )
    return formats.joined([lead, tone], labels.lang)


def _most(frame: pd.DataFrame, labels: Labels, key: str) -> str:
    known = frame.dropna(subset=["share"])
    named = known[(known["category"] != NO_THEME) & (known["share"] > 0)]
    first = named.sort_values("share", ascending=False, kind="stable").head(FIRST).to_dict("records")
    if not first:
        return ""
    told = [
        labels.text(
            "findings.themes.one",
            name=lowered(theme(str(row["category"]), labels), labels),
            share=formats.percent(row["share"]),
            ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        )
        for row in first
    ]
    left = known.loc[(known["category"] == NO_THEME) & (known["share"] > 0), "share"]
    rest = [labels.text("findings.themes.rest", rest=formats.percent(share)) for share in left]
    lead = labels.text(key, themes=formats.listed(told, labels.lang), n=formats.count(first[0]["n"]))
    return formats.joined([lead, *rest], labels.lang)


def comment_scores(store: Store, labels: Labels) -> str:
    """Where those who write about a dimension rate it clearly lower or higher than the other writers."""
    frame = store.table("comment_aspects").dropna(subset=["score", "others", "p_adjusted"])
    level = labels.edition.text.confidence
    rows = frame.assign(gap=frame["score"] - frame["others"]).sort_values("gap", kind="stable").to_dict("records")
    told = []
    for way, ordered in (("lower", rows), ("higher", rows[::-1])):
        clear = [row for row in ordered if _way(row, "gap", level) == way]
        if clear:
            row = clear[0]
            values = {"score": formats.number(row["score"]), "others": formats.number(row["others"])}
            name = construct_inside(str(row["category"]), labels)
            told.append(labels.text(f"findings.comment_scores.{way}", name=name, **values))
    return formats.joined(told, labels.lang) or (labels.text("findings.comment_scores.same") if rows else "")


def _way(row: dict[Any, Any], gap: str, level: float) -> str:
    return verdict(row[gap], row["p_adjusted"], confidence=level)


def changes(store: Store, labels: Labels) -> str:
    """Which themes have become more, or less, frequent in half a year."""
    frame = store.table("theme_changes").dropna(subset=["difference", "p_adjusted"])
    level = labels.edition.text.confidence
    rows = sorted(frame[frame["category"] != NO_THEME].to_dict("records"), key=lambda row: -abs(row["difference"]))
    told = [
        labels.text(f"findings.changes.{way}", **_moved(row, labels))
        for row in rows
        if (way := _way(row, "difference", level)) != "same"
    ]
    if told or not rows:
        return formats.joined(told, labels.lang)
    return labels.text("findings.changes.none", **_moved(rows[0], labels))


def _moved(row: dict[Any, Any], labels: Labels) -> dict[str, str]:
    """A theme with its share before and now."""
    return {
        "name": lowered(theme(str(row["category"]), labels), labels),
        "before": formats.percent(row["share_before"]),
        "now": formats.percent(row["share"]),
    }


def reading(store: Store, labels: Labels) -> str:
    """How many texts were read, what was masked, and what the rules left open."""
    record, frame = store.record(STEP, "feedback")["texts"], store.table("text_tone")
    told = []
    for source in ("answers", "tickets"):
        counts = record[source]
        own = frame[(frame["source"] == source)].set_index("category")["share"]
        if not counts["available"] or UNASSIGNED not in own:
            continue
        if formats.is_missing(own.get(NEGATIVE)):
            continue
        values = {"negative": formats.percent(own[NEGATIVE]), "open": formats.percent(own[UNASSIGNED])}
        key = f"{source}_alone" if formats.is_missing(own[UNASSIGNED]) else source
        told.append(labels.text(f"findings.reading.{key}", n=formats.count(counts["texts"]), **values))
    corrected = frame["corrected"].map(str).str.lower().isin(["true", "1", "1.0"])
    mark = "corrected" if corrected.any() else "uncorrected"
    return formats.joined([*told, labels.text(f"findings.reading.{mark}")], labels.lang) if told else ""


def topics(store: Store, labels: Labels) -> str:
    """How stable the themes are that were found in the words themselves."""
    frame = store.table("topics").dropna(subset=["stability"]).drop_duplicates("source")
    told = [
        labels.text(
            f"findings.topics.{'stable' if row['stability'] >= STABLE else 'unstable'}",
            source=lowered(labels.known("text_sources", str(row["source"])), labels),
            stability=formats.number(row["stability"], 2),
        )
        for row in frame.to_dict("records")
    ]
    return formats.joined(told, labels.lang)


def weak(store: Store, labels: Labels) -> str:
    """The first two weak points, with all that makes them so."""
    frame = store.table("weak_points").dropna(subset=["share", "score"]).sort_values("rank", kind="stable")
    rows = frame.head(2).to_dict("records")
    by = store.record(STEP, "feedback")["texts"]["weak_points_by"]
    told = []
    for key, row in zip(("first", "second"), rows, strict=False):
        importance = row["importance"]
        values = {
            "name": lowered(theme(str(row["theme"]), labels), labels),
            "share": formats.percent(row["share"]),
            "severity": formats.number(row["severity"], 2),
        }
        if not formats.is_missing(importance) and not formats.is_missing(row["construct"]):
            values["dimension"] = construct_inside(str(row["construct"]), labels)
            told.append(labels.text(f"findings.weak.{key}_{by}", importance=formats.percent(importance), **values))
        else:
            told.append(labels.text(f"findings.weak.{key}_plain_{by}", **values))
    return formats.joined(told, labels.lang)


def quality(store: Store, labels: Labels) -> str:
    """How well the rules do by the labels of a person."""
    frame = store.table("text_quality").fillna({"category": ""}).dropna(subset=["value"])
    told = [
        labels.text(
            "findings.quality.one",
            source=lowered(labels.known("text_sources", str(row["source"])), labels),
            what=lowered(labels.known("text_judged", str(row["what"])), labels),
            value=formats.number(row["value"], 2),
            ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang, decimals=2),
            n=formats.count(row["n"]),
        )
        for row in frame[frame["category"] == ""].to_dict("records")
    ]
    return formats.joined(told, labels.lang)


def flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    """text.quotes: whether any are shown; text.unclassified: whether there is a class of those that no rule classed."""
    shown = any(store.has_table(name) for name in ("ticket_quotes", "comment_quotes"))
    table = store.table("ticket_classes") if store.has_table("ticket_classes") else None
    left = table is not None and bool((table["triage_class"] == UNCLASSIFIED).any())
    return {"text.quotes": shown, "text.unclassified": left}
