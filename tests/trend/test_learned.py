"""The learned forecast finds what repeats, and says how sure it is."""

from __future__ import annotations

import numpy as np

from analysis.trend.gaussian import Observed
from analysis.trend.learned import forecasts


def test_a_season_is_learned() -> None:
    generator = np.random.default_rng(2)
    season = np.array([-1.5, 0.5, -0.5, 1.5])
    values = 80 + season[np.arange(32) % 4] + generator.normal(0, 0.2, 32)
    made = forecasts(Observed(values[:28], np.zeros(28), period=4), origins=[28], horizon=4)[0]
    np.testing.assert_allclose(made.expected(), 80 + season, atol=0.5)
    low, high = made.quantiles(0.025, 0.975)
    assert ((low < values[28:]) & (values[28:] < high)).all()


def test_it_is_no_surer_than_a_wave_is() -> None:
    values = 80 + 0.5 * np.arange(24.0)
    made = forecasts(Observed(values, np.full(24, 0.4), typical=0.4), origins=[24], horizon=1)[0]
    low, high = made.quantiles(0.025, 0.975)[:, 0]
    assert high - low > 2 * 1.9 * 0.4
    assert abs((low + high) / 2 - 92) < 0.1
