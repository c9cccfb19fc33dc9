"""Structural models against R's StructTS(), and what the waves' own sampling errors and single events do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.trend import structural
from analysis.trend.gaussian import Observed, factorise

Walk = Callable[..., np.ndarray]


def test_given_the_variances_of_structts_the_forecast_of_a_level_is_its_own(golden: dict[str, Any]) -> None:
    values, expected = np.array(golden["values"]), golden["level"]
    walk, irregular = (value**0.5 for value in expected["variances"])
    mean, sd = _forecast(values, {"walk": walk, "irregular": irregular, "start": 300.0})
    np.testing.assert_allclose(mean, expected["mean"], atol=5e-3)
    np.testing.assert_allclose(sd, expected["se"], rtol=5e-3)


def test_a_trend_with_given_variances_is_that_of_an_exact_diffuse_filter(golden: dict[str, Any]) -> None:
    """StructTS() lets level and slope start as one, so that its own forecast of a trend is no reference."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    values = np.array(golden["values"])
    model = UnobservedComponents(values, "lltrend", use_exact_diffuse=True)
    expected = model.smooth([0.1, 0.08, 0.01]).get_forecast(4)
    point = {"irregular": 0.1**0.5, "walk": 0.08**0.5, "turns": 0.1, "line": 30.0, "start": 300.0}
    mean, sd = _forecast(values, point)
    np.testing.assert_allclose(mean, expected.predicted_mean, atol=5e-3)
    np.testing.assert_allclose(sd, expected.se_mean, rtol=5e-3)


def _forecast(values: np.ndarray, point: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    series = Observed(values, np.zeros(len(values)))
    factor = factorise(structural.covariances(series, [point], unit=1.0, horizon=4), series.deviations())
    mean, sd = factor.ahead(len(values), 4)
    return values[0] + mean[0], sd[0]


def test_the_variances_of_structts_are_the_likeliest(golden: dict[str, Any]) -> None:
    values = np.array(golden["values"])
    walk, irregular = (value**0.5 for value in golden["level"]["variances"])
    grid = [{"walk": walk, "irregular": irregular, "start": 300.0}]
    grid += [
        {"walk": walk * up, "irregular": irregular * down, "start": 300.0}
        for up, down in ((1.3, 1.0), (0.75, 1.0), (1.0, 1.3), (1.0, 0.75))
    ]
    series = Observed(values, np.zeros(28))
    loglik = factorise(structural.covariances(series, grid, unit=1.0, horizon=0), series.deviations()).loglik(28)
    assert loglik[0] > loglik[1:].max() - 1e-3


def test_a_wave_with_a_large_error_moves_the_forecast_less(walk: Walk) -> None:
    values = walk(3, 20)
    values[-1] += 2.0
    sure = Observed(values, np.full(20, 0.3), typical=0.3)
    unsure = Observed(values, np.concatenate([np.full(19, 0.3), [3.0]]), typical=0.3)
    near, far = (
        structural.forecasts(series, "level", seasonal=False, origins=[20], horizon=1)[0].expected()[0]
        for series in (sure, unsure)
    )
    assert abs(far - values[-2]) < 0.5 * abs(near - values[-2])


def test_one_wave_that_stands_apart_is_not_carried_forward(walk: Walk) -> None:
    values = 80 + np.random.default_rng(1).normal(0, 0.3, 20)
    values[12] += 6.0
    series = Observed(values, np.full(20, 0.3), typical=0.3)
    made = structural.forecasts(series, "level", seasonal=False, origins=[20], horizon=2)[0]
    low, high = made.quantiles(0.025, 0.975)
    assert (high - low < 2.2).all()


def test_a_forecast_from_an_origin_knows_nothing_of_later_waves(walk: Walk) -> None:
    values = walk(5, 24)
    later = values.copy()
    later[16:] += 50
    before, after = (
        structural.forecasts(
            Observed(v, np.full(24, 0.4), typical=0.4), "trend", seasonal=True, origins=[16], horizon=4
        )[0]
        for v in (values, later)
    )
    np.testing.assert_allclose(before.quantiles(0.1, 0.9), after.quantiles(0.1, 0.9), rtol=1e-9)


def test_every_event_changes_likelihood_and_forecast_as_a_covariance_with_it_does(walk: Walk) -> None:
    series = Observed(walk(6, 14), np.full(14, 0.4), typical=0.4)
    unit = structural.scale(series)
    grid = structural.parameter_grid("level", seasonal=False)[4:6]
    plain = structural.covariances(series, grid, unit=unit, horizon=2)
    factor = factorise(plain, series.deviations())
    for kind, place in (("outlier", 5), ("spell 3", 5), ("shift", 6)):
        found = structural.events(factor, factor.inverse(14), 14, kind, 3.0)
        shape = structural.event_shape(kind, place, 16)
        whole = factorise(plain + 9.0 * np.outer(shape, shape), series.deviations())
        gained = whole.loglik(14) - factor.loglik(14) + np.log(structural.EVENTS[kind])
        np.testing.assert_allclose(found.gained[:, place - (kind == "shift")], gained, rtol=1e-6)


def test_a_gap_is_bridged(walk: Walk) -> None:
    values = walk(7, 20)
    values[[4, 11]] = np.nan
    series = Observed(values, np.full(20, 0.4), typical=0.4, period=4)
    for model in structural.MODELS:
        made = structural.forecasts(series, model, seasonal=True, origins=[20], horizon=3)[0]
        assert np.isfinite(made.quantiles(0.025, 0.975)).all()
