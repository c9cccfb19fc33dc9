"""Whom the channels reach: the key point, who is heard least, and the test that channels are alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.publish.comparison import at_the_ends, estimates
from analysis.publish.parts.fieldwork.findings import flags
from analysis.publish.words import formats
from analysis.survey.estimation.overlap import differ

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def coverage(store: Store, labels: Labels) -> str:
    """Share reached online and by telephone, each with its norm and the verdict; nothing without norms."""
    if not flags(store, labels)["judged.norms"]:
        return ""
    rows = {str(row["norm"]): row for row in store.table("channel_norms").to_dict("records")}
    parts = [
        labels.text(
            f"points.coverage.{norm}",
            value=formats.percent(rows[norm]["value"]),
            required=formats.percent(rows[norm]["required"]),
            verdict=labels.text(f"points.coverage.verdict_{rows[norm]['verdict']}"),
        )
        for norm in ("online", "callback")
        if norm in rows and not formats.is_missing(rows[norm]["value"])
    ]
    if not parts:
        return ""
    text = formats.semicolons(parts, labels.lang)
    return labels.text("points.coverage.all", parts=text[0].upper() + text[1:])


def least_heard(store: Store, labels: Labels) -> str:
    """The stratum that answered least and the one that answered most, where they differ."""
    found = estimates(store.table("response_strata"), "category", "rr1")
    confidence = labels.edition.fieldwork.confidence
    top, bottom = at_the_ends(found, partial(differ, confidence=confidence, pairs=max(len(found) - 1, 1)))
    if not bottom:
        return ""
    stratum = labels.edition.sampling.stratum or ""
    values = {}
    for name, one in (("high", top[0]), ("low", bottom[-1])):
        values[name] = labels.group(stratum, one.name)
        values[f"{name}_rate"] = formats.percent(one.value)
        values[f"{name}_ci"] = formats.percent_interval(one.low, one.high, labels.lang)
    return labels.text("findings.least_heard", **values)


def modes_test(store: Store, labels: Labels) -> str:
    """The test that the adjusted index is the same in every channel."""
    tests = store.record("05_satisfaction", "satisfaction")["modes"]
    p = formats.pvalue(tests["p_adjusted"])
    shown = p if p.startswith("<") else f"= {p}"
    return labels.text("findings.modes_test", f=formats.number(tests["f_adjusted"], 2), p=shown)
