"""Changes between waves with the overlap of their samples, and waves that left the course."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.trend import Trend
from analysis.errors import MethodError
from analysis.trend.change import change_points, changes
from analysis.trend.series import OwnIndex, wave_series

Waves = Callable[..., pd.DataFrame]
Z = 1.959963984540054


def test_the_latest_wave_is_set_against_the_wave_before_the_year_before_and_the_first(waves: Waves) -> None:
    found = changes(wave_series(waves(80 + 0.1 * np.arange(12))), trend=Trend()).set_index("change")
    assert found["against"].to_dict() == {"wave": "2020Q3", "year": "2019Q4", "first": "2018Q1"}
    np.testing.assert_allclose(found["difference"], [0.4, 0.1, 1.1])
    np.testing.assert_allclose(found["ci_high"] - found["difference"], Z * 0.4 * 2**0.5)


def test_respondents_in_common_narrow_the_interval_of_a_change(waves: Waves) -> None:
    """Var = se² + se² − 2·P·ρ·se·se, with P to the power of the waves between."""
    trend = Trend(shared_respondents=0.5, shared_correlation=0.6)
    found = changes(wave_series(waves(np.linspace(80, 82, 6))), trend=trend).set_index("change")
    half = (found["ci_high"] - found["difference"]) / Z
    assert half["wave"] ** 2 == pytest.approx(2 * 0.16 - 2 * 0.5 * 0.6 * 0.16)
    assert half["year"] ** 2 == pytest.approx(2 * 0.16 - 2 * 0.5**4 * 0.6 * 0.16)


def test_the_index_of_the_edition_shares_no_respondents_with_the_waves(waves: Waves) -> None:
    import datetime as dt

    own = OwnIndex(dt.date(2019, 7, 1), 81.0, 0.3, 4000)
    series = wave_series(waves(np.linspace(80, 81, 6)), own=own)
    found = changes(series, trend=Trend(shared_respondents=0.9)).iloc[0]
    assert (found["ci_high"] - found["difference"]) / Z == pytest.approx(np.hypot(0.3, 0.4))


def test_the_last_edition_is_a_wave_of_its_own_and_told_once(waves: Waves) -> None:
    series = wave_series(waves(np.linspace(80, 82, 12)))
    found = changes(series, trend=Trend(last_edition="2018Q4"))
    assert found.set_index("change").loc["edition", "against"] == "2018Q4"
    assert changes(series, trend=Trend(last_edition="2019Q4"))["change"].tolist() == ["year", "wave", "first"]
    with pytest.raises(MethodError, match="last edition"):
        changes(series, trend=Trend(last_edition="2017Q4"))


def test_in_a_yearly_series_the_wave_before_is_a_year_earlier_and_in_another_it_is_not() -> None:
    years = pd.DataFrame({"wave": ["2021", "2022", "2023"], "csi": [80.0, 81.0, 82.0], "se": 0.3})
    assert changes(wave_series(years), trend=Trend())["change"].tolist() == ["year", "first"]
    others = years.assign(wave=["2019", "2021", "2023"])
    assert changes(wave_series(others), trend=Trend())["change"].tolist() == ["wave", "first"]


def test_a_change_without_errors_has_no_interval_and_one_wave_has_no_change(waves: Waves) -> None:
    found = changes(wave_series(waves([80.0, 82.0], se=None).astype({"se": float})), trend=Trend())
    assert found["difference"].tolist() == [2.0]
    assert found[["ci_low", "ci_high"]].isna().all(axis=None)
    with pytest.raises(MethodError, match="One wave alone"):
        changes(wave_series(waves([80.0])), trend=Trend())


@pytest.mark.parametrize(
    ("shape", "event", "size"),
    [
        (np.arange(28) == 12, "outlier", -4.0),
        ((np.arange(28) >= 10) & (np.arange(28) < 13), "spell 3", -3.0),
        (np.arange(28) >= 15, "shift", 3.0),
    ],
)
def test_an_event_is_found_with_its_place_and_size(shape: np.ndarray, event: str, size: float, waves: Waves) -> None:
    values = 80 + np.random.default_rng(5).normal(0, 0.4, 28) + size * shape
    found = change_points(wave_series(waves(values)), trend=Trend()).iloc[0]
    assert found["event"] == event
    assert found["wave"] == waves(values)["wave"].iloc[int(np.argmax(shape))]
    assert found["ci_low"] < size < found["ci_high"]
    assert found["ci_high"] - found["ci_low"] < 2
    assert found["probability"] > 0.9


def test_a_quiet_series_has_no_events(waves: Waves) -> None:
    told = [
        len(change_points(wave_series(waves(80 + np.random.default_rng(seed).normal(0, 0.5, 28))), trend=Trend()))
        for seed in range(8)
    ]
    assert sum(told) <= 1
    with pytest.raises(MethodError, match="too short"):
        change_points(wave_series(waves([80.0] * 5)), trend=Trend())
