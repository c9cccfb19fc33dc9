"""Sentences on the process: how long, how much waiting and rework, what to mend first, what customers say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict, verdict_of_interval
from analysis.publish.parts.edition.cells import amount
from analysis.publish.parts.standards.cells import full_name, institutions, span
from analysis.publish.parts.standards.findings import GOOD, among_published
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

STEP = "11_standards"


def process(store: Store, labels: Labels) -> str:
    """The longest way, the share of waiting, and where most is done again."""
    frame, record = store.table("service_cases"), store.record(STEP, "process")
    sentences = [_longest(frame, labels), _waiting(frame, labels, told=record["told_apart"]), _rework(frame, labels)]
    sentences += [_deadline(row, labels) for row in frame.dropna(subset=["on_time"]).to_dict("records")]
    if record["later"]:
        sentences.append(labels.text("findings.process.later", n=formats.count(record["later"])))
    return formats.joined(sentences, labels.lang)


def _scenario(row: Any, labels: Labels) -> str:
    return lowered(labels.scenario(str(row["scenario"])), labels)


def _ci(row: Any, low: str, high: str, labels: Labels) -> str:
    return formats.percent_interval(row[low], row[high], labels.lang)


def _longest(frame: pd.DataFrame, labels: Labels) -> str:
    known = frame.dropna(subset=["median", "p90"])
    if not len(known):
        return ""
    row = known.nlargest(1, "median").iloc[0]
    times = {name: span(row[name] * 24, labels) for name in ("median", "p90")}
    return labels.text(f"findings.process.time{_alone(frame)}", scenario=_scenario(row, labels), **times)


def _alone(frame: pd.DataFrame) -> str:
    """Where there is but one scenario, nothing is the longest or the most."""
    return "_alone" if len(frame) == 1 else ""


def _waiting(frame: pd.DataFrame, labels: Labels, *, told: bool) -> str:
    known = frame.dropna(subset=["waiting"])
    if not told:
        return labels.text("findings.process.not_apart")
    if not mostly_waiting(known):
        return ""
    row = known.nlargest(1, "waiting").iloc[0]
    ends = {"low": formats.percent(known["waiting"].min()), "high": formats.percent(row["waiting"])}
    ci = _ci(row, "waiting_low", "waiting_high", labels)
    return labels.text(f"findings.process.waiting{_alone(frame)}", scenario=_scenario(row, labels), ci=ci, **ends)


def advice(store: Store, labels: Labels) -> str:
    """What to do about it: shorten the waiting where most is waiting, look into what comes back where any does."""
    frame = store.table("service_cases")
    reasons = {
        "waiting": store.record(STEP, "process")["told_apart"] and mostly_waiting(frame),
        "rework": bool((frame["rework"] > 0).any()),
    }
    return formats.joined(
        [labels.text(f"findings.process.advice_{of}") for of, so in reasons.items() if so], labels.lang
    )


def mostly_waiting(frame: pd.DataFrame) -> bool:
    """Whether more than half of the time of some scenario is waiting."""
    return bool(frame["waiting"].max() > 1 / 2)


def _rework(frame: pd.DataFrame, labels: Labels) -> str:
    known = frame.dropna(subset=["rework"])
    if not len(known):
        return ""
    row = known.nlargest(1, "rework").iloc[0]
    if not row["rework"] > 0:
        return labels.text("findings.process.no_rework")
    ci, share = _ci(row, "rework_low", "rework_high", labels), formats.percent(row["rework"])
    return labels.text(f"findings.process.rework{_alone(frame)}", scenario=_scenario(row, labels), share=share, ci=ci)


def _deadline(row: dict[Any, Any], labels: Labels) -> str:
    values = {"n": formats.count(row["due"]), "share": formats.percent(row["on_time"])}
    ci = _ci(row, "on_time_low", "on_time_high", labels)
    return labels.text("findings.process.deadline", scenario=_scenario(row, labels), ci=ci, **values)


def weak_links(store: Store, labels: Labels) -> str:
    """The link to mend first, and the next two."""
    rows = store.table("weak_links").dropna(subset=["score"]).sort_values("rank").to_dict("records")
    if not rows:
        return ""
    first, names = rows[0], [full_name(str(r["scenario"]), str(r["step"]), labels) for r in rows[:3]]
    rated = not formats.is_missing(first["dissatisfaction"])
    values = {"n": formats.count(first["n"]), "missed": formats.count(first["missed"])}
    values |= {"hours": formats.count(first["hours_lost"]), "dissatisfied": formats.percent(first["dissatisfaction"])}
    values |= {"step": names[0], "among": among_published(store, labels) if store.has_table("service_steps") else ""}
    sentences = [capital(labels.text(f"findings.weak_links.first{'' if rated else '_unrated'}", **values))]
    if len(names) > 1:
        quoted = [f"“{name}”" for name in names[1:]]
        sentences.append(labels.text("findings.weak_links.next", steps=formats.listed(quoted, labels.lang)))
    return formats.joined(sentences, labels.lang)


def perception(store: Store, labels: Labels) -> str:
    """Where rating and log part, by the guide's levels; how many ratings lie below and above them."""
    rows = _rated(store, labels)
    high = [row for row in _timed(rows) if row["way"] == "higher" and row["on_time"] < GOOD]
    low = _kept_but_low(rows)
    sentences = [_parted("kept_but_low", row, labels) for row in low[:2]]
    sentences += [_parted("late_but_high", row, labels) for row in high[:1]]
    ways = [row["way"] for row in rows]
    if rows:
        counts = {"compared": len(rows), "lower": ways.count("lower"), "higher": ways.count("higher")}
        sentences.append(labels.text("findings.perception.count", **counts))
    return formats.joined(sentences, labels.lang)


def kept_but_rated_low(store: Store, labels: Labels) -> tuple[list[str], list[dict[Any, Any]]]:
    """The verdict on every rating that has a benchmark; the steps below it that are on time, the lowest first."""
    rows = _rated(store, labels)
    return [row["way"] for row in rows], _kept_but_low(rows)


def _rated(store: Store, labels: Labels) -> list[dict[Any, Any]]:
    frame = store.table("service_perception").dropna(subset=["satisfied", "benchmark", "p_adjusted"])
    return [row | {"way": _against(row, labels)} for row in frame.to_dict("records")]


def _timed(rows: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    return [row for row in rows if row["step"] and not formats.is_missing(row["on_time"])]


def _kept_but_low(rows: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    low = [row for row in _timed(rows) if row["way"] == "lower" and row["on_time"] >= GOOD]
    return sorted(low, key=lambda row: row["gap"])


def _against(row: dict[Any, Any], labels: Labels) -> str:
    return verdict(row["gap"], row["p_adjusted"], confidence=labels.edition.index.confidence)


def _parted(key: str, row: dict[Any, Any], labels: Labels) -> str:
    return labels.text(
        f"findings.perception.{key}",
        step=full_name(str(row["scenario"]), str(row["step"]), labels),
        share=formats.percent(row["satisfied"]),
        ci=_ci(row, "satisfied_low", "satisfied_high", labels),
        on_time=formats.percent(row["on_time"]),
        benchmark=formats.percent(row["benchmark"]),
    )


def perception_of_kinds(store: Store, labels: Labels) -> str:
    """Kinds of institution that perform and are rated unlike, and those that are lower in both."""
    frame = store.table("perception_institutions").dropna(subset=["satisfied", "kept"])
    told = [_kind(row, labels) for row in frame.to_dict("records")]
    return formats.joined(
        [text for text in told if text] or [labels.text("findings.perception.kinds_alike")], labels.lang
    )


def _kind(row: dict[Any, Any], labels: Labels) -> str:
    kept = verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.service.confidence)
    rated = verdict(row["rated_difference"], row["rated_p_adjusted"], confidence=labels.edition.index.confidence)
    shares = {"kept": formats.percent(row["kept"]), "share": formats.percent(row["satisfied"])}
    name = institutions(str(row["category"]), labels)
    if kept == rated == "lower":
        return labels.text("findings.perception.kinds_both_low", institution=name, **shares)
    if {kept, rated} == {"lower", "higher"}:
        ways = {"way_kept": labels.text(f"kept.{kept}"), "way_rated": labels.text(f"kept.{rated}")}
        return labels.text("findings.perception.kinds_apart", institution=name, **shares, **ways)
    return ""


def norms(store: Store, labels: Labels) -> str:
    """Mean minutes and the share over time of all, beside their norms."""
    frame = store.table("service_norms").dropna(subset=["value", "ci_low", "ci_high"]).fillna({"category": ""})
    return formats.joined(
        [_norm(row, labels) for row in frame[frame["category"] == ""].to_dict("records") if row["norm"] != "consulted"],
        labels.lang,
    )


def _norm(row: dict[Any, Any], labels: Labels) -> str:
    unit = str(row["unit"])
    way = verdict_of_interval(row["ci_low"], row["ci_high"], reference=row["limit"])
    if unit == "percent":
        ci = formats.percent_interval(row["ci_low"] / 100, row["ci_high"] / 100, labels.lang)
    else:
        ci = formats.interval(row["ci_low"], row["ci_high"], labels.lang)
    values = {"value": amount(round(row["value"], 1), unit, labels), "limit": amount(row["limit"], unit, labels)}
    return labels.text(f"findings.norms.{row['norm']}_{way}", ci=ci, **values)


def _consulted(row: dict[Any, Any], labels: Labels) -> str:
    known = labels.edition.standards.indicators if labels.edition.standards else ()
    key = labels.edition.service.norms["consulted"]
    limit = next((one.limit for one in known if one.key == key), None)
    if limit is None:
        return ""
    return labels.text(
        "findings.norms.consulted",
        value=formats.percent(row["value"] / 100),
        ci=formats.percent_interval(row["ci_low"] / 100, row["ci_high"] / 100, labels.lang),
        limit=amount(limit.value, limit.unit, labels),
    )


def consultations(store: Store, labels: Labels) -> str:
    """The same of consultations alone, for the chapter on monitoring."""
    frame = store.table("service_norms").dropna(subset=["value", "ci_low", "ci_high"]).fillna({"category": ""})
    rows = frame[(frame["norm"] == "consulted") & (frame["category"] == "")].to_dict("records")
    return _consulted(rows[0], labels) if rows else ""


def branches(store: Store, labels: Labels) -> str:
    """Branches whose customers clearly wait longer than the slowest that is bearable."""
    frame, record = store.table("service_branches").dropna(subset=["mean"]), store.record(STEP, "norms")
    level, slow = labels.edition.service.confidence, record["slow"]
    rows = frame.to_dict("records")
    ways = [verdict(row["mean"] - slow, row["p_adjusted"], confidence=level) for row in rows]
    late = [row for row, way in zip(rows, ways, strict=True) if way == "higher"]
    names = [
        labels.text(
            "findings.branches.one",
            branch=str(row["branch"]),
            mean=formats.number(row["mean"]),
            ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        )
        for row in late[:5]
    ]
    told = {"slow": formats.number(slow, 0), **({"names": formats.listed(names, labels.lang)} if names else {})}
    sentences = [labels.text(f"findings.branches.{'slow' if names else 'none'}", **told)]
    if record["few"]:
        sentences.append(labels.text("findings.branches.few", n=record["few"]))
    return formats.joined(sentences, labels.lang)
