"""Exponential smoothing against R's ets(): likelihood, choice of the kind, forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.trend.gaussian import Observed, forecasts_of_scale
from analysis.trend.smoothing import KINDS, choose, fit_smoothing, forecasts, innovations_form


def _as_r_counts(loglik: float, size: int) -> float:
    """R's ets() reports −n/2·log(Σe²), without the constant."""
    return loglik + size / 2 * (np.log(2 * np.pi / size) + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_likelihood_is_at_least_that_of_ets(golden: dict[str, Any], kind: str) -> None:
    """R optimises the first states too and stops early; here they are at their least squares for every parameter."""
    values = np.array(golden["values"])
    fit = fit_smoothing(values, kind)
    found, expected = _as_r_counts(fit.loglik, len(values)), golden["ets"][kind]["loglik"]
    assert found > expected - 1e-3
    if kind != "AAdN":
        assert found == pytest.approx(expected, abs=0.05)


def test_the_kind_is_the_one_that_ets_chooses(golden: dict[str, Any]) -> None:
    assert choose(np.array(golden["values"])).kind == golden["ets_chosen"]


def test_with_the_parameters_of_ets_the_forecast_is_its_own(golden: dict[str, Any]) -> None:
    """R plugs the variance in, here it is integrated: Student's t with the waves less the first states."""
    values, kind = np.array(golden["values"]), golden["ets_chosen"]
    alpha, beta, phi = (value or 0.0 for value in golden["ets"][kind]["parameters"])
    responses, states = innovations_form(np.array([[alpha, beta / alpha, phi]]), kind, 32)
    covariance = responses @ np.swapaxes(responses, 1, 2) + 1e4 * states @ np.swapaxes(states, 1, 2)
    series, free = Observed(values, np.zeros(28)), states.shape[2]
    made = forecasts_of_scale(series, covariance, np.zeros(1), free=free, origins=[28], horizon=4)[0]
    expected = golden["ets"][kind]
    np.testing.assert_allclose(made.expected(), expected["mean"], atol=0.02)
    half = np.diff(made.quantiles(0.025, 0.975), axis=0)[0] / 2
    assert (half > 1.96 * 0.97 * np.array(expected["se"])).all()
    assert (half < 1.96 * 1.25 * np.array(expected["se"])).all()


def test_the_forecast_is_averaged_over_the_smoothing_parameters() -> None:
    """Noise about a level: the average lies between the last value and the mean, and nearer to the mean."""
    values = 80 + np.random.default_rng(8).normal(0, 0.5, 24)
    values[-1] += 1.5
    made = forecasts(Observed(values, np.zeros(24)), "ANN", origins=[24], horizon=1)[0]
    assert values[:-1].mean() < made.expected()[0] < (values[:-1].mean() + values[-1]) / 2


def test_a_gap_costs_a_wave_and_nothing_else() -> None:
    values = 80 + np.cumsum(np.random.default_rng(3).normal(0, 0.5, 20))
    values[7] = np.nan
    fit = fit_smoothing(values, "ANN")
    assert fit.size == 19
    assert np.isfinite(fit.loglik)
    assert np.isfinite(forecasts(Observed(values, np.zeros(20)), "ANN", origins=[20], horizon=2)[0].expected()).all()
