"""What the comparison of like with like and the drivers offer for the front page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import unfit, verdict
from analysis.publish.part import Candidate
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside
from analysis.publish.words.spoken import based, capital, errors, spoken

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]

NAMED = 2
"""Units that a sentence names on either side."""
MANY = 4
"""Dimensions on which a unit must be clear for one on the other side to break the rule."""


def candidates(store: Store, labels: Labels) -> Iterable[Candidate]:
    """Who leads and who trails once adjusted, who breaks its own rule, what matters and is weak, what costs most."""
    if not labels.edition.indexed:
        return
    yield from standing(store, labels)
    yield from exceptions(store, labels)
    yield from weak_drivers(store, labels)
    yield from costly(store, labels)


def standing(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The units that do better, and worse, than to be expected of those they serve."""
    if not store.has_table("fair_index"):
        return
    frame = store.table("fair_index").dropna(subset=["adjusted"])
    sides = {side: _banded(frame, side, labels)[:NAMED] for side in ("higher", "lower")}
    if not all(sides.values()):
        return
    (better, worse), (high, low) = (
        [_listed(named(rows, labels), labels) for rows in sides.values()] for named in (_names, _points)
    )
    rows = [row for found in sides.values() for row in found]
    yield Candidate(
        theme="standing",
        sentence=capital(labels.text("front.standing", better=better, worse=worse, high=high, low=low)),
        basis=labels.text("front.standing_basis", units=_based(rows, labels)),
        section="sec-fair",
        about=tuple(str(row["category"]) for row in rows),
        size=min(abs(row["difference"]) / row["se"] for row in rows),
        contrast=0.6,
        surprise=0.2,
        use=0.4,
    )


def exceptions(store: Store, labels: Labels) -> Iterator[Candidate]:
    """Units that are clear on most dimensions in one direction, and on one in the other."""
    if not store.has_table("fair_dimensions"):
        return
    frame = store.table("fair_dimensions").dropna(subset=["adjusted"])
    frame = frame[~frame["construct"].isin(list(unfit(store)))]
    for code, rows in frame.groupby("category", sort=False):
        sides = {side: _banded(rows, side, labels) for side in ("higher", "lower")}
        for rule, broken in (("higher", "lower"), ("lower", "higher")):
            if len(sides[rule]) >= MANY and len(sides[broken]) == 1:
                yield _exception(str(code), rule, sides[rule], sides[broken][0], labels)


def _exception(code: str, rule: str, rows: list[Row], odd: Row, labels: Labels) -> Candidate:
    own, usual = spoken([odd["adjusted"], odd["overall"]])
    return Candidate(
        theme="exception",
        sentence=capital(
            labels.text(
                f"front.exception.{rule}",
                units=labels.group(str(odd["segment"]), code),
                count=len(rows),
                dimension=construct_inside(str(odd["construct"]), labels),
                own=own,
                usual=usual,
            )
        ),
        basis=based(odd["adjusted_low"], odd["adjusted_high"], odd["n"], labels),
        section="sec-fair",
        about=(code, str(odd["construct"])),
        size=abs(odd["difference"]) / odd["se"],
        contrast=0.8,
        surprise=0.7,
        use=0.3,
    )


def weak_drivers(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The dimension that matters most of those that are likely to matter and to be rated low."""
    if not store.has_table("importance_performance"):
        return
    frame = store.table("importance_performance").dropna(subset=["performance", "importance"])
    own = frame[
        (frame["outcome"] == labels.edition.index.csat.construct_key) & ~frame["construct"].isin(list(unfit(store)))
    ]
    act = own[(own["quadrant"] == "act") & (own["probability"] >= labels.edition.drivers.confidence)]
    if act.empty:
        return
    row = act.sort_values("importance", ascending=False, kind="stable").to_dict("records")[0]
    usual = float(own["performance"].mean())
    score, mean = spoken([row["performance"], usual])
    yield Candidate(
        theme="drivers",
        sentence=capital(
            labels.text(
                "front.weak_driver",
                dimension=construct_inside(str(row["construct"]), labels),
                rank=labels.text(f"front.ranks.{_rank(store, own, row)}"),
                score=score,
                mean=mean,
            )
        ),
        basis=based(row["performance_low"], row["performance_high"], row["n"], labels),
        section="sec-drivers",
        about=(str(row["construct"]),),
        size=errors(usual - row["performance"], row["performance_low"], row["performance_high"]),
        contrast=0.6,
        surprise=0.2,
        use=1.0,
    )


def _rank(store: Store, frame: pd.DataFrame, row: Any) -> str:
    """Which place its importance has in the order that the chapter tells: first, second, third, or further down.

    The share of what all dimensions explain where it is known, else the effect of one point.
    """
    known, key = frame["importance"], row["importance"]
    if store.has_table("importance"):
        shares = store.table("importance")
        shares = shares[shares["outcome"] == row["outcome"]].dropna(subset=["share"]).set_index("predictor")["share"]
        if row["construct"] in shares.index:
            known, key = shares, shares[row["construct"]]
    place = int((known > key).sum())
    return ("first", "second", "third")[place] if place < 3 else "other"


def costly(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The dimension that costs most of those that cost more when they fall short than they bring when they do well."""
    if not store.has_table("asymmetry"):
        return
    frame = store.table("asymmetry").dropna(subset=["penalty", "reward", "contrast"])
    basic = frame[(frame["kind"] == "basic") & ~frame["construct"].isin(list(unfit(store)))]
    for row in basic.sort_values("penalty", ascending=False, kind="stable").head(1).to_dict("records"):
        penalty, reward = (formats.number(row[name]) for name in ("penalty", "reward"))
        name = construct_inside(str(row["construct"]), labels)
        yield Candidate(
            theme="asymmetry",
            sentence=capital(labels.text("front.costly", dimension=name, penalty=penalty, reward=reward)),
            basis=labels.text(
                "front.costly_basis",
                penalty=formats.interval(row["penalty_low"], row["penalty_high"], labels.lang),
                reward=formats.interval(row["reward_low"], row["reward_high"], labels.lang),
                n=formats.count(row["n"]),
            ),
            section="sec-asymmetry",
            about=(str(row["construct"]),),
            size=errors(row["contrast"], row["contrast_low"], row["contrast_high"]),
            contrast=0.5,
            surprise=0.6,
            use=0.6,
        )


def _banded(frame: pd.DataFrame, side: str, labels: Labels) -> list[Row]:
    """Rows on one side of what was to be expected, the farthest first."""
    level = labels.edition.drivers.confidence
    found = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    clear = [row for row in found if verdict(row["difference"], row["p_adjusted"], confidence=level) == side]
    return sorted(clear, key=lambda row: -abs(row["difference"]))


def _points(rows: list[Row], labels: Labels) -> list[str]:
    return [labels.text("front.points", value=value) for value in spoken([row["adjusted"] for row in rows])]


def _names(rows: list[Row], labels: Labels) -> list[str]:
    return [labels.group(str(row["segment"]), str(row["category"])) for row in rows]


def _listed(names: list[str], labels: Labels) -> str:
    return formats.listed(names, labels.lang)


def _based(rows: list[Row], labels: Labels) -> str:
    told = [
        labels.text(
            "front.of_unit",
            unit=labels.category(str(row["segment"]), str(row["category"])),
            interval=formats.interval(row["adjusted_low"], row["adjusted_high"], labels.lang),
            n=formats.count(row["n"]),
        )
        for row in rows
    ]
    return formats.semicolons(told, labels.lang)
