"""Key points of the chapter on the service: promises kept, by whom, how rated, where time goes, what to mend first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict
from analysis.publish.part import KeyPoint
from analysis.publish.parts.edition.cells import amount
from analysis.publish.parts.standards.cells import full_name
from analysis.publish.parts.standards.cells import institutions as named
from analysis.publish.parts.standards.findings import GOOD, among_published, kept_most_seldom
from analysis.publish.parts.standards.process_findings import STEP, kept_but_rated_low
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def promises(store: Store, labels: Labels) -> str:
    """The step that breaks its promise most, beside how many keep theirs."""
    frame, tied = kept_most_seldom(store, labels)
    if not len(frame):
        return ""
    worst, key = frame.iloc[0], "only" if len(frame) == 1 else "worst_tied" if tied else "worst"
    told = labels.text(
        f"points.standards.{key}",
        among=among_published(store, labels),
        step=full_name(str(worst["scenario"]), str(worst["step"]), labels),
        limit=amount(worst["limit"], str(worst["unit"]), labels),
        share=formats.percent(worst["on_time"]),
        ci=formats.percent_interval(worst["ci_low"], worst["ci_high"], labels.lang),
        kept=formats.count((frame["on_time"] >= GOOD).sum()),
        steps=formats.count(len(frame)),
    )
    return capital(told)


def institutions(store: Store, labels: Labels) -> str:
    """Who keeps all limits of a case less often, or more often, than the others."""
    frame = store.table("service_institutions").dropna(subset=["kept", "p_adjusted"])
    if not len(frame):
        return ""
    level = labels.edition.service.confidence
    frame = frame.sort_values("difference", kind="stable")
    ways = [verdict(d, p, confidence=level) for d, p in zip(frame["difference"], frame["p_adjusted"], strict=True)]
    sentences = []
    for way in ("lower", "higher"):
        rows = [row for row, found in zip(frame.to_dict("records"), ways, strict=True) if found == way]
        names = formats.listed([_beside_others(row, labels) for row in rows], labels.lang)
        sentences += [labels.text(f"points.standards.institutions_{way}", names=names)] if rows else []
    if not sentences:
        ends = {"low": formats.percent(frame["kept"].min()), "high": formats.percent(frame["kept"].max())}
        sentences = [labels.text("points.standards.institutions_same", **ends)]
    return formats.joined(sentences, labels.lang)


def _beside_others(row: dict[Any, Any], labels: Labels) -> str:
    shares = {"share": formats.percent(row["kept"]), "others": formats.percent(row["others"])}
    return labels.text("points.standards.institution", name=named(str(row["category"]), labels), **shares)


def ratings(store: Store, labels: Labels) -> str:
    """How many ratings lie below their benchmark, and the one that does although the clock was kept."""
    ways, low = kept_but_rated_low(store, labels)
    if not ways:
        return ""
    values = {"compared": formats.count(len(ways)), "lower": formats.count(ways.count("lower"))}
    if not low:
        return labels.text("points.standards.ratings", higher=formats.count(ways.count("higher")), **values)
    row = low[0]
    return labels.text(
        "points.standards.ratings_apart",
        step=full_name(str(row["scenario"]), str(row["step"]), labels),
        on_time=formats.percent(row["on_time"]),
        share=formats.percent(row["satisfied"]),
        benchmark=formats.percent(row["benchmark"]),
        **values,
    )


def waiting(store: Store, labels: Labels) -> str:
    """How much of the time from opening to end nobody works on a case."""
    known = store.table("service_cases").dropna(subset=["waiting"])
    if not store.record(STEP, "process")["told_apart"] or len(known) < 2:
        return ""
    row = known.nlargest(1, "waiting").iloc[0]
    return labels.text(
        "points.standards.waiting",
        low=formats.percent(known["waiting"].min()),
        high=formats.percent(row["waiting"]),
        scenario=lowered(labels.scenario(str(row["scenario"])), labels),
    )


def first_suggestion(store: Store, labels: Labels) -> str:
    """The suggestion that would bring most, how sure its place is, and what comes next."""
    frame = _short_of_benchmark(store.table("suggestions"))
    if len(frame) < 2:
        return ""
    first, second = frame.iloc[0], frame.iloc[1]
    names = {
        key: lowered(str(row[f"measured_{labels.lang}"]), labels) for key, row in (("name", first), ("next", second))
    }
    return labels.text(
        "points.standards.suggestion",
        gain=formats.number(first["gain"]),
        ci=formats.interval(first["gain_low"], first["gain_high"], labels.lang),
        outcome=construct_inside(str(first["outcome"]), labels),
        other=formats.percent(second["first"], 0),
        **names,
    )


def _short_of_benchmark(table: pd.DataFrame) -> pd.DataFrame:
    frame = table.dropna(subset=["gain", "first"])
    return frame[frame["gap"] > 0].sort_values("rank", kind="stable")


POINTS = (
    KeyPoint("standards", promises, needs=("service_steps",), order=1),
    KeyPoint("standards", institutions, needs=("service_institutions",), order=2),
    KeyPoint("standards", ratings, needs=("service_perception",), order=3),
    KeyPoint("standards", waiting, needs=("service_cases",), order=4),
    KeyPoint("standards", first_suggestion, needs=("suggestions",), order=5),
)
"""Key points of the chapter on the service."""
