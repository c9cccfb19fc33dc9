"""Titles of the figures of the service log and of what customers say beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import estimates, verdict
from analysis.publish.headlines import highest_and_lowest, independent, title
from analysis.publish.parts.standards.cells import full_name, institutions
from analysis.publish.parts.standards.process_findings import mostly_waiting
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def service_steps(store: Store, labels: Labels) -> str:
    """The steps that keep their limit most and least often."""
    frame = store.table("service_steps").dropna(subset=["on_time"])
    names = {str(row["place"]): str(row[f"step_{labels.lang}"]) for row in frame.to_dict("records")}
    found = estimates(frame, "place", "on_time")
    return highest_and_lowest(
        "service_steps",
        found,
        labels,
        apart=independent(found, labels.edition.index.confidence),
        name=lambda place: lowered(names[place], labels),
        write=formats.percent,
    )


def service_flow(store: Store, labels: Labels) -> str:
    """Where most of the time is waiting; how long cases take where waiting is not recorded."""
    cases = store.table("service_cases").dropna(subset=["n"])
    known = cases.dropna(subset=["waiting"])
    if len(known) and mostly_waiting(known):
        row = known.iloc[int(known["waiting"].argmax())]
        share = formats.percent(row["waiting"], 0)
        return title("service_flow.waiting", labels, scenario=_scenario(row["scenario"], labels), share=share)
    timed = cases.dropna(subset=["median"])
    if timed.empty:
        return ""
    row = timed.iloc[int(timed["median"].argmax())]
    days = formats.number(row["median"])
    key = "service_flow.longest" if len(timed) > 1 else "service_flow.alone"
    return title(key, labels, scenario=_scenario(row["scenario"], labels), days=days)


def _scenario(key: object, labels: Labels) -> str:
    return lowered(labels.scenario(str(key)), labels)


def service_perception(store: Store, labels: Labels) -> str:
    """The step that lies furthest below its benchmark; else how many reach it."""
    frame = store.table("service_perception").dropna(subset=["satisfied"])
    rated = frame.dropna(subset=["gap", "p_adjusted"])
    ways = [verdict(row["gap"], row["p_adjusted"], confidence=_level(labels)) for row in rated.to_dict("records")]
    low = rated.loc[[way == "lower" for way in ways]]
    if rated.empty:
        return ""
    if low.empty:
        return title("service_perception.none", labels, total=len(rated))
    row = low.iloc[int(low["gap"].argmin())].to_dict()
    step = full_name(str(row["scenario"]), str(row["step"] or ""), labels)
    values = {"satisfied": formats.percent(row["satisfied"]), "benchmark": formats.percent(row["benchmark"])}
    return title("service_perception.lowest", labels, step=step, **values)


def _level(labels: Labels) -> float:
    return labels.edition.index.confidence


def perception_institutions(store: Store, labels: Labels) -> str:
    """Kinds of institution where both the rating and the log are worse, or better, than elsewhere."""
    frame = store.table("perception_institutions").dropna(subset=["satisfied", "kept"])
    sides: dict[str, list[str]] = {"lower": [], "higher": []}
    for row in frame.to_dict("records"):
        rated = verdict(row["rated_difference"], row["rated_p_adjusted"], confidence=_level(labels))
        kept = verdict(row["difference"], row["p_adjusted"], confidence=_level(labels))
        if rated == kept != "same":
            sides[rated].append(institutions(str(row["category"]), labels))
    if frame.empty:
        return ""
    key = next((side for side, names in sides.items() if names), "none")
    names = formats.listed(sides.get(key, []), labels.lang)
    return title(f"perception_institutions.{key}", labels, names=names)
