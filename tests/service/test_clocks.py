"""The product limit against R survival, on times with ties and open cases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.service.clocks import product_limit
from analysis.service.lifetimes import fit_weibull
from analysis.service.shares import score_p, wilson

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "service_clocks.json").read_text(encoding="utf-8"))
TELCO = Path(__file__).parents[3] / "shared" / "data" / "churn" / "telco.csv"


def _numbers(name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in GOLDEN[name]], dtype=float)


def test_the_curve_and_its_interval_are_those_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1)
    for name in ("times", "survival", "low", "high"):
        assert getattr(curve, name) == pytest.approx(_numbers(name), abs=1e-9, nan_ok=True), name


def test_quantiles_and_their_intervals_are_those_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1)
    found = np.array([curve.quantile(share) for share in (0.5, 0.75, 0.9)]).T
    for row, name in zip(found, ("quantiles", "quantiles_low", "quantiles_high"), strict=True):
        assert row == pytest.approx(_numbers(name), nan_ok=True), name


def test_a_curve_flat_at_the_half_gives_the_middle() -> None:
    assert product_limit(np.array([1.0, 2.0, 3.0, 6.0]), np.ones(4, dtype=bool)).quantile(0.5)[0] == 2.5


def test_nobody_has_ended() -> None:
    assert np.isnan(product_limit(np.array([1.0, 2.0]), np.zeros(2, dtype=bool)).quantile(0.5)).all()


def test_the_restricted_mean_is_that_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1)
    assert curve.restricted_mean(16.0) == pytest.approx(GOLDEN["restricted_mean"], rel=1e-6)


def test_late_entry_is_that_of_r() -> None:
    curve = product_limit(_numbers("duration"), _numbers("ended") == 1, entry=_numbers("entry"))
    assert curve.times == pytest.approx(_numbers("late_times"))
    assert curve.survival == pytest.approx(_numbers("late_survival"), abs=1e-9)


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


def test_shares_have_wilsons_interval_and_the_score_test() -> None:
    low, high = wilson(np.array([41.0]), np.array([60.0]), confidence=0.95)
    assert [low[0], high[0]] == pytest.approx(GOLDEN["wilson"])
    ours = score_p(np.array([41.0]), np.array([60.0]), np.array([160.0]), np.array([190.0]))
    assert ours[0] == pytest.approx(GOLDEN["score_p"])


@pytest.mark.skipif(not TELCO.exists(), reason="the public file of customers is not at hand")
def test_the_public_file_of_customers_gives_the_shares_of_r() -> None:
    import pandas as pd

    frame = pd.read_csv(TELCO)
    frame = frame[frame["tenure"] > 0]
    curve = product_limit(frame["tenure"].to_numpy(dtype=float), (frame["Churn"] == "Yes").to_numpy())
    after = {month: curve.survival[np.searchsorted(curve.times, month, side="right") - 1] for month in (12, 24, 48, 72)}
    assert [round(after[month], 3) for month in (12, 24, 48, 72)] == [0.843, 0.789, 0.709, 0.593]
    assert curve.low[-1] == pytest.approx(0.574, abs=0.002)
