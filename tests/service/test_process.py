"""Cases, ways, rework and waiting by hand on small logs, those of the simulated log, and logs at the edge."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.service import draw_service_log
from analysis.edition import load_edition
from analysis.edition.sections.service import Service
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.norms import clustered_mean, measure_norms
from analysis.service.process import measure_process
from analysis.service.weak_links import rank_weak_links

UP_TO = Service(as_of=dt.date(2025, 3, 31))


def _log(*rows: tuple[str, str, str, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["case_id", "step", "opened_at", "started_at", "completed_at"])
    for name in ("opened_at", "started_at", "completed_at"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.assign(scenario="help")


LOG = _log(
    ("a", "take", "2025-03-03 08:00", "2025-03-03 09:00", "2025-03-03 10:00"),
    ("a", "solve", "2025-03-03 10:00", "2025-03-03 14:00", "2025-03-03 16:00"),
    ("b", "take", "2025-03-04 08:00", "2025-03-04 08:00", "2025-03-04 10:00"),
    ("b", "solve", "2025-03-04 10:00", "2025-03-04 12:00", "2025-03-04 13:00"),
    ("b", "take", "2025-03-04 13:00", "2025-03-04 14:00", "2025-03-04 15:00"),  # back to the first step: a loop
    ("c", "take", "2025-03-05 08:00", "2025-03-05 09:00", "2025-03-05 10:00"),
    ("c", "take", "2025-03-05 10:00", "2025-03-05 11:00", "2025-03-05 12:00"),  # at once again: rework, no loop
    ("d", "take", "2025-03-30 08:00", None, None),
)


def test_a_small_log_by_hand() -> None:
    found = measure_process(LOG, service=UP_TO)
    case = found.cases.iloc[0]
    assert case[["n", "open", "steps"]].tolist() == [4, 1, 2.0]
    assert case[["rework", "loops"]].tolist() == [0.5, 0.25]
    assert case["median"] == pytest.approx((7 + 8) / 2 / 24)  # of 4, 7 and 8 hours, and one that is longer
    assert case["waiting"] == pytest.approx((5 + 3 + 2) / (8 + 7 + 4))
    steps = found.steps.set_index("step")
    assert steps.loc["take", ["n", "cases", "repeated", "working"]].tolist() == [6, 4, 0.5, 1.0]
    flows = found.flows.set_index(["source", "target"])
    assert flows["n"].to_dict() == {
        ("", "take"): 4,
        ("take", "solve"): 2,
        ("solve", ""): 1,
        ("take", ""): 2,
        ("solve", "take"): 1,
        ("take", "take"): 1,
    }
    assert flows.loc[("take", "solve"), "hours"] == 3.0
    assert found.told_apart


def test_ways_are_sequences_of_closed_cases() -> None:
    ways = measure_process(LOG, service=UP_TO).variants
    assert set(ways["path"]) == {"take → solve", "take → solve → take", "take → take"}
    assert ways["n"].tolist() == [1, 1, 1]


def test_a_log_of_completions_does_not_tell_waiting_from_work() -> None:
    found = measure_process(LOG.drop(columns="started_at"), service=UP_TO)
    assert not found.told_apart
    assert found.cases["waiting"].isna().all()
    assert found.steps["working"].isna().all()


def test_a_step_that_is_opened_after_the_one_before_it_has_waited() -> None:
    log = _log(
        ("a", "take", "2025-03-03 08:00", None, "2025-03-03 10:00"),
        ("a", "solve", "2025-03-03 13:00", None, "2025-03-03 14:00"),
    )
    found = measure_process(log, service=UP_TO)
    assert found.cases["waiting"].iloc[0] == pytest.approx(3 / 6)


def test_cases_with_a_deadline_of_their_own() -> None:
    due = pd.to_datetime(
        LOG["case_id"].map({"a": "2025-03-03 16:00", "b": "2025-03-04 14:00", "d": "2025-04-02 00:00"})
    )
    case = measure_process(LOG.assign(due_at=due), service=UP_TO).cases.iloc[0]
    assert case[["due", "on_time"]].tolist() == [2.0, 0.5]  # d's has not passed, c has none


def test_logs_at_the_edge() -> None:
    alone = measure_process(LOG.iloc[:1], service=UP_TO).cases.iloc[0]
    assert (alone["n"], alone["rework"], alone["median"]) == (1, 0.0, pytest.approx(2 / 24))
    nothing = measure_process(LOG.assign(completed_at=pd.NaT), service=UP_TO)
    assert nothing.cases["open"].iloc[0] == 4
    assert nothing.cases["median"].isna().all()
    assert len(nothing.variants) == 0
    later = measure_process(LOG, service=Service(as_of=dt.date(2025, 3, 10)))
    assert later.record()["later"] == 1
    with pytest.raises(MethodError, match="no case"):
        measure_process(LOG, service=Service(as_of=dt.date(2025, 1, 1)))


def test_the_order_of_the_rows_changes_nothing() -> None:
    found = measure_process(LOG, service=UP_TO)
    mixed = measure_process(LOG.sample(frac=1.0, random_state=3), service=UP_TO)
    pd.testing.assert_frame_equal(found.flows, mixed.flows)
    pd.testing.assert_frame_equal(found.cases, mixed.cases)


def test_the_planted_rework_waiting_and_slow_branches_are_recovered() -> None:
    edition = load_edition(ROOT / "params" / "2025.yml")
    planted = load_planted(edition)
    plan = planted.service_log
    assert edition.standards is not None
    assert plan.counter is not None
    log = draw_service_log(edition, planted, edition.standards).replace("", None)
    for name in ("opened_at", "started_at", "completed_at"):
        log[name] = pd.to_datetime(log[name])
    found = measure_process(log, service=edition.service)
    steps = found.steps.set_index(["scenario", "step"])
    for scenario, rework in plan.rework.items():
        step = steps.loc[(scenario, rework.back_to)]
        se = np.sqrt(rework.share * (1 - rework.share) / step["cases"])
        assert abs(step["repeated"] - rework.share) < 4 * se + 2 * plan.abandoned * rework.share, scenario
    cases = found.cases.set_index("scenario")
    for scenario, share in plan.waiting.items():
        width = cases.loc[scenario, "waiting_high"] - cases.loc[scenario, "waiting_low"]
        assert abs(cases.loc[scenario, "waiting"] - share) < width, scenario
    norms = measure_norms(log, standards=edition.standards, decided=pd.DataFrame(), service=edition.service, min_n=30)
    slow = norms.branches[(norms.branches["mean"] > 30) & (norms.branches["p_adjusted"] < 0.05)]
    assert set(slow["branch"]) == set(plan.counter.slow)
    served = norms.norms.set_index("norm").loc["served_minutes"]
    assert served["ci_low"] < plan.counter.served.mean < served["ci_high"]


def test_consultations_answered_in_time_are_a_share_of_those_alone() -> None:
    edition = load_edition(ROOT / "params" / "2025.yml")
    asked = edition.service.model_copy(update={"consultations": ("help",), "as_of": UP_TO.as_of})
    log = LOG.assign(branch=list("xxxyyyzz"), waited_minutes=[5.0, 15.0, 15.5, 9.0, 40.0, 12.0, 1.0, 2.0])
    log["scenario"] = ["help"] * 6 + ["other"] * 2
    found = measure_norms(log, standards=edition.standards, decided=pd.DataFrame(), service=asked, min_n=30).norms
    row = found.set_index("norm").loc["consulted"]
    assert (row["n"], row["units"], row["unit"]) == (6, 2, "percent")
    assert row["value"] == pytest.approx(400 / 6)
    assert np.isnan(row["limit"])
    # Errors are those of two branches, of which both have two of three in time.
    assert row["ci_low"] == pytest.approx(row["value"])
    none = measure_norms(log, standards=edition.standards, decided=pd.DataFrame(), service=UP_TO, min_n=30).norms
    assert "consulted" not in set(none["norm"])


def test_a_log_of_which_no_case_has_ended_has_no_ways_and_is_told_all_the_same() -> None:
    log = LOG.assign(completed_at=pd.Series(pd.NaT, index=LOG.index, dtype="datetime64[s]"))
    found = measure_process(log, service=UP_TO)
    assert (found.cases["open"] == found.cases["n"]).all()
    assert len(found.tables()["service_variants"]) == 0
    assert found.tables()["service_variants"]["group"].tolist() == []


def test_branches_with_few_customers_are_not_named() -> None:
    edition = load_edition(ROOT / "params" / "2025.yml")
    log = LOG.assign(branch=["x"] * 5 + ["y"] * 3, waited_minutes=np.arange(8.0) + 40)
    found = measure_norms(log, standards=edition.standards, decided=pd.DataFrame(), service=UP_TO, min_n=4)
    assert found.branches["branch"].tolist() == ["x"]
    assert found.few == 1


def test_weak_links_by_hand() -> None:
    steps = pd.DataFrame(
        {
            **{"scenario": "help", "step": ["take", "solve", "tell", "rule"], "step_zh": "", "step_en": "", "n": 100},
            **{"due": [100, 50, 10, None], "missed": [10, 5, 0, None], "on_time": [0.9, 0.9, 1.0, None]},
            **{"ci_low": 0.8, "ci_high": 0.95, "lost_hours": [100.0, 300.0, 0.0, np.nan]},
        }
    )
    found = rank_weak_links(steps, {("help", "take"): 0.5, ("help", ""): 0.1})
    assert found["step"].tolist() == ["take", "solve"]
    assert found["score"].tolist() == [50.0, 30.0]
    unrated = rank_weak_links(steps, {})
    assert unrated["step"].tolist() == ["solve", "take"]
    assert unrated["dissatisfaction"].isna().all()


@pytest.mark.simulation
def test_the_interval_of_a_clustered_mean_covers() -> None:
    rng, inside, runs = np.random.default_rng(11), 0, 1000
    for _ in range(runs):
        unit = np.repeat(np.arange(20), 15)
        values = 12 + rng.normal(0, 2, 20)[unit] + rng.normal(0, 5, len(unit))
        mean = clustered_mean(values, unit, against=0.0, confidence=0.95)
        inside += mean.low < 12 < mean.high
    assert 0.93 <= inside / runs <= 0.97


@pytest.mark.simulation
def test_intervals_of_share_and_median_cover_on_small_logs() -> None:
    """500 logs of 150 cases, some censored on the last day: coverage of the rework share and of the median.

    Each log is a scenario of one large log, which are measured one by one.
    """
    rng, runs, n = np.random.default_rng(5), 500, 150
    opened, done = np.empty((2, runs, n), dtype="datetime64[s]")
    twice = np.empty((runs, n), dtype=bool)
    for run in range(runs):
        opened[run] = np.datetime64("2025-03-01", "s") + rng.integers(0, 28 * 86400, n).astype("timedelta64[s]")
        done[run] = opened[run] + rng.exponential(48 * 3600, n).astype("timedelta64[s]")
        twice[run] = rng.random(n) < 0.2
    log = pd.DataFrame(
        {
            "scenario": np.repeat([f"log {run}" for run in range(runs)], n),
            "case_id": np.arange(runs * n).astype(str),
            "step": "take",
            "opened_at": opened.ravel(),
            "completed_at": done.ravel(),
        }
    )
    again = log[twice.ravel()].assign(opened_at=lambda rows: rows["completed_at"])
    cases = measure_process(pd.concat([log, again]), service=Service(as_of=dt.date(2025, 4, 30))).cases
    early = measure_process(log, service=Service(as_of=dt.date(2025, 3, 29))).cases
    assert len(cases) == len(early) == runs
    shares = (cases["rework_low"] <= 0.2) & (cases["rework_high"] >= 0.2)
    medians = (early["median_low"] <= 2 * np.log(2)) & (early["median_high"] >= 2 * np.log(2))
    assert 0.93 <= shares.mean() <= 0.97
    assert 0.93 <= medians.mean() <= 0.97


def test_a_million_steps_take_seconds() -> None:
    rng, n = np.random.default_rng(1), 1_000_000
    opened = np.datetime64("2025-01-01", "s") + np.sort(rng.integers(0, 300 * 86400, n)).astype("timedelta64[s]")
    log = pd.DataFrame(
        {
            "case_id": pd.Series(rng.integers(0, 250_000, n)).astype(str),
            "scenario": "help",
            "step": pd.Series(rng.integers(0, 9, n)).astype(str),
            "opened_at": opened,
            "completed_at": opened + rng.integers(0, 86400, n).astype("timedelta64[s]"),
        }
    )
    begun = time.process_time()
    measure_process(log, service=Service())
    assert time.process_time() - begun < 8  # about 2 s on an idle machine
