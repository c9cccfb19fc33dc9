"""Sentences on the effect of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def training(store: Store, labels: Labels) -> str:
    """Each measure over all staff, and for how many kinds of institution the effect on it is clear."""
    frame = store.table("training_effects").dropna(subset=["effect", "p_adjusted"]).fillna({"category": ""})
    whole = frame[frame["category"] == ""].to_dict("records")
    if not whole:
        return ""
    told = [_effect(row, labels) for row in whole]
    sentences = [labels.text("findings.training.effects", effects=formats.semicolons(told, labels.lang))]
    for row in whole:
        kinds = frame[(frame["measure"] == row["measure"]) & (frame["category"] != "")]
        clear = [_way(kind, labels) for kind in kinds.to_dict("records")].count("higher")
        if len(kinds) and clear < len(kinds):
            text = labels.text("findings.training.kinds", measure=_name(row, labels), clear=clear, kinds=len(kinds))
            sentences.append(text)
    return formats.joined(sentences, labels.lang)


def _effect(row: dict[Any, Any], labels: Labels) -> str:
    return labels.text(
        f"findings.training.{_way(row, labels)}",
        measure=_name(row, labels),
        effect=formats.number(abs(row["effect"])),
        ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
    )


def _way(row: dict[Any, Any], labels: Labels) -> str:
    return verdict(row["effect"], row["p_adjusted"], confidence=labels.edition.service.confidence)


def _name(row: dict[Any, Any], labels: Labels) -> str:
    return lowered(labels.known("training_measures", str(row["measure"])), labels)
