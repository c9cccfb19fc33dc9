"""Slope and seasons of a whole series: found where they were put, with intervals that hold them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.data.truth import planted_course
from analysis.edition import Edition, load_edition
from analysis.edition.sections.trend import Trend
from analysis.errors import MethodError
from analysis.trend.features import course, recovered
from analysis.trend.series import wave_series

Waves = Callable[..., pd.DataFrame]
SEASON = np.array([-0.8, 0.2, 0.0, 0.6])


def _values(seed: int, *, noise: float = 0.3) -> np.ndarray:
    place = np.arange(28)
    return 78 + 0.15 * place + SEASON[place % 4] + np.random.default_rng(seed).normal(0, noise, 28)


def test_slope_and_seasons_are_found_and_their_intervals_hold_them(waves: Waves) -> None:
    held = []
    for seed in range(12):
        found = course(wave_series(waves(_values(seed), se=0.3)), trend=Trend())
        assert found["feature"].tolist() == ["slope", *["season"] * 4]
        assert found["estimate"].iloc[1:].sum() == pytest.approx(0, abs=1e-6)
        truth = np.array([0.6, *SEASON])
        held += ((found["ci_low"] <= truth) & (truth <= found["ci_high"])).tolist()
    assert np.mean(held) > 0.85


def test_waves_that_stand_apart_are_told_by_themselves(waves: Waves) -> None:
    values = _values(1)
    values[[8, 9]] -= 3.0
    found = course(wave_series(waves(values, se=0.3)), trend=Trend(), spells=["2020Q1", "2020Q2", "1999Q1"])
    apart = found[found["feature"] == "wave"].set_index("name")["estimate"]
    assert apart.index.tolist() == ["2020Q1", "2020Q2"]
    assert apart.to_numpy() == pytest.approx(-3.0, abs=1.2)
    without = course(wave_series(waves(values, se=0.3)), trend=Trend())
    width = [float((one["ci_high"] - one["ci_low"]).iloc[0]) for one in (found, without)]
    assert width[0] < width[1]


def test_years_have_a_slope_and_no_season_and_few_waves_have_none(waves: Waves) -> None:
    years = pd.DataFrame({"wave": [str(2010 + i) for i in range(12)], "csi": 80 + 0.3 * np.arange(12), "se": 0.3})
    found = course(wave_series(years), trend=Trend())
    assert found["feature"].tolist() == ["slope"]
    assert found["estimate"].iloc[0] == pytest.approx(0.3, abs=1e-6)
    with pytest.raises(MethodError, match="too short"):
        course(wave_series(waves([80.0, 81.0, 82.0])), trend=Trend())


@pytest.fixture(scope="module")
def edition(root) -> Edition:
    return load_edition(root / "params" / "2025.yml")


def test_the_planted_course_is_recovered(edition: Edition) -> None:
    from analysis.data.simulation.planted import load_planted
    from analysis.data.simulation.tracking import draw_waves

    planted = planted_course(edition)
    assert planted is not None
    spells = planted.loc[planted["feature"] == "wave", "name"].tolist()
    series = wave_series(draw_waves(edition, load_planted(edition)))
    table = recovered(course(series, trend=edition.trend, spells=spells), planted)
    assert len(table) == 1 + 4 + len(spells)
    assert table["inside"].mean() >= 7 / 8


def test_a_real_edition_has_no_planted_course(root) -> None:
    assert planted_course(load_edition(root / "tests" / "editions" / "csibank.yml")) is None
