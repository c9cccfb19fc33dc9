"""Sentences on the fieldwork: response, norms, nonresponse, modes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs, estimates, verdict_of_interval
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store
    from analysis.survey.estimation.overlap import Estimate


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
    sampling = labels.edition.sampling
    if sampling.states("response_rate"):
        key = verdict_of_interval(rr1["ci_low"], rr1["ci_high"], reference=sampling.response_rate)
        sentences.append(labels.text(f"findings.response.{key}", planned=formats.percent(sampling.response_rate)))
    if sampling.planned and sampling.states("response_rate"):
        sentences.append(_invited(int(record["customers"]), store, labels))
    if store.has_table("response_channels"):
        found = estimates(store.table("response_channels"), "category", "rr1")
        if len(found) > 1:
            sentences.append(_channel_range(found, record["channels_apart"], labels))
        if found and rr1["value"] > found[0].value:
            sentences.append(labels.text("findings.response.once"))
    return formats.joined(sentences, labels.lang)


def _invited(customers: int, store: Store, labels: Labels) -> str:
    """Customers approached against the invitations of the plan."""
    planned = int(store.record("01_sampling", "sampling")["invitations"])
    key = "as_planned" if customers == planned else "more_than_planned" if customers > planned else "fewer_than_planned"
    values = {"planned": formats.count(planned), "customers": formats.count(customers)}
    return labels.text(f"findings.response.{key}", **values)


def _channel_range(found: list[Estimate], apart: list[list[str]], labels: Labels) -> str:
    high, low = found[0], found[-1]
    values = {"high_rate": formats.percent(high.value), "low_rate": formats.percent(low.value)}
    if {high.name, low.name} not in [set(pair) for pair in apart]:
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
            sentences.append(labels.text("findings.norms.over_called", n=labels.people(record["over_called"])))
    if absent:
        sentences.append(labels.text("findings.norms.absent", names=formats.listed(absent, labels.lang)))
    if record.get("frame_coverage") is not None:
        sentences.append(labels.text("findings.norms.frame", value=formats.percent(record["frame_coverage"])))
    return formats.joined(sentences, labels.lang)


def flags(store: Store, labels: Labels) -> dict[str, bool]:
    """Whether norms of the edition can be judged: those of the guide are the defaults, and bind no other edition."""
    rules = labels.edition.fieldwork
    asked = labels.edition.guided or any(rules.states(key) for key in ("min_online", "min_callback", "min_coverage"))
    there = asked and store.has_table("channel_norms")
    return {"judged.norms": there and bool((store.table("channel_norms")["verdict"] != "not_collected").any())}


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
        sentences += _source(frame.dropna(subset=["low_category", "high_category"]), labels)
    if store.has_table("margin_gaps"):
        sentences += _widest_gap(store.table("margin_gaps").dropna(subset=["dissimilarity"]), labels)
    return formats.joined(sentences, labels.lang)


def _source(frame: pd.DataFrame, labels: Labels) -> list[str]:
    """The variable that response goes with most, with the layers at its ends; nothing where they were withheld."""
    if frame.empty:
        return []
    row = frame.iloc[int(frame["conditional"].to_numpy().argmax())]
    ends = {
        "low": _layer(row, "low_category", labels),
        "high": _layer(row, "high_category", labels),
        "low_rate": formats.percent(row["low_rate"]),
        "high_rate": formats.percent(row["high_rate"]),
    }
    name = lowered(labels.text(f"layers.{row['variable']}"), labels)
    return [labels.text("findings.nonresponse.source", name=name, **ends)]


def _widest_gap(frame: pd.DataFrame, labels: Labels) -> list[str]:
    """The question whose answers are furthest from the population; nothing where all were withheld."""
    if frame.empty:
        return []
    row = frame.iloc[int(frame["dissimilarity"].to_numpy().argmax())]
    question = str(row["question"])
    values = {
        "question": lowered(labels.question(question), labels),
        "over": labels.category(question, str(row["over_category"])),
        "over_gap": formats.number(row["over_gap"] * 100),
        "under": labels.category(question, str(row["under_category"])),
        "under_gap": formats.number(-row["under_gap"] * 100),
    }
    return [labels.text("findings.nonresponse.gap", **values)]


def _layer(row: Any, column: str, labels: Labels) -> str:
    code = str(row[column])
    if row["variable"] == "stratum":
        return labels.category(labels.edition.sampling.stratum or "", code)
    return labels.channel(code)


def modes(store: Store, labels: Labels) -> str:
    """Range of the index by channel, raw and adjusted, and the test that the channels are alike."""
    frame = store.table("mode_index").dropna(subset=["estimate"])
    if frame.empty:
        return labels.text("findings.withheld")
    tests = store.record("05_satisfaction", "satisfaction")["modes"]
    values = {"low": frame["estimate"].min(), "high": frame["estimate"].max()}
    values |= {"adjusted_low": frame["adjusted"].min(), "adjusted_high": frame["adjusted"].max()}
    shown = {name: formats.number(value) for name, value in values.items()}
    key = "differs" if differs(tests["p_adjusted"], confidence=labels.edition.fieldwork.confidence) else "same"
    told = labels.text("findings.modes.range", **shown)
    return formats.joined([told, labels.text(f"findings.modes.{key}")], labels.lang)
