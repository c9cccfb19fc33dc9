"""Draws the figures of a language again where what they are made of has changed, and leaves the others as they are.

A figure is made of its tables, the project's code, the libraries, and the answers that it got when it asked for words
and for sections of the params. The answers are noted while it is drawn; as long as all of it is the same, the figure is
the same too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from analysis.project import code_digest, tree_digest
from analysis.publish.figures.fonts import font_files
from analysis.publish.figures.pictures import phone_name
from analysis.publish.words.noted import NotedLabels, same_answers, same_sections

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from analysis.publish.part import Figure
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LIBRARIES = ("matplotlib", "seaborn", "numpy", "pandas")


def draw_figure(figure: Figure, store: Store, labels: Labels) -> None:
    """Draw one figure into the store, for a page and for a phone, unless it would come out as it is.

    Its tables have passed disclosure.
    """
    place, names = f"{labels.lang}/{figure.name}.drawn", (figure.name, phone_name(figure.name))
    paths = [store.figure(name, labels.lang) for name in names]
    earlier = store.remembered(place)
    if _stands(paths, earlier) and _is_made_of_the_same(earlier, store, labels):
        return
    tables, noted = NotedTables(store), NotedLabels(labels)
    drawn = [figure.svg(tables, cast("Labels", noted), phone=name != figure.name) for name in names]
    for name, svg in zip(names, drawn, strict=True):
        store.save_figure(name, labels.lang, svg)
    if noted.repeatable:
        record = {"made_of": _made_of(), "tables": tables.read, "sections": noted.edition.read, "asked": noted.asked}
        store.remember(place, record | {"svg": [hashlib.sha256(svg.encode()).hexdigest() for svg in drawn]})


class NotedTables(Mapping[str, "pd.DataFrame"]):
    """The tables that passed disclosure, read when they are asked for; what was asked for is noted with a digest."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = frozenset(store.published_names())
        self.read: dict[str, str] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read[name] = self._store.digest(name)
        if not self.read[name]:
            raise KeyError(name)
        return self._store.table(name)

    def __contains__(self, name: object) -> bool:
        self.read[str(name)] = self._store.digest(str(name))
        return bool(self.read[str(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _is_made_of_the_same(earlier: Mapping[str, Any], store: Store, labels: Labels) -> bool:
    return (
        earlier["made_of"] == _made_of()
        and all(store.digest(table) == found for table, found in earlier["tables"].items())
        and same_sections(earlier["sections"], labels.edition)
        and same_answers(earlier["asked"], labels)
    )


def _stands(paths: Sequence[Path], earlier: Mapping[str, Any]) -> bool:
    there = bool(earlier) and all(path.exists() for path in paths)
    return there and [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == earlier["svg"]


def _made_of() -> list[str]:
    return [code_digest(), _libraries()]


@lru_cache(maxsize=1)
def _libraries() -> str:
    """Versions of the libraries that draw, and a digest of the fonts."""
    fonts = font_files()
    versions = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{versions} {tree_digest(fonts.regular, fonts.bold)}"
