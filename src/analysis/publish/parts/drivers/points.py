"""Key points on what matters, who does better or worse than expected, where to begin, and digital service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import unfit, verdict, verdict_of_interval
from analysis.publish.parts.drivers.findings import in_hundred
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]


def importance(store: Store, labels: Labels) -> str:
    """The dimension that matters most for each outcome, and how sure that is."""
    frame, parts, leading = store.table("importance").dropna(subset=["share"]), list[str](), ""
    for outcome, rows in frame.groupby("outcome", sort=False):
        if len(rows) < 2:
            continue
        first = rows.sort_values("share", ascending=False, kind="stable").to_dict("records")[0]
        name = str(first["predictor"])
        key = "first" if not parts else "again" if name == leading else "next"
        leading = leading or name
        parts.append(
            labels.text(
                f"points.importance.{key}",
                outcome=construct_inside(str(outcome), labels),
                name=construct_inside(name, labels),
                share=formats.percent(first["share"], 0),
                times=in_hundred(first["first"]),
            )
        )
    return labels.text("points.importance.all", parts=formats.semicolons(parts, labels.lang)) if parts else ""


def fair(store: Store, labels: Labels) -> str:
    """The sharpest reversal among the units; without one, who is better and who worse than expected on the index."""
    index = store.table("fair_index").dropna(subset=["adjusted"])
    if index.empty:
        return ""
    segment = str(index["segment"].iloc[0])
    return _reversal(store, segment, labels) or _ranked(index, segment, labels)


def _reversal(store: Store, segment: str, labels: Labels) -> str:
    """The unit whose clearest lead and clearest lag are both largest, counted in errors of the smaller one."""
    if not store.has_table("fair_dimensions"):
        return ""
    frame = store.table("fair_dimensions").dropna(subset=["adjusted", "se"])
    frame = frame[~frame["construct"].isin(list(unfit(store)))]
    found: list[tuple[float, Row, Row]] = []
    for _, own in frame.groupby("category", sort=False):
        better, worse = (_clearest(own, way, labels) for way in ("higher", "lower"))
        if better and worse:
            found.append((min(_errors(better), _errors(worse)), better, worse))
    if not found:
        return ""
    _, better, worse = max(found, key=lambda one: one[0])
    values = {
        "unit": labels.group(segment, str(better["category"])),
        "high": _against(better, labels),
        "low": _against(worse, labels),
    }
    return labels.text("points.fair.reversal", **values)


def _errors(row: Row) -> float:
    return abs(float(row["difference"])) / float(row["se"])


def _clearest(frame: pd.DataFrame, way: str, labels: Labels) -> Row:
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return max((row for row in rows if _verdict(row, labels) == way), key=_errors, default={})


def _verdict(row: Row, labels: Labels) -> str:
    return verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)


def _against(row: Row, labels: Labels) -> str:
    return labels.text(
        "points.fair.against",
        name=construct_inside(str(row["construct"]), labels),
        adjusted=formats.number(row["adjusted"]),
        overall=formats.number(row["overall"]),
    )


def _ranked(index: pd.DataFrame, segment: str, labels: Labels) -> str:
    rows = [{str(key): value for key, value in row.items()} for row in index.to_dict("records")]
    told = []
    for way in ("higher", "lower"):
        own = sorted((row for row in rows if _verdict(row, labels) == way), key=lambda row: -abs(row["difference"]))
        names = [
            labels.text(
                "points.scored",
                name=labels.group(segment, str(row["category"])),
                score=formats.number(row["adjusted"]),
            )
            for row in own
        ]
        if names:
            told.append(labels.text(f"points.fair.{way}", names=formats.listed(names, labels.lang)))
    if not told:
        return labels.text("points.fair.none", segment=question_inside(segment, labels))
    return labels.text("points.fair.ranked", parts=formats.semicolons(told, labels.lang))


def priorities(store: Store, labels: Labels) -> str:
    """Where to begin, what it would bring and how sure the first place is."""
    rows = store.table("priorities").dropna(subset=["priority"]).sort_values("rank", kind="stable").to_dict("records")
    if len(rows) < 2 or verdict_of_interval(rows[0]["priority_low"], rows[0]["priority_high"]) != "higher":
        return ""
    first = rows[0]
    return labels.text(
        f"points.priorities.{'gain' if first['basis'] == 'model' else 'share'}",
        name=construct_inside(str(first["construct"]), labels),
        outcome=construct_inside(str(first["outcome"]), labels),
        score=formats.number(first["performance"]),
        target=formats.number(first["target"]),
        gain=formats.gained(first["priority"]),
        ci=formats.gained_interval(first["priority"], first["priority_low"], first["priority_high"], labels.lang),
        times=in_hundred(first["first"]),
    )


def digital(store: Store, labels: Labels) -> str:
    """What digital service does to each outcome, like compared with like."""
    frame = store.table("service_effect")
    told: dict[str, list[str]] = {"higher": [], "lower": [], "same": []}
    for row in frame[frame["method"] == "aipw"].to_dict("records"):
        way = verdict(row["estimate"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)
        values = {
            "outcome": construct_inside(str(row["outcome"]), labels),
            "effect": formats.number(abs(row["estimate"])),
            "signed": formats.signed(row["estimate"]),
            "ci": formats.interval(row["ci_low"], row["ci_high"], labels.lang),
        }
        told[way].append(labels.text(f"points.digital.one_{way}", **values))
    parts = [
        labels.text(f"points.digital.{way}", names=formats.clauses(names, labels.lang))
        for way, names in told.items()
        if any(names)
    ]
    return labels.text("points.digital.all", parts=formats.semicolons(parts, labels.lang)) if parts else ""
