"""ARIMA against R's arima(), Arima() and auto.arima(): likelihoods, orders, forecasts."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.trend import Trend
from analysis.trend.arima import (
    KPSS_CRITICAL,
    ArimaFit,
    Order,
    autocovariances,
    contrasts,
    differences,
    fit_order,
    forecasts,
    kpss_statistic,
    naive,
    process_covariance,
    search,
)
from analysis.trend.gaussian import Observed, factorise

PRESIDENTS = json.loads((Path(__file__).parents[1] / "golden" / "arima.json").read_text())
Walk = Callable[..., np.ndarray]


@pytest.mark.parametrize("name", ["ar3", "arma11", "ima11"])
def test_r_arima_gives_the_same_model_on_a_series_with_gaps(name: str, shared: Path) -> None:
    values = pd.read_csv(shared / "data" / "timeseries" / "R_presidents_approval_quarterly.csv")["value"].to_numpy()
    assert np.isnan(values).any()
    expected = PRESIDENTS[name]
    fit = fit_order(values, Order(*expected["order"]))
    assert fit is not None
    np.testing.assert_allclose(list(fit.coefficients.values()), expected["coefficients"], rtol=1e-4)
    assert fit.sigma2 == pytest.approx(expected["sigma2"], rel=1e-4)
    assert fit.loglik == pytest.approx(expected["loglik"], abs=1e-4)
    size = len(values) + 4
    covariance = (fit.sigma2 * (process_covariance(fit.partial[None], fit.order, size) + 1e6)) + np.diag(
        [1e10 if missing else 0.0 for missing in np.isnan(values)] + [0.0] * 4
    )
    mean, sd = factorise(covariance, Observed(values, np.zeros(len(values))).deviations()).ahead(len(values), 4)
    first = values[~np.isnan(values)][0]
    np.testing.assert_allclose(first + mean[0], expected["forecast"], rtol=2e-3)
    np.testing.assert_allclose(sd[0], expected["se"], rtol=2e-2 if fit.order.d == 0 else 2e-3)


def test_averaging_over_the_coefficients_makes_the_forecast_less_sure(golden: dict[str, Any]) -> None:
    values = np.array(golden["values"])
    fit = fit_order(values, Order(1, 1, 0))
    assert fit is not None
    made = forecasts(Observed(values, np.zeros(28)), fit, origins=[28], horizon=4)[0]
    weights = np.array([1.0])
    while len(weights) < 4:
        weights = np.append(weights, 1 + fit.coefficients["ar1"] * weights[-1])
    plugged = 1.96 * fit.sigma2**0.5 * np.sqrt(np.cumsum(weights**2))
    half = np.diff(made.quantiles(0.025, 0.975), axis=0)[0] / 2
    assert (half > plugged).all()
    assert (half < 1.6 * plugged).all()


def test_no_order_has_a_smaller_likelihood_than_r_found(golden: dict[str, Any]) -> None:
    """On a flat likelihood with several maxima either may find the better one; none may miss it by much."""
    values = np.array(golden["values"])
    for row in golden["arima"]:
        p, d, q, drift = row["order"]
        fit = fit_order(values, Order(p, d, q, bool(drift)))
        assert fit is not None
        if row["loglik"] is not None:
            assert fit.loglik > row["loglik"] - 0.05, row
            assert fit.loglik == pytest.approx(row["loglik"], abs=0.05)
            assert fit.aicc == pytest.approx(row["aicc"], abs=0.1)


def test_the_order_is_that_of_auto_arima_where_no_root_is_near_one(golden: dict[str, Any]) -> None:
    """auto.arima() throws models with a root within 1.01 out; among the others the smallest AICc wins here too."""
    values = np.array(golden["values"])
    assert kpss_statistic(values) == pytest.approx(golden["kpss"], rel=1e-8)
    found = search(values, Trend(max_ar=2, max_ma=2, max_difference=1))
    assert [fit.aicc for fit in found] == sorted(fit.aicc for fit in found)
    proper = next(fit for fit in found if _smallest_root(fit) > 1.01)
    p, d, q, drift = golden["auto_arima"]
    chosen = next(fit for fit in found if fit.order == Order(p, d, q, bool(drift)))
    assert chosen.aicc - proper.aicc < 0.1
    assert found[0].aicc <= proper.aicc


def _smallest_root(fit: ArimaFit) -> float:
    ar = [value for name, value in fit.coefficients.items() if name.startswith("ar")]
    ma = [value for name, value in fit.coefficients.items() if name.startswith("ma")]
    roots = [np.abs(np.roots([*(sign * np.array(part))[::-1], 1.0])) for sign, part in ((-1, ar), (1, ma)) if part]
    return float(min((root.min() for root in roots), default=np.inf))


def test_a_model_on_the_unit_circle_is_a_candidate_like_any_other() -> None:
    """Noise about a line, differenced once too often: its moving average has a root of one, and it is the best."""
    values = 76 + 0.2 * np.arange(28) + np.random.default_rng(2).normal(0, 0.5, 28)
    best = search(values, Trend())[0]
    assert _smallest_root(best) < 1.01


@pytest.mark.parametrize("drift", [False, True])
def test_the_plain_forecasts_are_those_of_r(golden: dict[str, Any], drift: bool) -> None:
    """R plugs the variance in and uses the normal distribution; here it is integrated, which gives Student's t."""
    from scipy import stats

    values = np.array(golden["values"])
    made = forecasts(Observed(values, np.zeros(28)), naive(drift=drift), origins=[28], horizon=4)[0]
    expected = golden["drift" if drift else "naive"]
    np.testing.assert_allclose(made.expected(), expected["mean"], atol=1e-3)
    half = np.diff(made.quantiles(0.025, 0.975), axis=0)[0] / 2
    quantile = stats.t(26 if drift else 27).ppf(0.975)
    np.testing.assert_allclose(half, quantile * np.array(expected["se"]), rtol=0.02)


def test_aicc_counts_all_parameters_and_the_measured_waves(walk: Walk) -> None:
    values = walk(1, 27)
    values[5] = np.nan
    fit = fit_order(values, Order(1, 1, 0))
    assert fit is not None
    assert fit.aicc == pytest.approx(-2 * fit.loglik + 2 * 2 + 2 * 2 * 3 / (25 - 2 - 1))


def test_an_order_with_more_parameters_than_waves_is_left_out() -> None:
    assert fit_order(np.array([80.0, 81.0, 80.5]), Order(2, 0, 1)) is None


def test_autocovariances_of_an_arma_process_are_those_of_its_weights() -> None:
    psi = [1.0, 0.9]
    for _ in range(400):
        psi.append(0.6 * psi[-1])
    weights = np.array(psi)
    expected = [float(weights[: len(weights) - lag] @ weights[lag:]) for lag in range(5)]
    found = autocovariances(np.array([[0.6]]), np.array([[0.3]]), 5)
    np.testing.assert_allclose(found[0], expected, rtol=1e-9)


def test_differences_over_a_gap_are_sums_of_those_between() -> None:
    values = np.array([1.0, 2.0, np.nan, 7.0, 8.0])
    data = contrasts(values, 1)
    np.testing.assert_array_equal(data.values, [1.0, 5.0, 1.0])
    np.testing.assert_array_equal(data.sums, [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]])
    whole = np.array([1.0, 2.0, 4.0, 7.0, 8.0])
    np.testing.assert_allclose(contrasts(whole, 2).values, np.diff(whole, 2))
    np.testing.assert_allclose(contrasts(whole, 2).sums, np.eye(3))


def test_kpss_separates_a_level_from_a_walk(walk: Walk) -> None:
    level = 80 + np.random.default_rng(4).normal(size=60)
    assert kpss_statistic(level) < KPSS_CRITICAL < kpss_statistic(walk(4, 60, drift=0.3))
    assert kpss_statistic(np.full(20, 80.0)) == 0.0
    assert differences(level, 1) == 0
    assert differences(walk(4, 60, drift=0.3), 1) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_kpss_is_that_of_statsmodels_with_the_same_window(seed: int, walk: Walk) -> None:
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import kpss

    values = walk(seed, 40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the shape of its answer will change after 0.15
        warnings.simplefilter("ignore", InterpolationWarning)  # its table of p-values ends before a walk's statistic
        expected = kpss(values, nlags=int(3 * np.sqrt(40) / 13))[0]
    assert kpss_statistic(values) == pytest.approx(expected)
