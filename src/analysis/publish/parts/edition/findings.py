"""Sentences on the benchmarks, and what stands on the cover."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from analysis.edition.sections.data import TAKEN
from analysis.publish.comparison import verdict
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


OF_RECORDS = ("service_cases", "ticket_closing", "relationship_lifetimes", "churn_hazards", "training_effects")
"""Tables from the records of the service whose method the appendix tells."""


OF_SERVICE = ("service_log", "feedback", "training", "indicators", "actions")
"""Raw tables of the operation, which recommendations may follow from beside the answers."""


def benchmarks(store: Store, labels: Labels) -> str:
    """How many quantities lie above, below and about level with their benchmark, and the furthest of each unit.

    A quantity that two benchmarks are given for counts once.

    Gaps of shares and of scores are not compared with each other: the furthest are named unit by unit.
    """
    frame = store.table("benchmark_comparison").dropna(subset=["gap", "p_adjusted"])
    if frame.empty:
        return ""
    confidence = labels.edition.index.confidence
    pairs = zip(frame["gap"], frame["p_adjusted"], strict=True)
    frame = frame.assign(verdict=[verdict(gap, p, confidence=confidence) for gap, p in pairs])
    each = [set(rows["verdict"]) for _, rows in frame.groupby("measure", sort=False)]
    verdicts = [next(iter(found)) if len(found) == 1 else "mixed" for found in each]
    if len(verdicts) == 1:
        told = labels.text(f"findings.benchmarks.verdict_{verdicts[0]}")
        sentences = [labels.text("findings.benchmarks.one", verdict=told)]
    else:
        counts = {key: verdicts.count(key) for key in ("higher", "lower", "same", "mixed")}
        parts = [
            labels.text(f"findings.benchmarks.{key}{'_one' if n == 1 else ''}", n=n) for key, n in counts.items() if n
        ]
        text = "，".join(parts) if labels.lang == "zh" else formats.listed(parts, labels.lang)
        sentences = [labels.text("findings.benchmarks.counts", total=len(verdicts), parts=text)]
    for unit, rows in frame.groupby("unit", sort=False):
        sentences += _furthest(rows, str(unit), labels)
    if set(verdicts) == {"same"}:
        sentences.append(labels.text("findings.benchmarks.all_same"))
    return formats.joined([*sentences, labels.text("findings.benchmarks.caution")], labels.lang)


def outcomes(store: Store, labels: Labels) -> str:
    """Trust, identification and loyalty beside the guide's shares, by verdict."""
    frame = store.table("benchmark_comparison").dropna(subset=["gap", "p_adjusted"])
    roles = {one.key: one.role for one in labels.edition.instrument.constructs}
    level = labels.edition.index.confidence
    rows = [
        row | {"way": verdict(row["gap"], row["p_adjusted"], confidence=level)}
        for row in frame[frame["unit"] == "percent"].to_dict("records")
        if {roles.get(word) for word in str(row["measure"]).split(" ")} & {"emotional", "loyalty"}
    ]
    sentences = []
    for way in ("higher", "same", "lower"):
        found = [
            labels.text(
                "findings.outcome_benchmarks.one",
                name=lowered(str(row[f"measured_{labels.lang}"]), labels),
                value=amount(row["value"], row["unit"], labels),
                benchmark=amount(row["benchmark"], row["unit"], labels),
            )
            for row in rows
            if row["way"] == way
        ]
        if found:
            sentences.append(
                labels.text(f"findings.outcome_benchmarks.{way}", names=formats.semicolons(found, labels.lang))
            )
    return formats.joined(sentences, labels.lang)


def _furthest(rows: pd.DataFrame, unit: str, labels: Labels) -> list[str]:
    """The largest shortfall and the largest lead among the benchmarks of one unit."""
    ends: list[tuple[str, Any]] = [("lowest", rows[rows["verdict"] == "lower"].nsmallest(1, "gap"))]
    ends.append(("highest", rows[rows["verdict"] == "higher"].nlargest(1, "gap")))
    return [
        labels.text(
            f"findings.benchmarks.{key}",
            kind=labels.text(f"findings.benchmarks.of_{unit}"),
            name=row[f"measured_{labels.lang}"],
            value=amount(row["value"], row["unit"], labels),
            benchmark=amount(row["benchmark"], row["unit"], labels),
            year=row["year"],
        )
        for key, found in ends
        for row in found.to_dict("records")
    ]


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """Cover, raw tables and run, for prose."""
    edition = {**_edition(labels), "records": _records(store, labels)}
    words = {name: str(word) for name, word in (labels.nouns | labels.treatment).items()}
    return {"edition": edition, "words": words, "run": _run(labels)}


def _records(store: Store, labels: Labels) -> str:
    """The raw tables of the edition with the number of their rows that were accepted."""
    taken = ((table, store.record("intake", table)) for table in TAKEN)
    named = [
        labels.text(
            "text.raw_table_one" if record["accepted"] == 1 else "text.raw_table",
            name=lowered(labels.text(f"raw_tables.{table}"), labels),
            n=formats.count(record["accepted"]),
        )
        for table, record in taken
        if record["available"]
    ]
    return formats.listed(named, labels.lang)


def flags(store: Store, labels: Labels) -> dict[str, bool]:
    """Conditions that the params decide, and those that follow from what there is.

    edition.interviewed: of a survey of satisfaction, with an index; edition.tabulated: of any other survey.
    given.<table>: a raw table of the edition. measured.records: whether the records of the service gave estimates.
    """
    asked, instrument = labels.edition.interviewed, labels.edition.instrument
    roles = {construct.role for construct in instrument.constructs if asked}
    given = {f"given.{table}": bool(store.record("intake", table)["available"]) for table in TAKEN}
    return given | {
        "measured.records": any(store.has_table(name) for name in OF_RECORDS),
        "several.dimensions": asked and len(instrument.dimensions) > 1,
        "stated.purpose": labels.edition.publication.purpose is not None,
        "stated.population": labels.edition.publication.population is not None,
        "stated.model": labels.edition.model is not None,
        "edition.served": any(given[f"given.{table}"] for table in OF_SERVICE),
        "edition.simulated": labels.edition.simulated,
        "edition.interviewed": labels.edition.indexed,
        "edition.tabulated": asked and not labels.edition.indexed,
        "edition.guided": labels.edition.guided,
        "instrument.guide": asked and instrument.guide,
        "instrument.several_scales": asked and len(instrument.blocks) > 1,
        "instrument.outcomes": bool(roles & {"emotional", "loyalty"}),
        "instrument.emotional": "emotional" in roles,
        "instrument.attention": asked and instrument.attention is not None,
    }


def _edition(labels: Labels) -> dict[str, str]:
    publication = labels.edition.publication
    period = formats.period(publication.fieldwork.start, publication.fieldwork.end, labels.lang)
    asked = "stated" if publication.states("fieldwork") else "unstated"
    return {
        "title": publication.title[labels.lang],
        "subtitle": publication.subtitle[labels.lang],
        "year": str(publication.year),
        "fieldwork": labels.text(f"text.fieldwork.{asked}", period=period),
        "purpose": publication.purpose[labels.lang] if publication.purpose else "",
        "population": publication.population[labels.lang] if publication.population else "",
        "institute": publication.institute[labels.lang],
        "min_base": str(labels.edition.disclosure.min_base),
        "min_count": str(labels.edition.disclosure.count),
    }


def _run(labels: Labels) -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "seed": str(labels.edition.seed),
        "commit_hint": labels.text("text.commit_hint", name=labels.edition.name),
    }
