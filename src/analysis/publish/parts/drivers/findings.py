"""Sentences on what moves customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

SURE = 0.95
"""Probability of a rank from which it is told as a fact."""


def importance(store: Store, labels: Labels) -> str:
    """What has most to do with each outcome, its share of what the dimensions explain, and how sure that rank is."""
    frame = store.table("importance")
    sentences = [_leader(str(outcome), rows, labels) for outcome, rows in frame.groupby("outcome", sort=False)]
    return formats.joined(sentences, labels.lang)


def _leader(outcome: str, rows: pd.DataFrame, labels: Labels) -> str:
    ordered = rows.sort_values("share", ascending=False, kind="stable").to_dict("records")
    first, second = ordered[0], ordered[min(1, len(ordered) - 1)]
    values = {
        "outcome": construct_inside(outcome, labels),
        "first": construct_inside(str(first["predictor"]), labels),
        "second": construct_inside(str(second["predictor"]), labels),
        "share": formats.percent(first["share"], 0),
        "ci": formats.percent_interval(first["share_low"], first["share_high"], labels.lang, decimals=0),
        "times": in_hundred(first["first"]),
    }
    key = "single" if len(ordered) == 1 else "sure" if first["first"] >= SURE else "unsure"
    return labels.text(f"findings.importance.{key}", **values)


def in_hundred(probability: float) -> str:
    """A probability as times in a hundred; never 0 or 100, which nobody knows."""
    return formats.count(min(max(round(probability * 100), 1), 99))
