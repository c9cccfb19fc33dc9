"""Wave labels, steps, gaps and the waves to come."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.trend.series import OwnIndex, own_index, wave_series


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
        (_waves([*QUARTERS[:13], "2025Q5"]), "not recognised"),
        (_waves([*QUARTERS[:13], "2025-13"]), "not recognised"),
        (_waves([*QUARTERS[:13], "2025"]), "different kinds"),
        (_waves([*QUARTERS[:13], QUARTERS[0]]), "given twice"),
        (_waves(QUARTERS).assign(csi=np.nan), "No wave of the tracking series"),
        (_waves(QUARTERS).assign(csi="high"), "not numeric"),
        (_waves(QUARTERS).assign(csi=np.inf), "infinite"),
        (_waves(QUARTERS).drop(columns="csi"), "lack columns"),
        (_waves([]), "not recognised"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(waves: pd.DataFrame, named: str) -> None:
    with pytest.raises(MethodError, match=named):
        wave_series(waves)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_one_wave_is_a_series(count: int) -> None:
    series = wave_series(_waves(QUARTERS[:count]))
    assert series.measured == count
    table = series.table(0.95)
    np.testing.assert_allclose(table["ci_high"] - table["csi"], 1.959964 * 0.4, rtol=1e-6)


@pytest.mark.parametrize(
    ("labels", "per_year"),
    [(QUARTERS, 4), ([str(2010 + i) for i in range(12)], 1), ([f"2023-{i + 1:02d}" for i in range(12)], 12)],
)
def test_the_waves_of_a_year_are_counted(labels: list[str], per_year: int) -> None:
    series = wave_series(_waves(labels))
    assert series.period == per_year
    assert series.season.tolist() == [i % per_year for i in range(len(labels))]


SEPTEMBER = dt.date(2025, 9, 1)


@pytest.mark.parametrize(("csi", "fate"), [(85.5, "same"), (87.0, "differs")])
def test_the_index_of_the_edition_stands_in_its_wave_unless_it_differs(csi: float, fate: str) -> None:
    """The wave has 85.0 with an error of 0.4, the edition an error of 0.3: 1.96 · 0.5 = 0.98."""
    series = wave_series(_waves(QUARTERS), own=OwnIndex(SEPTEMBER, csi, 0.3, 5000))
    last = series.waves.iloc[-1]
    assert series.own == fate
    assert (last["wave"], last["source"]) == ("2025Q3", "this_edition" if fate == "same" else "measured")
    assert last["csi"] == (csi if fate == "same" else 85.0)
    assert series.record()["tracked"] == 85.0
    assert last["date"] == pd.Timestamp("2025-09-30")


def test_the_index_of_the_edition_continues_a_series_that_ends_before_it() -> None:
    series = wave_series(_waves(QUARTERS[:14]), own=OwnIndex(SEPTEMBER, 84.0, 0.3, 5000))
    assert series.own == "added"
    assert series.waves["wave"].tolist() == QUARTERS
    assert series.waves["date"].iloc[-1] == pd.Timestamp("2025-09-30")
    assert series.record()["tracked"] is None


@pytest.mark.parametrize("labels", [[*QUARTERS, "2025Q4"], [f"{2015 + i}Q1" for i in range(9)]])
def test_an_edition_between_the_waves_is_no_part_of_the_series(labels: list[str]) -> None:
    series = wave_series(_waves(labels), own=OwnIndex(SEPTEMBER, 84.0, 0.3, 5000))
    assert series.own == "apart"
    assert set(series.waves["source"]) == {"measured"}


def test_an_index_without_an_error_stays_out_of_the_series() -> None:
    overall = pd.DataFrame({"measure": ["csat", "csi"], "estimate": [0.8, 82.0], "se": [0.01, 0.2], "n": [900, 900]})
    assert own_index(overall, started=SEPTEMBER) == OwnIndex(SEPTEMBER, 82.0, 0.2, 900)
    assert own_index(overall.assign(se=np.nan), started=SEPTEMBER) is None
    assert wave_series(_waves(QUARTERS)).own == ""
