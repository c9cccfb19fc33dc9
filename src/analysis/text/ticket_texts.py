"""What tickets are about: shares of classes, tones and themes, and whether they have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.service.shares import wilson
from analysis.text.changes import theme_changes
from analysis.text.labelling import labelled_texts
from analysis.text.sentiment import NEGATIVE, TONES
from analysis.text.shares import quality, shares_of
from analysis.text.themes import named_themes
from analysis.text.triage import UNCLASSIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.dictionary import Dictionary
    from analysis.edition.sections.text import TextReading
    from analysis.text.analysis import AnalysedTexts


@dataclass(frozen=True)
class TicketTexts:
    """classes, tone, themes: SHARE_COLUMNS each, themes with mentions and the share of these that complain (negative);
    changes of themes in half a year (None where the tickets don't reach so far back); quality by the labels (or None).
    """

    classes: pd.DataFrame
    tone: pd.DataFrame
    themes: pd.DataFrame
    changes: pd.DataFrame | None
    quality: pd.DataFrame | None

    def tables(self) -> dict[str, pd.DataFrame | None]:
        """The tables to publish; group names the tickets of a row."""
        classes = self.classes.assign(group="ticket.triage_class=" + self.classes["category"].astype(str))
        changes = self.changes
        if changes is not None:
            changes = changes.assign(late="ticket.half=late", early="ticket.half=early")
        themes = self.themes.assign(group="ticket.theme=" + self.themes["category"].astype(str))
        return {"ticket_class_shares": classes, "ticket_themes": themes, "theme_changes": changes}


def measure_ticket_texts(
    texts: AnalysedTexts,
    received: pd.Series[pd.Timestamp],
    *,
    dictionary: Dictionary,
    rules: TextReading,
    labels: pd.DataFrame | None = None,
    seed: int = 0,
) -> TicketTexts:
    """Shares over all tickets that hold a text (received: when each came, by the rows of the table)."""
    read = texts.frame
    level = rules.confidence
    classes = [*(one.key for one in dictionary.classes), UNCLASSIFIED]
    themes = named_themes(read, dictionary)
    wanted = {"triage_class": classes, "tone": list(TONES), "theme": themes}
    told = {what: labelled_texts(labels, read, "tickets", what) for what in wanted}
    found = {
        what: shares_of(read[what], categories, labels=told[what], confidence=level)
        for what, categories in wanted.items()
    }
    judged = [
        quality(read[what], categories, labels_of, confidence=level, seed=seed).assign(source="tickets", what=what)
        for what, categories in wanted.items()
        if (labels_of := told[what]) is not None
    ]
    return TicketTexts(
        classes=found["triage_class"],
        tone=found["tone"],
        themes=_with_tone(found["theme"], read, themes, level),
        changes=theme_changes(read["theme"], received.loc[read.index], themes, confidence=level),
        quality=pd.concat(judged, ignore_index=True) if judged else None,
    )


def _with_tone(table: pd.DataFrame, read: pd.DataFrame, themes: Sequence[str], confidence: float) -> pd.DataFrame:
    counts = table["mentions"].to_numpy(dtype=float)
    complaints = read.loc[read["tone"] == NEGATIVE, "theme"].value_counts().reindex(list(themes), fill_value=0)
    hits = complaints.to_numpy(dtype=float)
    low, high = wilson(hits, counts, confidence=confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        negative = hits / counts
    return table.assign(negative=negative, negative_low=low, negative_high=high)
