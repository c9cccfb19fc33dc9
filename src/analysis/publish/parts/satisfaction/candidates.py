"""What the index offers for the front page: who is ahead on one dimension and behind on another, and who differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import at_the_ends, differences, estimates, interval, narrow_enough, unfit, verdict
from analysis.publish.part import Candidate
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside
from analysis.publish.words.spoken import capital, errors, spoken

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[str, Any]


def candidates(store: Store, labels: Labels) -> Iterable[Candidate]:
    """Reversals between categories of the first segment, then differences within the other segments."""
    if not labels.edition.indexed:
        return
    yield from reversals(store, labels)
    yield from groups(store, labels)


def reversals(store: Store, labels: Labels) -> Iterator[Candidate]:
    """Every two categories of which one is clearly ahead on a dimension and clearly behind on another."""
    if not (store.has_table("dimension_pairs") and store.has_table("segment_dimensions")):
        return
    barred, scores = unfit(store), _scores(store.table("segment_dimensions"))
    frame = store.table("dimension_pairs").dropna(subset=["difference", "p_adjusted"])
    for (one, other), rows in frame[~frame["construct"].isin(list(barred))].groupby(["a", "b"], sort=False):
        ahead, behind = (_clearest(rows, side, labels) for side in ("higher", "lower"))
        if ahead and behind:
            first, second = _order(str(one), str(other), store)
            won, lost = (ahead, behind) if first == one else (behind, ahead)
            yield from _reversal(first, second, won, lost, scores, labels)


def _reversal(
    unit: str, against: str, won: Row, lost: Row, scores: dict[tuple[str, str], Row], labels: Labels
) -> Iterator[Candidate]:
    cells = [(unit, won), (against, won), (unit, lost), (against, lost)]
    known = [scores.get((category, str(row["construct"]))) for category, row in cells]
    shown = [row for row in known if row is not None]
    if len(shown) < len(cells):
        return
    segment = str(won["segment"])
    names = [labels.group(segment, unit), labels.group(segment, against)]
    dimensions = [construct_inside(str(row["construct"]), labels) for row in (won, lost)]
    values = [*spoken([row["score"] for row in shown[:2]]), *spoken([row["score"] for row in shown[2:]])]
    said = dict(zip(("won", "won_against", "lost", "lost_against"), values, strict=True))
    sentence = labels.text(
        "front.reversal", units=names[0], others=names[1], ahead=dimensions[0], behind=dimensions[1], **said
    )
    basis = labels.text(
        "front.reversal_basis",
        ahead=capital(dimensions[0]),
        behind=dimensions[1],
        ahead_interval=_distance(won, labels),
        behind_interval=_distance(lost, labels),
        n=formats.count(shown[0]["n"]),
        n_against=formats.count(shown[1]["n"]),
    )
    yield Candidate(
        theme="reversal",
        sentence=capital(sentence),
        basis=basis,
        section="sec-comparison",
        about=(unit, against, str(won["construct"]), str(lost["construct"])),
        size=sqrt(prod(abs(row["difference"]) / row["se"] for row in (won, lost))),
        contrast=1.0,
        surprise=0.8,
        use=0.4,
    )


def groups(store: Store, labels: Labels) -> Iterator[Candidate]:
    """For each segment but the first, the ends of the index where they differ."""
    if not store.has_table("csi_segments"):
        return
    frame = store.table("csi_segments")
    for segment in list(dict.fromkeys(frame["segment"].astype(str)))[1:]:
        rows = frame[frame["segment"] == segment]
        found = narrow_enough(estimates(rows, "category", "csi"), labels.edition)
        tested, level = differences(store, "csi", segment), labels.edition.index.confidence
        top, low = at_the_ends(found, partial(tested.differ, confidence=level))
        if not top:
            continue
        high, bottom = top[0], low[-1]
        values = spoken([high.value, bottom.value])
        yield Candidate(
            theme=f"group.{segment}",
            sentence=capital(
                labels.text(
                    "front.groups",
                    question=question_inside(segment, labels),
                    high=labels.group(segment, high.name),
                    low=labels.group(segment, bottom.name),
                    high_value=values[0],
                    low_value=values[1],
                )
            ),
            basis=labels.text(
                "front.groups_basis", high=interval(high, labels), low=interval(bottom, labels), n=_base(rows)
            ),
            section="sec-comparison",
            about=(segment, high.name, bottom.name),
            size=errors(high.value - bottom.value, *tested.interval(high, bottom)),
            contrast=0.5,
            surprise=0.3,
            use=0.2,
        )


def _clearest(rows: pd.DataFrame, side: str, labels: Labels) -> Row | None:
    """The difference on this side that is largest in units of its error; None where there is no clear one."""
    level = labels.edition.index.confidence
    found = [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]
    clear = [row for row in found if verdict(row["difference"], row["p_adjusted"], confidence=level) == side]
    return max(clear, key=lambda row: abs(row["difference"]) / row["se"], default=None)


def _order(one: str, other: str, store: Store) -> tuple[str, str]:
    """The two with the one first whose index is lower: that it is ahead anywhere is what surprises."""
    if not store.has_table("csi_segments"):
        return one, other
    frame = store.table("csi_segments")
    index = dict(zip(frame["category"].astype(str), frame["csi"], strict=True))
    return (other, one) if index.get(other, 0.0) < index.get(one, 0.0) else (one, other)


def _scores(frame: pd.DataFrame) -> dict[tuple[str, str], Row]:
    rows = frame.dropna(subset=["score"]).to_dict("records")
    return {(str(row["category"]), str(row["construct"])): {str(k): v for k, v in row.items()} for row in rows}


def _distance(row: Row, labels: Labels) -> str:
    """Interval of a difference by its size, whichever of the two comes first."""
    low, high = sorted(abs(float(row[name])) for name in ("ci_low", "ci_high"))
    return formats.interval(low, high, labels.lang)


def _base(rows: pd.DataFrame) -> str:
    return formats.count(float(rows["n"].sum()))
