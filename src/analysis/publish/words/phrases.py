"""Names as they stand inside a sentence, and phrases that several parts use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels


def lowered(name: str, labels: Labels) -> str:
    """A name as it stands inside a sentence: small initial in English, abbreviations as they are."""
    return name if labels.lang == "zh" or name[:2].isupper() else name[:1].lower() + name[1:]


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
