"""What records of the service, the staff and the customers may tell in the cells of a grid and the whole together.

A table of records that says the cells' question goes to each cell in parts, and so its groups (tickets on a theme,
cases of a scenario) add up to the whole's: one that a cell withholds would follow from the whole less all other cells.
Which tables a cell takes at all is decided before any is made, by counting records. Groups are made by the steps
(themes, classes, scenarios), so that they are held against each other once the cells have been made: what must be
withheld besides is noted, and the cells that it is about are released again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.edition.sections.domain import WithheldGroup
from analysis.grid.disclosure import Interviews, Where, chosen, refused_parts

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.edition.sections.disclosure import Disclosure
    from analysis.publish.disclosure.cells import Fate, Seen
    from analysis.results import Store

    Figures = Mapping[Fate, Seen]
    Told = dict[str, tuple[WithheldGroup, ...]]

RECORDS = ("feedback", "service_log", "training", "customers")
"""Tables of records that a cell may take its part of."""
STEPS = ("10_feedback", "11_standards", "12_training", "13_relationships", "14_actions")
"""Steps whose tables tell of records."""
NUMBERED = frozenset({"tickets.topic", "answers.topic", "way", "logged_flow"})
"""Groups that each edition numbers for itself: the same number is something else in another."""
ADDED = 0.5
"""By how many people parts may be more than their whole and still be its parts."""
NOTE = "withheld.json"
"""What cells, by name, and the whole withhold of records, in the folder of a grid."""


def left_tables(
    tables: Mapping[str, pd.DataFrame], parts: Sequence[Where], *, rules: Disclosure
) -> dict[Where, list[str]]:
    """Tables of records that some `parts`, with nobody in common, must not take."""
    found: dict[Where, list[str]] = defaultdict(list)
    for name, frame in tables.items():
        asked = sorted({key for part in parts for key, _ in part})
        if not set(asked) <= set(frame.columns):
            continue
        own = frame.drop_duplicates(str(frame.columns[0])) if str(frame.columns[0]).endswith("_id") else frame
        counted = Interviews(own[asked].reset_index(drop=True), np.ones(len(own), dtype=bool), own[[]])
        for part in refused_parts(counted, parts, rules):
            found[part].append(name)
    return dict(found)


def figures_of(store: Store, edition: Edition) -> dict[Fate, Seen]:
    """Groups and measures of all tables on records that an edition computed, before anything was withheld."""
    from analysis.publish.disclosure.tables import people_seen
    from analysis.publish.parts import all_parts
    from analysis.publish.release import names_of

    parts = [part for part in all_parts() if part.step in STEPS]
    specs = {spec.name: spec for part in parts for spec in part.tables}
    computed = {name: frame for part in parts for name, frame in store.tables(part.step).items() if name in specs}
    return people_seen(computed, specs, rules=edition.disclosure, names=names_of(edition))


def across_records(cells: Mapping[Where, Figures], whole: Figures, *, rules: Disclosure) -> dict[Where, list[Fate]]:
    """What each cell must withhold so that nothing of few follows from the whole less all others; the whole by ().

    The cells have nobody in common. A figure that the whole itself withholds can be taken from nothing, and parts that
    are more than their whole are no parts of it.
    """
    found: dict[Where, dict[Fate, None]] = defaultdict(dict)
    places = list(cells)
    for fates in _tables(cells, whole):
        for fate, where in _hidden(cells, whole, fates, places, rules):
            found[where][fate] = None
            found[()] |= dict.fromkeys(_crossed(fate, where, whole))
    return {where: list(fates) for where, fates in found.items() if fates}


def whole_without(whole: Figures, left: Sequence[Where]) -> list[Fate]:
    """What the whole tells of cells that must not take a table: it would be missing from the sum of the others."""
    return [fate for fate in whole if fate[0] and any(_named(fate, where) for where in left)]


def written(fates: Iterable[Fate]) -> tuple[WithheldGroup, ...]:
    """Groups as the params have them, in an order of their own."""
    return tuple(
        WithheldGroup(group=dict(sorted(group)), measure=of)
        for group, of in sorted(fates, key=lambda fate: (sorted(fate[0]), fate[1]))
    )


def load_note(folder: Path) -> Told:
    """What was noted for the cells of a grid, by name; nothing where none was."""
    path = folder / NOTE
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {name: tuple(WithheldGroup(**one) for one in groups) for name, groups in content.items()}


def save_note(folder: Path, told: Told) -> None:
    """Note it for the next plan."""
    content = {name: [one.model_dump() for one in groups] for name, groups in sorted(told.items())}
    (folder / NOTE).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _tables(cells: Mapping[Where, Figures], whole: Figures) -> Iterator[list[Fate]]:
    """Figures of the whole that add up from the cells: groups by the same questions, each measure by itself."""
    tables: dict[tuple[object, ...], list[Fate]] = defaultdict(list)
    for fate, seen in whole.items():
        group, of = fate
        numbered = any(question in NUMBERED or code == "*" for question, code in group)
        if seen.few or numbered or not (group or of):
            continue
        if seen.count - sum(own[fate].count for own in cells.values() if fate in own) >= -ADDED:
            tables[frozenset(question for question, _ in group), of].append(fate)
    yield from tables.values()


def _hidden(
    cells: Mapping[Where, Figures], whole: Figures, fates: list[Fate], places: list[Where], rules: Disclosure
) -> Iterator[tuple[Fate, Where]]:
    measured = bool(fates[0][1])
    counts, limits = np.zeros((2, len(places) + 1, len(fates)))
    small = np.zeros(counts.shape, dtype=bool)
    for column, fate in enumerate(fates):
        for row, place in enumerate(places):
            if (own := cells[place].get(fate)) is not None:
                counts[row, column], limits[row, column] = own.count, own.limit
                small[row, column] = own.few and (measured or own.count > 0)
        all_of = whole[fate]
        counts[-1, column] = max(all_of.count - counts[:, column].sum(), 0.0)
        limits[-1, column] = max(all_of.limit - limits[:-1, column].sum(), 0.0) if measured else np.inf
    rest, asked = counts[-1], limits[-1]
    if measured:
        small[-1] = (asked > ADDED) & (np.minimum(rest, asked - rest) < rules.count)
        found = chosen(places, fates, fates[0][1], counts, small, rules.count, 0, limits=limits)
    else:
        small[-1] = (rest > ADDED) & (rest < rules.min_base)
        found = chosen(places, fates, "", counts, small, rules.width, rules.min_base)
    yield from ((fate, where) for fate, _, held in found for where in held)


def _crossed(fate: Fate, where: Where, whole: Figures) -> Iterator[Fate]:
    """The same figure as the whole tells it beside those of other cells: by one answer more, that of the cell."""
    group, of = fate
    for other, measure in whole:
        if measure == of and group < other and len(other) == len(group) + 1 and _named((other - group, of), where):
            yield other, measure


def _named(fate: Fate, where: Where) -> bool:
    """Whether a group is by the one answer that a cell is about, whatever the table calls its question."""
    codes = {codes[0] for _, codes in where if len(codes) == 1}
    return any(code in codes for _, code in fate[0])
