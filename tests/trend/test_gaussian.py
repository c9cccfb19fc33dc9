"""Forecasts from covariances: those of conditional normal distributions, from every origin, mixed and weighted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.trend.gaussian import Observed, cholesky, factorise, forecasts_of_scale, least_squares, mixed, mixture


@pytest.fixture(scope="module")
def covariance() -> np.ndarray:
    root = np.random.default_rng(3).normal(size=(2, 12, 12))
    return root @ np.swapaxes(root, 1, 2) + 0.5 * np.eye(12)


@pytest.mark.parametrize("origin", [4, 9])
def test_one_factor_gives_likelihood_and_forecast_from_every_origin(covariance: np.ndarray, origin: int) -> None:
    values = np.random.default_rng(4).normal(size=9)
    factor = factorise(covariance, values)
    mean, sd = factor.ahead(origin, 3)
    for number, whole in enumerate(covariance):
        past, ahead = whole[:origin, :origin], slice(origin, origin + 3)
        gain = whole[ahead, :origin] @ np.linalg.inv(past)
        np.testing.assert_allclose(mean[number], gain @ values[:origin])
        np.testing.assert_allclose(sd[number] ** 2, np.diag(whole[ahead, ahead] - gain @ whole[:origin, ahead]))
        expected = stats.multivariate_normal(np.zeros(origin), past).logpdf(values[:origin])
        assert factor.loglik(origin)[number] == pytest.approx(expected)
    np.testing.assert_allclose(factor.inverse(9) @ factor.lower[:, :9, :9], np.tile(np.eye(9), (2, 1, 1)), atol=1e-9)


def test_a_covariance_on_the_edge_still_has_a_factor() -> None:
    flat = np.ones((2, 3, 3))
    flat[1] = np.eye(3)
    lower = cholesky(flat)
    np.testing.assert_allclose(lower @ np.swapaxes(lower, 1, 2), flat, atol=1e-5)


def test_quantiles_of_a_mixture_invert_its_distribution_function() -> None:
    made = mixture(np.log([0.3, 0.7]), np.array([[0.0], [4.0]]), np.array([[1.0], [2.0]]), kept=1.0)
    for share, value in zip((0.025, 0.5, 0.975), made.quantiles(0.025, 0.5, 0.975)[:, 0], strict=True):
        assert 0.3 * stats.norm(0, 1).cdf(value) + 0.7 * stats.norm(4, 2).cdf(value) == pytest.approx(share, abs=1e-6)
    assert made.expected()[0] == pytest.approx(2.8)
    half = mixed([made, made], np.array([1.0, 1.0]))
    np.testing.assert_allclose(half.quantiles(0.1), made.quantiles(0.1))


def test_the_lightest_components_are_left_out() -> None:
    made = mixture(np.log([0.6, 0.3999, 0.0001]), np.zeros((3, 1)), np.ones((3, 1)))
    assert len(made.weight) == 2
    assert made.weight.sum() == pytest.approx(1)


def test_least_squares_with_independent_errors_is_the_usual_regression() -> None:
    generator = np.random.default_rng(5)
    design, values = generator.normal(size=(20, 2)), generator.normal(size=20)
    loglik, variance, found = least_squares(np.eye(20)[None], values, design)
    expected, residual, *_ = np.linalg.lstsq(design, values, rcond=None)
    np.testing.assert_allclose(found[0], expected)
    assert variance[0] == pytest.approx(residual[0] / 20)
    assert loglik[0] == pytest.approx(stats.norm(0, variance[0] ** 0.5).logpdf(values - design @ expected).sum())


def test_an_unknown_scale_gives_the_prediction_interval_of_students_t() -> None:
    """Independent waves about an unknown mean: ȳ ± t(n − 1)·s·√(1 + 1/n)."""
    values = np.random.default_rng(6).normal(80, 2, 15)
    covariance = (np.eye(16) + 1e4)[None]
    made = forecasts_of_scale(Observed(values, np.zeros(15)), covariance, np.zeros(1), free=1, origins=[15], horizon=1)
    low, high = made[0].quantiles(0.025, 0.975)[:, 0]
    half = stats.t(14).ppf(0.975) * values.std(ddof=1) * np.sqrt(1 + 1 / 15)
    assert (low + high) / 2 == pytest.approx(values.mean(), abs=0.01)
    assert (high - low) / 2 == pytest.approx(half, rel=0.02)


def test_sampling_errors_of_waves_with_common_respondents_are_correlated() -> None:
    noise = Observed(np.zeros(3), np.array([0.5, 0.4, 0.3]), typical=0.4, shared=0.5).noise(1)
    assert noise[0, 1] == pytest.approx(0.5 * 0.5 * 0.4)
    assert noise[0, 2] == pytest.approx(0.25 * 0.5 * 0.3)
    assert noise[3, 3] == pytest.approx(0.16)
    np.testing.assert_array_equal(Observed(np.zeros(2), np.ones(2)).noise(0), np.eye(2))
