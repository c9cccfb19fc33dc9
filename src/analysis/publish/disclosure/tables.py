"""The tables of an edition as linked cells, suppressed all at once, and blanked where their people are withheld.

A group of people is a set of answers (region=east, or region=east and age=60+); the same group in two tables is the
same cell where its number is the same, and has the same fate where only some of its people answered. The categories of
a question add up to those who answered it; a group that one answer more divides adds up from its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import ResultsError
from analysis.publish.disclosure.cells import Cells, Fate, Seen, answers_of
from analysis.publish.disclosure.groups import ANY, Group, everybody, group_of, margins_of
from analysis.publish.disclosure.suppression import Linked, Sum, withhold

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.edition.sections.disclosure import Disclosure
    from analysis.publish.tables.spec import Measure, People, TableSpec

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Row:
    """A row's group, the cell of its number, the cells of its measures, and the name of all that it is part of."""

    group: Group
    cell: int | None
    measures: tuple[tuple[Measure, Fate, int | None], ...] = ()
    whole: str = ""


NOBODY = _Row(frozenset(), None)
"""A row that is of other people."""


def suppress(
    tables: Mapping[str, pd.DataFrame],
    specs: Mapping[str, TableSpec],
    *,
    rules: Disclosure,
    names: Mapping[str, str] | None = None,
    outside: Collection[Group] = (),
    also: Collection[Fate] = (),
) -> dict[str, pd.DataFrame]:
    """The tables with everything blanked that rests on too few people, and what would give it away.

    Withheld are groups of fewer than `rules.min_base`, those left out of one (0 < n_everyone − n < min_base), those
    whose weights lie with one or two (columns top_1, top_2), shares that fewer than `rules.count` people gave or did
    not give, and means where all answered alike; then as many more as it takes (suppression.withhold) that no withheld
    number is known to within `rules.width`. `names`: what a question is called elsewhere. `outside`: groups that all
    other results leave out; how many they are follows from the bases and is told, as of interviews that cleaning left
    out, but nothing that too few of them answered. `also`: what must be withheld for the sake of other editions; a
    group without answers is everybody. A column `suppressed` ("withheld") is added where a row was blanked.
    Raises ResultsError where a table lacks the number of its people.
    """
    found = _Finder(rules=rules, names=dict(names or {}), outside=frozenset(outside))
    placed = {name: found.table(name, frame, specs[name]) for name, frame in tables.items() if specs[name].people}
    linked, primary, measured = found.linked()
    primary |= found.named(also)
    hidden = withhold(linked, primary & ~measured)
    within = found.measured_of(hidden)
    if (primary & measured & ~within).any():
        free = replace(linked, widths=np.where(within, 0.0, linked.widths))
        hidden |= withhold(free, (primary & measured) | within)
    fates = list(found.cells.known)
    gone = _Gone({fates[fate] for fate in np.unique(linked.fates[hidden]).tolist()})
    shown = {
        name: _blanked(frame, specs[name], placed[name], gone) if name in placed else frame
        for name, frame in tables.items()
    }
    asked = gone.questions | {key for key, own in found.names.items() if own in gone.questions}
    touched = {name for name, frame in shown.items() if frame is not tables[name]} | {f"={name}" for name in asked}
    return {name: frame for name, frame in shown.items() if not touched.intersection(specs[name].unless_withheld)}


def people_seen(
    tables: Mapping[str, pd.DataFrame],
    specs: Mapping[str, TableSpec],
    *,
    rules: Disclosure,
    names: Mapping[str, str] | None = None,
) -> dict[Fate, Seen]:
    """All groups and measures of the tables before anything is withheld, as `also` of `suppress` knows them."""
    found = _Finder(rules=rules, names=dict(names or {}))
    for name, frame in tables.items():
        if specs[name].people:
            found.table(name, frame, specs[name])
    return found.cells.seen()


def unpublished_groups(
    tables: Mapping[str, pd.DataFrame], specs: Mapping[str, TableSpec], *, names: Mapping[str, str] | None = None
) -> set[Group]:
    """Groups by answers whose number some released table withholds, read from the tables as any reader can."""
    found: set[Group] = set()
    for name, frame in tables.items():
        if "suppressed" not in frame:
            continue
        rows = frame[frame["suppressed"].notna()]
        for people in (people for people in specs[name].people if people.n in frame):
            gone = rows[rows[people.n].isna()]
            if people.rows[0]:
                gone = gone[gone[people.rows[0]].isin(people.rows[1])]
            records = gone.to_dict("records")
            groups = (group_of(people, record, 0, names=dict(names or {}), own="") for record in records)
            found.update(group - {ANY} for group in groups if _asked(group))
    return found


@dataclass(frozen=True)
class _Gone:
    """What is withheld, and the questions of which a category is: not where only a group by two questions is."""

    fates: set[Fate]
    questions: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        alone = (group - {ANY} for group, of in self.fates if not of)
        asked = frozenset(question for group in alone if len(group) == 1 for question, _ in group)
        object.__setattr__(self, "questions", asked)


@dataclass
class _Finder:
    """Goes through the tables and notes cells and sums."""

    rules: Disclosure
    names: dict[str, str]
    outside: frozenset[Group] = frozenset()
    cells: Cells = field(default_factory=Cells)
    sums: dict[tuple[tuple[int, ...], int], None] = field(default_factory=dict)

    def table(self, name: str, frame: pd.DataFrame, spec: TableSpec) -> list[tuple[People, list[_Row]]]:
        """Rows of every kind of people that the table names."""
        return [(people, self._of_rows(name, frame, spec, people)) for people in spec.people]

    def linked(self) -> tuple[Linked, Mask, Mask]:
        """All cells and sums found, which cells are to be withheld for their own sake, and which are measures."""
        c = self.cells
        sums = [Sum(np.array(parts, dtype=np.int64), whole) for parts, whole in self.sums]
        listed = (c.counts, c.limits, c.widths, c.unions, c.costs)
        counts, limits, widths, unions, costs = (np.array(values, dtype=np.float64) for values in listed)
        fates = np.array(c.fates, dtype=np.int64)
        measured = np.array([bool(of) for _, of in c.known], dtype=bool)
        linked = Linked(counts, limits, fates, widths, unions, sums, costs)
        return linked, np.array(c.primary, dtype=bool), measured[fates] if len(fates) else measured

    def named(self, also: Collection[Fate]) -> Mask:
        """Cells of groups and measures that are to be withheld in any case."""
        fates = [(answers_of(group), of) in also for group, of in self.cells.known]
        return np.array(fates, dtype=bool)[np.array(self.cells.fates, dtype=np.int64)] if fates else np.zeros(0, bool)

    def measured_of(self, hidden: Mask) -> Mask:
        """Measures of the groups whose number is withheld: they go with it, and need no protection of their own."""
        known = list(self.cells.known)
        gone = {group for fate in np.unique(np.array(self.cells.fates)[hidden]) for group, _ in [known[fate]]}
        inside = np.array([bool(of) and group in gone for group, of in known], dtype=bool)
        return inside[np.array(self.cells.fates, dtype=np.int64)] if known else hidden

    def _of_rows(self, name: str, frame: pd.DataFrame, spec: TableSpec, people: People) -> list[_Row]:
        """Rows of one kind of people; of a table that is many in one, those alone that are meant."""
        column, values = people.rows
        if not (people.whole and column):
            return self._people(name, frame, spec, people)
        meant = np.flatnonzero(frame[column].isin(values).to_numpy())
        rows = [NOBODY] * len(frame)
        for place, row in zip(meant.tolist(), self._people(name, frame.iloc[meant], spec, people), strict=True):
            rows[place] = row
        return rows

    def _people(self, name: str, frame: pd.DataFrame, spec: TableSpec, people: People) -> list[_Row]:
        if people.n and people.n not in frame:
            raise ResultsError(
                "A table without its bases can't be published.", where=name, expected=f"a column {people.n}"
            )
        records = frame.to_dict("records")
        groups = [group_of(people, record, place, names=self.names, own=name) for place, record in enumerate(records)]
        counts = np.full(len(frame), np.nan)
        if people.n:
            counts = frame[people.n].to_numpy(dtype=np.float64, na_value=np.nan)
        column, values = people.rows
        if column:
            counts = np.where(frame[column].isin(values), counts, np.nan)
        small = self._small(frame, people, counts)
        rows = [
            self._row(people, record, group, float(n), bool(few))
            for record, group, n, few in zip(records, groups, counts, small, strict=True)
        ]
        if people.adds and people.category and people.n:
            for members in _by(_variants(frame, spec, people)).values():
                self._add_up([rows[place] for place in members])
                for number in range(len(people.measures) if people.question or people.whole else 0):
                    self._add_up_measure([rows[place] for place in members], number)
        for number, one in enumerate(people.measures):
            if one.shares_out:
                self._share_out(frame, rows, number, one.shares_out)
        return rows

    def _small(self, frame: pd.DataFrame, people: People, counts: Floats) -> Mask:
        small = (counts > 0) & (counts < self.rules.min_base)
        if people.n_everyone and people.n_everyone in frame:
            rest = frame[people.n_everyone].to_numpy(dtype=np.float64, na_value=np.nan) - counts
            small |= (rest > 0) & (rest < self.rules.min_base)
        for column, most in (("top_1", self.rules.dominance.one), ("top_2", self.rules.dominance.two)):
            if column in frame:
                small |= frame[column].to_numpy(dtype=np.float64, na_value=0.0) > most
        if {"top_1", "top_2"} <= set(frame):
            first = frame["top_1"].to_numpy(dtype=np.float64, na_value=0.0)
            rest = 1 - frame["top_2"].to_numpy(dtype=np.float64, na_value=0.0)
            small |= (first > 0) & (rest < self.rules.dominance.p_percent / 100 * first)
        return small

    def _row(self, people: People, record: Mapping[Any, Any], group: Group, n: float, few: bool) -> _Row:
        cell, told = None, group in self.outside and (people.bare or bool(people.measures))
        if not np.isnan(n):
            cell = self.cells.add(
                (group, ""),
                n,
                limit=np.inf,
                width=self.rules.width,
                union=self.rules.min_base,
                primary=few and not told,
            )
        fates = [(one, (group, _measured_name(one, record, self.names))) for one in people.measures]
        measures = tuple((one, fate, self._measure(one, fate, record, n, few=few)) for one, fate in fates)
        return _Row(group, cell, measures, str(record[people.whole]) if people.whole else "")

    def _measure(self, one: Measure, fate: Fate, record: Mapping[Any, Any], n: float, *, few: bool) -> int | None:
        value = record.get(one.value)
        if value is None or not n > 0 or np.isnan(value) or one.follows:
            return None
        amount = n * abs(float(value)) / float(record[one.top_of] if one.top_of else one.top)
        rare = min(amount, n - amount) < self.rules.count - 1e-9 if _is_share(one, record) else _alike(one, record)
        rare = rare or (bool(one.held) and self._held(*(float(record[name]) for name in one.held)))
        return self.cells.add(fate, amount, limit=n, width=self.rules.count, union=0.0, primary=few or rare)

    def _held(self, first: float, two: float) -> bool:
        """Whether one, or two, hold too much of a total, or the second could work out the first."""
        most = self.rules.dominance
        close = first > 0 and 1 - two < most.p_percent / 100 * first
        return first > most.one or two > most.two or close

    def _share_out(self, frame: pd.DataFrame, rows: Sequence[_Row], number: int, alike: tuple[str, ...]) -> None:
        """Shares of answers that exclude each other add up to all who answered."""
        keys = [tuple(map(str, row)) for row in frame[list(alike)].itertuples(index=False)]
        for key, members in _by(keys).items():
            parts = [rows[place].measures[number][2] for place in members if rows[place].measures]
            known = tuple(dict.fromkeys(part for part in parts if part is not None))
            if len(known) > 1:
                total = float(sum(self.cells.counts[place] for place in known))
                fate = (rows[members[0]].group, f"all {key}")
                whole = self.cells.add(fate, total, limit=np.inf, width=0.0, union=0.0, primary=False)
                self.sums[known, whole] = None

    def _add_up(self, rows: Sequence[_Row]) -> None:
        """The sums of a table: over all, and over every answer that its groups share."""
        own = [(row.group, row.cell) for row in rows if row.cell is not None and _asked(row.group)]
        for wholes, members in margins_of([group for group, _ in own]):
            parts = [own[place][1] for place in members]
            total = float(sum(self.cells.counts[place] for place in parts))
            whole = self._total(wholes[0], total) if len(wholes) == 1 else self._joint(wholes, total)
            self.sums[tuple(parts), whole] = None

    def _joint(self, wholes: tuple[Group, ...], total: float) -> int:
        """The cell of several groups together, which add up to it where each of them is known alone."""
        whole = self._total(frozenset(pair for group in wholes for pair in group), total)
        found = [self.cells.largest((group, "")) for group in wholes]
        parts = [place for place in found if place is not None]
        if len(parts) == len(wholes) and sum(self.cells.counts[place] for place in parts) == total:
            self.sums[tuple(parts), whole] = None
        return whole

    def _total(self, group: Group, total: float) -> int:
        few, base = 0 < total < self.rules.min_base, self.rules.min_base
        return self.cells.add((group, ""), total, limit=np.inf, width=self.rules.width, union=base, primary=few)

    def _add_up_measure(self, rows: Sequence[_Row], number: int) -> None:
        found = [(row.group, *row.measures[number][1:]) for row in rows if _asked(row.group)]
        own = [(group, fate, place) for group, fate, place in found if place is not None]
        for wholes, members in margins_of([group for group, _, _ in own]):
            if len(wholes) > 1:
                continue
            all_of = wholes[0]
            if rows[0].whole and _is_total(all_of):
                all_of = everybody(rows[0].whole)
            parts = tuple(own[member][2] for member in members)
            total = float(sum(self.cells.counts[place] for place in parts))
            fate = (all_of, own[0][1][1])
            whole = self.cells.add(fate, total, limit=np.inf, width=0.0, union=0.0, primary=False)
            self.sums[parts, whole] = None


def _is_total(group: Group) -> bool:
    """Whether it is everybody who answered some questions, whatever they answered."""
    return all(answer == "*" for _, answer in group)


def _asked(group: Group) -> bool:
    """Whether a group is one by its answers, and neither a row of its table nor everybody."""
    return not any(answer == "*" or ("#" in question and not answer) for question, answer in group)


def _by(variants: Sequence[object]) -> dict[object, list[int]]:
    rows: dict[object, list[int]] = defaultdict(list)
    for place, variant in enumerate(variants):
        rows[variant].append(place)
    return rows


def _variants(frame: pd.DataFrame, spec: TableSpec, people: People) -> list[object]:
    """What rows must share to add up: the question, and which answers were counted (constructs, items)."""
    keys = [name for name in (people.question, *sorted(spec.same_people)) if name and name in frame]
    keys = [name for name in keys if name != people.category]
    return (
        [tuple(str(value) for value in row) for row in frame[keys].itertuples(index=False)]
        if keys
        else [()] * len(frame)
    )


def _measured_name(one: Measure, record: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    text = (one.of or one.value).format_map({str(key): str(value) for key, value in record.items()})
    return names.get(text, text)


def _is_share(one: Measure, record: Mapping[Any, Any]) -> bool:
    column, values = one.percent
    return one.top == 1 or (bool(column) and record[column] in values)


def _alike(one: Measure, record: Mapping[Any, Any]) -> bool:
    """Whether nobody answered otherwise: no spread, or a mean at an end of the scale."""
    no_spread = record.get("se") == 0 and "se" in one.beside
    return no_spread if one.top_of else no_spread or float(record[one.value]) in {0.0, one.top}


def _blanked(
    frame: pd.DataFrame, spec: TableSpec, placed: list[tuple[People, list[_Row]]], withheld: _Gone
) -> pd.DataFrame:
    """The table without what its withheld people answered."""
    gone = np.zeros(frame.shape, dtype=bool)
    columns = {str(name): place for place, name in enumerate(frame.columns)}
    kept = spec.keys | spec.public
    full = [place for name, place in columns.items() if name not in kept]
    for people, rows in placed:
        rests = [columns[name] for name in people.rests if name in columns] or full
        for place, row in enumerate(rows):
            part = people.every and any(question in withheld.questions for question, _ in row.group)
            if part or (row.group, "") in withheld.fates:
                gone[place, rests] = True
            for measure, fate, _ in row.measures:
                if fate in withheld.fates:
                    named = (measure.value, *measure.beside, *measure.tells)
                    gone[place, [columns[name] for name in named if name in columns]] = True
    return frame if not gone.any() else _without(frame, gone)


def _without(frame: pd.DataFrame, gone: Mask) -> pd.DataFrame:
    import pandas as pd

    shown: dict[str, pd.Series[Any]] = {}
    for place, name in enumerate(frame.columns):
        column, hit = frame[name], gone[:, place]
        if hit.any():
            number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
            column = column.astype("float64" if number else "object").mask(hit, float("nan") if number else None)
        shown[str(name)] = column
    marks = pd.Series(None, index=frame.index, dtype=object).mask(np.asarray(gone.any(axis=1)), "withheld")
    return pd.DataFrame(shown | {"suppressed": marks})
