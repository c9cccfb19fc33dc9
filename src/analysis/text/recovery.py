"""Shares of classes and themes beside those that a simulated edition was written with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from analysis.text.ticket_texts import TicketTexts

RECOVERY_COLUMNS = ("what", "category", "planted", "n", "share", "ci_low", "ci_high", "inside")


def texts_found_again(found: TicketTexts, planted: pd.DataFrame) -> pd.DataFrame:
    """The planted shares (what, category, planted) with what was found; RECOVERY_COLUMNS: does the interval hold it?"""
    parts = (("triage_class", found.classes), ("theme", found.themes))
    shares = pd.concat([table.assign(what=what) for what, table in parts], ignore_index=True)
    both = planted.merge(shares, on=["what", "category"], how="inner")
    inside = (both["ci_low"] <= both["planted"]) & (both["planted"] <= both["ci_high"])
    return both.assign(inside=inside)[list(RECOVERY_COLUMNS)]
