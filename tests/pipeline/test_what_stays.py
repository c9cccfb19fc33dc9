"""What stays of a row whose result is withheld must not give it back: a count behind a share, a distance from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.publish.parts import all_parts
from analysis.publish.tables.spec import Measure, TableSpec
from analysis.results import Store

SPECS = {spec.name: spec for part in all_parts() for spec in part.tables}
STAYS = {
    "bases and their kind": {"n", "n_eff", "n_before", "base", "labelled", "deff", "unweighted"},
    "another result": {
        *("importance", "importance_low", "importance_high", "probability", "leading", "first", "index_point"),
        *("missing_share", "expected", "strength", "dissatisfaction", "severity"),
        *("effect", "effect_low", "effect_high"),
    },
    "public or of the params": {"target", "benchmark", "limit", "year", "days"},
    "a test, which tells whether and not how much": {"p", "p_adjusted"},
    "an order": {"rank", "specification", "band", "place"},
    "of open cases and of times": {"open", "due", "overdue", "median", "median_low", "median_high", "p90"},
    "of another group, or of all": {"n_rated", "others_n", "whole", "overall"},
}
"""Columns that tell nothing of the result in their row, by why."""


def _left(name: str, spec: TableSpec, store: Store) -> Iterator[str]:
    frame, known = store.table(name), {column for columns in STAYS.values() for column in columns}
    figures = {str(column) for column in frame if frame[column].dtype.kind in "fiu"}
    for people in spec.people:
        rests = set(people.rests) or figures
        bases = {people.n, people.n_everyone}
        told = [one for one in people.measures if one.value in frame and not one.follows]
        for measure in told:
            others = {column for one in _measures(spec) if one is not measure for column in _withheld(one)}
            left = (figures & rests) - {*_withheld(measure)} - others - bases - spec.keys - spec.public - known
            yield from (f"{name}: {column} beside {measure.value}" for column in sorted(left))


def _withheld(measure: Measure) -> tuple[str, ...]:
    return (measure.value, *measure.beside, *measure.tells)


def _measures(spec: TableSpec) -> list[Measure]:
    return [one for people in spec.people for one in people.measures]


def test_nothing_is_left_beside_a_withheld_result_that_tells_it(small: Path) -> None:
    store = Store(small)
    names = [name for name in store.published_names() if SPECS[name].people]
    faults = [fault for name in names for fault in _left(name, SPECS[name], store)]
    assert len(names) > 30
    assert not faults, "\n".join(faults)
