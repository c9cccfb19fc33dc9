"""Complaints that come again within some days: from the same customer, or in the same or nearly the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.service.near_copies import near_copies
from analysis.service.shares import shares_by_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

REPEAT_COLUMNS = ("question", "category", "n", "share", "ci_low", "ci_high", "difference", "p")
SHORTEST = 8
"""Letters of a text below which the same words are no repetition: many people write "thank you"."""


def repeated(tickets: pd.DataFrame, who: pd.Series[int], *, days: int) -> NDArray[np.bool_]:
    """Whether each ticket (n) follows an earlier one of the same `who` by at most `days`; −1 is nobody."""
    order = np.lexsort((tickets["received_at"].to_numpy(), who.to_numpy()))
    name, at = who.to_numpy()[order], tickets["received_at"].to_numpy()[order]
    again = np.zeros(len(tickets), dtype=bool)
    if len(tickets) > 1:
        soon = (at[1:] - at[:-1]) <= np.timedelta64(days, "D")
        again[order[1:]] = (name[1:] == name[:-1]) & soon
    return again & (who != -1).to_numpy()


def by_customer(tickets: pd.DataFrame) -> pd.Series[int] | None:
    """A number for each customer, −1 where none is told; None where none is told at all."""
    if "customer_id" not in tickets or not tickets["customer_id"].notna().any():
        return None
    return pd.Series(pd.factorize(tickets["customer_id"])[0], index=tickets.index)


def by_wording(tickets: pd.DataFrame) -> pd.Series[int] | None:
    """A number for each wording to a kind of institution, −1 for texts that are too short; None without texts.

    Capitals, digits, signs and blanks do not count, and texts that are nearly the same have one number (`near_copies`).
    """
    if "text" not in tickets:
        return None
    letters = tickets["text"].astype("string").fillna("").str.casefold().str.replace(r"[\W\d_]+", "", regex=True)
    place = tickets["institution_type"].astype("string").fillna("") if "institution_type" in tickets else ""
    long = (letters.str.len() >= SHORTEST).to_numpy(dtype=bool)
    copies = pd.Series(near_copies(letters.to_list()), index=tickets.index).astype("string")
    return pd.Series(pd.factorize((copies + "|" + place).where(long))[0], index=tickets.index)


def repeat_shares(tickets: pd.DataFrame, *, days: int, questions: Sequence[str], confidence: float) -> pd.DataFrame:
    """Share of tickets that repeat an earlier one, over all and by the `questions`; REPEAT_COLUMNS, group and told_by.

    told_by: customer or wording, by what repetitions were known; both where both are told.
    """
    asked = [name for name in questions if name in tickets and tickets[name].notna().any()]
    parts = []
    for told_by, who in (("customer", by_customer(tickets)), ("wording", by_wording(tickets))):
        if who is None:
            continue
        table = shares_by_question(tickets, repeated(tickets, who, days=days), asked, confidence=confidence)
        table = table.reindex(columns=list(REPEAT_COLUMNS)).fillna({"category": "", "question": ""})
        group = ("ticket." + table["question"] + "=" + table["category"]).where(table["category"] != "", "")
        parts.append(table.assign(group=group, told_by=told_by, days=days))
    if not parts:
        return pd.DataFrame(columns=[*REPEAT_COLUMNS, "group", "told_by", "days"])
    return pd.concat(parts, ignore_index=True)
