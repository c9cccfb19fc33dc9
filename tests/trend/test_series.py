"""Wave labels, steps, gaps and the waves to come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.trend.series import wave_series


def _waves(labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"wave": labels, "csi": np.linspace(80, 85, len(labels)), "se": 0.4, "n": 900})


QUARTERS = [f"{2022 + i // 4}Q{i % 4 + 1}" for i in range(15)]


@pytest.mark.parametrize(
    ("labels", "following", "ends"),
    [
        (QUARTERS, ["2025Q4", "2026Q1"], ["2025-12-31", "2026-03-31"]),
        ([str(2010 + i) for i in range(14)], ["2024", "2025"], ["2024-12-31", "2025-12-31"]),
        ([f"{2018 + i // 2}H{i % 2 + 1}" for i in range(13)], ["2024H2", "2025H1"], ["2024-12-31", "2025-06-30"]),
        ([f"2023-{i + 1:02d}" for i in range(12)], ["2024-01", "2024-02"], ["2024-01-31", "2024-02-29"]),
        ([f"{2005 + 2 * i}" for i in range(12)], ["2029", "2031"], ["2029-12-31", "2031-12-31"]),
        ([f"{2015 + i // 2}Q{1 + 2 * (i % 2)}" for i in range(12)], ["2021Q1", "2021Q3"], ["2021-03-31", "2021-09-30"]),
    ],
)
def test_the_next_waves_follow_the_step_of_the_series(labels: list[str], following: list[str], ends: list[str]) -> None:
    ahead = wave_series(_waves(labels)).following(2)
    assert ahead["wave"].tolist() == following
    assert ahead["date"].dt.strftime("%Y-%m-%d").tolist() == ends


def test_a_skipped_wave_is_a_gap_and_the_order_of_the_rows_does_not_matter() -> None:
    waves = _waves(QUARTERS).drop(index=[4]).sample(frac=1, random_state=3)
    series = wave_series(waves).waves
    assert series["wave"].tolist() == QUARTERS
    assert series["csi"].isna().tolist() == [i == 4 for i in range(15)]
    assert series.loc[4, "date"] == pd.Timestamp("2023-03-31")


def test_waves_without_an_index_at_the_ends_are_cut() -> None:
    waves = _waves(QUARTERS)
    waves.loc[[0, 14], "csi"] = np.nan
    assert wave_series(waves).waves["wave"].tolist() == QUARTERS[1:14]


def test_dates_and_sources_given_are_kept_and_others_filled_in() -> None:
    waves = _waves(QUARTERS).assign(date=pd.Timestamp("2020-01-01"), source="this_edition")
    given = wave_series(waves).waves
    assert (given["date"] == pd.Timestamp("2020-01-01")).all()
    assert set(given["source"]) == {"this_edition"}
    filled = wave_series(_waves(QUARTERS)).waves
    assert filled.loc[0, "date"] == pd.Timestamp("2022-03-31")
    assert set(filled["source"]) == {"measured"}
    assert wave_series(_waves(QUARTERS)[["wave", "csi"]]).waves["se"].isna().all()


@pytest.mark.parametrize(
    ("waves", "named"),
    [
        (_waves(QUARTERS[:11]), "too short"),
        (_waves([*QUARTERS[:13], "2025Q5"]), "not recognised"),
        (_waves([*QUARTERS[:13], "2025-13"]), "not recognised"),
        (_waves([*QUARTERS[:13], "2025"]), "different kinds"),
        (_waves([*QUARTERS[:13], QUARTERS[0]]), "given twice"),
        (_waves(QUARTERS).assign(csi=80.0), "same in every wave"),
        (_waves(QUARTERS).assign(csi="high"), "not numeric"),
        (_waves(QUARTERS).assign(csi=np.inf), "infinite"),
        (_waves(QUARTERS).drop(columns="csi"), "lack columns"),
        (_waves([]), "not recognised"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(waves: pd.DataFrame, named: str) -> None:
    with pytest.raises(MethodError, match=named):
        wave_series(waves)
