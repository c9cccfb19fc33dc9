"""Sentences and numbers of the weighting: which stages were applied, what each did and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.words import formats
from analysis.publish.words.phrases import question_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def weighting(store: Store, labels: Labels) -> str:
    """The stages that were applied, in their order, and how far the sample was off at first."""
    record = store.record("04_weighting", "weighting")
    if not is_weighted(record):
        return labels.text("findings.weighting.unweighted")
    sentences = [labels.text(f"findings.weighting.base_{record['base_source']}"), *nonresponse(store, labels)]
    if not record["available"]:
        return formats.joined([*sentences, labels.text("findings.weighting.unused")], labels.lang)
    margins = fitted_to(labels)
    iterations = int(record["iterations"])
    key = ("done_one" if iterations == 1 else "done") if record["converged"] else "failed"
    deviation = formats.percent(record["max_deviation"], 2)
    sentences.append(
        labels.text(f"findings.weighting.{key}", margins=margins, iterations=iterations, deviation=deviation)
    )
    sentences.append(calibration(store, labels))
    if labels.edition.weighting.trimming is not None:
        key = "trimmed" if record["trimmed"] else "untrimmed"
        sentences.append(labels.text(f"findings.weighting.{key}", n=labels.people(record["trimmed"])))
    if store.has_table("weighting_diagnostics"):
        values = {name: formats.number(record[name], 2) for name in ("min", "max", "cv", "deff")}
        values["n"] = formats.count(store.record("03_cleaning", "cleaning")["kept"])
        values["n_eff"] = formats.count(record["n_eff"])
        sentences.append(labels.text("findings.weighting.spread", **values))
    if store.has_table("weighting_margins"):  # a part of another edition has no margins of its own
        sentences.append(_departure(store, labels))
    return formats.joined(sentences, labels.lang)


def is_weighted(record: Mapping[str, Any]) -> bool:
    """Whether any stage gave the interviews weights of their own."""
    return bool(record["available"] or record["nonresponse"] or record["base_source"] != "equal")


def flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    """Whether the interviews are weighted."""
    record = store.noted("04_weighting", "weighting").value
    return {"edition.weighted": record is not None and is_weighted(record)}


def fitted_to(labels: Labels) -> str:
    """What the weights were fitted to, inside a sentence: the margins, and the means of numeric questions."""
    rule = labels.edition.weighting
    names = [question_inside(name, labels) for name in rule.margins]
    for name in rule.calibration.numbers:
        names.append(labels.text("findings.weighting.mean_of", name=question_inside(name, labels)))
    return formats.listed(names, labels.lang)


def calibration(store: Store, labels: Labels) -> str:
    """How near the weights stay to those before where they are not raked margin by margin; empty where they are."""
    rule = labels.edition.weighting.calibration
    if rule.plain:
        return ""
    said = [labels.text(f"findings.weighting.{rule.method}")]
    if rule.bounds is not None:
        low, high = (formats.number(bound, 2) for bound in rule.bounds)
        said.append(labels.text("findings.weighting.bounds", low=low, high=high))
    negative = store.record("04_weighting", "weighting").get("negative")
    if negative:
        said.append(labels.text("findings.weighting.negative", n=labels.people(negative)))
    return formats.joined(said, labels.lang)


def nonresponse(store: Store, labels: Labels) -> list[str]:
    """What the nonresponse stage did; nothing where it was not applied."""
    found = store.record("04_weighting", "weighting")["nonresponse"]
    if not found:
        return []
    values: dict[str, Any] = {name: formats.count(found[name]) for name in ("classes", "cases")}
    values["n"] = formats.count(store.record("03_cleaning", "cleaning")["kept"])
    values["low"], values["high"] = (formats.number(found[name], 2) for name in ("min_factor", "max_factor"))
    sentences = [labels.text("findings.weighting.nonresponse", **values)]
    if found["collapsed"]:
        sentences.append(labels.text("findings.weighting.collapsed", n=formats.count(found["collapsed"])))
    return sentences


def replicates(store: Store, labels: Labels) -> str:
    """Number and method of the replicates, and how many missed a margin; nothing where there are none."""
    record = store.record("04_weighting", "weighting")
    if not record.get("replicate_method"):
        return ""
    method = "bootstrap" if record["replicate_method"] == "bootstrap" else "jackknife"
    missed = record["replicate_unconverged"]
    key = "_free" if not record["available"] else "" if missed else "_met"
    return labels.text(
        f"findings.weighting.replicates{key}",
        method=labels.text(f"findings.weighting.{method}"),
        count=formats.count(record["replicate_count"]),
        missed=formats.count(missed),
    )


def _departure(store: Store, labels: Labels) -> str:
    """Where the design-weighted sample was furthest off its margins."""
    frame = store.table("weighting_margins").dropna(subset=["sample_share"])
    gaps = (frame["sample_share"] - frame["target_share"]).abs()
    if not len(gaps) or gaps.max() < 0.01:
        return labels.text("findings.weighting.close") if len(gaps) else ""
    row = frame.iloc[int(gaps.to_numpy().argmax())]
    return labels.text(
        "findings.weighting.skewed",
        question=labels.question(str(row["margin"])),
        category=labels.category(str(row["margin"]), str(row["category"])),
        sample=formats.percent(row["sample_share"]),
        target=formats.percent(row["target_share"]),
    )


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:  # noqa: ARG001
    """Numbers of the final weights and of the stages that were applied; those of the weights unless withheld."""
    record = store.record("04_weighting", "weighting")
    told = store.has_table("weighting_diagnostics") or not record["cv"]  # alike: there was nothing to tabulate
    shown = {name: formats.number(record[name] if told else None, 2) for name in ("deff", "min", "max", "cv")}
    shown |= {"n_eff": formats.count(record["n_eff"] if told else None), "iterations": str(record["iterations"])}
    if record["upper"] is not None:
        shown["upper"] = formats.number(record["upper"], 2)
    if record["nonresponse"]:
        found = record["nonresponse"]
        shown["cases"] = formats.count(found["cases"])
        shown["eligible_share"] = formats.percent(found["eligible_share"])
        shown["response_rate"] = formats.percent(found["response_rate"])
    if record.get("replicate_count"):
        shown["replicates"] = formats.count(record["replicate_count"])
        shown["replicate_degrees"] = formats.count(record["replicate_degrees"])
        shown["replicates_missed"] = formats.count(record["replicate_unconverged"])
    return {"weights": shown}
