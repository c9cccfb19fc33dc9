"""Sentences on a model that the user wrote for several groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import estimates, interval, is_clear
from analysis.publish.words import formats
from analysis.publish.words.phrases import faults, question_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def group_model(store: Store, labels: Labels) -> str:
    """How the model fits all groups together, how many paths they share, and which defined quantities are not zero."""
    record, fit = store.record("07_structural", "structural")["grouped"], store.table("group_fit")
    missed = [labels.text(f"indices.{row['index']}") for row in fit.to_dict("records") if str(row["met"]) == "False"]
    kind = "saturated" if record["df"] == 0 else "partial" if missed else "good"
    group, paths, shared = question_inside(record["question"], labels), record["paths"], record["shared_paths"]
    said = [labels.text(f"findings.group_model.{kind}", group=group, names=formats.listed(missed, labels.lang))]
    if paths:
        key = "all" if shared == paths else "some" if shared else "none"
        said.append(labels.text(f"findings.group_model.shared_{key}", shared=shared, paths=paths))
    if store.has_table("group_defined"):
        found = estimates(store.table("group_defined"), "quantity", "est")
        clear = [
            labels.text(
                "findings.group_model.quantity",
                name=one.name,
                value=formats.number(one.value, 2),
                ci=interval(one, labels, decimals=2),
            )
            for one in found
            if is_clear(one)
        ]
        if found:
            key = "defined" if clear else "undecided"
            said.append(labels.text(f"findings.group_model.{key}", names=formats.listed(clear, labels.lang)))
    return formats.joined([one for one in (*said, faults(record["verdicts"], labels)) if one], labels.lang)
