"""Tone of what people wrote: positive, negative, or not assigned where the words do not tell.

Chinese by a lexicon of the project's own, with negation, degree and contrast (after Taboada et al. 2011); English by
VADER (Hutto & Gilbert 2014) with words of finance. A text whose words say neither, or both alike, is not assigned: how
such texts are counted moves every share, so that nobody decides it silently.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

POSITIVE, NEGATIVE, UNASSIGNED = "positive", "negative", "unassigned"
TONES = (POSITIVE, NEGATIVE, UNASSIGNED)
LEXICON = Path(__file__).with_name("lexicon.yml")
NEAR = 4
"""Characters between a negation or a degree and the word that it goes with."""
STRONG, WEAK, BEFORE_CONTRAST = 1.5, 0.6, 0.4
ENGLISH_BOUND = 0.05
"""Compound score of VADER beyond which its authors call a text positive or negative."""
_ENDS = "，。！？；,.!?;\n~～…"


def tones(texts: pd.Series[Any], languages: pd.Series[Any]) -> pd.Series[Any]:
    """positive, negative or unassigned for each text, by its language (zh, en; any other: unassigned)."""
    found = np.full(len(texts), UNASSIGNED, dtype=object)
    told = texts.fillna("").astype(str).to_numpy(dtype=object)
    for lang, score in (("zh", chinese_score), ("en", english_score)):
        places = np.flatnonzero((languages == lang).to_numpy())
        unique, back = np.unique(told[places].astype(str), return_inverse=True)
        values = np.array([score(text) for text in unique], dtype=float)[back]
        bound = 0.0 if lang == "zh" else ENGLISH_BOUND
        found[places[values > bound]] = POSITIVE
        found[places[values < -bound]] = NEGATIVE
    return pd.Series(found, index=texts.index, dtype=object)


def chinese_score(text: str) -> float:
    """Sum of the words' values: each turned by an odd number of negations before it, and weighed by degree.

    What stands before a "but" counts less, and what a wish asks for is no praise of what is.
    """
    pattern, kinds = _chinese()
    total, turned, degree, wish, near = 0.0, 1, 1.0, False, 0
    for match in pattern.finditer(text):
        word = match.group()
        kind = kinds.get(word, "end")
        if match.start() - near > NEAR:
            turned, degree = 1, 1.0
        near = match.end()
        if kind == "end":
            turned, degree, wish = 1, 1.0, False
        elif kind == "negator":
            turned = -turned
        elif kind == "neither":
            turned, degree = 1, 1.0
        elif kind in {"strong", "weak"}:
            degree *= STRONG if kind == "strong" else WEAK
        elif kind == "contrast":
            total, turned, degree = total * BEFORE_CONTRAST, 1, 1.0
        elif kind == "wish":
            wish = True
        else:
            value = (1 if kind == POSITIVE else -1) * turned * degree
            total += 0.0 if wish and value > 0 else value
            turned, degree = 1, 1.0
    return total


def english_score(text: str) -> float:
    """VADER's compound score, −1 to 1."""
    return float(_vader().polarity_scores(text)["compound"])


@lru_cache(maxsize=1)
def _lexicon() -> Mapping[str, Any]:
    return read_yaml(LEXICON)


@lru_cache(maxsize=1)
def _chinese() -> tuple[re.Pattern[str], dict[str, str]]:
    lists = {"strong": "strong", "weak": "weak", "negators": "negator", "wishes": "wish", "contrasts": "contrast"}
    kinds: dict[str, str] = {}
    for name, kind in (*lists.items(), ("negative", NEGATIVE), ("positive", POSITIVE), ("neither", "neither")):
        kinds |= dict.fromkeys(str(_lexicon()[name]).split(), kind)
    words = sorted(kinds, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)) + f"|[{re.escape(_ENDS)}]"), kinds


@lru_cache(maxsize=1)
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    analyser.lexicon |= {word: float(value) for word, value in _lexicon()["english"].items()}
    return analyser
