"""Texts of one source as the rules read them: masked, and each with its language, tone, class, theme and dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.errors import MethodError
from analysis.text.reading import read_texts
from analysis.text.sentiment import tones
from analysis.text.themes import find_themes
from analysis.text.triage import triage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.edition.dictionary import Dictionary
    from analysis.edition.sections.text import TextReading


@dataclass(frozen=True)
class AnalysedTexts:
    """frame: text_id, text (masked), lang, tone, triage_class, priority, words, review, theme, by the index of the rows
    that the texts came from; aspects: whether each speaks of each construct; counts: plain values.
    """

    frame: pd.DataFrame
    aspects: pd.DataFrame
    counts: Mapping[str, Any]

    def record(self) -> dict[str, Any]:
        """Plain values: how many texts, in which language, masked, cut, classified and without a theme."""
        return dict(self.counts)

    def beside(self, table: pd.DataFrame, *names: str) -> pd.DataFrame:
        """The texts with those of the columns `names` that the table has which they came from."""
        return self.frame.join(table[[name for name in names if name in table]])


def analyse_texts(
    table: pd.DataFrame,
    *,
    columns: Sequence[str],
    ids: str,
    dictionary: Dictionary,
    rules: TextReading,
    constructs: Sequence[str],
) -> AnalysedTexts:
    """Mask what stands in the text `columns` of a table first, then read it; the column `ids` names the rows.

    What one row holds in several columns is read as one text. Raises MethodError where no row holds a text.
    """
    found = read_texts(_joined(table, columns), rules=rules)
    if not len(found.frame):
        raise MethodError("no row holds a text", expected="a text that is not blank", got=f"{len(table)} rows")
    frame = found.frame
    classed = triage(frame, dictionary=dictionary)
    themes = find_themes(frame, dictionary=dictionary, constructs=constructs)
    tone = tones(frame["text"], frame["lang"])
    own = pd.concat([table.loc[frame.index, ids].rename("text_id"), frame, classed.tickets], axis=1)
    counts = {**found.record(), **classed.record(), **themes.record()}
    return AnalysedTexts(own.assign(tone=tone, theme=themes.theme), themes.aspects, counts)


def classified(tickets: pd.DataFrame, texts: AnalysedTexts | None) -> pd.DataFrame:
    """The tickets with triage_class and priority where they hold a text that was read."""
    return tickets if texts is None else tickets.join(texts.frame[["triage_class", "priority"]])


def _joined(table: pd.DataFrame, columns: Sequence[str]) -> pd.Series[Any]:
    known = [name for name in columns if name in table]
    joined = pd.Series(None, index=table.index, dtype=object)
    for name in known:
        more = table[name].astype(object)
        both = joined.notna() & more.notna()
        joined = joined.where(joined.notna(), more).mask(both, joined.astype(str) + "\n" + more.astype(str))
    return joined
