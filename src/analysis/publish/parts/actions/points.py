"""Key points of the chapter on monitoring: targets, benchmarks, measures, and what became of earlier advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict
from analysis.publish.part import KeyPoint
from analysis.publish.parts.actions.cells import limited
from analysis.publish.parts.actions.findings import name_inside, reaches
from analysis.publish.parts.edition.cells import amount
from analysis.publish.words import formats
from analysis.publish.words.divided import kinds_of
from analysis.publish.words.escape import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST_NAMED = 3


def targets(store: Store, labels: Labels) -> str:
    """How many indicators met their target, and which can't as things work now."""
    frame = store.table("control_summary").dropna(subset=["value", "target"])
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    if not rows:
        return ""
    counts = {"total": formats.count(len(rows)), "reached": formats.count(sum(map(reaches, rows)))}
    out_of_reach = [_beside_target(row, labels) for row in rows if row["assurance"] == "misses"][:MOST_NAMED]
    if out_of_reach:
        names = formats.listed(out_of_reach, labels.lang)
        return labels.text("points.monitoring.targets_missed", names=names, **counts)
    return labels.text("points.monitoring.targets", **counts)


def _beside_target(row: dict[Any, Any], labels: Labels) -> str:
    unit = str(row["unit"])
    return labels.text(
        "points.monitoring.beside_target",
        name=name_inside(row, labels),
        value=amount(round(float(row["value"]), 1), unit, labels),
        target=limited(row["target"], unit, str(row["bound"]), labels),
    )


def benchmarks(store: Store, labels: Labels) -> str:
    """How many quantities are clearly below and above their benchmark, and the share that is furthest below."""
    frame = store.table("benchmark_comparison").dropna(subset=["gap", "p_adjusted"])
    level = labels.edition.index.confidence
    pairs = zip(frame["gap"], frame["p_adjusted"], strict=True)
    frame = frame.assign(way=[verdict(gap, p, confidence=level) for gap, p in pairs])
    each = [set(rows["way"]) for _, rows in frame.groupby("measure", sort=False)]
    if len(each) < 2:
        return ""
    values = {"total": formats.count(len(each)), "lower": _all(each, "lower"), "higher": _all(each, "higher")}
    behind = frame[(frame["way"] == "lower") & (frame["unit"] == "percent")].nsmallest(1, "gap").to_dict("records")
    if not behind:
        return labels.text("points.monitoring.benchmarks", **values)
    row = behind[0]
    return labels.text(
        "points.monitoring.benchmarks_behind",
        name=plain(str(row[f"measured_{labels.lang}"])),
        value=amount(row["value"], str(row["unit"]), labels),
        benchmark=amount(row["benchmark"], str(row["unit"]), labels),
        **values,
    )


def _all(found: Sequence[set[str]], way: str) -> str:
    """How many quantities have this verdict by every benchmark that is given for them."""
    return formats.count(sum(ways == {way} for ways in found))


def measures(store: Store, labels: Labels) -> str:
    """How many measures reached or missed their target, and how many moved their figure by more than chance."""
    frame = store.table("action_register").dropna(subset=["verdict"])
    if frame.empty:
        return ""
    counts = {name: int((frame["verdict"] == name).sum()) for name in ("met", "missed")}
    counts["open"] = len(frame) - sum(counts.values())
    tested = frame[frame["changed"] != "unknown"]
    told = {"parts": _parts("verdicts", counts, labels), "tested": formats.count(len(tested))}
    better = formats.count((tested["changed"] == "better").sum())
    return labels.text(f"points.monitoring.measures{'' if len(tested) else '_untested'}", better=better, **told)


def promised(store: Store, labels: Labels) -> str:
    """How many of the last recommendations were kept, and how many came to nothing."""
    frame = store.table("promises")
    counts = {name: int((frame["became"] == name).sum()) for name in ("kept", "not_kept", "no_measure")}
    counts["open"] = len(frame) - sum(counts.values())
    return labels.text("points.monitoring.promised", parts=_parts("outcomes", counts, labels))


def _parts(key: str, counts: Mapping[str, int], labels: Labels) -> str:
    parts = kinds_of(f"points.monitoring.{key}", counts, labels)
    return "，".join(parts) if labels.lang == "zh" else ", ".join(parts)


POINTS = (
    KeyPoint("monitoring", targets, needs=("control_summary", "control_points"), order=1),
    KeyPoint("monitoring", benchmarks, needs=("benchmark_comparison",), order=2),
    KeyPoint("monitoring", measures, needs=("action_register",), order=3),
    KeyPoint("monitoring", promised, needs=("promises",), order=4),
)
"""Key points of the chapter on monitoring."""
