"""Draws the figures of a language again where what they are made of has changed, and leaves the others as they are.

A figure is made of its tables, the project's code, the libraries, and the answers that it got when it asked for words
and for sections of the params. The answers are noted while it is drawn; as long as all of it is the same, the figure is
the same too.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from analysis.project import code_digest, tree_digest
from analysis.publish.figures.fonts import font_files
from analysis.publish.words.labels import Labels
from analysis.results import DISCLOSED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from analysis.publish.part import Figure
    from analysis.results import Store

LIBRARIES = ("matplotlib", "seaborn", "numpy", "pandas")
REPEATABLE = (str, int, float, bool, type(None))
"""Types of arguments with which a question can be asked again after a round through JSON."""


def draw_figure(figure: Figure, store: Store, tables: Mapping[str, pd.DataFrame], labels: Labels) -> None:
    """Draw one figure into the store unless it would come out as it is; its tables are among `tables`."""
    place, name = f"{DISCLOSED}/{labels.lang}", f"{figure.name}.drawn"
    made_of = _made_of(figure, store)
    earlier = store.record(place, name) if store.has(place, f"{name}.json") else {}
    path = store.figure(figure.name, labels.lang)
    if earlier.get("made_of") == made_of and _stands(path, earlier) and _same_answers(earlier["asked"], labels):
        return
    noted = _Noted(labels)
    svg = figure.svg(tables, cast("Labels", noted))
    store.save_figure(figure.name, labels.lang, svg)
    if noted.repeatable:
        record = {"made_of": made_of, "asked": noted.asked, "svg": hashlib.sha256(svg.encode()).hexdigest()}
        store.save_record(place, name, record)


class _Noted:
    """Labels that note what they are asked for and what they answered; sections of the edition as digests."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self.asked: list[list[Any]] = []
        self.repeatable = True

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._labels, name)
        if name == "edition":
            return _NotedEdition(self._labels, self.asked)
        return self._noting(name, found) if callable(found) else found

    def _noting(self, name: str, method: Any) -> Any:
        def ask(*places: Any, **values: Any) -> Any:
            answer = method(*places, **values)
            self.repeatable &= all(isinstance(value, REPEATABLE) for value in (*places, *values.values()))
            self.asked.append([name, list(places), values, answer])
            return answer

        return ask


class _NotedEdition:
    """An edition that notes which of its sections were read."""

    def __init__(self, labels: Labels, asked: list[list[Any]]) -> None:
        self._labels, self._asked = labels, asked

    def __getattr__(self, name: str) -> Any:
        self._asked.append(["edition", [name], {}, _digest_of_section(self._labels, name)])
        return getattr(self._labels.edition, name)


def _same_answers(asked: list[list[Any]], labels: Labels) -> bool:
    return all(_answer(labels, name, places, values) == answer for name, places, values, answer in asked)


def _answer(labels: Labels, name: str, places: list[Any], values: dict[str, Any]) -> Any:
    if name == "edition":
        return _digest_of_section(labels, *places)
    return getattr(labels, name)(*places, **values)


def _digest_of_section(labels: Labels, name: str) -> str:
    return hashlib.sha256(repr(getattr(labels.edition, name)).encode()).hexdigest()


def _stands(path: Path, earlier: Mapping[str, Any]) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == earlier["svg"]


def _made_of(figure: Figure, store: Store) -> list[str]:
    """Digests of the code, of libraries and fonts, and of every table of the figure."""
    return [code_digest(), _libraries(), *(store.digest(table) for table in figure.tables)]


@lru_cache(maxsize=1)
def _libraries() -> str:
    """Versions of the libraries that draw, and a digest of the fonts."""
    fonts = font_files()
    versions = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{versions} {tree_digest(fonts.regular, fonts.bold)}"
