"""Words of a dictionary in texts: which of them stand in which text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from analysis.edition.dictionary import Words

GAP = r"[^，。！？；、,.!?;\n]{0,8}?"
"""What … stands for: up to eight characters of the same clause."""


@dataclass(frozen=True)
class Matches:
    """How often each text (n rows) holds words of each key (k columns), and where asked for the words."""

    keys: tuple[str, ...]
    counts: NDArray[np.int64]
    words: dict[int, dict[str, list[str]]]


def match_words(frame: pd.DataFrame, words: Mapping[str, Words], *, keep: bool = False) -> Matches:
    """Different words of each key in each text of `frame` (text, lang), by the words of its language.

    With `keep` the words themselves are told, by the text's position and the key.
    """
    texts = frame["text"].to_numpy(dtype=object)
    langs = frame["lang"].to_numpy(dtype=object)
    counts = np.zeros((len(texts), len(words)), dtype=np.int64)
    found: dict[int, dict[str, list[str]]] = {}
    for lang in ("zh", "en"):
        places = np.flatnonzero(langs == lang)
        lowered = np.array([str(texts[place]).casefold() for place in places], dtype=object)
        codes, distinct = pd.factorize(lowered)  # short answers are often the same
        for column, (key, listed) in enumerate(words.items()):
            pattern = word_pattern(getattr(listed, lang), lang)
            if pattern is None:
                continue
            told = [list(dict.fromkeys(pattern.findall(text))) for text in distinct]
            counts[places, column] = np.array([len(one) for one in told], dtype=np.int64)[codes]
            for place, code in zip(places.tolist(), codes.tolist(), strict=True) if keep else ():
                if told[code]:
                    found.setdefault(place, {})[key] = list(told[code])
    return Matches(tuple(words), counts, found)


def word_pattern(words: tuple[str, ...], lang: str) -> re.Pattern[str] | None:
    """One pattern of all words, longest first; None where there are none. Words are text, never patterns."""
    if not words:
        return None
    parts = [_form(word.casefold(), lang) for word in sorted(words, key=len, reverse=True)]
    joined = "|".join(parts)
    return re.compile(rf"\b(?:{joined})\b" if lang == "en" else joined)


def _form(word: str, lang: str) -> str:
    gap = GAP if lang == "zh" else r"[^.!?;\n]{0,24}?"
    form = re.escape(word).replace(re.escape("…"), gap).replace("…", gap)
    return form.replace(re.escape("*"), r"\w{0,12}") if lang == "en" else form
