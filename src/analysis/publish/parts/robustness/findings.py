"""Sentences on what results rest on: how far the index moves with the choices behind it, and what stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import lies_within
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside
from analysis.robustness.scoring import HIGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

HOLDS = 0.95
"""Share of the specifications that agree from which a result is said to hold whatever is chosen."""
NAMED = 3
"""Winners that a sentence names."""


def index(store: Store, labels: Labels) -> str:
    """Range of the index over all specifications in points, and the choice that moves it most."""
    table = in_points(store)
    own = published(table)
    if own is None or len(table) < 2:
        return ""
    inside = sum(lies_within(own["ci_low"], own["ci_high"], float(value)) for value in table["estimate"])
    values = _values(own, labels) | {
        "count": formats.count(len(table)),
        "low": formats.number(table["estimate"].min()),
        "high": formats.number(table["estimate"].max()),
        "inside": formats.count(inside),
    }
    key = "all" if inside == len(table) else "some"
    return formats.joined([labels.text(f"findings.robust_index.{key}", **values), _mover(store, labels)], labels.lang)


def index_depends(store: Store, labels: Labels) -> str:
    """The choice that would put the index outside its published interval; nothing where none would."""
    own, row = published(in_points(store)), _largest(store)
    if own is None or row is None:
        return ""
    moved = float(own["estimate"]) + float(row["shift"])
    if lies_within(own["ci_low"], own["ci_high"], moved):
        return ""
    return labels.text("findings.index_depends", **_moved(row, labels), **_values(own, labels))


def _mover(store: Store, labels: Labels) -> str:
    """What one choice does on average, all others alike."""
    row = _largest(store)
    return "" if row is None else labels.text("findings.robust_index.mover", **_moved(row, labels))


def _largest(store: Store) -> dict[Any, Any] | None:
    """The option that moves the index most."""
    table = store.table("specification_choices").dropna(subset=["shift"])
    if table.empty:
        return None
    return dict(table.iloc[int(table["shift"].abs().to_numpy().argmax())])


def _moved(row: dict[Any, Any], labels: Labels) -> dict[str, str]:
    choice, code = str(row["choice"]), str(row["option"])
    return {
        "choice": labels.text(f"robust_choices_inside.{choice}"),
        "option": labels.text(f"robust_inside.{choice}.{code}"),
        "size": formats.number(abs(row["shift"]), 2),
        "way": labels.text(f"robust_ways.{'higher' if row['shift'] > 0 else 'lower'}"),
    }


def ranking(store: Store, labels: Labels) -> str:
    """In how many specifications the published first and last of the ranking stay so."""
    table = store.table("specifications").dropna(subset=["first", "last"])
    own = published(table)
    if own is None or own["first"] == own["last"] or _has_withheld(store, str(own["segment"])):
        return ""
    values = {"count": formats.count(len(table))}
    for side in ("first", "last"):
        values[side] = labels.group(str(own["segment"]), str(own[side]))
        values[f"{side}_kept"] = formats.count((table[side] == own[side]).sum())
    values["pairs"] = formats.percent(float(table["order_kept"].mean()), 0)
    every = bool((table["first"] == own["first"]).all() and (table["last"] == own["last"]).all())
    return labels.text(f"findings.robust_ranking.{'all' if every else 'some'}", **values)


def _has_withheld(store: Store, segment: str) -> bool:
    """Whether the index of one of the groups that are ranked is not published: their order would tell of it."""
    if not store.has_table("csi_segments"):
        return False
    groups = store.table("csi_segments")
    return bool(groups.loc[groups["segment"] == segment, "csi"].isna().any())


def ranking_depends(store: Store, labels: Labels) -> str:
    """Who else comes first or last under other choices; nothing where hardly any specification disagrees."""
    table = store.table("specifications").dropna(subset=["first", "last"])
    own = published(table)
    if own is None or own["first"] == own["last"] or _has_withheld(store, str(own["segment"])):
        return ""
    told = []
    for side in ("first", "last"):
        if _agreeing(table, side, own) < HOLDS:
            names = [(labels.group(str(own["segment"]), code), n) for code, n in _winners(table, side)]
            told.append(labels.text(f"findings.ranking_depends.{side}", names=_counted(names, labels)))
    if not told:
        return ""
    return labels.text(
        "findings.ranking_depends.sentence", told=formats.semicolons(told, labels.lang), count=len(table)
    )


def drivers(store: Store, labels: Labels) -> str:
    """In how many specifications the published first driver stays the first."""
    table = store.table("driver_specifications").dropna(subset=["strength"])
    own = published(table)
    if own is None or len(table) < 2:
        return ""
    kept = int((table["first"] == own["first"]).sum())
    values = {"first": construct_inside(str(own["first"]), labels), "outcome": _outcome(store, labels)}
    key = "all" if kept == len(table) else "some"
    return labels.text(f"findings.robust_drivers.{key}", count=len(table), kept=kept, **values)


def driver_depends(store: Store, labels: Labels) -> str:
    """Which other driver comes first under other choices; nothing where hardly any specification disagrees."""
    table = store.table("driver_specifications").dropna(subset=["strength"])
    own = published(table)
    if own is None or _agreeing(table, "first", own) >= HOLDS:
        return ""
    names = [(construct_inside(code, labels), n) for code, n in _winners(table, "first")]
    values = {"names": _counted(names, labels), "count": len(table), "outcome": _outcome(store, labels)}
    return labels.text("findings.driver_depends", **values)


def no_choices(store: Store, labels: Labels) -> str:
    """Said where there is but one way to compute the index."""
    if not store.has_table("specifications") or len(store.table("specifications")) > 1:
        return ""
    return labels.text("findings.no_choices")


def left_out(store: Store, labels: Labels) -> str:
    """Options that make no difference in this edition, or one of too few interviews to be told."""
    found = store.record("16_robustness", "robustness")["left_out"]
    if not found:
        return ""
    names = formats.listed([labels.text(f"robust_left_out.{code}") for code in found], labels.lang)
    return labels.text("findings.options_left_out", names=names)


def in_points(store: Store) -> pd.DataFrame:
    """Specifications whose estimate is in points."""
    table = store.table("specifications").dropna(subset=["estimate"])
    return table[table["scoring"] != HIGH]


def published(table: pd.DataFrame) -> dict[Any, Any] | None:
    own = table[table["published"].astype(bool)]
    return None if own.empty else dict(own.iloc[0])


def _values(own: dict[Any, Any], labels: Labels) -> dict[str, str]:
    return {
        "value": formats.number(own["estimate"]),
        "ci": formats.interval(own["ci_low"], own["ci_high"], labels.lang),
        "n": formats.count(own["n"]),
    }


def _agreeing(table: pd.DataFrame, side: str, own: dict[Any, Any]) -> float:
    return float((table[side] == own[side]).mean())


def _winners(table: pd.DataFrame, side: str) -> list[tuple[str, int]]:
    counts = table[side].astype(str).value_counts()
    return [(str(code), int(n)) for code, n in counts.items()][:NAMED]


def _counted(names: Sequence[tuple[str, int]], labels: Labels) -> str:
    parts = [labels.text("findings.robust_counted", name=name, n=n) for name, n in names]
    return formats.listed(parts, labels.lang)


def _outcome(store: Store, labels: Labels) -> str:
    return construct_inside(str(store.record("16_robustness", "robustness")["outcome"]), labels)
