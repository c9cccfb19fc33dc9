"""Sentences on the structural model and its effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.drivers.leading import final_outcome
from analysis.publish.comparison import estimates, interval, is_clear
from analysis.publish.parts.structural.routes import residuals
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, faults
from analysis.sem.assess.verdicts import IMPROPER

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store
    from analysis.survey.estimation.overlap import Estimate


SAME_ESTIMATES = 0.01
"""Largest relative difference from semopy's estimates at which the two are said to agree."""
FLAT = 0.1
"""Difference of χ² below which data can't tell two sets of estimates apart."""


def _std(estimate: Estimate) -> str:
    return formats.number(estimate.value, 2)


def structural(store: Store, labels: Labels) -> str:
    """Fit, diagnostics, the strongest path to satisfaction and the variance explained."""
    record, fit = store.record("07_structural", "structural"), store.table("fit")
    sentences = [labels.text("findings.structural.unconverged")] if not record["converged"] else []
    missed = [labels.text(f"indices.{row['index']}") for row in fit.to_dict("records") if str(row["met"]) == "False"]
    judged = int(fit["met"].notna().sum())
    key = "fit_saturated" if record["df"] == 0 else "fit_good" if not missed else "fit_partial"
    key = "fit_poor" if judged and len(missed) == judged and record["df"] else key
    names = formats.listed(missed, labels.lang)
    sentences.append(labels.text(f"findings.structural.{key}", n=formats.count(record["n"]), names=names))
    sentences += [faults(record["verdicts"], labels), residuals(store, labels)]
    paths = store.table("paths")
    sentences += [_strongest_path(paths, labels), _clear_paths(paths, labels), _explained(store, labels)]
    return formats.joined([sentence for sentence in sentences if sentence], labels.lang)


def unmodelled(store: Store, labels: Labels) -> str:
    """Why no structural model is published; nothing where one is."""
    if store.has_table("fit"):
        return ""
    verdicts = store.record("07_structural", "structural").get("verdicts", [])
    if not set(verdicts) & IMPROPER:
        return labels.text("findings.unmodelled.absent")
    return formats.joined([labels.text("findings.unmodelled.improper"), faults(verdicts, labels)], labels.lang)


def estimation(store: Store, labels: Labels) -> str:
    """How the model was estimated: missing answers, weights, standard errors, and how near semopy's fit is."""
    record = store.record("07_structural", "structural")
    missing = labels.edition.structural.missing if record["complete"] < record["n"] else "listwise"
    errors = (
        "weighted" if record["weighted"] else "robust" if record["estimator"] in {"MLR", "MLM", "MLMV"} else "normal"
    )
    if record["estimator"] == "WLSMV":
        errors = "ordered_weighted" if record["weighted"] else "ordered"
    if record["replicates"]:
        errors = "replicates"
    counts = {"n": formats.count(record["n"]), "complete": formats.count(record["complete"])}
    sentences = [
        labels.text(f"findings.estimation.{missing}", **counts),
        labels.text(f"findings.estimation.{errors}", replicates=record["replicates"]),
    ]
    if record["numbers"]:
        items = formats.listed([labels.construct(key) for key in record["numbers"]], labels.lang)
        sentences.append(labels.text("findings.estimation.numbers", items=items))
    if record["failed_replicates"]:
        sentences.append(labels.text("findings.estimation.failed", failed=record["failed_replicates"]))
    if not formats.is_missing(record["semopy_difference"]):
        sentences.append(_beside_semopy(float(record["semopy_difference"]), float(record["semopy_excess"]), labels))
    return formats.joined(sentences, labels.lang)


def _beside_semopy(apart: float, excess: float, labels: Labels) -> str:
    """How near semopy's estimates are; where they are not, whose fit is better, or that the data can't tell."""
    if apart <= SAME_ESTIMATES:
        return labels.text("findings.estimation.semopy", difference=formats.percent(max(apart, 0.0001), 2))
    kind = "flat" if abs(excess) <= FLAT else "worse" if excess > 0 else "differs"
    values = {"difference": formats.percent(apart, 0), "excess": formats.number(max(abs(excess), 0.001), 3)}
    return labels.text(f"findings.estimation.semopy_{kind}", **values)


def _strongest_path(paths: pd.DataFrame, labels: Labels) -> str:
    roles = {construct.key: construct.role for construct in labels.edition.instrument.constructs}
    outcomes = list(dict.fromkeys(paths["outcome"]))
    target = next((key for key in outcomes if roles.get(key) == "satisfaction"), outcomes[0])
    found = estimates(paths[paths["outcome"] == target], "predictor", "std", "std_low", "std_high")
    clear = [path for path in found if is_clear(path)]
    if not clear:
        return labels.text("findings.structural.no_clear", outcome=construct_inside(target, labels))
    strongest = max(clear, key=lambda path: abs(path.value))
    return labels.text(
        "findings.structural.strongest",
        outcome=construct_inside(target, labels),
        predictor=construct_inside(strongest.name, labels),
        std=_std(strongest),
        ci=interval(strongest, labels, decimals=2),
    )


def _clear_paths(paths: pd.DataFrame, labels: Labels) -> str:
    clear = sum(is_clear(path) for path in estimates(paths, "predictor", "std", "std_low", "std_high"))
    key = "paths_all" if clear == len(paths) else "paths"
    return labels.text(f"findings.structural.{key}", total=len(paths), clear=clear)


def _explained(store: Store, labels: Labels) -> str:
    parts = explained_shares(store, labels, "findings.structural.explained_one")
    return labels.text("findings.structural.explained", names=formats.listed(parts, labels.lang)) if parts else ""


def explained_shares(store: Store, labels: Labels, wording: str) -> list[str]:
    """How much of each outcome the model explains, by a wording of its name and share."""
    rows = store.table("r_squared").to_dict("records")
    shares = {str(row["construct"]): formats.percent(row["r_squared"], 0) for row in rows}
    parts = [labels.text(wording, name=construct_inside(key, labels), share=told) for key, told in shares.items()]
    return [part for part in parts if part]


def effects(store: Store, labels: Labels) -> str:
    """The largest total effect on the outcome, split into direct and indirect, and the dimension that matters most."""
    target, frame = final_outcome(store.table("effects"), labels.edition.instrument), store.table("effects")
    rows = frame[frame["outcome"] == target]
    totals = estimates(rows[rows["effect"] == "total"], "predictor", "std", "std_low", "std_high")
    clear = [total for total in totals if is_clear(total)]
    name = construct_inside(target, labels)
    if not clear:
        return labels.text("findings.effects.none", outcome=name)
    largest = max(clear, key=lambda total: abs(total.value))
    values = {"std": _std(largest), "ci": interval(largest, labels, decimals=2)}
    sentences = [
        labels.text(
            "findings.effects.largest", outcome=name, predictor=construct_inside(largest.name, labels), **values
        )
    ]
    split = rows[rows["predictor"] == largest.name].set_index("effect")["std"].to_dict()
    if {"direct", "indirect"} <= set(split):
        shown = {key: formats.number(split[key], 2) for key in ("direct", "indirect")}
        sentences.append(labels.text("findings.effects.split", **shown))
    sentences.append(_dimension_effect(store, totals, name, labels))
    unclear = [construct_inside(total.name, labels) for total in totals if not is_clear(total)]
    if unclear:
        sentences.append(labels.text("findings.effects.unclear", names=formats.listed(unclear, labels.lang)))
    return formats.joined(sentences, labels.lang)


def _dimension_effect(store: Store, totals: list[Estimate], outcome_name: str, labels: Labels) -> str:
    """The dimension that matters most, with those that can't be told from it."""
    found = store.record("07_structural", "structural")["leading"]
    if not found["clear"]:
        return ""
    first = next(total for total in totals if total.name == found["clear"][0])
    return labels.text(
        f"findings.effects.dimension{'_tied' if found['tied'] else ''}",
        outcome=outcome_name,
        predictor=construct_inside(first.name, labels),
        std=_std(first),
        ci=interval(first, labels, decimals=2),
        names=_constructs(found["tied"], labels),
    )


def _constructs(keys: Sequence[str], labels: Labels) -> str:
    return formats.listed([construct_inside(key, labels) for key in keys], labels.lang)
