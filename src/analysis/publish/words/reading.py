"""Reads a file of words: dotted keys, each with its wording in Chinese and in English.

`@tbl-name` in a wording is a reference, an apostrophe is set as printers set it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.edition.params import Text
from analysis.edition.reading import read_yaml
from analysis.errors import EditionError
from analysis.publish.words.escape import with_references

LANGUAGES = ("zh", "en")


def read_words(path: Path) -> dict[str, Text]:
    """Every wording of a file by its dotted key; raises EditionError for an entry without both languages."""
    return dict(_flattened(read_yaml(path), "", path))


def _flattened(content: dict[str, Any], prefix: str, path: Path) -> Iterator[tuple[str, Text]]:
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and not set(value) & set(LANGUAGES):
            yield from _flattened(value, f"{name}.", path)
        else:
            yield name, _entry(name, value, path)


def _entry(name: str, value: Any, path: Path) -> Text:
    known = value if isinstance(value, dict) else {}
    if set(known) != set(LANGUAGES) or not all(isinstance(text, str) and text for text in known.values()):
        raise EditionError(
            "A wording is not given in both languages.",
            where=f"{path.name}: {name}",
            expected="zh and en, both text",
            got=", ".join(str(key) for key in known),
        )
    return Text(zh=with_references(known["zh"]), en=with_references(known["en"].replace("'", "’")))
