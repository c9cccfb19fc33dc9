"""One sheet of the workbook before it is written: a title, notes, and one table with a header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels

CONFIDENTIAL, UNAVAILABLE, INAPPLICABLE = "[c]", "[x]", "[z]"
"""Shorthand of official statistics for a cell without a figure: withheld, not available, not applicable."""


@dataclass(frozen=True)
class Sheet:
    """A table with its `title` and `notes` in every language of the workbook; `rows` hold text, numbers or None."""

    name: str
    title: str
    notes: Sequence[str]
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


def in_all(languages: Sequence[Labels], texts: Sequence[str]) -> str:
    """The texts of all languages in one cell; said once where they are the same."""
    said = list(dict.fromkeys(text for text, _ in zip(texts, languages, strict=True) if text))
    return " / ".join(said)
