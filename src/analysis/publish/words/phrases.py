"""Names as they stand inside a sentence, and phrases that several parts use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels


def lowered(name: str, labels: Labels) -> str:
    """A name as it stands inside a sentence."""
    return formats.inside(name, labels.lang)


def construct_inside(key: str, labels: Labels) -> str:
    """Name of a construct inside a sentence."""
    return lowered(labels.construct(key), labels)


def question_inside(key: str, labels: Labels) -> str:
    """Name of a profile question inside a sentence."""
    return lowered(labels.question(key), labels)


def faults(verdicts: Sequence[str], labels: Labels) -> str:
    """What speaks against a fitted model, then what each fault means for the reader."""
    if not verdicts:
        return ""
    flags = [labels.text(f"findings.verdict.{code}") for code in verdicts]
    flagged = labels.text("findings.verdict.flagged", names=formats.listed(flags, labels.lang))
    advice = [labels.text(f"findings.verdict_advice.{code}") for code in verdicts]
    return formats.joined([flagged, *advice], labels.lang)


def scale_values(labels: Labels) -> dict[str, str]:
    """Values of notes that speak of answer scales: min and max where customers are satisfied, on_scale, satisfied_from.

    Where items have several scales, the threshold says on which it is meant.
    """
    instrument, index = labels.edition.instrument, labels.edition.index
    known = index.csat.construct_key in {construct.key for construct in instrument.constructs}
    scale = instrument.scale_of(index.csat.construct_key) if known else instrument.usual_scale
    ends = {"min": str(scale.min), "max": str(scale.max)}
    several = len(instrument.blocks) > 1
    names = {construct.key: labels.construct(construct.key) for construct in instrument.constructs}
    told = [labels.text("text.on_ends", **ends), labels.text("text.same_place")] if several else []
    told += [
        labels.text("text.own_high", name=names.get(key) or labels.item(key), value=formats.number(bound, 1))
        for key, bound in index.high_from.items()
    ]
    value = formats.number(index.csat.satisfied_from, 1)
    if told:
        value = labels.text("text.high_answer", value=value, where=formats.semicolons(told, labels.lang))
    on_scale = labels.text(f"text.on_scale.{'several' if several else 'one'}", **ends)
    return {**ends, "satisfied_from": value, "on_scale": on_scale}
