"""Sentences on a part of a survey against all whom the survey asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import Verdict, unfit, verdict
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def against_whole(store: Store, labels: Labels) -> str:
    """The index of the part against that of the whole, and in what else they clearly differ."""
    frame = store.table("against_whole").dropna(subset=["value", "difference", "p_adjusted"])
    rows = {str(row["measure"]): row for row in frame.to_dict("records")}
    if "csi" not in rows:
        return labels.text("findings.withheld")
    confidence, csi = labels.edition.index.confidence, rows["csi"]
    found: dict[str, Verdict] = {
        name: verdict(row["difference"], row["p_adjusted"], confidence=confidence) for name, row in rows.items()
    }
    low, high = csi["difference_low"], csi["difference_high"]
    low, high = (-high, -low) if found["csi"] == "lower" else (low, high)
    facts = {
        "part": part_name(labels),
        "csi": formats.number(csi["value"]),
        "whole": formats.number(csi["whole"]),
        "gap": formats.number(abs(csi["difference"])),
        "gap_ci": formats.interval(low, high, labels.lang),
    }
    sentences = [labels.text(f"findings.against_whole.{found['csi']}", **facts)]
    barred = unfit(store)
    for key in ("higher", "lower"):
        named = [construct_inside(name, labels) for name in found if _is_construct(name, found, key, barred)]
        if named:
            sentences.append(
                labels.text(f"findings.against_whole.also_{key}", names=formats.listed(named, labels.lang))
            )
    return formats.joined(sentences, labels.lang)


def _is_construct(name: str, found: dict[str, Verdict], key: str, barred: frozenset[str]) -> bool:
    return found[name] == key and name not in {"csi", "csat"} and name not in barred


def part_name(labels: Labels) -> str:
    """The part by its answers, as a reader sees it: student, north."""
    where = labels.edition.domain.where
    stop = "、" if labels.lang == "zh" else ", "
    return stop.join(labels.category(key, code) for key, codes in where.items() for code in codes)
