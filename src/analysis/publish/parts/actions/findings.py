"""Sentences on the register of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST_NAMED = 3


def actions(store: Store, labels: Labels) -> str:
    """How many measures reached their target, how many missed it, and which these are."""
    frame = store.table("action_register")
    counts = frame["verdict"].value_counts()
    total, met, missed = len(frame), int(counts.get("met", 0)), int(counts.get("missed", 0))
    sentences = [labels.text("findings.actions.met", total=total, met=met, missed=missed)]
    names = frame.loc[frame["verdict"] == "missed", f"measure_{labels.lang}"].astype(str).tolist()
    if 0 < len(names) <= MOST_NAMED:
        sentences.append(labels.text("findings.actions.named", names=formats.semicolons(names, labels.lang)))
    waiting = {name: int(counts.get(name, 0)) for name in ("on_the_way", "not_begun", "unknown")}
    if sum(waiting.values()):
        sentences.append(labels.text("findings.actions.waiting", waiting=sum(waiting.values()), **waiting))
    return formats.joined(sentences, labels.lang)
