"""Sentences on design and fieldwork: allocation, precision, selection, power, response, norms, nonresponse, modes."""

from __future__ import annotations

import math
from math import comb
from typing import TYPE_CHECKING, Any

from analysis.publish import formats
from analysis.publish.comparison import Estimate, differ
from analysis.publish.findings import estimates, lowered

if TYPE_CHECKING:
    from analysis.publish.labels import Labels
    from analysis.results import Store


def all_findings(store: Store, labels: Labels, flags: dict[str, bool]) -> dict[str, str]:
    """Every finding on design and fieldwork that this edition has, by name."""
    found = {"norms": norms(store, labels)}
    for flag, name, write in (
        ("has.population", "allocation", allocation),
        ("has.domains", "precision", precision),
        ("has.selection", "selection", selection),
        ("has.power", "power", power),
        ("has.dispositions", "response", response),
        ("has.who_answered", "nonresponse", nonresponse),
        ("has.modes", "modes", modes),
    ):
        if flags[flag]:
            found[name] = write(store, labels)
    return found


def allocation(store: Store, labels: Labels) -> str:
    """The chosen rule against the others: margin of the total, widest stratum, cost."""
    frame = store.table("allocation_rules")
    chosen = frame[frame["chosen"].astype(bool)].iloc[0]
    best = frame.iloc[int(frame["margin"].to_numpy().argmin())]

    def rule(row: Any) -> str:
        return lowered(labels.text(f"allocations.{row['rule']}"), labels)

    values = {"margin": formats.number(chosen["margin"], 2), "width": formats.number(chosen["width"], 1)}
    sentences = [labels.text("findings.allocation.chosen", rule=rule(chosen), **values)]
    if best["margin"] < chosen["margin"] - 0.005:
        values = {"rule": rule(best), "margin": formats.number(best["margin"], 2)}
        sentences.append(labels.text("findings.allocation.best", **values))
    else:
        sentences.append(labels.text("findings.allocation.is_best"))
    if frame["cost"].notna().all():
        ends = {"low": formats.count(frame["cost"].min()), "high": formats.count(frame["cost"].max())}
        sentences.append(labels.text("findings.allocation.cost", cost=formats.count(chosen["cost"]), **ends))
    return formats.joined(sentences, labels.lang)


def precision(store: Store, labels: Labels) -> str:
    """How many domains keep to the rule of publication, and which do not."""
    frame = store.table("domain_precision")
    met = frame["met"].astype(bool)
    width = formats.number(2 * labels.edition.sampling.stratum_margin, 1)
    if met.all():
        return labels.text("findings.precision.all", total=len(frame), width=width)
    names = [
        labels.text(
            "findings.precision.one",
            name=labels.category(str(row["question"]), str(row["category"])),
            width=formats.number(row["width"], 1),
        )
        for row in frame[~met].to_dict("records")
    ]
    values = {"total": len(frame), "met": int(met.sum()), "width": width}
    return labels.text("findings.precision.some", names=formats.listed(names, labels.lang), **values)


def selection(store: Store, labels: Labels) -> str:
    """What was drawn from the frame, by which method, and the base weights."""
    record, frame = store.record("01_sampling", "sampling")["selection"], store.table("selection")
    values = {
        "units": formats.count(record["units"]),
        "customers": formats.count(record["customers"]),
        "selected": formats.count(record["selected_units"]),
        "cases": formats.count(record["cases"]),
        "low": formats.count(frame["weight_low"].min()),
        "high": formats.count(frame["weight_high"].max()),
    }
    method = labels.text(f"selections.{record['method']}")
    method = method if labels.lang == "zh" else method[0].upper() + method[1:]
    key = "two_stage" if record["method"] == "two_stage" else "one_stage"
    sentences = [labels.text(f"findings.selection.{key}", method=method, **values)]
    if labels.edition.simulated:
        sentences.append(labels.text("findings.selection.simulated"))
    return formats.joined(sentences, labels.lang)


def power(store: Store, labels: Labels) -> str:
    """Responses that the tests of fit need, and the power with those that were used."""
    from analysis.survey.planning.power import rmsea_power

    record, rule = store.record("01_sampling", "sampling"), labels.edition.sampling.model
    rows = {str(row["test"]): row for row in store.table("rmsea_power").to_dict("records")}

    def needed(test: str) -> str:
        n = float(rows[test]["needed_n"])
        return labels.text("findings.power.out_of_reach") if math.isnan(n) else formats.count(n)

    values = {name: formats.number(getattr(rule, name), 2) for name in ("target", "close", "null", "not_close")}
    sentences = [
        labels.text(
            "findings.power.planned",
            df=formats.count(record["degrees"]),
            n_close=needed("close"),
            n_not_close=needed("not_close"),
            **values,
        )
    ]
    model = store.record("07_structural", "structural")
    if model["available"] and int(model["n"]) > 1:
        n, degrees = int(model["n"]), int(record["degrees"])
        reached = {
            f"power_{name}": formats.power(
                rmsea_power(n=n, degrees=degrees, null=rule.null, alternative=getattr(rule, name), alpha=rule.alpha)
            )
            for name in ("close", "not_close")
        }
        key = "ample" if set(reached.values()) == {formats.power(1.0)} else "reached"
        sentences.append(labels.text(f"findings.power.{key}", n=formats.count(model["n"]), **reached))
    return formats.joined(sentences, labels.lang)


def response(store: Store, labels: Labels) -> str:
    """Rates over all customers, against the design's assumption, and the channels that differ most."""
    record, table = store.record("02_fieldwork", "fieldwork"), store.table("response_rates")
    rates = {str(row["rate"]): row for row in table.to_dict("records")}
    outcomes = store.table("outcomes")
    rr1 = rates["RR1"]
    main = ("RR1", "RR3", "COOP1", "REF1", "CON1")
    shown = {name.lower(): formats.percent(rates[name]["value"]) for name in main}
    sentences = [
        labels.text(
            "findings.response.overall",
            customers=formats.count(record["customers"]),
            interviews=formats.count(outcomes.loc[outcomes["outcome"] == "I", "customers"].sum()),
            level=formats.level(record["confidence"]),
            rr1_ci=formats.percent_interval(rr1["ci_low"], rr1["ci_high"], labels.lang),
            **shown,
        )
    ]
    planned = labels.edition.sampling.response_rate
    key = "above" if rr1["ci_low"] > planned else "below" if rr1["ci_high"] < planned else "level"
    sentences.append(labels.text(f"findings.response.{key}", planned=formats.percent(planned)))
    if store.has_table("response_channels"):
        found = estimates(store.table("response_channels"), "category", "rr1")
        if len(found) > 1:
            sentences.append(_channel_range(found, labels))
    return formats.joined(sentences, labels.lang)


def _channel_range(found: list[Estimate], labels: Labels) -> str:
    high, low = found[0], found[-1]
    confidence = labels.edition.fieldwork.confidence
    values = {"high_rate": formats.percent(high.value), "low_rate": formats.percent(low.value)}
    if not differ(high, low, confidence=confidence, pairs=comb(len(found), 2)):
        return labels.text("findings.response.channels_same", **values)
    names = {"high": labels.channel(high.name), "low": labels.channel(low.name)}
    return labels.text("findings.response.channels", **names, **values)


def norms(store: Store, labels: Labels) -> str:
    """Every norm with its value and verdict; those that can't be judged are named at the end."""
    record = store.record("02_fieldwork", "fieldwork")
    sentences, absent = [], []
    for row in store.table("channel_norms").to_dict("records"):
        norm, verdict = str(row["norm"]), str(row["verdict"])
        if verdict == "not_collected":
            absent.append(lowered(labels.text(f"norms.{norm}"), labels))
            continue
        often = norm == "callback_frequency"
        write = _times if often else _share
        values = {
            "value": write(row["value"], labels),
            "required": write(row["required"], labels),
            "ci": formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
            "verdict": labels.text(f"findings.norms.verdict_{verdict}"),
        }
        sentences.append(labels.text(f"findings.norms.{norm}", **values))
        if often and record["over_called"]:
            sentences.append(labels.text("findings.norms.over_called", n=formats.count(record["over_called"])))
    if absent:
        sentences.append(labels.text("findings.norms.absent", names=formats.listed(absent, labels.lang)))
    return formats.joined(sentences, labels.lang)


def _times(value: float, labels: Labels) -> str:
    key = {1.0: "once", 2.0: "twice"}.get(float(value), "times")
    return labels.text(f"findings.norms.{key}", n=formats.count(value))


def _share(value: float, labels: Labels) -> str:  # noqa: ARG001 - one signature with _times
    return formats.percent(value)


def nonresponse(store: Store, labels: Labels) -> str:
    """R-indicator and the variable behind it, and the widest gap between respondents and population."""
    record, sentences = store.record("02_fieldwork", "fieldwork"), []
    if store.has_table("representativity"):
        frame, indicator = store.table("representativity"), record["r_indicator"]
        names = [lowered(labels.text(f"layers.{name}"), labels) for name in frame["variable"]]
        values = {
            "r": formats.number(indicator["r"], 3),
            "ci": formats.interval(indicator["ci_low"], indicator["ci_high"], labels.lang, decimals=3),
            "level": formats.level(record["confidence"]),
        }
        sentences.append(
            labels.text("findings.nonresponse.indicator", names=formats.listed(names, labels.lang), **values)
        )
        row = frame.iloc[int(frame["conditional"].to_numpy().argmax())]
        ends = {
            "low": _layer(row, "low_category", labels),
            "high": _layer(row, "high_category", labels),
            "low_rate": formats.percent(row["low_rate"]),
            "high_rate": formats.percent(row["high_rate"]),
        }
        name = lowered(labels.text(f"layers.{row['variable']}"), labels)
        sentences.append(labels.text("findings.nonresponse.source", name=name, **ends))
    if store.has_table("margin_gaps"):
        frame = store.table("margin_gaps").dropna(subset=["dissimilarity"])
        row = frame.iloc[int(frame["dissimilarity"].to_numpy().argmax())]
        question = str(row["question"])
        values = {
            "question": lowered(labels.question(question), labels),
            "over": labels.category(question, str(row["over_category"])),
            "over_gap": formats.number(row["over_gap"] * 100),
            "under": labels.category(question, str(row["under_category"])),
            "under_gap": formats.number(-row["under_gap"] * 100),
        }
        sentences.append(labels.text("findings.nonresponse.gap", **values))
    return formats.joined(sentences, labels.lang)


def _layer(row: Any, column: str, labels: Labels) -> str:
    code = str(row[column])
    if row["variable"] == "stratum":
        return labels.category(labels.edition.sampling.stratum or "", code)
    return labels.channel(code)


def modes(store: Store, labels: Labels) -> str:
    """Range of the index by channel, raw and adjusted, and the test that the channels are alike."""
    frame, record = store.table("mode_index").dropna(subset=["estimate"]), store.record("02_fieldwork", "fieldwork")
    tests = record["modes"]
    values = {"low": frame["estimate"].min(), "high": frame["estimate"].max()}
    values |= {"adjusted_low": frame["adjusted"].min(), "adjusted_high": frame["adjusted"].max()}
    shown = {name: formats.number(value) for name, value in values.items()}
    p = formats.pvalue(tests["p_adjusted"])
    key = "differs" if tests["p_adjusted"] < 1 - record["confidence"] else "same"
    test = {"f": formats.number(tests["f_adjusted"], 2), "p": p if p.startswith("<") else f"= {p}"}
    return formats.joined(
        [labels.text("findings.modes.range", **shown), labels.text(f"findings.modes.{key}", **test)], labels.lang
    )
