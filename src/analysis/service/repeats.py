"""Complaints that come again: the same customer, or where nobody's number is told the same words, within some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.service.shares import shares_by_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

REPEAT_COLUMNS = ("question", "category", "n", "share", "ci_low", "ci_high", "difference", "p")
SHORTEST = 8
"""Letters of a text below which the same words are no repetition: many people write "thank you"."""


def repeated(tickets: pd.DataFrame, *, days: int) -> NDArray[np.bool_]:
    """Whether each ticket (n) follows an earlier one of the same customer by at most `days`.

    Without customer_id: one with the same text to the same kind of institution, but for digits, signs and blanks.
    """
    who = _who(tickets)
    order = np.lexsort((tickets["received_at"].to_numpy(), who.to_numpy()))
    name, at = who.to_numpy()[order], tickets["received_at"].to_numpy()[order]
    again = np.zeros(len(tickets), dtype=bool)
    if len(tickets) > 1:
        soon = (at[1:] - at[:-1]) <= np.timedelta64(days, "D")
        again[order[1:]] = (name[1:] == name[:-1]) & soon
    return again & (who != -1).to_numpy()


def _who(tickets: pd.DataFrame) -> pd.Series[int]:
    """A number for each customer, or each wording; −1 where neither is told."""
    if "customer_id" in tickets and tickets["customer_id"].notna().any():
        return pd.Series(pd.factorize(tickets["customer_id"])[0], index=tickets.index)
    if "text" not in tickets:
        return pd.Series(-1, index=tickets.index)
    letters = tickets["text"].astype("string").fillna("").str.casefold().str.replace(r"[\W\d_]+", "", regex=True)
    place = tickets["institution_type"].astype("string").fillna("") if "institution_type" in tickets else ""
    words = (letters + "|" + place).where(letters.str.len() >= SHORTEST)
    return pd.Series(pd.factorize(words)[0], index=tickets.index)


def repeat_shares(tickets: pd.DataFrame, *, days: int, questions: Sequence[str], confidence: float) -> pd.DataFrame:
    """Share of tickets that repeat an earlier one, over all and by the `questions`; REPEAT_COLUMNS, group and told_by.

    told_by: customer or wording, by what repetitions were known.
    """
    by_customer = "customer_id" in tickets and bool(tickets["customer_id"].notna().any())
    asked = [name for name in questions if name in tickets and tickets[name].notna().any()]
    table = shares_by_question(tickets, repeated(tickets, days=days), asked, confidence=confidence)
    table = table.reindex(columns=list(REPEAT_COLUMNS)).fillna({"category": "", "question": ""})
    group = ("ticket." + table["question"] + "=" + table["category"]).where(table["category"] != "", "")
    told: dict[str, Any] = {"group": group, "told_by": "customer" if by_customer else "wording", "days": days}
    return table.assign(**told)
