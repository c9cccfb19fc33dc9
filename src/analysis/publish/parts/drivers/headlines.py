"""Titles of the figures of what drives satisfaction, of priorities and of fair comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import differs, verdict, verdict_of_interval
from analysis.publish.headlines import title
from analysis.publish.parts.drivers.findings import SURE, in_hundred
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


MOST = 3
"""Names that a title holds."""


def importance(store: Store, labels: Labels) -> str:
    """What has most to do with the first outcome, and how sure that is."""
    frame = store.table("importance").dropna(subset=["share"])
    rows = (
        frame[frame["outcome"] == frame["outcome"].iloc[0]].sort_values("rank", kind="stable") if len(frame) else frame
    )
    if len(rows) < 2:
        return ""
    first, second = rows.iloc[0], rows.iloc[1]
    values = {
        "outcome": construct_inside(str(first["outcome"]), labels),
        "first": construct_inside(str(first["predictor"]), labels),
        "second": construct_inside(str(second["predictor"]), labels),
        "share": formats.percent(first["share"], 0),
    }
    return title(f"importance.{'sure' if first['first'] >= SURE else 'unsure'}", labels, **values)


def importance_performance(store: Store, labels: Labels) -> str:
    """What matters much and is rated low."""
    frame = store.table("importance_performance").dropna(subset=["performance"])
    if frame.empty:
        return ""
    outcome = frame["outcome"].iloc[0]
    act = frame[(frame["outcome"] == outcome) & (frame["quadrant"] == "act") & (frame["probability"] >= SURE)]
    names = [construct_inside(str(key), labels) for key in act["construct"]][:MOST]
    values = {"outcome": construct_inside(str(outcome), labels), "names": formats.listed(names, labels.lang)}
    return title(f"importance_performance.{'some' if names else 'none'}", labels, **values)


def priorities(store: Store, labels: Labels) -> str:
    """Where to begin, and how sure that is."""
    rows = store.table("priorities").dropna(subset=["priority"]).sort_values("rank", kind="stable")
    if rows.empty:
        return ""
    first = rows.iloc[0]
    clear = verdict_of_interval(first["priority_low"], first["priority_high"]) == "higher"
    values = {
        "outcome": construct_inside(str(first["outcome"]), labels),
        "name": construct_inside(str(first["construct"]), labels),
        "gain": formats.gained(first["priority"]),
        "times": in_hundred(first["first"]),
    }
    return title(f"priorities.{'first' if clear else 'none'}", labels, **values)


def scorecard(store: Store, labels: Labels) -> str:
    """Whose index is better and whose is worse than was to be expected."""
    frame = store.table("fair_index").dropna(subset=["difference", "p_adjusted"])
    confidence = labels.edition.drivers.confidence
    sides: dict[str, list[str]] = {"higher": [], "lower": [], "same": []}
    for row in frame.sort_values("difference", ascending=False, kind="stable").to_dict("records"):
        way = verdict(row["difference"], row["p_adjusted"], confidence=confidence)
        sides[way].append(labels.group(str(row["segment"]), str(row["category"])))
    told = {side: names for side, names in sides.items() if side != "same" and 0 < len(names) <= MOST}
    named = {side: formats.listed(names, labels.lang) for side, names in told.items()}
    key = "both" if len(named) == 2 else next(iter(named), "none" if len(sides["same"]) == len(frame) else "many")
    counts = {"better": len(sides["higher"]), "worse": len(sides["lower"])}
    return title(f"scorecard.{key}", labels, **counts, **{"higher": "", "lower": ""} | named)


def fair_funnel(store: Store, labels: Labels) -> str:
    """How many units stand apart."""
    frame, confidence = store.table("fair_funnel").dropna(subset=["p_adjusted"]), labels.edition.drivers.confidence
    apart = sum(differs(p, confidence=confidence) for p in frame["p_adjusted"])
    return title(f"fair_funnel.{'some' if apart else 'none'}", labels, apart=apart, total=len(frame))


def asymmetry(store: Store, labels: Labels) -> str:
    """Which dimensions cost more when they fall short than they earn, and the other way round."""
    frame = store.table("asymmetry").dropna(subset=["penalty", "reward"])
    kinds = {
        kind: [construct_inside(str(key), labels) for key in frame.loc[frame["kind"] == kind, "construct"]][:MOST]
        for kind in ("basic", "excitement")
    }
    named = {kind: formats.listed(names, labels.lang) for kind, names in kinds.items()}
    told = [kind for kind, names in kinds.items() if names]
    return title(f"asymmetry.{'both' if len(told) == 2 else told[0] if told else 'none'}", labels, **named)


def service_effect(store: Store, labels: Labels) -> str:
    """What the service raises and lowers, like compared with like."""
    frame = store.table("service_effect")
    confidence = labels.edition.drivers.confidence
    ways: dict[str, list[str]] = {"higher": [], "lower": [], "same": []}
    for row in frame[frame["method"] == "aipw"].dropna(subset=["estimate"]).to_dict("records"):
        way = verdict(row["estimate"], row["p_adjusted"], confidence=confidence)
        ways[way].append(construct_inside(str(row["outcome"]), labels))
    if not any(ways.values()):
        return ""
    key = "mixed" if ways["higher"] and ways["lower"] else next((w for w in ("higher", "lower") if ways[w]), "none")
    key = f"{key}_only" if key in {"higher", "lower"} and not ways["same"] else key
    named = {way: formats.listed(names, labels.lang) for way, names in ways.items()}
    return title(f"service_effect.{key}", labels, **named)
