"""What people wrote as it may be read: masked first, cut to a length, each in its language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.text.masking import MASK, masked

if TYPE_CHECKING:
    from analysis.edition.sections.text import TextReading

LANGUAGES = ("zh", "en")
_HAN, _LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z]")
HAN_WEIGHT = 3
"""Letters of a Latin word that one Chinese character stands against: an App in a Chinese sentence is no English."""
LETTERS = 4
"""Letters without which a text in Latin script is in no language."""


@dataclass(frozen=True)
class ReadTexts:
    """Texts that hold something, as read: `frame` with text (masked), lang (zh, en or "") and its own index.

    given: rows with a text. cut: texts longer than is read. masked: texts in which something was masked. nothing: texts
    without a word in either language (only signs, or another script).
    """

    frame: pd.DataFrame
    rows: int
    cut: int
    masked: int

    def record(self) -> dict[str, Any]:
        """Plain values: how many there were, and in which language."""
        counts = {lang: int((self.frame["lang"] == lang).sum()) for lang in (*LANGUAGES, "")}
        told = {"zh": counts["zh"], "en": counts["en"], "other": counts[""]}
        return {"rows": self.rows, "texts": len(self.frame), "cut": self.cut, "masked": self.masked, **told}


def read_texts(texts: pd.Series[Any], *, rules: TextReading) -> ReadTexts:
    """Mask and cut the texts of a column (n), and tell the language of each; empty ones are left out.

    A text is cut before it is masked, and what the cut may have left of a number is masked with it.
    """
    told = texts.dropna().astype(str)
    told = told[told.str.strip() != ""]
    cut = told.str.len() > rules.longest
    short = told.str.slice(0, rules.longest)
    short = short.where(~cut, short.str.replace(r"[\w@.+-]{1,80}\Z", "…", regex=True, flags=re.ASCII))
    unique = {text: masked(text) for text in short.unique()}
    shown = short.map(unique).astype(object)
    frame = pd.DataFrame({"text": shown, "lang": languages(shown)}, index=told.index)
    return ReadTexts(frame, len(texts), int(cut.sum()), int(shown.str.contains(MASK, regex=False).sum()))


def languages(texts: pd.Series[Any]) -> pd.Series[Any]:
    """zh, en or "" for each text, by its script: Chinese characters count three Latin letters each."""
    plain = texts.str.replace(MASK, "", regex=False)
    han = plain.str.count(_HAN.pattern).to_numpy(dtype=float)
    latin = plain.str.count(_LATIN.pattern).to_numpy(dtype=float)
    found = np.where(latin >= LETTERS, "en", "").astype(object)
    found[(han > 0) & (han * HAN_WEIGHT >= latin)] = "zh"
    return pd.Series(found, index=texts.index, dtype=object)
