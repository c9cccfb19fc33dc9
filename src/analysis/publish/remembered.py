"""Sentences and printed tables that are made again only where something changed of what they are made of.

They are made of the project's code and words, of sections of the params, and of results. Sections and results are noted
while they are made; as long as all of it is the same, what an earlier run made is the same too.
"""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from analysis.project import code_digest, tree_digest
from analysis.publish.watched import WatchedStore
from analysis.publish.words.labels import FILES, PUBLISH, Labels
from analysis.publish.words.noted import NotedEdition, same_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from analysis.edition import Edition
    from analysis.results import Store


LIBRARIES = ("pandas", "babel")
"""Libraries that decide how numbers and dates are written."""


def remembered(
    name: str, edition: Edition, store: Store, lang: str, make: Callable[[Store, Labels], Mapping[str, Any]]
) -> dict[str, Any]:
    """What `make` returns, from made/<lang>/<name>.json while it would be the same; plain JSON values.

    `make` must read results through the store and params through the labels that it is given.
    """
    place, made_of = f"{lang}/{name}", _made_of()
    earlier = store.remembered(place)
    known = earlier.get("made_of") == made_of
    if known and _same_files(earlier["files"], store) and same_sections(earlier["sections"], edition):
        return dict(earlier["made"])
    noted_store, noted_edition = WatchedStore(store), NotedEdition(edition)
    made = make(noted_store, Labels(cast("Edition", noted_edition), lang))
    files = {file: _digest(store.root / file) for file in sorted(noted_store.files)}
    record = {"made_of": made_of, "files": files, "sections": noted_edition.read, "made": made}
    store.remember(place, record)
    return dict(made)


def _same_files(files: Mapping[str, str], store: Store) -> bool:
    return all(_digest(store.root / file) == found for file, found in files.items())


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the names in a folder; empty where there is nothing."""
    if path.is_dir():
        return hashlib.sha256("\n".join(sorted(found.name for found in path.iterdir())).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _made_of() -> list[str]:
    return [code_digest(), _words_digest(), platform.python_version(), *map(version, LIBRARIES)]


@lru_cache(maxsize=1)
def _words_digest() -> str:
    return tree_digest(*sorted(path for pattern in FILES for path in PUBLISH.glob(pattern)))
