"""Where the service is weakest in the eyes of those who write: how often × how badly × how much it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.text.themes import NO_THEME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.edition.dictionary import Dictionary
    from analysis.text.answers import AnswerTexts
    from analysis.text.ticket_texts import TicketTexts

WEAK_COLUMNS = ("theme", "construct", "n", "share", "ci_low", "ci_high", "severity", "importance", "score", "rank")


def weaknesses(
    tickets: TicketTexts | None, answers: AnswerTexts | None, *, read: pd.DataFrame | None, dictionary: Dictionary
) -> pd.DataFrame | None:
    """How often and how badly each theme comes up, by the tickets (read: their texts), or without tickets by the open
    answers; None without either.

    The shares of the themes, and `severity` (0–1): the mean weight of its tickets' classes, or the share of its answers
    that complain.
    """
    if tickets is not None and read is not None:
        shares, severity = tickets.themes, severity_of_tickets(read, dictionary=dictionary)
    elif answers is not None:
        told = answers.themes.set_index("category")["negative"].dropna()
        shares, severity = answers.themes, {str(name): float(value) for name, value in told.items()}
    else:
        return None
    return shares.assign(severity=shares["category"].map(severity).astype(float))


def weak_points(found: pd.DataFrame, *, dictionary: Dictionary, importance: Mapping[str, float] | None) -> pd.DataFrame:
    """The themes in the order of frequency × severity × importance; WEAK_COLUMNS.

    found: category (the theme), mentions, share, ci_low, ci_high, severity (0–1), as `weaknesses` gives them.
    importance: share of what satisfaction differs by, by construct; None where the edition has none: then the first two
    alone give the order, and so they do for a theme without a construct, at the mean importance of the others. n is
    that of the theme's texts, texts that of all, of which share is one; corrected is that of the shares. A theme of
    which nobody complains is none.
    """
    known = {one.key: one.construct_key for one in dictionary.themes}
    table = found[(found["category"] != NO_THEME) & (found["share"] > 0)].copy()
    table["theme"] = table["category"]
    table["construct"] = table["theme"].map(known).astype(object)
    table["texts"], table["n"] = table["n"], table["mentions"].astype(int)
    table["importance"] = table["construct"].map(dict(importance or {})).astype(float)
    weight = table["importance"].fillna(table["importance"].mean()) if table["importance"].notna().any() else 1.0
    table["score"] = table["share"] * table["severity"] * weight
    table = table[table["score"] > 0].sort_values("score", ascending=False, kind="stable", ignore_index=True)
    table["rank"] = np.arange(1, len(table) + 1)
    return table[[*WEAK_COLUMNS, "texts", "corrected"]].assign(group="weak.theme=" + table["theme"].astype(str))


def severity_of_tickets(tickets: pd.DataFrame, *, dictionary: Dictionary) -> dict[str, float]:
    """Mean weight of the classes of each theme's tickets (theme, triage_class); without one they count the least."""
    weights = {one.key: one.severity for one in dictionary.classes}
    least = min(weights.values(), default=1.0)
    weight = tickets["triage_class"].map(weights).fillna(least).astype(float)
    return {str(name): float(value) for name, value in weight.groupby(tickets["theme"]).mean().items()}


def importance_by_construct(importance: pd.DataFrame | None, outcome: str) -> dict[str, float] | None:
    """Share of importance of each construct for an outcome, as the drivers found it; None where there is none."""
    if importance is None:
        return None
    own = importance[importance["outcome"] == outcome]
    return dict(zip(own["predictor"], own["share"], strict=True)) if len(own) else None
