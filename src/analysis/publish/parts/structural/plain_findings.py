"""What the structural model says, in words without a coefficient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import estimates, is_clear
from analysis.publish.parts.structural.findings import explained_shares
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def chain(store: Store, labels: Labels) -> str:
    """Whether the supposed relations agree with the answers, how much they explain, and which are in doubt."""
    record, fit = store.record("07_structural", "structural"), store.table("fit")
    met = fit["met"].dropna().astype(str)
    state = "all" if (met == "True").all() else "none" if (met == "False").all() else "part"
    state = "saturated" if record["df"] == 0 else state
    keys = ["unconverged"] if not record["converged"] else []
    sentences = [labels.text(f"findings.chain.{key}") for key in keys]
    sentences.append(labels.text(f"findings.chain.{state}", n=formats.count(record["n"])))
    parts = explained_shares(store, labels, "findings.chain.one")
    if parts:
        sentences.append(labels.text("findings.chain.explained", parts=formats.listed(parts, labels.lang)))
    return formats.joined([*sentences, _doubtful(store, labels)], labels.lang)


def _doubtful(store: Store, labels: Labels) -> str:
    """Relations that can't be told from none."""
    paths = store.table("paths")
    names = [
        labels.text(
            "findings.path_comparison.path",
            predictor=construct_inside(one.name, labels),
            outcome=construct_inside(str(outcome), labels),
        )
        for outcome, rows in paths.groupby("outcome", sort=False)
        for one in estimates(rows, "predictor", "std", "std_low", "std_high")
        if not is_clear(one)
    ]
    if not names:
        return labels.text("findings.chain.clear", total=len(paths))
    return labels.text("findings.chain.doubtful", names=formats.listed(names, labels.lang))
