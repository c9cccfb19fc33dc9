"""A service log of one row per event as one of one row per step: what began is paired with what ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

KEYS = ["case_id", "scenario", "step"]
OF_THE_STEP = ("institution_type", "branch", "due_at")


def steps_of_events(events: pd.DataFrame) -> pd.DataFrame:
    """Steps (case_id, scenario, step, opened_at, started_at, completed_at and what else the events say).

    events: case_id, scenario, step, at, perhaps lifecycle (start, complete; every other transition is left out),
    case_opened_at, institution_type, branch, due_at. Without lifecycle every event is the completion of its step. The
    first start of a step belongs to its first completion after it, the second to the second, and so on; a start
    without completion is a step that is open. A step is opened when the one before it in the case was completed, the
    first of a case when the case was (`case_opened_at`) or, where nobody says, with its own first event.
    """
    known = events.sort_values("at", kind="stable", ignore_index=True)
    kind = known["lifecycle"] if "lifecycle" in known else pd.Series(np.nan, index=known.index, dtype=object)
    kind = kind.astype(object).where(kind.notna(), "complete")
    ended, begun = known[(kind == "complete").to_numpy()], known[(kind == "start").to_numpy()]
    if not len(begun):
        found = ended.rename(columns={"at": "completed_at"}).assign(started_at=pd.Series(pd.NaT, index=ended.index))
    else:
        found = _paired(begun, ended)
    found["started_at"] = found["started_at"].astype("datetime64[us]")
    return _opened(found)


def _paired(begun: pd.DataFrame, ended: pd.DataFrame) -> pd.DataFrame:
    """Starts beside completions of the same step of a case, the first beside the first."""
    starts = begun.assign(turn=begun.groupby(KEYS, sort=False).cumcount()).rename(columns={"at": "started_at"})
    first = begun.groupby(KEYS, sort=False)["at"].min().rename("first").reset_index()
    ends = ended.merge(first, on=KEYS, how="left")
    alone = (ends["first"].notna() & (ends["at"] < ends["first"])).astype(int)  # completed before anything was begun
    ends["turn"] = ends.groupby(KEYS, sort=False).cumcount() - alone.groupby([ends[key] for key in KEYS]).cumsum()
    ends.loc[alone == 1, "turn"] = -1 - np.arange(int(alone.sum()))
    ends = ends.drop(columns="first").rename(columns={"at": "completed_at"})
    both = starts.merge(ends, on=[*KEYS, "turn"], how="outer", suffixes=("", "_end"))
    for name in (name for name in starts.columns if f"{name}_end" in both):
        both[name] = both[name].where(both[name].notna(), both[f"{name}_end"])
    late = both["started_at"] > both["completed_at"]
    both["started_at"] = both["started_at"].mask(late)
    return both


def _opened(steps: pd.DataFrame) -> pd.DataFrame:
    """The steps in order of time, each with the moment at which it was opened."""
    own: pd.Series[Any] = steps["started_at"].fillna(steps["completed_at"])
    steps = steps.assign(own=own).sort_values(["case_id", "own"], kind="stable", ignore_index=True)
    before = steps.groupby(["case_id", "scenario"], sort=False)["completed_at"].shift()
    if "case_opened_at" in steps:
        first = ~steps.duplicated(["case_id", "scenario"])
        before = before.where(~first, steps["case_opened_at"])
    opened = before.where(before <= steps["own"], steps["own"])
    named = [name for name in OF_THE_STEP if name in steps]
    columns = [*KEYS, *named, "opened_at", "started_at", "completed_at"]
    return steps.assign(opened_at=opened.astype("datetime64[us]"))[columns]
