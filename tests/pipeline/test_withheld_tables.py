"""Whichever table is withheld, the rest of the report is told and drawn: nothing leans on a number there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pandas as pd

from analysis.publish.part import Part
from analysis.publish.parts import all_parts
from analysis.publish.watched import WatchedStore
from analysis.publish.words.labels import Labels
from analysis.results import Store

NO_NUMBER = re.compile(r"\b(?:nan|inf|NaT)\b|[(（]—[)）]|— ?(?:%|分|points)|[(（][)）]|[,:，：] ?[.。]|[,，] ?[,，]")
"""A number that is none, and the gap that one leaves in a sentence."""
PUBLIC = ("allocation", "exclusions", "scree", "ticket_backlog", "service_process")
"""Figures of plans, rules and numbers of cases, of which nothing is withheld."""
Told = tuple[str, Callable[[Store], object]]


class _Withholding(Store):
    """The store of a report of which no figure of some tables may go out."""

    def __init__(self, root: Path, names: Collection[str]) -> None:
        super().__init__(root)
        self.names = names

    def table(self, name: str) -> pd.DataFrame:
        return _withheld(super().table(name)) if name in self.names else super().table(name)


def _withheld(table: pd.DataFrame) -> pd.DataFrame:
    figures = [name for name in table if table[name].dtype.kind in "fc"]
    return table.assign(**dict.fromkeys(figures, float("nan")), suppressed="withheld")


def _said(part: Part, labels: Labels, store: Store) -> Iterator[Told]:
    """What a part says that there is something to say to."""
    for one in part.findings:
        if one.is_told(store):
            yield f"finding {one.key}", lambda held, one=one: one.tell(held, labels)
    for point in part.points:
        if all(map(store.has_table, point.needs)):
            yield f"point {point.tell.__name__}", lambda held, point=point: point.tell(held, labels)
    for figure in part.figures:
        if figure.headline and all(map(store.has_table, figure.tables)):
            yield f"headline {figure.name}", lambda held, figure=figure: figure.headline(held, labels)
    yield f"variables of {part.step}", lambda held: part.variables(held, labels)
    yield f"candidates of {part.step}", lambda held: [str(one) for one in part.candidates(held, labels)]


def test_every_sentence_can_do_without_the_numbers_of_any_table(small: Path) -> None:
    store, faults = Store(small), []
    labels = Labels(store.edition(), "en")
    for part in all_parts():
        if store.left_out(part.step):
            continue
        for name, tell in _said(part, labels, store):
            watched = WatchedStore(store)
            tell(watched)
            read = list(watched.tables_read())
            for left in [*([table] for table in read), read]:
                try:
                    text = str(tell(_Withholding(small, left)))
                except Exception as error:
                    faults.append(f"{name} without {left}: {error!r}")
                else:
                    faults += [f"{name} without {left}: {text}"] if NO_NUMBER.search(text) else []
    assert not faults, "\n".join(faults)


def test_every_figure_is_drawn_or_left_out_without_the_numbers_of_any_table(small: Path) -> None:
    store, faults, drawn = Store(small), [], 0
    tables, labels = store.published(), Labels(store.edition(), "zh")
    for part in all_parts():
        for figure in part.figures:
            if not figure.is_drawn(tables):
                continue
            drawn += 1
            for name in figure.tables:
                left = {**tables, name: _withheld(tables[name])}
                told = figure.measure and left[figure.tables[0]][figure.measure].notna().any()
                if not told and figure.name not in PUBLIC and figure.is_drawn(left):
                    faults.append(f"{figure.name} is drawn though nothing of {name} is told")
                try:
                    if figure.is_drawn(left):
                        figure.svg(left, labels)
                except Exception as error:
                    faults.append(f"{figure.name} without {name}: {error!r}")
    assert drawn > 20
    assert not faults, "\n".join(faults)
