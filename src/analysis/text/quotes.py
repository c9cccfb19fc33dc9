"""One sentence for each theme in the words of a customer, chosen by rule and never made up.

Chosen is the text nearest to the centre of its theme (cosine of TF-IDF), among those that say nothing of a person, are
neither very short nor long, and come from a kind of institution that enough others wrote about too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.text.masking import MASK, personal
from analysis.text.themes import NO_THEME
from analysis.text.topics import tf_idf

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUOTE_COLUMNS = ("theme", "n", "lang", "institution_type", "tone", "quote")
LENGTHS = {"zh": (8, 120), "en": (25, 300)}
_UNQUOTABLE = r"[<>{}\[\]|`$\\]|://|^[=+\-@]"
"""Markup, formulas and addresses of pages: no sentence of a customer."""


def choose_quotes(frame: pd.DataFrame, *, min_texts: int) -> pd.DataFrame:
    """One quote for each theme of at least `min_texts` texts in one language; QUOTE_COLUMNS.

    frame: text (masked), lang, theme, tone, and institution_type where it is told (else the quote names none).
    """
    parts = [_of_language(own, str(lang), min_texts) for lang, own in frame.groupby("lang", sort=True) if lang]
    found = [part for part in parts if len(part)]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(QUOTE_COLUMNS))
    return table.assign(group="quote.theme=" + table["theme"].astype(str))


def _of_language(own: pd.DataFrame, lang: str, min_texts: int) -> pd.DataFrame:
    sizes = own["theme"].value_counts()
    themes = [str(name) for name in sizes.index if name != NO_THEME and sizes[name] >= min_texts]
    if not themes:
        return pd.DataFrame(columns=list(QUOTE_COLUMNS))
    try:
        matrix, _ = tf_idf(own["text"].tolist(), lang, min_texts=2)
    except ValueError:  # no word stands in two texts: there is no centre
        return pd.DataFrame(columns=list(QUOTE_COLUMNS))
    fit = _quotable(own, lang, min_texts)
    theme, rows = own["theme"].to_numpy(dtype=object), []
    for name in themes:
        inside = np.flatnonzero(theme == name)
        centre = np.asarray(matrix[inside].mean(axis=0)).ravel()
        near = np.asarray(matrix[inside] @ centre).ravel()
        place = _first_that_passes(own, inside[np.argsort(-near, kind="stable")], fit)
        if place is not None:
            row = own.iloc[place]
            kind = row["institution_type"] if "institution_type" in own else None
            rows.append((name, int(sizes[name]), lang, kind, row["tone"], row["text"]))
    return pd.DataFrame(rows, columns=list(QUOTE_COLUMNS))


def _quotable(own: pd.DataFrame, lang: str, min_texts: int) -> NDArray[np.bool_]:
    low, high = LENGTHS[lang]
    length = own["text"].str.len()
    plain = ~own["text"].str.contains(MASK, regex=False) & ~own["text"].str.contains(_UNQUOTABLE, regex=True)
    fit = plain & length.between(low, high)
    if "institution_type" in own:
        kinds = own.groupby(["theme", "institution_type"], observed=True)["text"].transform("size")
        fit &= kinds.ge(min_texts) & own["institution_type"].notna()
    return np.asarray(fit.to_numpy(dtype=bool))


def _first_that_passes(own: pd.DataFrame, places: NDArray[Any], fit: NDArray[np.bool_]) -> int | None:
    texts = own["text"].to_numpy(dtype=object)
    return next((int(place) for place in places if fit[place] and not personal(str(texts[place]))), None)
