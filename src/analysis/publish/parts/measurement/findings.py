"""Sentences on how well the questionnaire measures: reliability, validity, factors and comparability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, faults, lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

STEP = "06_measurement"
CLEAR_GAIN = 0.01
"""Alpha that must be gained before an item is said to be better left out."""
CLEAR_LOSS = 0.01
"""CFI that a single factor must lose before it is said to fit worse."""


def reliability(store: Store, labels: Labels) -> str:
    """Range of alpha, the constructs that miss the threshold, omega, and items that lower it."""
    frame, rule = store.table("reliability"), labels.edition.measurement
    known = frame.dropna(subset=["alpha"]).sort_values("alpha", kind="stable")
    if known.empty:
        return labels.text("findings.reliability.none")
    lowest, highest = known.iloc[0], known.iloc[-1]
    low = known[known["alpha_high"] < rule.min_alpha]
    unsure = known[(known["alpha_high"] >= rule.min_alpha) & (known["alpha_low"] < rule.min_alpha)]
    threshold = formats.number(rule.min_alpha, 2)
    sentences = [
        labels.text(
            f"findings.reliability.{_range_key(len(known), len(low), missed=known['alpha'].min() < rule.min_alpha)}",
            low=formats.number(lowest["alpha"], 3),
            lowest=construct_inside(str(lowest["construct"]), labels),
            high=formats.number(highest["alpha"], 3),
            highest=construct_inside(str(highest["construct"]), labels),
            threshold=threshold,
            names=_constructs(low["construct"].tolist(), labels),
        )
    ]
    if len(unsure):
        names = _constructs(unsure["construct"].tolist(), labels)
        sentences.append(labels.text("findings.reliability.unsure", names=names, threshold=threshold))
    gap = (known["omega"] - known["alpha"]).abs().max()
    if not formats.is_missing(float(gap)):
        sentences.append(labels.text("findings.reliability.omega", gap=formats.number(gap, 3)))
    sentences.append(_better_without(store, known, labels))
    return formats.joined(sentences, labels.lang)


def flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    """Whether any construct has a coefficient that may be told."""
    there = store.has_table("reliability")
    return {"shown.reliability": there and bool(store.table("reliability")["alpha"].notna().any())}


def _range_key(known: int, low: int, *, missed: bool) -> str:
    """Ending of the wording for `known` constructs of which `low` clearly miss the threshold.

    One alone spans no range; where an estimate is `missed` by less than its error, nothing is said of the threshold.
    """
    ending = "low" if low else "open" if missed else ""
    if known == 1:
        return f"one_{ending}" if ending else "one"
    return {"low": "some", "open": "range", "": "all"}[ending]


def _better_without(store: Store, known: pd.DataFrame, labels: Labels) -> str:
    alpha = known.set_index("construct")["alpha"]
    items = store.table("item_statistics").dropna(subset=["alpha_without"])
    gained = items["alpha_without"] - alpha.reindex(items["construct"]).to_numpy()  # empty with two items each
    found = items.loc[gained > CLEAR_GAIN, "item"].tolist()
    return labels.text("findings.reliability.drop", items=_items(found, labels)) if found else ""


def validity(store: Store, labels: Labels) -> str:
    """AVE, Fornell–Larcker, the closest pair by HTMT, and how many constructs pass everything."""
    frame, rule = store.table("validity"), labels.edition.measurement
    sentences = [faults(store.record(STEP, "measurement")["confirmed"]["verdicts"], labels)]
    known = frame.dropna(subset=["ave"])
    if len(known):
        few = known.loc[known["ave_high"] < rule.min_ave, "construct"].tolist()
        unsure = known.loc[(known["ave"] < rule.min_ave) & (known["ave_high"] >= rule.min_ave), "construct"].tolist()
        named = known["construct"].tolist() if len(known) == 1 else few
        key = _range_key(len(known), len(few), missed=known["ave"].min() < rule.min_ave)
        sentences.append(
            labels.text(
                f"findings.validity.ave_{key}",
                low=formats.number(known["ave"].min(), 3),
                high=formats.number(known["ave"].max(), 3),
                threshold=formats.number(rule.min_ave, 2),
                names=_constructs(named, labels),
            )
        )
        if unsure:
            names = _constructs(unsure, labels)
            threshold = formats.number(rule.min_ave, 2)
            sentences.append(labels.text("findings.validity.ave_unsure", names=names, threshold=threshold))
    judged = frame.dropna(subset=["fornell_larcker"])
    if len(judged):
        missed = judged.loc[judged["fornell_larcker"].astype(str) == "False", "construct"].tolist()
        key = "larcker_some" if missed else "larcker_all"
        sentences.append(labels.text(f"findings.validity.{key}", names=_constructs(missed, labels)))
    sentences += [_closest_pair(store, labels), _sound(frame, labels)]
    return formats.joined(sentences, labels.lang)


def unmeasured(store: Store, labels: Labels) -> str:
    """Why there is no measurement model to report; nothing where there is one."""
    if store.has_table("validity"):
        return ""
    record = store.record(STEP, "measurement")["confirmed"]
    if not record.get("improper"):
        return labels.text("findings.unmeasured.absent")
    return formats.joined(
        [labels.text("findings.unmeasured.improper"), faults(record["verdicts"], labels)], labels.lang
    )


def _closest_pair(store: Store, labels: Labels) -> str:
    rule = labels.edition.measurement
    pairs = store.table("construct_pairs").dropna(subset=["htmt"]) if store.has_table("construct_pairs") else None
    if pairs is None or pairs.empty:
        return ""
    row = pairs.sort_values("htmt", ascending=False, kind="stable").iloc[0]
    key = "below" if row["htmt"] <= rule.max_htmt else "between" if row["htmt"] < rule.max_htmt_related else "above"
    return labels.text(
        f"findings.validity.htmt_{key}",
        one=construct_inside(str(row["construct"]), labels),
        other=construct_inside(str(row["other"]), labels),
        value=formats.number(row["htmt"], 3),
        ci=formats.interval(row["htmt_low"], row["htmt_high"], labels.lang, decimals=3),
        threshold=formats.number(rule.max_htmt, 2),
        related=formats.number(rule.max_htmt_related, 2),
    )


def _sound(frame: pd.DataFrame, labels: Labels) -> str:
    sound = int((frame["verdict"] == "sound").sum())
    key = "all" if sound == len(frame) else "some" if sound else "none"
    return labels.text(f"findings.validity.sound_{key}", n=sound, total=len(frame))


def measured_fit(store: Store, labels: Labels) -> str:
    """Fit of the designed factors, and whether a single factor would do as well."""
    record = store.record(STEP, "measurement")
    designed, single = record["confirmed"], record["single"]
    values = {name: formats.number(designed[name], 3) for name in ("cfi", "rmsea", "srmr")}
    ci = formats.interval(designed["rmsea_low"], designed["rmsea_high"], labels.lang, decimals=3)
    n = formats.count(designed["n"])
    designed_fit = labels.text("findings.measured_fit.designed", n=n, ci=ci, **values)
    if not designed["converged"]:
        return formats.joined([labels.text("findings.structural.unconverged"), designed_fit], labels.lang)
    if designed["df"] == 0:
        return labels.text("findings.measured_fit.saturated", n=n)
    sentences = [designed_fit]
    if not (single["available"] and single["converged"]):
        sentences.append(labels.text("findings.measured_fit.alone"))
    elif len(labels.edition.instrument.constructs) > 1:
        worse = single["cfi"] < designed["cfi"] - CLEAR_LOSS and single["rmsea_low"] > designed["rmsea_high"]
        sentences.append(
            labels.text(
                f"findings.measured_fit.{'worse' if worse else 'not_worse'}",
                cfi=formats.number(single["cfi"], 3),
                rmsea=formats.number(single["rmsea"], 3),
                shared=formats.percent(single["shared"], 0),
            )
        )
    return formats.joined(sentences, labels.lang)


def factors(store: Store, labels: Labels) -> str:
    """Whether the items can be factored, how many factors they hold, and whether they sort as designed."""
    record = store.record(STEP, "measurement")
    found, explored = record["factors"], record["explored"]
    least = labels.edition.measurement.min_kmo
    key = "adequate" if found["kmo"] >= least else "inadequate"
    shown = {"kmo": formats.number(found["kmo"], 3), "chi2": formats.number(found["chi2"], 1)}
    counts = {"n": formats.count(found["n"]), "df": formats.count(found["df"])}
    sentences = [
        labels.text(f"findings.factors.{key}", threshold=formats.number(least, 2), **shown, **counts),
        _retained(found, len(labels.edition.instrument.constructs), labels),
        _placed(explored, labels),
    ]
    if explored.get("heywood"):
        sentences.append(labels.text("findings.factors.heywood"))
    return formats.joined(sentences, labels.lang)


def _retained(found: dict[str, Any], designed: int, labels: Labels) -> str:
    """Factors that the items hold against those they were written for."""
    retained = found["retained"]
    key = "as_designed" if retained == designed else "fewer" if retained < designed else "more"
    return labels.text(f"findings.factors.{key}", retained=retained, designed=designed)


def _placed(explored: dict[str, Any], labels: Labels) -> str:
    if not explored["available"]:
        return labels.text("findings.factors.unsolved")
    if explored["factors"] == 1:
        return labels.text("findings.factors.unsorted")
    return labels.text(
        f"findings.factors.placed_{'all' if explored['placed'] == explored['items'] else 'some'}",
        factors=explored["factors"],
        items=explored["items"],
        placed=explored["placed"],
        weakest=formats.number(explored["weakest"], 2),
        cross=formats.number(explored["largest_cross"], 2),
    )


def invariance(store: Store, labels: Labels) -> str:
    """How far scores may be compared between the groups."""
    record = store.record(STEP, "measurement")["comparable"]
    released = record["released"]
    sentence = labels.text(
        f"findings.invariance.{record['level']}{'_partial' if released else ''}",
        group=lowered(labels.question(record["group"]), labels),
        groups=record["groups"],
        items=_items(released, labels),
    )
    parts = [sentence] if record["converged"] else [sentence, labels.text("findings.invariance.unconverged")]
    return formats.joined(parts, labels.lang)


def _constructs(keys: Sequence[object], labels: Labels) -> str:
    return formats.listed([construct_inside(str(key), labels) for key in keys], labels.lang)


def _items(keys: Sequence[str], labels: Labels) -> str:
    quoted = [labels.text("findings.reliability.quoted", text=labels.item(key)) for key in keys]
    return formats.listed(quoted, labels.lang)
