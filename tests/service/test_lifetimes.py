"""The Weibull lifetime against R and SciPy, and where no shape can be told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gamma
from scipy.stats import CensoredData, norm, weibull_min

from analysis.service.lifetimes import Weibull, fit_weibull

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "service_clocks.json").read_text(encoding="utf-8"))


def _numbers(name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in GOLDEN[name]], dtype=float)


def test_the_weibull_lifetime_is_that_of_r() -> None:
    model = fit_weibull(_numbers("duration"), _numbers("ended") == 1)
    assert model is not None
    assert [model.scale, model.shape, model.mean()[0]] == pytest.approx(GOLDEN["weibull"], rel=1e-5)
    assert np.sqrt(np.diag(model.covariance)) == pytest.approx(GOLDEN["weibull_se"], rel=1e-3)


def test_the_weibull_lifetime_heeds_late_entry() -> None:
    """Of 20,000 lives those that ended before they could be seen are gone; the others give back scale and shape."""
    rng = np.random.default_rng(4)
    life, entry = 5.0 * rng.weibull(1.4, 20_000), rng.uniform(0, 4, 20_000)
    seen = life > entry
    until = np.minimum(life, entry + 6.0)[seen]
    model = fit_weibull(until, (life <= entry + 6.0)[seen], entry=entry[seen])
    assert model is not None
    se = np.sqrt(np.diag(model.covariance))
    z = (np.log([model.scale, model.shape]) - np.log([5.0, 1.4])) / se
    assert np.abs(z).max() < 3
    blind = fit_weibull(until, (life <= entry + 6.0)[seen])
    assert blind is not None
    assert blind.scale > 5.5


def test_two_lives_of_one_length_have_no_weibull() -> None:
    assert fit_weibull(np.array([2.0, 2.0, 3.0]), np.array([True, True, False])) is None
    assert fit_weibull(np.array([2.0, 3.0]), np.array([False, False])) is None


def test_lives_that_still_run_count_as_scipy_counts_them() -> None:
    rng = np.random.default_rng(6)
    life = 3.0 * rng.weibull(0.8, 400)
    ended = life < 4
    until = np.minimum(life, 4.0)
    found = fit_weibull(until, ended)
    assert found is not None
    shape, _, scale = weibull_min.fit(CensoredData(uncensored=until[ended], right=until[~ended]), floc=0)
    assert (found.shape, found.scale) == pytest.approx((shape, scale), rel=1e-3)


def test_entry_at_birth_is_no_late_entry() -> None:
    life = np.array([1.0, 2, 4, 5, 9])
    one, other = (fit_weibull(life, life < 9, entry=entry) for entry in (None, np.zeros(5)))
    assert one is not None
    assert other is not None
    assert (one.scale, one.shape) == (other.scale, other.shape)


def test_the_mean_is_that_of_the_curve_and_its_interval_that_of_small_changes() -> None:
    model = Weibull(4.0, 1.5, np.array([[0.01, 0.002], [0.002, 0.02]]))
    mean, low, high = model.mean(0.9)
    assert mean == pytest.approx(weibull_min(1.5, scale=4.0).mean())

    def log_mean(log_scale: float, log_shape: float) -> float:
        return log_scale + float(np.log(gamma(1 + np.exp(-log_shape))))

    middle, step = np.log([4.0, 1.5]), 1e-5 * np.eye(2)
    slope = np.array([(log_mean(*(middle + s)) - log_mean(*(middle - s))) / 2e-5 for s in step])
    half = norm.ppf(0.95) * np.sqrt(slope @ model.covariance @ slope)
    assert (low, high) == pytest.approx((mean * np.exp(-half), mean * np.exp(half)), rel=1e-6)
