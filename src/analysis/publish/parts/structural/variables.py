"""Numbers of the structural model that prose quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """Fit of the model; nothing where there is none."""
    return {"sem": _sem(labels, store)} if store.has_table("fit") else {}


def flags(store: Store, labels: Labels) -> dict[str, bool]:
    """Whether the answers were taken as ordered categories, and what else the estimation had to heed."""
    record = store.noted("07_structural", "structural").value or {}
    estimator, there = record.get("estimator"), bool(record)
    return {
        "edition.ordered": estimator == "WLSMV",
        "estimated.with_gaps": there and record.get("complete", 0) < record.get("n", 0),
        "estimated.robust": there and (estimator in {"MLR", "MLM", "MLMV"} or bool(record.get("weighted"))),
        "estimated.bootstrap": there and bool(labels.edition.structural.bootstrap),
    }


def values(labels: Labels) -> dict[str, str]:
    """What correlations of the sample are where they are not those of complete numbers."""
    ordered = labels.edition.structural.estimator == "WLSMV"
    return {"observed": labels.text(f"structural_observed.{'ordered' if ordered else 'numbers'}")}


def _sem(labels: Labels, store: Store) -> dict[str, str]:
    record, fit = store.record("07_structural", "structural"), store.table("fit")
    missed = [labels.text(f"indices.{row['index']}") for row in fit.to_dict("records") if str(row["met"]) == "False"]
    names = formats.listed(missed, labels.lang)
    return {
        "chi2": formats.number(record["chi2"], 1),
        "df": formats.count(record["df"]),
        **{name: formats.number(record[name], 3) for name in ("cfi", "tli", "rmsea", "srmr")},
        "rmsea_ci": formats.interval(record["rmsea_low"], record["rmsea_high"], labels.lang, decimals=3),
        "n": formats.count(record["n"]),
        "verdict": labels.text(f"text.model_verdict_{'partial' if missed else 'good'}", names=names),
    }
