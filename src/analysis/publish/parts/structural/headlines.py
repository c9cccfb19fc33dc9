"""Titles of the figures of the structural model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.drivers.leading import final_outcome
from analysis.publish.comparison import estimates, is_clear
from analysis.publish.headlines import independent, title
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


MOST = 3
"""Constructs that may share the first place."""


def path_diagram(store: Store, labels: Labels) -> str:
    """How many paths are clear, and the one with the largest estimate."""
    paths = store.table("paths").reset_index(drop=True)
    named = paths.assign(path=[str(place) for place in paths.index])
    found = estimates(named, "path", "std", "std_low", "std_high")
    if not found:
        return ""
    row, clear = paths.iloc[int(found[0].name)], sum(map(is_clear, found))
    return title(
        f"path_diagram.{'all' if clear == len(found) else 'some'}",
        labels,
        clear=clear,
        total=len(found),
        predictor=construct_inside(str(row["predictor"]), labels),
        outcome=construct_inside(str(row["outcome"]), labels),
        value=formats.number(found[0].value, 2),
    )


def effects(store: Store, labels: Labels) -> str:
    """What moves the last outcome most, through whatever route."""
    table = store.table("effects")
    outcome = final_outcome(table, labels.edition.instrument)
    rows = table[(table["outcome"] == outcome) & (table["effect"] == "total")]
    found = estimates(rows, "predictor", "std", "std_low", "std_high")
    if not found or not is_clear(found[0]):
        return ""
    apart = independent(found, labels.edition.structural.confidence)
    first = [one for one in found if one is found[0] or not apart(found[0], one)]
    values = {"outcome": construct_inside(outcome, labels), "value": formats.number(found[0].value, 2)}
    if len(first) > MOST:
        return title("effects.many", labels, **values)
    names = formats.listed([construct_inside(one.name, labels) for one in first], labels.lang)
    return title(f"effects.{'one' if len(first) == 1 else 'few'}", labels, names=names, **values)


def interviews(store: Store) -> float:
    """Interviews that the model was fitted to."""
    return float(store.record("07_structural", "structural")["n"])
