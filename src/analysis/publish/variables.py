"""The variables of the book: every number that prose mentions, formatted in the reader's language."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from analysis.publish import (
    cleaning_findings,
    fieldwork_findings,
    findings,
    formats,
    measurement_findings,
    model_findings,
    structural_findings,
    weighting_findings,
)
from analysis.publish.disclosure.suppression import protection
from analysis.publish.tables import arima

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.labels import Labels
    from analysis.results import Store


def book_flags(labels: Labels, store: Store, tables: dict[str, pd.DataFrame]) -> dict[str, bool]:
    """What this edition has, as the conditions of the chapters ask for it."""
    estimation = store.record("05_satisfaction", "satisfaction")
    return {
        "edition.simulated": labels.edition.simulated,
        "instrument.guide": labels.edition.instrument.guide,
        "has.population": "allocation" in tables,
        "has.accuracy": "rule_accuracy" in tables,
        "has.gaps": "missing_patterns" in tables,
        "has.domains": "domain_precision" in tables,
        "has.selection": "selection" in tables,
        "has.power": "rmsea_power" in tables,
        "has.dispositions": "response_rates" in tables,
        "has.channel_rates": "response_channels" in tables,
        "has.stratum_rates": "response_strata" in tables,
        "has.representativity": "representativity" in tables,
        "has.frame_coverage": "frame_coverage" in tables,
        "has.margin_gaps": "margin_gaps" in tables,
        "has.who_answered": "representativity" in tables or "margin_gaps" in tables,
        "has.modes": "mode_index" in tables,
        "has.weighting": "weighting_margins" in tables,
        "has.weight_stages": "weighting_diagnostics" in tables,
        "has.nonresponse": "nonresponse_classes" in tables,
        "has.segments": "csi_segments" in tables and "segment_dimensions" in tables,
        "has.outcomes": "construct_levels" in tables,
        "has.associations": "associations" in tables,
        "has.design_strata": bool(estimation["strata"]) and not estimation["replicates"],
        "has.replicates": bool(estimation["replicates"]),
        "has.design_units": bool(estimation["units"]) and not estimation["replicates"],
        "has.independent_draws": not (estimation["strata"] or estimation["units"] or estimation["replicates"]),
        "has.measurement": "validity" in tables,
        "has.factors": "factor_loadings" in tables and "eigenvalues" in tables,
        "has.pairs": "construct_pairs" in tables,
        "has.construct_map": "construct_pairs" in tables and "validity" in tables,
        "has.invariance": "invariance" in tables,
        "has.structural": bool(store.record("07_structural", "structural")["available"]),
        "has.mediation": len(tables.get("mediation", ())) > 0,
        "has.ordered": store.record("07_structural", "structural").get("estimator") == "WLSMV",
        "has.bootstrap": "effects_bootstrap" in tables,
        "has.route_bootstrap": len(tables.get("mediation_bootstrap", ())) > 0,
        "has.path_comparison": "path_equality" in tables,
        "has.defined": "defined" in tables,
        "has.recovery": "recovery" in tables,
        "has.trend": bool(store.record("09_trend", "trend")["available"]),
        "has.standards": "standards" in tables,
        "has.benchmarks": "benchmarks" in tables,
        "has.benchmark_comparison": "benchmark_comparison" in tables,
    }


def book_variables(
    labels: Labels, store: Store, tables: dict[str, pd.DataFrame], flags: dict[str, bool], *, renderer: str
) -> dict[str, Any]:
    """Nested variables of one language; groups of a step that this edition lacks are absent."""
    variables = {
        "edition": _edition(labels),
        "sample": _sample(labels, store),
        "sampling": _sampling(labels, store),
        **_satisfaction(labels, store),
        "weights": weighting_findings.weight_variables(store),
        "estimation": _estimation(labels, store),
        "run": _run(labels, renderer),
        "findings": _findings(labels, store, tables, flags),
    }
    if flags["has.structural"]:
        variables["sem"] = _sem(labels, store)
    if flags["has.trend"]:
        variables["trend"] = _trend(labels, store)
    return variables


def _edition(labels: Labels) -> dict[str, str]:
    publication = labels.edition.publication
    return {
        "title": publication.title[labels.lang],
        "subtitle": publication.subtitle[labels.lang],
        "year": str(publication.year),
        "fieldwork": formats.period(publication.fieldwork.start, publication.fieldwork.end, labels.lang),
        "institute": publication.institute[labels.lang],
    }


def _sample(labels: Labels, store: Store) -> dict[str, str]:
    record = store.record("03_cleaning", "cleaning")
    counts = {key: formats.count(record[key]) for key in ("raw", "kept", "excluded", "quarantined", "review")}
    return {
        **counts,
        "kept_share": formats.percent(record["kept"] / record["raw"]),
        "min_base": str(labels.edition.disclosure.min_base),
        "width": str(protection(labels.edition.disclosure.min_base)),
    }


def _sampling(labels: Labels, store: Store) -> dict[str, str]:
    record = store.record("01_sampling", "sampling")
    return {
        "n": formats.count(record["n"]),
        "margin": formats.number(record["margin_index"], 2),
        "width": formats.number(2 * labels.edition.sampling.stratum_margin, 1),
        "rule": labels.text(f"allocations.{labels.edition.sampling.allocation}"),
        "deff": formats.number(record["design_effect"], 2),
        "response_rate": formats.percent(record["response_rate"]),
        "invitations": formats.count(record["invitations"]),
        "population": formats.count(record.get("population")),
        "confidence": formats.level(record["confidence"]),
    }


def _satisfaction(labels: Labels, store: Store) -> dict[str, dict[str, str]]:
    rows = {row["measure"]: row for row in store.table("csi_overall").to_dict("records")}
    csi, csat = rows["csi"], rows["csat"]
    instrument, rule = labels.edition.instrument, labels.edition.index.csat
    found = findings.estimates(store.table("csi_dimensions"), "construct", "score")
    ends = {"strongest": found[0], "weakest": found[-1]} if found else {}
    dimension = {key: labels.construct(end.name) for key, end in ends.items()}
    dimension |= {f"{key}_score": formats.number(end.value) for key, end in ends.items()}
    return {
        "csi": {
            "overall": formats.number(csi["estimate"]),
            "ci": formats.interval(csi["ci_low"], csi["ci_high"], labels.lang),
            "n": formats.count(csi["n"]),
            "margin": formats.number((csi["ci_high"] - csi["ci_low"]) / 2, 2),
        },
        "csat": {
            "overall": formats.percent(csat["estimate"]),
            "ci": formats.percent_interval(csat["ci_low"], csat["ci_high"], labels.lang),
            "n": formats.count(csat["n"]),
            "rule": labels.text(
                "text.csat_rule",
                construct=labels.construct(rule.construct_key),
                value=formats.number(rule.satisfied_from),
                min=instrument.scale.min,
                max=instrument.scale.max,
            ),
        },
        "dimension": {
            "count": str(len(instrument.dimensions)),
            "items": str(sum(len(construct.items) for construct in instrument.dimensions)),
            **dimension,
        },
    }


def _estimation(labels: Labels, store: Store) -> dict[str, str]:
    record = store.record("05_satisfaction", "satisfaction")
    return {
        "variance": labels.text(f"variances.{record['variance']}"),
        "replicates": formats.count(record["replicates"]),
        "strata": formats.count(record["strata"]),
        "units": formats.count(record["units"]),
        "adjustment": labels.text(f"adjustments.{labels.edition.index.adjustment}"),
    }


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


def _trend(labels: Labels, store: Store) -> dict[str, str]:
    record, forecast = store.record("09_trend", "trend"), store.table("forecast").iloc[0]
    return {
        "first": formats.wave(str(record["first"]), labels.lang),
        "last": formats.wave(str(record["last"]), labels.lang),
        "waves": str(record["waves"]),
        "model": arima(str(record["order"]), labels),
        "next": formats.number(forecast["estimate"]),
        "next_ci": formats.interval(forecast["ci_low"], forecast["ci_high"], labels.lang),
        "horizon": str(record["horizon"]),
        "naive_mae": formats.number(record["naive_mae"], 2),
        "model_mae": formats.number(record["model_mae"], 2),
    }


def _run(labels: Labels, renderer: str) -> dict[str, str]:
    return {
        "renderer": renderer,
        "python": platform.python_version(),
        "seed": str(labels.edition.seed),
        "commit_hint": labels.text("text.commit_hint", name=labels.edition.name),
    }


def _findings(labels: Labels, store: Store, tables: dict[str, pd.DataFrame], flags: dict[str, bool]) -> dict[str, str]:
    found = {
        "overall": findings.overall(store, labels),
        "sampling": findings.sampling(store, labels),
        "cleaning": cleaning_findings.cleaning(store, labels),
        "missing": cleaning_findings.missing(store, labels),
        "sensitivity": cleaning_findings.sensitivity(store, labels),
        "weighting": weighting_findings.weighting(store, labels),
        "dimensions": findings.dimensions(store, labels),
        **fieldwork_findings.all_findings(store, labels, flags),
    }
    if flags["has.accuracy"]:
        found["accuracy"] = cleaning_findings.accuracy(store, labels)
    if flags["has.replicates"]:
        found["replicates"] = weighting_findings.replicates(store, labels)
    if flags["has.segments"]:
        found["segments"] = findings.segments(store, labels)
    if flags["has.associations"]:
        found["associations"] = findings.associations(store, labels)
    if flags["has.outcomes"]:
        found["levels"] = findings.levels(store, labels)
    found["reliability"] = measurement_findings.reliability(store, labels)
    if flags["has.measurement"]:
        found["validity"] = measurement_findings.validity(store, labels)
        found["measured_fit"] = measurement_findings.measured_fit(store, labels)
    if flags["has.factors"]:
        found["factors"] = measurement_findings.factors(store, labels)
    if flags["has.invariance"]:
        found["invariance"] = measurement_findings.invariance(store, labels)
    if flags["has.structural"]:
        found["structural"] = model_findings.structural(store, labels)
        found["estimation"] = model_findings.estimation(store, labels)
        found["effects"] = model_findings.effects(store, labels)
        found |= structural_findings.optional(store, labels, flags, model_findings.outcome(store, labels))
        found["priorities"] = model_findings.priorities(store, labels)
    if flags["has.trend"]:
        found["trend"] = model_findings.trend(store, labels)
    if flags["has.benchmark_comparison"]:
        found["benchmarks"] = findings.benchmarks(tables["benchmark_comparison"], labels)
    return found
