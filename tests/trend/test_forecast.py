"""ARIMA against R's arima(), the choice of the order, and the forecast with its test."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.trend import Trend
from analysis.errors import MethodError
from analysis.trend.forecast import KPSS_CRITICAL, Order, fit_order, forecast_series, kpss_statistic, straight_line

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "arima.json").read_text())
NAMES = {"ar3": ["ar.L1", "ar.L2", "ar.L3", "const"], "arma11": ["ar.L1", "ma.L1", "const"], "ima11": ["ma.L1"]}


def _waves(values: np.ndarray, first: int = 2018) -> pd.DataFrame:
    labels = [f"{first + i // 4}Q{i % 4 + 1}" for i in range(len(values))]
    return pd.DataFrame({"wave": labels, "csi": values, "se": 0.5, "n": 800})


def _walk(seed: int, size: int = 27, drift: float = 0.0) -> np.ndarray:
    return 80 + np.cumsum(np.random.default_rng(seed).normal(drift, 0.6, size))


@pytest.mark.parametrize("name", NAMES)
def test_r_arima_gives_the_same_model_on_a_series_with_gaps(name: str, shared: Path) -> None:
    values = pd.read_csv(shared / "data" / "timeseries" / "R_presidents_approval_quarterly.csv")["value"].to_numpy()
    assert np.isnan(values).any()
    golden = GOLDEN[name]
    fit = fit_order(values, Order(*golden["order"]))
    for parameter, value in zip(NAMES[name], golden["coefficients"], strict=True):
        assert fit.parameters[parameter] == pytest.approx(value, rel=1e-3)
    assert fit.parameters["sigma2"] == pytest.approx(golden["sigma2"], rel=1e-3)
    assert fit.loglik == pytest.approx(golden["loglik"], abs=1e-3)
    ahead = fit.result.get_forecast(4)
    np.testing.assert_allclose(ahead.predicted_mean, golden["forecast"], rtol=1e-3)
    np.testing.assert_allclose(ahead.se_mean, golden["se"], rtol=1e-3)


def test_aicc_counts_all_parameters_and_the_measured_waves() -> None:
    values = _walk(1)
    values[5] = np.nan
    fit = fit_order(values, Order(1, 1, 0))
    assert fit.aicc == pytest.approx(-2 * fit.loglik + 2 * 2 + 2 * 2 * 3 / (25 - 2 - 1))


def test_kpss_separates_a_level_from_a_walk() -> None:
    level = 80 + np.random.default_rng(4).normal(size=60)
    assert kpss_statistic(level) < KPSS_CRITICAL < kpss_statistic(_walk(4, 60, 0.3))
    assert kpss_statistic(np.full(20, 80.0)) == 0.0


@pytest.mark.parametrize("seed", [1, 2])
def test_kpss_is_that_of_statsmodels_with_the_same_window(seed: int) -> None:
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import kpss

    values = _walk(seed, 40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the shape of its answer will change after 0.15
        warnings.simplefilter("ignore", InterpolationWarning)  # its table of p-values ends before a walk's statistic
        expected = kpss(values, nlags=int(3 * np.sqrt(40) / 13))[0]
    assert kpss_statistic(values) == pytest.approx(expected)


@pytest.fixture(scope="module")
def result():
    return forecast_series(_waves(_walk(7, drift=0.15)), trend=Trend(horizon=4, holdout=4))


def test_the_forecast_follows_the_last_wave_with_widening_intervals(result) -> None:
    assert result.forecast.columns.tolist() == ["wave", "date", "estimate", "ci_low", "ci_high"]
    assert result.forecast["wave"].tolist() == ["2024Q4", "2025Q1", "2025Q2", "2025Q3"]
    width = result.forecast["ci_high"] - result.forecast["ci_low"]
    assert (width > 0).all()
    assert (width.diff().dropna() >= -1e-9).all()
    assert result.waves.columns.tolist() == ["wave", "date", "csi", "se", "ci_low", "ci_high", "n", "source"]
    np.testing.assert_allclose(result.waves["ci_high"] - result.waves["csi"], 0.5 * 1.959964, rtol=1e-6)


def test_the_candidate_with_the_smallest_aicc_is_chosen(result) -> None:
    table = result.candidates
    assert table.columns.tolist() == ["order", "parameters", "loglik", "aicc", "delta", "chosen"]
    assert table["chosen"].sum() == 1
    chosen = table[table["chosen"]].iloc[0]
    assert chosen["order"] == result.order
    assert chosen["aicc"] == table["aicc"].min()
    assert chosen["delta"] == 0.0
    assert table["aicc"].dropna().is_monotonic_increasing
    assert len(table) == 18


def test_the_record_and_diagnostics_hold_what_the_report_says(result) -> None:
    record = result.record()
    assert json.loads(json.dumps(record)) == record
    assert record["waves"] == 27
    assert (record["first"], record["last"], record["horizon"]) == ("2018Q1", "2024Q3", 4)
    assert record["model_mae"] > 0
    assert 0 <= result.diagnostics["ljung_box_pvalue"] <= 1
    assert result.diagnostics["holdout"] == 4
    assert result.diagnostics["kpss"] > KPSS_CRITICAL


def test_the_same_waves_give_the_same_forecast_and_stay_as_they_are() -> None:
    waves = _waves(_walk(7, drift=0.15))
    before = waves.copy()
    trend = Trend(max_ar=1, max_ma=1)
    first, again = forecast_series(waves, trend=trend), forecast_series(waves[::-1], trend=trend)
    pd.testing.assert_frame_equal(first.forecast, again.forecast, check_exact=True)
    pd.testing.assert_frame_equal(first.candidates, again.candidates, check_exact=True)
    pd.testing.assert_frame_equal(waves, before)


def test_the_naive_error_is_that_of_the_last_value() -> None:
    values = _walk(9)
    result = forecast_series(_waves(values), trend=Trend(max_ar=0, max_ma=0, holdout=5))
    assert result.naive_mae == pytest.approx(np.abs(np.diff(values)[-5:]).mean())


def test_the_test_waves_do_not_choose_the_model_that_forecasts_them() -> None:
    """A jump in the last held-out wave changes the error of that wave alone, and by the jump."""
    values = _walk(9)
    jumped = values.copy()
    jumped[-1] += 1000
    trend = Trend(max_ar=1, max_ma=1, holdout=3)
    before = 2 * forecast_series(_waves(values[:-1]), trend=trend.model_copy(update={"holdout": 2})).model_mae
    calm, shaken = (3 * forecast_series(_waves(v), trend=trend).model_mae - before for v in (values, jumped))
    assert abs(shaken - 1000) == pytest.approx(calm, rel=1e-6)


def test_a_stable_level_is_not_differenced_and_a_walk_is() -> None:
    level = 80 + np.random.default_rng(5).normal(0, 0.5, 30)
    assert forecast_series(_waves(level), trend=Trend(max_ar=1, max_ma=0)).order.split(",")[1] == "0"
    walk = forecast_series(_waves(_walk(9)), trend=Trend(max_ar=1, max_ma=0))
    assert walk.order.split(",")[1] == "1"
    kept_level = forecast_series(_waves(_walk(9)), trend=Trend(max_ar=1, max_ma=0, max_difference=0))
    assert kept_level.order.split(",")[1] == "0"


def test_a_series_with_a_gap_is_forecast() -> None:
    waves = _waves(_walk(7)).drop(index=[10, 25])
    result = forecast_series(waves, trend=Trend(max_ar=1, max_ma=1))
    assert result.waves["csi"].isna().sum() == 2
    assert result.record()["waves"] == 25
    assert np.isfinite(result.forecast["estimate"]).all()
    assert result.diagnostics["holdout"] == 4


def test_the_shortest_series_allowed_tests_fewer_waves() -> None:
    result = forecast_series(_waves(_walk(3, 12)), trend=Trend(max_ar=1, max_ma=1, holdout=10))
    assert result.diagnostics["holdout"] == 4
    with pytest.raises(MethodError, match="too short"):
        forecast_series(_waves(_walk(3, 11)), trend=Trend())


@pytest.mark.parametrize(
    ("rise", "se", "past"), [(3.0, 0.3, "up"), (-3.0, 0.3, "down"), (0.2, 0.3, "same"), (3.0, None, "unknown")]
)
def test_the_last_wave_is_set_against_the_first(rise: float, se: float | None, past: str) -> None:
    """Two waves with an error of 0.3 each differ beyond 1.96 · 0.3 · √2 = 0.83."""
    values = np.linspace(80.0, 80.0 + rise, 12) + np.tile([0.05, -0.05], 6)
    waves = pd.DataFrame({"wave": [f"20{23 + i // 4}Q{i % 4 + 1}" for i in range(12)], "csi": values, "se": se})
    assert forecast_series(waves.astype({"se": float}), trend=Trend(max_ar=0, max_ma=0, holdout=1)).past == past


def test_the_straight_line_is_that_of_least_squares_over_the_measured_waves() -> None:
    values = np.array([78.6, 79.0, np.nan, 79.9, 80.1, 81.2, 80.8])
    place = np.flatnonzero(~np.isnan(values))
    slope, intercept = np.polyfit(place, values[place], 1)
    residual = values[place] - intercept - slope * place
    share = 1 - (residual**2).sum() / ((values[place] - values[place].mean()) ** 2).sum()
    assert straight_line(values) == pytest.approx((slope, share), rel=1e-9)
    assert np.isnan(straight_line(np.full(5, 80.0))[1])
