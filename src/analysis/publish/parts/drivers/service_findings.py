"""Sentences on the effect of a treatment, such as digital service: its size, whom it reaches, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs, verdict
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered, question_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

BALANCED = 0.1
"""Standardised difference up to which two groups count as alike (Austin 2009)."""


def service_effect(store: Store, labels: Labels) -> str:
    """The effect on every outcome beside the plain difference."""
    frame, sentences = store.table("service_effect"), list[str]()
    for outcome, rows in frame.groupby("outcome", sort=False):
        by_method = {str(row["method"]): row for row in rows.to_dict("records")}
        effect, plain = by_method["aipw"], by_method["naive"]
        found, at_first = (
            verdict(row["estimate"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)
            for row in (effect, plain)
        )
        start = labels.text("findings.service_effect.next")
        if not sentences:
            start = labels.text("findings.service_effect.first", answers=answers_treated(store, labels))
        sentences.append(
            labels.text(
                f"findings.service_effect.{found}",
                outcome=construct_inside(str(outcome), labels),
                who=start,
                effect=formats.number(abs(effect["estimate"])),
                signed=formats.signed(effect["estimate"]),
                ci=formats.interval(effect["ci_low"], effect["ci_high"], labels.lang),
                plain=formats.signed(plain["estimate"]),
            )
        )
        if found != "same" and at_first == "same":
            sentences.append(labels.text("findings.service_effect.hidden"))
    return formats.joined(sentences, labels.lang)


def service_effect_groups(store: Store, labels: Labels) -> str:
    """On whom the effect is clear, and whether it differs between any two groups."""
    table, sentences, told = store.table("service_effect_groups"), [], set[str]()
    frame = table.dropna(subset=["estimate", "ci_low"])
    differences = store.frame("08_drivers", "effect_differences")
    confidence = labels.edition.drivers.confidence
    for outcome, rows in frame.groupby("outcome", sort=False):
        segment = str(rows["segment"].iloc[0])
        ordered = rows.sort_values("estimate", ascending=False, kind="stable").to_dict("records")
        if len(ordered) < 2:
            continue
        first, last = ordered[0], ordered[-1]
        pair = differences[
            (differences["outcome"] == outcome)
            & differences["a"].isin([first["category"], last["category"]])
            & differences["b"].isin([first["category"], last["category"]])
        ]
        way = "differ" if any(differs(p, confidence=confidence) for p in pair["p_adjusted"]) else "same"
        key = f"also_{way}" if way in told else way
        sentences.append(_group_sentence(key, str(outcome), segment, first, last, labels))
        told.add(way)
    return formats.joined(sentences, labels.lang)


def _group_sentence(
    key: str, outcome: str, segment: str, first: dict[Any, Any], last: dict[Any, Any], labels: Labels
) -> str:
    return labels.text(
        f"findings.service_effect_groups.{key}",
        outcome=construct_inside(outcome, labels),
        segment=question_inside(segment, labels),
        high=labels.category(segment, str(first["category"])),
        low=labels.category(segment, str(last["category"])),
        high_effect=formats.signed(first["estimate"]),
        low_effect=formats.signed(last["estimate"]),
        high_ci=formats.interval(first["ci_low"], first["ci_high"], labels.lang),
        low_ci=formats.interval(last["ci_low"], last["ci_high"], labels.lang),
    )


def service_alike(store: Store, labels: Labels) -> str:
    """Whether those who are compared could be made alike."""
    record = store.record("08_drivers", "comparisons")["effect"]
    questions = formats.listed([question_inside(key, labels) for key in record["adjust"]], labels.lang)
    return labels.text(f"findings.service_alike.{_alike(record)}", questions=questions)


def _alike(record: dict[str, Any]) -> str:
    return "balanced" if record["largest_after"] <= BALANCED else "unlike"


def service_checks(store: Store, labels: Labels) -> str:
    """How alike the groups were made, who was left out, and what an unrecorded cause would have to be like."""
    record = store.record("08_drivers", "comparisons")["effect"]
    sentences = [
        labels.text(
            f"findings.service_checks.{_alike(record)}",
            questions=formats.listed([question_inside(key, labels) for key in record["adjust"]], labels.lang),
            before=formats.number(record["largest_before"], 2),
            after=formats.number(record["largest_after"], 2),
        )
    ]
    if record["trimmed"]:
        share = formats.percent(record["trimmed"] / (record["trimmed"] + record["n"]))
        sentences.append(labels.text("findings.service_checks.trimmed", share=share))
    table = store.table("service_effect")
    for row in table[table["method"] == "aipw"].dropna(subset=["e_value"]).to_dict("records"):
        if row["e_value_limit"] > 1:
            values = {name: formats.number(row[name], 2) for name in ("e_value", "e_value_limit")}
            outcome = construct_inside(str(row["outcome"]), labels)
            sentences.append(labels.text("findings.service_checks.e_value", outcome=outcome, **values))
    return formats.joined(sentences, labels.lang)


def comparisons_recovered(store: Store, labels: Labels) -> str:
    """How many planted comparisons were found again, as far as the edition makes them."""
    found = store.record("08_drivers", "comparisons")["recovered"]
    frame = store.table("service_recovery")
    counts = {"total": len(frame), "inside": int(frame["inside"].astype(bool).sum())}
    held = {"effects": counts, "differences": found["differences"], "kinds": found["kinds"]}
    said = [labels.text(f"findings.comparisons_recovered.{name}", **one) for name, one in held.items() if one]
    return formats.joined(said, labels.lang)


def answers_treated(store: Store, labels: Labels) -> str:
    """The answers whose effect is estimated: A, B or C."""
    record = store.record("08_drivers", "comparisons")["effect"]
    names = [lowered(labels.category(record["treatment"], code), labels) for code in record["treated"]]
    return formats.either(names, labels.lang)
