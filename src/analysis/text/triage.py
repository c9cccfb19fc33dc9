"""Classes of tickets by rules that show the words they went by; a person decides where the rules do not.

A ticket goes to the most pressing class of which it holds a word. One with words of several classes is marked for a
person to look at, and so is one with words of none: it is not classified, openly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.text.matching import match_words

if TYPE_CHECKING:
    from analysis.edition.dictionary import Dictionary

UNCLASSIFIED = "unclassified"


@dataclass(frozen=True)
class Triage:
    """One row per text, with its index: class (`unclassified` where no rule speaks), priority (1 the most pressing,
    k + 1 not classified), words that matched, review (several classes, or none, claim it).
    """

    tickets: pd.DataFrame

    def record(self) -> dict[str, Any]:
        """Plain values: how many were classified and how many a person should look at."""
        known = self.tickets["triage_class"] != UNCLASSIFIED
        several = int((self.tickets["review"] & known).sum())
        return {"classified": int(known.sum()), "unclassified": int((~known).sum()), "several": several}


def triage(frame: pd.DataFrame, *, dictionary: Dictionary) -> Triage:
    """Class of every text of `frame` (text, lang) by the classes of the dictionary, in their order."""
    classes = {one.key: one for one in dictionary.classes}
    found = match_words(frame, classes, keep=True)
    hit = found.counts > 0
    names = np.array([*classes, UNCLASSIFIED], dtype=object)
    first = np.where(hit.any(axis=1), hit.argmax(axis=1), len(classes)) if classes else np.zeros(len(frame), dtype=int)
    told = [found.words.get(place, {}).get(str(names[key]), []) for place, key in enumerate(first.tolist())]
    table = pd.DataFrame(
        {
            "triage_class": names[first],
            "priority": first + 1,
            "words": [" · ".join(words) for words in told],
            "review": hit.sum(axis=1) != 1,
        },
        index=frame.index,
    )
    return Triage(table)
