"""Which released tables hold estimates of a measure by groups of people, read from their specs, and these estimates.

A table comes in by its shape: a measure of people (`Measure`), printed with its interval and resting on a number of
people, over all or by profile questions. Nothing names the tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, Any

from analysis.publish.disclosure.groups import group_of
from analysis.publish.disclosure.rounding import coarsest
from analysis.publish.parts import all_parts
from analysis.publish.release import names_of
from analysis.publish.tables.cells import PERCENT, POINTS, SIGNED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from analysis.edition import Edition
    from analysis.publish.disclosure.groups import Group
    from analysis.publish.part import Part
    from analysis.publish.tables.spec import Column, Measure, People, TableSpec
    from analysis.results import Store

MOST_QUESTIONS = 2
"""Questions that groups are told by at once."""
EFFECTIVE = "n_eff"
"""The column of the effective number of people."""


@dataclass(frozen=True)
class Shape:
    """A measure in a table: its column, the bounds of its interval, and whose it is."""

    part: Part
    spec: TableSpec
    people: People
    measure: Measure
    column: Column
    low: str
    high: str

    @property
    def error(self) -> str:
        """The column of its standard error; empty where the table has none."""
        return next((name for name in self.measure.beside if name == "se" or name.endswith("_se")), "")

    @property
    def names(self) -> tuple[Column, ...]:
        """Columns that name what was measured."""
        told = {name for _, name, _, _ in Formatter().parse(self.measure.of) if name} | {self.people.rows[0]}
        return tuple(column for column in self.spec.columns if column.kind.names and told & set(column.sources))


@dataclass(frozen=True)
class Estimate:
    """One estimate: answers of its group, value and interval (None: withheld), people and effective people, error.

    unit: what value and interval are multiples of, where disclosure made them coarser than they are printed (else 0).
    """

    codes: tuple[str, ...]
    value: float | None
    low: float | None
    high: float | None
    n: float | None
    n_eff: float | None
    se: float | None = None
    unit: float = 0.0


@dataclass
class Block:
    """Estimates of a measure by the same questions, all from one table."""

    shape: Shape
    rows: dict[tuple[str, ...], Estimate] = field(default_factory=dict)


@dataclass
class Measured:
    """A measure with its estimates by questions, in the order of the questionnaire; () is everybody.

    of: what was measured. row: the first row that tells it, for its name. shape: where that row stands.
    """

    of: str
    shape: Shape
    row: Mapping[str, Any]
    blocks: dict[tuple[str, ...], Block] = field(default_factory=dict)


def shapes(part: Part, spec: TableSpec) -> Iterator[Shape]:
    """Measures of a table with interval and number of people, over all or over groups that add up to all."""
    for column, low, high in _with_intervals(spec):
        value = _figures(spec, column)[0]
        for people in spec.people:
            found = [measure for measure in people.measures if measure.value == value]
            if found and people.n and people.adds and not people.bare:
                yield Shape(part, spec, people, found[0], column, low, high)


def _figures(spec: TableSpec, column: Column) -> list[str]:
    return [source for source in column.sources if source not in spec.keys | spec.public]


def _with_intervals(spec: TableSpec) -> Iterator[tuple[Column, str, str]]:
    """Columns of a level with the bounds of its interval, in the same column or the next; differences are no levels."""
    for column, following in zip(spec.columns, [*spec.columns[1:], None], strict=True):
        own = _figures(spec, column)
        if len(own) == 1 and following is not None:
            own += _figures(spec, following)
        bounds = len(own) == 3 and own[1].endswith("low") and own[2].endswith("high")
        if bounds and column.kind.numeric and column.kind not in (SIGNED, POINTS):
            yield column, own[1], own[2]


def measured(edition: Edition, store: Store) -> list[Measured]:
    """Every measure of the released tables with its estimates, in the order of the report.

    The same result in two tables is one measure, and stands by the same questions once: first from a table that tells
    the effective number of people, as design-based estimates do. A measure by no question stays where such a table has
    it. Empty where nobody was interviewed.
    """
    if not edition.interviewed:
        return []
    tables = [
        (shape, store.table(spec.name))
        for part in all_parts()
        for spec in part.tables
        if store.has_table(spec.name)
        for shape in shapes(part, spec)
    ]
    tables = [(shape, frame) for shape, frame in tables if shape.people.n in frame]
    tables.sort(key=lambda one: EFFECTIVE not in one[1])
    found: dict[tuple[str, float, str], Measured] = {}
    names = names_of(edition)
    for shape, frame in tables:
        _take(found, shape, frame, names, edition.instrument.profile_keys)
    kept = [one for one in found.values() if _is_told(one)]
    order = {part.step: place for place, part in enumerate(all_parts())}
    return sorted(kept, key=lambda one: (not _effective(one), order[one.shape.part.step]))


def _effective(one: Measured) -> bool:
    return any(row.n_eff is not None for block in one.blocks.values() for row in block.rows.values())


def _is_told(one: Measured) -> bool:
    """Whether anything of a measure was not withheld, by a question or with its effective number of people."""
    shown = any(row.value is not None for block in one.blocks.values() for row in block.rows.values())
    return shown and (_effective(one) or any(one.blocks))


def _take(
    found: dict[tuple[str, float, str], Measured],
    shape: Shape,
    frame: pd.DataFrame,
    names: Mapping[str, str],
    questions: Sequence[str],
) -> None:
    """Add the estimates of one table to the measures that they belong to."""
    column, values = shape.people.rows
    kept = frame[frame[column].isin(values)] if column else frame
    for place, record in enumerate(kept.to_dict("records")):
        row = {str(key): value for key, value in record.items()}
        group = group_of(shape.people, row, place, names=names, own=shape.spec.name)
        answers = _answers(group, questions)
        estimate = _estimate(shape, row, answers) if answers is not None else None
        if answers is None or estimate is None:
            continue
        of = (shape.measure.of or shape.measure.value).format_map(row)
        top = shape.measure.top
        key = (names.get(of, of), top, shape.column.heading if math.isinf(top) else "")
        one = found.setdefault(key, Measured(key[0], shape, row))
        block = one.blocks.setdefault(tuple(question for question, _ in answers), Block(shape))
        if block.shape is shape:
            block.rows.setdefault(estimate.codes, estimate)


def _answers(group: Group, questions: Sequence[str]) -> list[tuple[str, str]] | None:
    """Questions and answers of a group in the order of the questionnaire; None where it is no group by these."""
    if all(not code and "#" in question for question, code in group):
        return []
    if len(group) > MOST_QUESTIONS or any(question not in questions or "|" in code for question, code in group):
        return None
    return sorted(group, key=lambda answer: questions.index(answer[0]))


def _estimate(shape: Shape, row: Mapping[str, Any], answers: Sequence[tuple[str, str]]) -> Estimate | None:
    """The estimate of a row; None where there is none although nothing was withheld."""
    columns = (shape.measure.value, shape.low, shape.high, shape.people.n, EFFECTIVE, shape.error)
    value, low, high, n, effective, se = (_number(row.get(name)) for name in columns)
    if value is None and row.get("suppressed") != "withheld":
        return None
    codes = tuple(code for _, code in answers)
    if value is None:
        return Estimate(codes, None, None, None, n, None)
    unit = coarsest(shape.measure, n) if n else 0.0
    return Estimate(codes, value, low, high, n, effective, se, unit if unit > _printed(shape.column) else 0.0)


def _printed(column: Column) -> float:
    """The last digit that a column is printed with."""
    return 10.0 ** -int(column.detail) if column.detail.isdigit() else 0.1 if column.kind is not PERCENT else 0.001


def _number(value: object) -> float | None:
    return None if not isinstance(value, (int, float)) or math.isnan(value) else float(value)
