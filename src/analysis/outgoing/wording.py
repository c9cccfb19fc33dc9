"""The words of what goes out, in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.publish.words.reading import read_words

if TYPE_CHECKING:
    from analysis.edition.params import Text

WORDS = Path(__file__).with_name("words.yml")


@cache
def words() -> dict[str, Text]:
    """Every wording of this room by its dotted key; raises EditionError for one without both languages."""
    return read_words(WORDS)


def said(key: str, lang: str, **values: object) -> str:
    """The wording of `key` with its {placeholders} filled."""
    return words()[key][lang].format(**values)
