"""What the cells of a grid may tell together: no small group may follow from the whole less all other cells.

Every cell publishes its own tables, and the whole those of all: for each answer b to a background question the cells'
groups (cell, b) add up to the whole's (b), so that a single group withheld in one cell would follow by subtraction; and
a cell that is refused would follow from the whole less all others. The numbers are counted from the interviews before
any cell is made: cells, the rest that is in none, and the whole are one set of linked sums, and `suppression.withhold`
chooses what must go with the small ones. A cell is published by one background question at a time, so that these sums
are all that there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from analysis.edition.sections.domain import WithheldGroup
from analysis.pipeline.part_of_whole import belongs
from analysis.publish.disclosure.suppression import Linked, Sum, withhold

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.sections.disclosure import Disclosure

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Whom a cell is about: questions with their answers, sorted."""
Group = tuple[str, str]
"""An answer to a question; EVERYBODY in a cell has none."""
EVERYBODY: Group = ("", "")
TOO_FEW, PROTECTS = "too_few", "protects"
"""Why a cell is refused: it rests on too few interviews, or one that does would follow from it."""


@dataclass(frozen=True)
class Across:
    """refused: reason by whom a cell is about; withheld: what each withholds besides its own; whole: what it does."""

    refused: dict[Where, str]
    withheld: dict[Where, tuple[WithheldGroup, ...]]
    whole: tuple[WithheldGroup, ...]


@dataclass(frozen=True)
class Interviews:
    """Those of the whole that are kept: answers to background questions, and ones and zeros that shares are made of.

    scored: who has an index. shares: name that disclosure knows a share by → 1, 0 or missing, a column each.
    """

    answers: pd.DataFrame
    scored: NDArray[np.bool_]
    shares: pd.DataFrame


def whom(where: Mapping[str, Sequence[str]]) -> Where:
    """`where` of a cell in an order that does not depend on how it was written."""
    return tuple(sorted((key, tuple(sorted(codes))) for key, codes in where.items()))


def across(interviews: Interviews, parts: Sequence[Where], *, rules: Disclosure) -> Across:
    """Which `parts` of the whole can be published beside each other, and what each and the whole must withhold.

    Parts that overlap are held against the whole one by one. Raises KeyError for a question that is no column.
    """
    refused: dict[Where, str] = {}
    withheld: dict[Where, dict[tuple[Group, str], None]] = {}
    whole: dict[tuple[frozenset[Group], str], None] = {}
    for family in _families(interviews, [part for part in dict.fromkeys(parts) if part]):
        while True:
            left = [part for part in family if part not in refused]
            linked = _link(interviews, family, left, rules)
            hidden = linked.hidden()
            gone = {part: linked.reason(part) for part in left if (part, EVERYBODY, "") in hidden}
            refused |= gone
            if not gone:
                break
        for place, group, measure in hidden:
            if place in left:
                withheld.setdefault(place, {})[group, measure] = None
            told = _answers_of(place, group)
            if told is not None:
                whole[told, measure] = None
        whole |= {(told, ""): None for part in family if part in refused and (told := _answers_of(part, EVERYBODY))}
    return Across(
        refused,
        {
            part: tuple(_written(frozenset({group} - {EVERYBODY}), of) for group, of in own)
            for part, own in withheld.items()
        },
        tuple(_written(group, of) for group, of in whole),
    )


def _written(group: frozenset[Group], measure: str) -> WithheldGroup:
    return WithheldGroup(group=dict(sorted(group)), measure=measure)


def _answers_of(place: Where | None, group: Group) -> frozenset[Group] | None:
    """A group as the whole's tables know it, by at most two answers; None where they don't, or nobody is meant."""
    if place is None or any(len(codes) != 1 for _, codes in place):
        return None
    told = frozenset((key, codes[0]) for key, codes in place) | ({group} - {EVERYBODY})
    return told if len(told) <= 2 else None


def _families(interviews: Interviews, parts: Sequence[Where]) -> list[list[Where]]:
    """Parts by the same questions that have nobody in common; one that overlaps another is a family of its own."""
    families: list[list[Where]] = []
    taken: list[tuple[tuple[str, ...], Mask]] = []
    for part in parts:
        keys, inside = tuple(key for key, _ in part), belongs(interviews.answers, dict(part)).to_numpy()
        free = [n for n, (own, there) in enumerate(taken) if own == keys and not (there & inside).any()]
        if free:
            families[free[0]].append(part)
            taken[free[0]] = (keys, taken[free[0]][1] | inside)
        else:
            families.append([part])
            taken.append((keys, inside))
    return families


@dataclass
class _Links:
    """Cells of one family by (place, group, measure): a place is a part, a margin, the whole (), or a rest (None)."""

    rules: Disclosure
    counts: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    fates: list[int] = field(default_factory=list)
    primary: list[bool] = field(default_factory=list)
    measured: list[bool] = field(default_factory=list)
    known: dict[tuple[Where | None, Group, str], int] = field(default_factory=dict)
    names: list[tuple[Where | None, Group, str]] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    def add(self, name: tuple[Where | None, Group, str], count: float, n: float, *, small: bool) -> int:
        """Place of a new cell: `count` people, of `n` whose share it is."""
        alone = -1 - len(self.names)  # of a rest, which has no name of its own
        fate = alone if name[0] is None else self.known.setdefault(name, len(self.known))
        self.counts.append(count)
        self.limits.append(n)
        self.fates.append(fate)
        self.names.append(name)
        self.measured.append(bool(name[2]))
        self.primary.append(small)
        return len(self.counts) - 1

    def hidden(self) -> dict[tuple[Where | None, Group, str], None]:
        """What must be withheld, in the order in which it was found; nothing of a rest, which nobody publishes."""
        measured, primary = np.array(self.measured, dtype=bool), np.array(self.primary, dtype=bool)
        width, count = float(self.rules.width), float(self.rules.count)
        linked = Linked(
            np.array(self.counts),
            np.array(self.limits),
            np.unique(np.array(self.fates), return_inverse=True)[1],
            np.where(measured, count, width),
            np.where(measured, 0.0, float(self.rules.min_base)),
            self.sums,
        )
        gone = withhold(linked, primary & ~measured)
        places = {self.names[place][:2] for place in np.flatnonzero(gone).tolist()}
        within = np.array([of and name[:2] in places for of, name in zip(measured, self.names, strict=True)])
        if (primary & measured & ~within).any():
            free = Linked(
                linked.counts,
                linked.limits,
                linked.fates,
                np.where(within, 0.0, linked.widths),
                linked.unions,
                self.sums,
            )
            gone |= withhold(free, (primary & measured) | within)
        return {
            self.names[place]: None
            for place in np.flatnonzero(gone & ~within).tolist()
            if self.names[place][0] is not None
        }

    def reason(self, part: Where) -> str:
        """Why a part is refused."""
        own = self.primary[self.names.index((part, EVERYBODY, ""))]
        return TOO_FEW if own else PROTECTS


def _link(interviews: Interviews, family: Sequence[Where], shown: Sequence[Where], rules: Disclosure) -> _Links:
    """Cells and sums of a family: parts within margins within the whole, each by the answers to all other questions."""
    keys = [key for key, _ in family[0]]
    places: list[Where] = [()]
    if len(keys) > 1:
        margins = [whom({key: codes}) for part in family for key, codes in part]
        places += list(dict.fromkeys(margins))
    inside = {place: belongs(interviews.answers, dict(place)).to_numpy() for place in [*places, *shown]}
    links = _Links(rules)
    groups = [EVERYBODY, *_groups(interviews, keys)]
    rows = {place: _cells(links, interviews, place, own, groups) for place, own in inside.items()}
    for place in places:
        parts = [part for part in shown if set(place) <= set(part)]
        rest = inside[place].copy()
        for part in parts:
            rest &= ~inside[part]
        left = _cells(links, interviews, None, rest, groups)
        for name, whole in rows[place].items():
            own = [found[name] for part in parts if name in (found := rows[part])]
            own += [left[name]] if name in left else []
            if own:
                links.sums.append(Sum(np.array(own, dtype=np.int64), whole))
        _by_answers(links, left)
    for found in rows.values():
        _by_answers(links, found)
    return links


def _groups(interviews: Interviews, keys: Sequence[str]) -> list[Group]:
    """Answers to all other questions, missing ones ("") among them."""
    others = [str(key) for key in interviews.answers if key not in keys]
    return [(key, code) for key in others for code in sorted(_texts(interviews.answers[key]).unique())]


def _texts(answers: pd.Series[Any]) -> pd.Series[str]:
    """Codes as text, "" where there is none."""
    return answers.astype("object").astype("str").where(answers.notna(), "")


def _cells(
    links: _Links, interviews: Interviews, place: Where | None, inside: Mask, groups: Sequence[Group]
) -> dict[tuple[Group, str, int], int]:
    """Cells of one place: how many were interviewed, how many have an index, and how many a share counts."""
    found: dict[tuple[Group, str, int], int] = {}
    rules = links.rules
    own = interviews.answers[inside]
    texts = {str(key): _texts(own[key]).to_numpy() for key in own}
    scored, shares = interviews.scored[inside], interviews.shares.to_numpy(dtype=float)[inside]
    for group in groups:
        rows = np.ones(len(own), dtype=bool) if group == EVERYBODY else texts[group[0]] == group[1]
        n, with_index = int(rows.sum()), int((rows & scored).sum())
        if not n:
            continue
        small = any(0 < count < rules.min_base for count in (n, with_index))
        found[group, "", 0] = links.add((place, group, ""), n, np.inf, small=small)
        found[group, "", 1] = found[group, "", 0]
        if with_index != n:
            found[group, "", 1] = links.add((place, group, ""), with_index, np.inf, small=small)
        given = np.nansum(shares[rows], axis=0)
        asked = np.sum(~np.isnan(shares[rows]), axis=0)
        for number, name in enumerate(map(str, interviews.shares)):
            if asked[number]:
                rare = min(given[number], asked[number] - given[number]) < rules.count
                place_of = links.add(
                    (place, group, name), float(given[number]), float(asked[number]), small=bool(small or rare)
                )
                found[group, name, 0] = place_of
    return found


def _by_answers(links: _Links, found: Mapping[tuple[Group, str, int], int]) -> None:
    """Within one place the answers to a question add up to everybody."""
    parts: dict[tuple[str, str, int], list[int]] = {}
    for (group, name, base), cell in found.items():
        if group != EVERYBODY:
            parts.setdefault((group[0], name, base), []).append(cell)
    for (_, name, base), cells in parts.items():
        whole = found.get((EVERYBODY, name, base))
        if whole is not None and sum(links.counts[cell] for cell in cells) == links.counts[whole]:
            links.sums.append(Sum(np.array(cells, dtype=np.int64), whole))
