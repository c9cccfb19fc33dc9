"""Numbers of the index that prose quotes, and how they were estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.publish.base import is_weighted
from analysis.publish.comparison import estimates
from analysis.publish.words import formats
from analysis.publish.words.phrases import scale_values

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

FLAGS = ("has.design_replicates", "has.design_strata", "has.design_units", "has.independent_draws")
"""What the variance of the index rests on."""


def variables(store: Store, labels: Labels) -> dict[str, Mapping[str, str]]:
    """Index, satisfied share, dimensions and estimation."""
    return {**_satisfaction(store, labels), "estimation": _estimation(store, labels)}


def flags(store: Store, labels: Labels) -> dict[str, bool]:  # noqa: ARG001
    """What the variance rests on: replicates, strata, sampling units, or independent draws; none without an index."""
    estimation = store.noted("05_satisfaction", "satisfaction").value
    if estimation is None:
        return dict.fromkeys(FLAGS, False)
    linearised = not estimation["replicates"]
    return {
        "has.design_replicates": not linearised,
        "has.design_strata": bool(estimation["strata"]) and linearised,
        "has.design_units": bool(estimation["units"]) and linearised,
        "has.independent_draws": not (estimation["strata"] or estimation["units"] or estimation["replicates"]),
    }


def _satisfaction(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    rows = {row["measure"]: row for row in store.table("csi_overall").to_dict("records")}
    csi, csat = rows["csi"], rows["csat"]
    instrument, rule, scales = labels.edition.instrument, labels.edition.index.csat, scale_values(labels)
    found = estimates(store.table("csi_dimensions"), "construct", "score")
    ends = {"strongest": found[0], "weakest": found[-1]} if found else {}
    dimension = {key: labels.construct(end.name) for key, end in ends.items()}
    dimension |= {f"{key}_score": formats.number(end.value) for key, end in ends.items()}
    return {
        "csi": {
            "overall": formats.number(csi["estimate"]),
            "ci": formats.interval(csi["ci_low"], csi["ci_high"], labels.lang),
            "n": formats.count(csi["n"]),
            "margin": formats.number((csi["ci_high"] - csi["ci_low"]) / 2),
        },
        "csat": {
            "overall": formats.percent(csat["estimate"]),
            "ci": formats.percent_interval(csat["ci_low"], csat["ci_high"], labels.lang),
            "n": formats.count(csat["n"]),
            "rule": labels.text(
                "text.csat_rule",
                construct=labels.construct(rule.construct_key),
                value=formats.number(rule.satisfied_from),
                **{name: scales[name] for name in ("min", "max")},
            ),
        },
        "dimension": {
            "count": _counted("dimensions", len(instrument.dimensions), labels),
            "items": _counted("items", sum(len(construct.items) for construct in instrument.dimensions), labels),
            **dimension,
        },
    }


def _counted(noun: str, count: int, labels: Labels) -> str:
    return labels.text(f"text.{noun}.{'one' if count == 1 else 'many'}", n=formats.count(count))


def _estimation(store: Store, labels: Labels) -> dict[str, str]:
    record = store.record("05_satisfaction", "satisfaction")
    mean = "weighted_mean" if is_weighted(store) else "mean"
    return {
        "mean": labels.text(f"text.{mean}"),
        "variance": labels.text(f"variances.{record['variance']}"),
        "replicates": formats.count(record["replicates"]),
        "strata": formats.count(record["strata"]),
        "units": formats.count(record["units"]),
        "adjustment": labels.text(f"adjustments.{labels.edition.index.adjustment}"),
    }
