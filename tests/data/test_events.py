"""Logs of one row per event: paired by hand, through params, and a public log against what pandas gives by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.data.events import steps_of_events
from analysis.edition.sections.service import Service
from analysis.service.process import measure_process

RECEIPT = Path(__file__).resolve().parents[3] / "shared" / "data" / "eventlog" / "receipt.csv"


def _events(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case_id", "step", "lifecycle", "at"]).assign(scenario="s")
    return frame.assign(at=pd.to_datetime(frame["at"]))


def test_starts_and_completions_are_paired_in_turn() -> None:
    found = steps_of_events(
        _events(
            ("1", "x", "complete", "2025-01-01 08:00"),  # begun before the log
            ("1", "x", "start", "2025-01-01 09:00"),
            ("1", "x", "complete", "2025-01-01 10:00"),
            ("1", "y", "start", "2025-01-01 12:00"),
            ("1", "y", "suspend", "2025-01-01 12:30"),
            ("1", "y", "complete", "2025-01-01 13:00"),
            ("1", "x", "start", "2025-01-01 14:00"),
        )
    )
    hours = found[["opened_at", "started_at", "completed_at"]].apply(lambda column: column.dt.hour)
    assert found["step"].tolist() == ["x", "x", "y", "x"]
    assert hours["opened_at"].tolist() == [8, 8, 10, 13]
    assert hours["started_at"].fillna(-1).tolist() == [-1, 9, 12, 14]
    assert hours["completed_at"].fillna(-1).tolist() == [8, 10, 13, -1]


def test_a_log_of_completions_opens_a_step_when_the_one_before_it_ends() -> None:
    found = steps_of_events(
        _events(("1", "x", "complete", "2025-01-01 08:00"), ("1", "y", "complete", "2025-01-01 10:00"))
        .drop(columns="lifecycle")
        .assign(case_opened_at=pd.Timestamp("2025-01-01 07:00"))
    )
    assert found["opened_at"].dt.hour.tolist() == [7, 8]
    assert found["started_at"].isna().all()


LOG = """Case,Activity,Time,State,Due
1,Check,2025-01-01 08:00,complete,2025-01-03 00:00
1,Decide,2025-01-02 08:00,complete,2025-01-03 00:00
2,Check,2025-01-01 09:00,complete,2025-01-02 00:00
2,Decide,2025-01-04 09:00,complete,2025-01-02 00:00
2,Decide,2025-01-04 09:00,complete,2025-01-02 00:00
3,Check,2025-01-04 08:00,finished,2025-01-05 00:00
"""


def test_a_log_in_another_layout_goes_through_by_params(survey: Any) -> None:
    named = {"case_id": "Case", "step": "Activity", "at": "Time", "lifecycle": "State", "due_at": "Due"}
    source: dict[str, Any] = {"layout": "events", "constant": {"scenario": "desk"}, "columns": named}
    intake = survey.load(LOG, table="service_log", sections={"standards": None}, **source)
    assert sorted(intake.quarantine["reason"].str[:40]) == [
        "case_id + scenario + step + at + lifecyc",
        "lifecycle is not one of start, complete,",
    ]
    case = measure_process(intake.frame, service=Service()).cases.iloc[0]
    assert (case["n"], case["on_time"], case["median"]) == (2, 0.5, pytest.approx(2.0))


@pytest.mark.skipif(not RECEIPT.exists(), reason="the public log is not there")
def test_a_public_log_gives_what_pandas_gives_by_hand() -> None:
    raw = pd.read_csv(RECEIPT)
    at = pd.to_datetime(raw["time:timestamp"].str[:19])
    case = raw["case:concept:name"]
    frame = pd.DataFrame({"case_id": case, "scenario": "receipt", "step": raw["concept:name"], "at": at})
    frame["due_at"] = pd.to_datetime(raw["case:deadline"].str[:19])
    found = measure_process(steps_of_events(frame), service=Service())
    ordered = frame.sort_values(["case_id", "at"], kind="stable")
    by_case = ordered.groupby("case_id")
    days = (by_case["at"].max() - by_case["at"].min()).dt.total_seconds() / 86400
    ways = by_case["step"].agg(" → ".join).value_counts()
    row = found.cases.iloc[0]
    assert row["n"] == case.nunique()
    assert row["median"] == pytest.approx(days.median(), rel=1e-6)
    assert found.variants["n"].iloc[0] == ways.iloc[0]
    assert found.variants["path"].iloc[0] == ways.index[0]
    due = by_case["due_at"].min()
    passed = due < at.max().normalize() + pd.Timedelta(days=1)
    kept = (by_case["at"].max() <= due)[passed]
    assert (row["due"], row["on_time"]) == (len(kept), pytest.approx(kept.mean()))
    assert not found.told_apart
