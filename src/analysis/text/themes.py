"""Themes and dimensions of texts by the words of the dictionary; what holds none of them is not assigned, openly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.text.matching import match_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.dictionary import Dictionary

NO_THEME = "unassigned"


@dataclass(frozen=True)
class Themes:
    """theme: the one theme of each text; aspects: whether each text (n rows) speaks of each construct (columns)."""

    theme: pd.Series[Any]
    aspects: pd.DataFrame

    def record(self) -> dict[str, Any]:
        """Plain values: texts without a theme, and without a dimension."""
        return {
            "no_theme": int((self.theme == NO_THEME).sum()),
            "no_aspect": int((~self.aspects.any(axis=1)).sum()),
        }


def find_themes(frame: pd.DataFrame, *, dictionary: Dictionary, constructs: Sequence[str]) -> Themes:
    """Theme and dimensions of every text of `frame` (text, lang).

    A text has the theme of which it holds most different words; of two alike the one that stands first in the
    dictionary. It speaks of every construct of which it holds a word, among those that the instrument has.
    """
    themes = {one.key: one for one in dictionary.themes}
    counts = match_words(frame, themes).counts
    names = np.array([*themes, NO_THEME], dtype=object)
    best = np.where(counts.any(axis=1), counts.argmax(axis=1), len(themes))
    words = {key: listed for key, listed in dictionary.aspects.items() if key in constructs}
    aspects = pd.DataFrame(match_words(frame, words).counts > 0, index=frame.index, columns=list(words))
    return Themes(pd.Series(names[best], index=frame.index, dtype=object), aspects)


def named_themes(read: pd.DataFrame, dictionary: Dictionary) -> list[str]:
    """Themes that some of the texts are about, in the order of the dictionary, and last those that are about none."""
    told = set(read["theme"].unique())
    return [*(one.key for one in dictionary.themes if one.key in told), NO_THEME]
