"""What the cells of a grid may tell together: no small group may follow from the whole less all other cells.

Every cell publishes its own tables, and the whole those of all: for each answer b to a background question the cells'
groups (cell, b) add up to the whole's (b), so that a single group withheld in one cell would follow by subtraction; and
a cell that is refused would follow from the whole less all others. The numbers are counted from the interviews before
any cell is made. First it is decided which cells can stand at all: cells, the rest that is in none, and the whole are
linked sums, and `suppression.withhold` chooses what must go with the small ones. Then each question makes a table of
its own, cells by answers, whose margins are known; where nothing short of a margin would protect its small groups, no
cell is published by that question. The same goes for each share that few people gave, or all but few. A cell is
published by one background question at a time, so that these sums are all that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

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
    Places = NDArray[np.int64]

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""Whom a cell is about: questions with their answers, sorted."""
Group = tuple[str, str]
"""An answer to a question; EVERYBODY in a cell has none."""
EVERYBODY: Group = ("", "")
TOO_FEW, PROTECTS = "too_few", "protects"
"""Why a cell is refused: it rests on too few interviews, or one that does would follow from it."""
G = TypeVar("G")
LARGEST = 4000
"""Cells of one table beyond which it is not attacked but left out."""


@dataclass(frozen=True)
class Across:
    """refused: reason by whom a cell is about; withheld: what each withholds besides its own; whole: what it does."""

    refused: dict[Where, str]
    withheld: dict[Where, tuple[WithheldGroup, ...]]
    whole: tuple[WithheldGroup, ...]


@dataclass(frozen=True)
class Interviews:
    """Those of the whole that are kept: answers to background questions, and ones and zeros that shares are made of.

    scored: who has an index. shares: name that disclosure knows a share by → 1, 0 or missing, a column each;
    by_answers: those of them that are published by background questions.
    """

    answers: pd.DataFrame
    scored: NDArray[np.bool_]
    shares: pd.DataFrame
    by_answers: tuple[str, ...] = ()


def whom(where: Mapping[str, Sequence[str]]) -> Where:
    """`where` of a cell in an order that does not depend on how it was written."""
    return tuple(sorted((key, tuple(sorted(codes))) for key, codes in where.items()))


def across(interviews: Interviews, parts: Sequence[Where], *, rules: Disclosure) -> Across:
    """Which `parts` of the whole can be published beside each other, and what each and the whole must withhold.

    Parts that overlap are held against the whole one by one. Raises KeyError for a question that is no column.
    """
    refused: dict[Where, str] = {}
    found: dict[Where | None, dict[tuple[frozenset[Group], str], None]] = {}
    for family in families(interviews, [part for part in dict.fromkeys(parts) if part]):
        refused |= refused_parts(interviews, family, rules)
        shown = [part for part in family if part not in refused]
        for part in (part for part in family if part in refused):
            _note(found, None, _in_whole(part, EVERYBODY), "")
        for group, measure, places in _hidden(interviews, shown, rules):
            for place in places:
                _note(found, place, frozenset({group} - {EVERYBODY}), measure)
                for part in (place, *_margins([place])):
                    _note(found, None, _in_whole(part, group), measure)
    own = {place: tuple(_written(*one) for one in told) for place, told in found.items()}
    return Across(refused, {part: told for part, told in own.items() if part is not None}, own.get(None, ()))


def _note(
    found: dict[Where | None, dict[tuple[frozenset[Group], str], None]],
    place: Where | None,
    group: frozenset[Group] | None,
    measure: str,
) -> None:
    if group is not None:
        found.setdefault(place, {})[group, measure] = None


def _written(group: frozenset[Group], measure: str) -> WithheldGroup:
    return WithheldGroup(group=dict(sorted(group)), measure=measure)


def _in_whole(place: Where, group: Group) -> frozenset[Group] | None:
    """A group as the whole's tables know it, by at most two answers; None where they don't."""
    if any(len(codes) != 1 for _, codes in place):
        return None
    told = frozenset((key, codes[0]) for key, codes in place) | ({group} - {EVERYBODY})
    return told if len(told) <= 2 else None


def families(interviews: Interviews, parts: Sequence[Where]) -> list[list[Where]]:
    """Parts by the same questions that have nobody in common; one that overlaps another is a family of its own."""
    found: list[list[Where]] = []
    taken: list[tuple[tuple[str, ...], Mask]] = []
    for part in parts:
        keys, inside = tuple(key for key, _ in part), _inside(interviews, part)
        free = [n for n, (own, there) in enumerate(taken) if own == keys and not (there & inside).any()]
        if free:
            found[free[0]].append(part)
            taken[free[0]] = (keys, taken[free[0]][1] | inside)
        else:
            found.append([part])
            taken.append((keys, inside))
    return found


def _inside(interviews: Interviews, part: Where) -> Mask:
    return belongs(interviews.answers, dict(part)).to_numpy()


def _margins(parts: Sequence[Where]) -> list[Where]:
    """What the whole publishes of the questions of parts by several: each answer to one of them."""
    return list(dict.fromkeys((pair,) for part in parts for pair in part if len(part) > 1))


@dataclass
class _Sums:
    """Cells and sums of one problem.

    known: what is known in any case and must not be withheld. free: what is withheld already and needs no protection.
    """

    width: float
    union: float
    counts: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    primary: list[bool] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    free: list[bool] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    def add(
        self, count: float, *, limit: float = np.inf, small: bool = False, known: bool = False, free: bool = False
    ) -> int:
        """Place of a new cell."""
        self.counts.append(float(count))
        self.limits.append(float(limit))
        self.primary.append(small)
        self.known.append(known)
        self.free.append(free)
        return len(self.counts) - 1

    def add_up(self, parts: Sequence[int], whole: int) -> None:
        """Note a sum; what is missing from it is counted as a part that nobody knows."""
        self.sums.append(Sum(np.array(parts, dtype=np.int64), whole))

    def hidden(self) -> Mask | None:
        """What must be withheld; None where that would take what is known in any case."""
        if not any(self.primary):
            return np.zeros(len(self.counts), dtype=bool)
        size, known = len(self.counts), np.array(self.known, dtype=bool)
        widths = np.where(known | np.array(self.free, dtype=bool), 0.0, self.width)
        fates = np.arange(size, dtype=np.int64)
        linked = Linked(
            np.array(self.counts), np.array(self.limits), fates, widths, np.where(known, 0.0, self.union), self.sums
        )
        if size > LARGEST:
            return None
        gone = withhold(linked, np.array(self.primary, dtype=bool) | np.array(self.free, dtype=bool))
        return None if (gone & known).any() else gone


def refused_parts(interviews: Interviews, family: Sequence[Where], rules: Disclosure) -> dict[Where, str]:
    """Parts that are too small, and those that would give one away."""
    sums = _Sums(float(rules.width), float(rules.min_base))
    inside = {part: _inside(interviews, part) for part in [(), *_margins(family), *family]}
    places: dict[Where, int] = {}
    for part, own in inside.items():
        n, with_index = int(own.sum()), int((own & interviews.scored).sum())
        few = part in family and any(0 <= count < rules.min_base for count in (n, with_index))
        places[part] = sums.add(n, small=few)
    for place in [(), *_margins(family)]:
        parts = [part for part in family if set(place) <= set(part) and part != place]
        rest = inside[place].copy()
        for part in parts:
            rest &= ~inside[part]
        left = int(rest.sum())
        cells = [places[part] for part in parts]
        cells += [sums.add(left, small=left < rules.min_base)] if left else []
        sums.add_up(cells, places[place])
    gone = sums.hidden()
    if gone is None:
        return dict.fromkeys(family, PROTECTS)
    small = {part: sums.primary[places[part]] for part in family}
    return {part: TOO_FEW if small[part] else PROTECTS for part in family if gone[places[part]]}


def _hidden(
    interviews: Interviews, shown: Sequence[Where], rules: Disclosure
) -> Iterator[tuple[Group, str, tuple[Where, ...]]]:
    """Groups, and shares of groups, with the parts that must withhold them."""
    if not shown:
        return
    asked = {key for key, _ in shown[0]}
    rows = _rows(interviews, shown)
    for name in map(str, interviews.shares):
        own = interviews.shares[name].to_numpy(dtype=np.float64)
        yield from _rare(
            rows, name, own, [EVERYBODY], np.zeros(len(own), dtype=np.int64), rules, np.zeros((len(shown) + 1, 1), bool)
        )
    for key in (str(key) for key in interviews.answers if str(key) not in asked):
        texts = _texts(interviews.answers[key])
        codes = sorted(texts.unique())
        place = texts.map({code: number for number, code in enumerate(codes)}).to_numpy(dtype=np.int64)
        groups = [(key, code) for code in codes]
        found = list(_small(rows, groups, place, interviews.scored, rules))
        yield from found
        gone = np.zeros((len(shown) + 1, len(groups)), dtype=bool)
        for group, _, places in found:
            gone[[shown.index(one) for one in places], groups.index(group)] = True
        for name in interviews.by_answers:
            own = interviews.shares[name].to_numpy(dtype=np.float64)
            yield from _rare(rows, name, own, groups, place, rules, gone)


@dataclass(frozen=True)
class _Rows:
    """Which part everybody is in (the last row: in none), the parts, and the rests within margins besides."""

    part: Places
    parts: tuple[Where, ...]
    rests: tuple[Mask, ...]

    def table(self, values: Floats, place: Places, columns: int) -> Floats:
        """Sums of `values` by part (the last row: in none) and answer."""
        size = (len(self.parts) + 1) * columns
        found = np.bincount(self.part * columns + place, weights=values, minlength=size)
        return np.asarray(found.reshape(-1, columns), dtype=np.float64)


def _rows(interviews: Interviews, shown: Sequence[Where]) -> _Rows:
    part = np.full(len(interviews.answers), len(shown), dtype=np.int64)
    for number, one in enumerate(shown):
        part[_inside(interviews, one)] = number
    rests = tuple((part == len(shown)) & _inside(interviews, margin) for margin in _margins(shown))
    return _Rows(part, tuple(shown), rests)


def _small(
    rows: _Rows, groups: Sequence[Group], place: Places, scored: Mask, rules: Disclosure
) -> Iterator[tuple[Group, str, tuple[Where, ...]]]:
    counts = rows.table(np.ones(len(place)), place, len(groups))
    indexed = rows.table(scored.astype(np.float64), place, len(groups))
    small = ((counts > 0) & (counts < rules.min_base)) | ((indexed > 0) & (indexed < rules.min_base))
    left = [np.bincount(place[rest], minlength=len(groups)) for rest in rows.rests]
    close = any(((one > 0) & (one < rules.min_base)).any() for one in left)
    yield from chosen(rows.parts, groups, "", counts, small, rules.width, rules.min_base, close=close)


def _rare(
    rows: _Rows, name: str, own: Floats, groups: Sequence[Group], place: Places, rules: Disclosure, gone: Mask
) -> Iterator[tuple[Group, str, tuple[Where, ...]]]:
    given = rows.table(np.nan_to_num(own), place, len(groups))
    asked = rows.table((~np.isnan(own)).astype(np.float64), place, len(groups))
    small = (asked > 0) & (np.minimum(given, asked - given) < rules.count) & ~gone
    yield from chosen(rows.parts, groups, name, given, small, rules.count, 0, limits=asked, gone=gone)


def chosen(
    parts: Sequence[Where],
    groups: Sequence[G],
    measure: str,
    counts: Floats,
    small: Mask,
    width: int,
    union: int,
    *,
    limits: Floats | None = None,
    close: bool = False,
    gone: Mask | None = None,
) -> Iterator[tuple[G, str, tuple[Where, ...]]]:
    """What of a table of parts by answers must go; all of it where its margins would have to go as well.

    counts, small, limits, gone: a row per part and a last one for what is in none, a column per group.
    """
    if not small.any() and not close:
        return
    sums = _Sums(float(width), float(union))
    most = np.full(counts.shape, np.inf) if limits is None else limits
    free = np.zeros(counts.shape, dtype=bool) if gone is None else gone
    flat = zip(counts.ravel(), most.ravel(), small.ravel(), free.ravel(), strict=True)
    cells = np.array([sums.add(n, limit=m, small=bool(s), free=bool(f)) for n, m, s, f in flat]).reshape(counts.shape)
    for row in cells if len(groups) > 1 else ():
        sums.add_up(row.tolist(), sums.add(sum(sums.counts[cell] for cell in row), known=True))
    for column in cells.T:
        sums.add_up(column.tolist(), sums.add(sum(sums.counts[cell] for cell in column), known=True))
    found = None if close else sums.hidden()
    for number, group in enumerate(groups):
        hit = range(len(parts)) if found is None else np.flatnonzero(found[cells[:-1, number]]).tolist()
        places = tuple(parts[place] for place in hit)
        if places:
            yield group, measure, places


def _texts(answers: pd.Series[Any]) -> pd.Series[str]:
    """Codes as text, "" where there is none."""
    return answers.astype("object").astype("str").where(answers.notna(), "")
