"""Sentences on the design: sample size, allocation, precision, selection, power."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def sampling(store: Store, labels: Labels) -> str:
    """Planned sample size, what was kept of it, and the precision of the strata."""
    record, cleaned = store.record("01_sampling", "sampling"), store.noted("03_cleaning", "cleaning").value
    needed = int(record["n"])
    sentences = [
        labels.text(
            "findings.sampling.design",
            confidence=formats.level(record["confidence"]),
            margin=formats.number(record["margin_index"], 2),
            share_margin=formats.number(record["margin_share"] * 100, 1),
            item_margin=formats.number(record["margin_item"], 2),
            **{name: formats.count(record[f"n_{name}"]) for name in ("index", "share", "item")},
            deff=formats.number(record["design_effect"], 2),
            n=formats.count(needed),
        )
    ]
    if labels.edition.sampling.states("response_rate"):
        rate, invitations = formats.percent(record["response_rate"]), formats.count(record["invitations"])
        sentences.append(labels.text("findings.sampling.invitations", rate=rate, invitations=invitations))
    if cleaned is not None:
        kept = int(cleaned["kept"])
        short = {"kept": formats.count(kept), "short": formats.count(needed - kept)}
        sentences.append(labels.text(f"findings.sampling.{'reached' if kept >= needed else 'short'}", **short))
    if not record.get("attainable", True):
        sentences.append(labels.text("findings.sampling.unattainable"))
    if store.has_table("allocation"):
        frame = store.table("allocation")
        low, high = int(frame["n"].min()), int(frame["n"].max())
        values = {"low": formats.count(low), "high": formats.count(high)}
        margins = {"best": formats.number(frame["margin"].min(), 2), "worst": formats.number(frame["margin"].max(), 2)}
        key = "even" if low == high else "strata"
        sentences.append(labels.text(f"findings.sampling.{key}", **values, **margins))
    return formats.joined(sentences, labels.lang)


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
    some = labels.text("findings.precision.some", names=formats.listed(names, labels.lang), **values)
    return formats.joined([some, labels.text("findings.precision.reached")], labels.lang)


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
    planned = int(store.record("01_sampling", "sampling")["invitations"])
    if record["cases"] != planned and record["method"] == "two_stage":
        rounded = {"planned": formats.count(planned), "per_unit": labels.edition.sampling.per_unit}
        sentences.append(labels.text("findings.selection.rounded", **rounded))
    if labels.edition.simulated:
        sentences.append(labels.text("findings.selection.simulated"))
    return formats.joined(sentences, labels.lang)


def power(store: Store, labels: Labels) -> str:
    """Responses that the tests of fit need, and the power with those that were used."""
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
    reached = (store.noted("07_structural", "structural").value or {}).get("power")
    if reached:
        values = {f"power_{test}": formats.power(power) for test, power in reached["power"].items()}
        key = "ample" if set(values.values()) == {formats.power(1.0)} else "reached"
        sentences.append(labels.text(f"findings.power.{key}", n=formats.count(reached["n"]), **values))
    return formats.joined(sentences, labels.lang)


def flags(store: Store, labels: Labels) -> dict[str, bool]:
    """What the params state of the plan, where there is one."""
    sampling, plans = labels.edition.sampling, labels.edition.interviewed or store.has_table("sample_size")
    return {
        "stated.response_rate": plans and sampling.states("response_rate"),
        "stated.design_effect": plans and sampling.planned,
    }


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """Numbers of the design that prose quotes."""
    record = store.record("01_sampling", "sampling")
    return {
        "sampling": {
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
    }
