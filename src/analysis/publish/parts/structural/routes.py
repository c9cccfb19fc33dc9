"""Sentences on what lies behind the structural model: its routes, its residuals, its groups, its recovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.drivers.leading import final_outcome
from analysis.publish.comparison import differs, verdict_of_interval
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

_SAME = 1e-9
"""Shares closer than this are one share: the dimensions have the same routes from there on."""


def residuals(store: Store, labels: Labels) -> str:
    """How many pairs of items the model explains badly."""
    record = store.record("07_structural", "structural")
    large, pairs = record["large_residuals"], record["pairs"]
    key = "some" if large else "none"
    return labels.text(f"findings.residuals.{key}", large=formats.count(large), pairs=formats.count(pairs))


def mediation(store: Store, labels: Labels) -> str:
    """For the dimension that matters most: its strongest route and how much of its effect each mediator passes on."""
    dimensions = {construct.key for construct in labels.edition.instrument.dimensions}
    outcome, routes = final_outcome(store.table("effects"), labels.edition.instrument), store.table("mediation")
    routes = routes[(routes["outcome"] == outcome) & routes["predictor"].isin(dimensions)].dropna(subset=["std"])
    if not len(routes):
        return ""
    lead = str(routes.groupby("predictor", sort=False)["std"].sum().idxmax())
    own = routes[routes["predictor"] == lead]
    if own["share"].isna().any():
        return labels.text(
            "findings.mediation.mixed",
            predictor=construct_inside(lead, labels),
            outcome=construct_inside(outcome, labels),
        )
    mediators = store.table("mediators")
    mediators = mediators[(mediators["outcome"] == outcome) & mediators["predictor"].isin(dimensions)]
    through = mediators[mediators["predictor"] == lead]
    partial = through[through["share_low"].notna()].sort_values("share", ascending=False, kind="stable")
    names = {"predictor": construct_inside(lead, labels), "outcome": construct_inside(outcome, labels)}
    whole = _whole(through, labels)
    sentences = [labels.text(f"findings.mediation.{'whole' if whole else 'several'}", **names, names=whole)]
    if len(partial):
        parts = [
            labels.text(
                "findings.mediation.part",
                mediator=construct_inside(str(row["mediator"]), labels),
                **_share(row, labels),
            )
            for row in partial.to_dict("records")
        ]
        sentences.append(labels.text("findings.mediation.parts", names=formats.semicolons(parts, labels.lang)))
    if len(partial) > 1:
        sentences.append(labels.text("findings.mediation.overlap"))
    sentences.append(_contrast(mediators, partial, labels))
    return formats.joined(sentences, labels.lang)


def _whole(through: pd.DataFrame, labels: Labels) -> str:
    """The mediators that every route touches, as a list."""
    touched = through.loc[through["share_low"].isna() & through["share"].notna(), "mediator"]
    return formats.listed([construct_inside(str(name), labels) for name in touched], labels.lang)


def _contrast(mediators: pd.DataFrame, lead: pd.DataFrame, labels: Labels) -> str:
    """The dimensions of whose effect a mediator passes on clearly another share than of the leading one's."""
    for row in lead.to_dict("records"):
        others = mediators[mediators["mediator"] == row["mediator"]]
        apart = others.loc[[_apart(other, row) for other in others.to_dict("records")]]
        if not len(apart):
            continue
        furthest = apart.loc[(apart["share"] - row["share"]).abs().idxmax()].to_dict()
        alike = apart.loc[(apart["share"] - furthest["share"]).abs() < _SAME, "predictor"].astype(str).tolist()
        whole = _whole(mediators[mediators["predictor"] == alike[0]], labels)
        everyone = len(alike) > 1 and len(alike) == mediators["predictor"].nunique() - 1
        named = formats.listed([construct_inside(name, labels) for name in alike], labels.lang)
        return labels.text(
            f"findings.mediation.contrast{'_whole' if whole else ''}",
            predictors=labels.text("findings.mediation.others") if everyone else named,
            names=whole,
            mediator=construct_inside(str(row["mediator"]), labels),
            **_share(furthest, labels),
        )
    return ""


def _apart(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Whether the intervals of two shares do not meet: their covariance is not known."""
    low, high = one["share_low"] - other["share_high"], one["share_high"] - other["share_low"]
    return verdict_of_interval(low, high) != "same"


def _share(row: Mapping[Any, Any], labels: Labels) -> dict[str, str]:
    ci = formats.percent_interval(row["share_low"], row["share_high"], labels.lang, decimals=0)
    return {"share": formats.percent(row["share"], 0), "ci": ci}


def path_comparison(store: Store, labels: Labels) -> str:
    """Whether the paths are the same in every group, as a whole and one by one."""
    record, paths = store.record("07_structural", "structural")["comparison"], store.table("path_equality")
    confidence = labels.edition.structural.confidence
    names = [
        labels.text(
            "findings.path_comparison.path",
            predictor=construct_inside(str(row["predictor"]), labels),
            outcome=construct_inside(str(row["outcome"]), labels),
        )
        for row in paths.to_dict("records")
        if differs(row["p_adjusted"], confidence=confidence)
    ]
    p = formats.pvalue(record["pvalue"])
    sentences = [
        labels.text(
            f"findings.path_comparison.{'differ' if differs(record['pvalue'], confidence=confidence) else 'equal'}",
            group=lowered(labels.question(record["question"]), labels),
            groups=record["groups"],
            responses=_responses(record["n"], store, labels),
            df=record["df"],
            difference=formats.number(record["difference"], 1),
            p=p if p.startswith("<") else f"= {p}",
        ),
        labels.text(
            f"findings.path_comparison.{'some' if names else 'none'}", names=formats.listed(names, labels.lang)
        ),
    ]
    if not record["converged"]:
        sentences.append(labels.text("findings.path_comparison.unconverged"))
    return formats.joined(sentences, labels.lang)


def _responses(n: int, store: Store, labels: Labels) -> str:
    """The complete responses compared; where a group is withheld not how many, since they would tell its own."""
    withheld = store.has_table("paths_by_group") and store.table("paths_by_group")["n"].isna().any()
    key = "responses" if withheld else "n_responses"
    return labels.text(f"findings.path_comparison.{key}", n=labels.people(n))


def recovery(store: Store, labels: Labels) -> str:
    """How many planted paths the intervals of the estimates hold, and the largest distance."""
    frame = store.table("recovery")
    inside_interval = int((frame["inside"].astype(str) == "True").sum())
    largest = float((frame["std"] - frame["population"]).abs().max())
    return labels.text(
        "findings.recovery",
        total=len(frame),
        inside=inside_interval,
        expected=formats.number(len(frame) * labels.edition.structural.confidence, 1),
        level=formats.level(labels.edition.structural.confidence),
        largest=formats.number(largest, 3),
    )
