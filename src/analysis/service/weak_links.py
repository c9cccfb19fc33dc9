"""The weak links of the service: which steps cost their customers most beyond what was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("scenario", "step", "step_zh", "step_en", "n", "missed", "share", "ci_low", "ci_high", "hours_lost")
RANKED = (*COLUMNS, "dissatisfaction", "score", "rank", "place")


def rank_weak_links(steps: pd.DataFrame, dissatisfaction: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """Rank the steps with a limit (`Compliance.steps`) by hours lost × share of customers who are not satisfied.

    hours_lost: of all cases together, beyond the limit, so that it is hours per case times cases. A step that nobody
    rates has the share of its scenario, and one whose scenario nobody rates counts with the mean of all others (in the
    table it stays missing). Columns: scenario, step, step_zh, step_en, n (due), missed, share (on time) with interval,
    hours_lost, dissatisfaction, score, rank, place; the weakest first, without steps that kept every limit.
    """
    table = steps[steps["due"].astype(np.float64) > 0].drop(columns="n")
    table = table.rename(columns={"due": "n", "on_time": "share", "lost_hours": "hours_lost"})
    keys = list(zip(table["scenario"], table["step"], strict=True))
    known = [dissatisfaction.get(key, dissatisfaction.get((key[0], ""), np.nan)) for key in keys]
    table = table.assign(dissatisfaction=np.array(known, dtype=np.float64))
    table = table[table["missed"].astype(np.float64) > 0]
    rated = table["dissatisfaction"]
    weight = rated.fillna(rated.mean() if rated.notna().any() else 1.0)
    table = table.assign(score=table["hours_lost"] * weight).sort_values("score", ascending=False, kind="stable")
    place = table["scenario"] + "." + table["step"]
    table = table.assign(rank=np.arange(1, len(table) + 1), place=place).astype({"n": int, "missed": int})
    return table.reset_index(drop=True)[list(RANKED)]
