"""The register of measures: from the baseline to the target, how far, and what that means on the day of the report.

Plan is a measure with its indicator, target and date; check is the verdict, which follows by rule from the figures; act
is the next step, which follows from the verdict. The register holds figures without errors, so that a verdict is about
the figure that was reported and not about what chance may have done to it.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from analysis.edition.standards import Standards

VERDICTS = ("met", "on_the_way", "not_begun", "missed", "unknown")
"""met: the target is reached. on_the_way, not_begun: before its date, with and without progress. missed: its date has
passed. unknown: no value yet, or no way to tell which direction is the better one."""


def judge_actions(actions: pd.DataFrame, *, standards: Standards | None, as_of: datetime.date) -> pd.DataFrame:
    """The register with progress and verdict, one row per measure, ordered by verdict and date.

    actions: action_id, measure_zh, measure_en, indicator, owner_zh, owner_en, baseline, target, actual, due; what is
    optional may be missing. Adds indicator_zh, indicator_en (its name among the indicators of the standards, else the
    key), progress (share of the way from the baseline to the target; NaN where that can't be told) and verdict.
    """
    table = actions.reindex(columns=_columns(actions)).reset_index(drop=True)
    indicators = {one.key: one for one in (standards.indicators if standards else ())}
    for lang in ("zh", "en"):
        table[f"indicator_{lang}"] = [
            indicators[key].name[lang] if key in indicators else key for key in table["indicator"]
        ]
    bounds = {key: one.limit.bound for key, one in indicators.items() if one.limit}
    baseline, target, actual = (table[name].to_numpy(dtype=np.float64) for name in ("baseline", "target", "actual"))
    stated = [
        {"at_least": 1.0, "at_most": -1.0, "below": -1.0}.get(bounds.get(key, ""), np.nan) for key in table["indicator"]
    ]
    moved = np.sign(target - baseline)
    better = np.where(np.isfinite(moved) & (moved != 0), moved, stated)
    with np.errstate(divide="ignore", invalid="ignore"):
        progress = (actual - baseline) / (target - baseline)
        reached, begun = better * (actual - target) >= 0, better * (actual - baseline) > 0
    due = pd.to_datetime(table["due"])
    open_still = due.isna() | (due > pd.Timestamp(as_of))
    known = np.isfinite(actual) & np.isfinite(better)
    verdict = np.select(
        [~known, reached, ~open_still.to_numpy(), begun | ~np.isfinite(baseline)],
        ["unknown", "met", "missed", "on_the_way"],
        "not_begun",
    )
    table = table.assign(progress=np.where(np.isfinite(progress), progress, np.nan), verdict=verdict)
    place = table["verdict"].map({name: number for number, name in enumerate(VERDICTS)})
    order = table.assign(place=place).sort_values(["place", "due", "action_id"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _columns(actions: pd.DataFrame) -> list[str]:
    optional = ("owner_zh", "owner_en", "dimension", "baseline", "actual", "due")
    given = [name for name in actions.columns if name not in optional]
    return [*given, *optional]
