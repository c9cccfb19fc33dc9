"""What the front page tells where the parts offer too few candidates: the first things that their chapters tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from analysis.publish.front.choice import MOST
from analysis.publish.part import Candidate
from analysis.publish.parts import all_parts
from analysis.publish.words.labels import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from analysis.publish.part import Finding, Part
    from analysis.publish.words.labels import Labels

ENOUGH = 3
"""Findings with which the front of an edition with an index is full enough: no more than these are filled in."""
FIRST = 2
"""Findings of a part that are told."""
LAST = 99
"""Place of what has none of its own."""
NUMBER = re.compile(r"(?<!\w)\d")
"""What every result has and the words for none have not."""
SHOWN = frozenset({"overall"})
"""What stands beside the index."""


def filled(found: Sequence[Candidate], said: Iterable[Mapping[str, Any]], labels: Labels) -> list[Candidate]:
    """The candidates that were chosen, and where they are few, the findings of parts that offered none.

    said: what each part says, in the order of the parts (`Part.said`).
    """
    told = [pair for part, one in zip(all_parts(), said, strict=True) for pair in _found(part, one, labels)]
    order = sorted(told, key=lambda pair: (not pair[0].leads, pair[0].summary or LAST))
    left = max((ENOUGH if labels.edition.indexed else MOST) - len(found), 0)
    return [*found, *(_candidate(finding, text, labels) for finding, text in order[:left])]


def _found(part: Part, said: Mapping[str, Any], labels: Labels) -> Iterator[tuple[Finding, str]]:
    """What a part without candidates would lead with; without an index the first that it has a lead for."""
    if said["offered"]:
        return
    told = [one for one in part.findings if one.key in said["told"] and f"lead.{one.key}" in catalogue()]
    if labels.edition.indexed:
        told = [one for one in told if one.summary and one.key not in SHOWN]
    for one in told if labels.edition.indexed else told[:FIRST]:
        text = said["briefs"].get(one.key, said["told"][one.key])
        if NUMBER.search(text):
            yield one, text


def _candidate(finding: Finding, text: str, labels: Labels) -> Candidate:
    lead = labels.text(f"lead.{finding.key}")
    return Candidate(finding.key, text, "", "", (), size=1.0, lead=lead)
