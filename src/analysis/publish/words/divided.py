"""Sentences on how a number of things divides: each kind that there is with its number, one alone as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.publish.words.labels import Labels


def kinds_of(key: str, counts: Mapping[str, int], labels: Labels) -> list[str]:
    """`<key>.<kind>` with its number {n}, in the order of `counts`, of each kind that there is.

    `<key>.<kind>_one` is said of a single one.
    """
    return [
        labels.text(f"{key}.{kind}{'_one' if n == 1 else ''}", n=labels.text(f"{key}.many", n=formats.count(n)))
        for kind, n in counts.items()
        if n
    ]


def divided(key: str, counts: Mapping[str, int], labels: Labels) -> str:
    """How many are of which kind: `<key>.several` with {total} and {parts}; of one alone `<key>.alone` is the subject.

    Empty where there are none.
    """
    told = {kind: n for kind, n in counts.items() if n}
    if not told:
        return ""
    if sum(told.values()) == 1:
        alone = labels.text(f"{key}.{next(iter(told))}_one", n=labels.text(f"{key}.alone"))
        return labels.text(f"{key}.only", part=alone)
    parts = kinds_of(key, told, labels)
    listed = "，".join(parts) if labels.lang == "zh" else formats.listed(parts, labels.lang)
    return labels.text(f"{key}.several", total=formats.count(sum(told.values())), parts=listed)
