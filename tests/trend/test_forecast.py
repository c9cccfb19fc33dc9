"""The combined forecast: what it holds, what it is worth, that it looks at nothing later, and series that are odd."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.trend import Trend
from analysis.errors import MethodError
from analysis.trend.forecast import TrendResult, forecast_series
from analysis.trend.series import wave_series
from bench.forecast import HORIZON, KINDS, simulated

Walk = Callable[..., np.ndarray]
Waves = Callable[..., pd.DataFrame]


def _forecast(waves: pd.DataFrame, **trend: object) -> TrendResult:
    return forecast_series(wave_series(waves), trend=Trend.model_validate(trend))


@pytest.fixture(scope="module")
def result() -> TrendResult:
    values = 80 + np.cumsum(np.random.default_rng(7).normal(0.15, 0.5, 28))
    labels = [f"{2018 + i // 4}Q{i % 4 + 1}" for i in range(28)]
    return _forecast(pd.DataFrame({"wave": labels, "csi": values, "se": 0.4, "n": 900}))


def test_the_forecast_follows_the_last_wave_with_widening_intervals(result: TrendResult) -> None:
    assert result.forecast.columns.tolist() == ["wave", "date", "estimate", "ci_low", "ci_high", "above"]
    assert result.forecast["wave"].tolist() == ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    width = result.forecast["ci_high"] - result.forecast["ci_low"]
    assert (width.diff().dropna() > 0).all()
    assert (width > 2 * 1.959964 * 0.4).all()
    assert result.forecast["above"].between(0, 1).all()


def test_every_candidate_is_judged_and_weighed(result: TrendResult) -> None:
    rows = result.candidates.set_index("candidate")
    assert set(rows.index) == {
        *("level", "trend", "damped", "reverting", "seasonal"),
        *("arima", "ets", "naive", "drift", "learned", "combined"),
    }
    assert rows["weight"].sum() == pytest.approx(1)
    assert result.candidates["score"].is_monotonic_increasing
    assert (rows["tested"] == 10 + 9 + 8 + 7).all()
    assert result.steps["tested"].tolist() == [10, 9, 8, 7]
    assert result.arima["chosen"].sum() == 1
    assert result.arima["aicc"].dropna().is_monotonic_increasing


def test_the_record_is_plain(result: TrendResult) -> None:
    record = result.record()
    assert json.loads(json.dumps(record)) == record
    assert (record["first"], record["last"], record["waves"], record["origins"]) == ("2018Q1", "2024Q4", 28, 10)
    held, tested = record["held"], record["tested"]
    assert isinstance(held, int)
    assert isinstance(tested, int)
    assert 0.6 * tested < held <= tested


def test_the_naive_error_is_that_of_the_last_value(walk: Walk, waves: Waves) -> None:
    values = walk(9)
    found = _forecast(waves(values), horizon=1, origins=5)
    assert found.record()["naive_mae"] == pytest.approx(np.abs(np.diff(values)[-5:]).mean(), abs=1e-3)


def test_what_came_later_changes_no_forecast_that_is_tested(walk: Walk, waves: Waves) -> None:
    """A jump in the last wave changes the error of that wave alone, and by the jump, for every candidate."""
    values = walk(9)
    jumped = values.copy()
    jumped[-1] += 100
    calm, shaken = (
        _forecast(waves(v), horizon=1, origins=3).candidates.set_index("candidate") for v in (values, jumped)
    )
    moved = 3 * (shaken["mae"] - calm["mae"])
    before = np.abs(100 - moved)
    assert (before < 2 * 3 * calm["mae"].max()).all()
    assert set(shaken.index) == set(calm.index)


def test_the_same_waves_give_the_same_forecast_and_stay_as_they_are(walk: Walk, waves: Waves) -> None:
    table = waves(walk(7, 16))
    before = table.copy()
    first, again = _forecast(table), _forecast(table[::-1])
    pd.testing.assert_frame_equal(first.forecast, again.forecast, check_exact=True)
    pd.testing.assert_frame_equal(first.candidates, again.candidates, check_exact=True)
    pd.testing.assert_frame_equal(table, before)


def test_the_sampling_error_of_a_wave_to_come_is_in_its_interval(walk: Walk, waves: Waves) -> None:
    values = 80 + np.random.default_rng(3).normal(0, 0.05, 20)
    sure, unsure = (_forecast(waves(values, se=se), horizon=1).forecast for se in (0.1, 1.0))
    width = [float((one["ci_high"] - one["ci_low"]).iloc[0]) for one in (sure, unsure)]
    assert width[1] > 3.9 * 1.0
    assert width[0] < 1.0


@pytest.mark.simulation
def test_the_interval_holds_what_comes_in_simulated_series() -> None:
    """A small part of `make bench-forecast`: three series of 16 waves and four horizons, 12 figures a kind.

    The horizons of a series go together, 72 figures say about as much as 36: intervals that hold three of four times
    would pass the bound of all kinds once in 25 runs.
    """
    held = {kind: np.concatenate([_held(kind, number) for number in range(3)]) for kind in KINDS}
    assert {kind: shares.sum() for kind, shares in held.items() if shares.mean() < 9 / 12} == {}
    assert np.mean([*held.values()]) >= 0.875


def _held(kind: str, number: int) -> np.ndarray:
    """Whether the interval of each horizon holds what comes, for one series."""
    values, errors = simulated(kind, 16 + HORIZON, np.random.default_rng([17, KINDS.index(kind), number]))
    labels = [f"{2000 + wave // 4}Q{wave % 4 + 1}" for wave in range(16)]
    found = _forecast(pd.DataFrame({"wave": labels, "csi": values[:16], "se": errors[:16]})).forecast
    assert (found["ci_high"] - found["ci_low"] < 14).all()
    inside: np.ndarray = ((found["ci_low"] <= values[16:]) & (values[16:] <= found["ci_high"])).to_numpy()
    return inside


ODD = {
    "an exact line": (70 + 0.5 * np.arange(20), 80.0),
    "two values in turn": (np.tile([70.0, 80.0], 10), 70.0),
    "a step": (np.repeat([80.0, 84.0], 10), 84.0),
    "one wave far off": (np.where(np.arange(20) == 10, 90.0, 80.0), 80.0),
}


@pytest.mark.parametrize("se", [None, 0.4])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_series_is_continued_at_once(name: str, se: float | None, waves: Waves) -> None:
    values, following = ODD[name]
    started = time.process_time()
    found = _forecast(waves(values, se=se).astype({"se": float})).forecast
    assert time.process_time() - started < 2
    assert found["estimate"].iloc[0] == pytest.approx(following, abs=0.4)
    assert found["ci_low"].iloc[0] <= following <= found["ci_high"].iloc[0]


def test_a_series_with_gaps_or_without_errors_is_forecast(walk: Walk, waves: Waves) -> None:
    table = waves(walk(7)).drop(index=[10, 25])
    for one in (table, table.assign(se=np.nan), table[["wave", "csi"]]):
        found = _forecast(one)
        assert found.waves == 26
        assert np.isfinite(found.forecast[["estimate", "ci_low", "ci_high"]]).all(axis=None)


def test_years_and_months_are_forecast(walk: Walk) -> None:
    values = walk(4, 30)
    years = pd.DataFrame({"wave": [str(1990 + i) for i in range(30)], "csi": values, "se": 0.3})
    assert "seasonal" not in set(_forecast(years).candidates["candidate"])
    months = years.assign(wave=[f"{2020 + i // 12}-{i % 12 + 1:02d}" for i in range(30)])
    assert _forecast(months).forecast["wave"].iloc[0] == "2022-07"


def test_too_few_waves_and_an_index_that_never_changes_are_told_in_a_sentence(waves: Waves) -> None:
    with pytest.raises(MethodError, match="too short for a forecast") as short:
        _forecast(waves([80.0, 81.0, 80.5]))
    assert (short.value.expected, short.value.got) == ("at least 12 measured waves", "3")
    with pytest.raises(MethodError, match="same in every wave"):
        _forecast(waves(np.full(20, 80.0)))
    assert len(_forecast(waves(80 + np.random.default_rng(1).normal(0, 0.5, 12))).forecast) == 4
