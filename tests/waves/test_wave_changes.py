"""Levels of waves and the changes between them: against R survey, what persons in common do, and which are told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.edition.sections.trend import Trend
from analysis.errors import MethodError
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means
from analysis.trend.forecast import forecast_series
from analysis.trend.series import wave_series
from analysis.waves.changes import WaveResult, compare_waves, comparisons
from analysis.waves.prepared import Wave

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "waves.json").read_text())
CHANGES = {
    ("2015Q2", "2015Q1"): "second_first",
    ("2015Q4", "2015Q2"): "third_second",
    ("2015Q4", "2015Q1"): "third_first",
}
LABELS = ("2015Q1", "2015Q2", "2015Q4")
NAME = {"zh": "问", "en": "Asked"}
INSTRUMENT = Instrument.model_validate(
    {
        "name": NAME,
        "scale": {"min": 0, "max": 100, "continuous": True},
        "constructs": [
            {"key": "quality", "role": "dimension", "name": NAME, "items": [{"key": "q", **NAME}]},
            {"key": "speed", "role": "dimension", "name": NAME, "items": [{"key": "v", **NAME}, {"key": "u", **NAME}]},
        ],
    }
)
INDEX = Index.model_validate({"csat": {"construct": "quality", "satisfied_from": 60}})


def _rows(t: int, n: int, first: int, label: str) -> pd.DataFrame:
    """The rows that waves.R makes."""
    i = np.arange(n)
    who = first + i
    y = np.round(50 + 4 * t + 12 * np.sin(who * 1.7) + 5 * np.cos(who * 0.3 + t) + 3 * np.sin(i * 2.9 + 5 * t), 6)
    unit = i // 6
    frame = pd.DataFrame(
        {"wave": label, "respondent_id": [f"p{one}" for one in who], "id": who, "q": y, "v": y, "u": y}
    )
    return frame.assign(w=1 + (i % 4) / 2, unit=unit.astype(str), stratum=(unit % 3).astype(str))


def _wave(frame: pd.DataFrame, **design: Any) -> Wave:
    drawn = specify_design(len(frame), weights=frame["w"], **design)
    return Wave(str(frame["wave"].iloc[0]), frame.drop(columns=["wave", "w"]), drawn, len(frame), "equal")


def _compared(waves: list[Wave], **trend: Any) -> WaveResult:
    *earlier, own = waves
    options: dict[str, Any] = {"instrument": INSTRUMENT, "index": INDEX, "published": {"weights": {}}}
    return compare_waves(earlier, own, **options, trend=Trend(**trend))


def _panel(*, stratified: bool = False) -> list[Wave]:
    frames = [_rows(1, 120, 1000, LABELS[0]), _rows(2, 100, 1040, LABELS[1]), _rows(3, 110, 1070, LABELS[2])]
    frames = [frame.assign(w=1 + (frame["id"] % 4) / 2) for frame in frames]
    return [_wave(one, **({"strata": one["id"] // 7 % 3} if stratified else {})) for one in frames]


def _anew() -> list[Wave]:
    first, second, third = (
        _rows(1, 120, 1000, LABELS[0]),
        _rows(2, 90, 3000, LABELS[1]),
        _rows(3, 150, 5000, LABELS[2]),
    )
    return [
        _wave(first, strata=first["stratum"], psu=first["unit"]),
        _wave(second),
        _wave(third, strata=third["stratum"], psu=third["unit"]),
    ]


@pytest.mark.parametrize(
    ("waves", "golden"),
    [(_anew(), "independent"), (_panel(), "overlapping"), (_panel(stratified=True), "stratified")],
    ids=["independent", "overlapping", "stratified"],
)
def test_changes_and_their_errors_are_those_of_r_survey(waves: list[Wave], golden: str) -> None:
    steps = _compared(waves).steps()
    told = {(row["wave"], row["against"]): row for row in steps.to_dict("records")}
    assert set(told) == set(CHANGES)
    for pair, name in CHANGES.items():
        expected = GOLDEN[golden][name]
        assert told[pair]["difference"] == pytest.approx(expected["difference"], rel=1e-6)
        assert told[pair]["se"] == pytest.approx(expected["se"], rel=1e-6)


def test_levels_are_those_of_each_wave_by_its_own_design() -> None:
    anew = _compared(_anew()).levels.query("measure == 'csi'")
    assert anew["estimate"].tolist() == pytest.approx(list(GOLDEN["independent"]["level"].values()), rel=1e-9)
    assert anew["se"].tolist() == pytest.approx(list(GOLDEN["independent"]["se"].values()), rel=1e-6)
    panel = _compared(_panel()).levels.query("measure == 'csi'")
    assert panel["se"].tolist() == pytest.approx([one["se"] for one in GOLDEN["apart"].values()], rel=1e-6)
    assert panel["n"].tolist() == [120, 100, 110]
    assert (panel["n_eff"] < panel["n"]).all()


def test_people_in_common_make_a_change_surer_and_are_counted() -> None:
    shared, apart = _compared(_panel()), _compared(_panel(), panel=False)
    assert (shared.steps()["se"] < 0.85 * apart.steps()["se"]).all()
    assert shared.samples["shared"].tolist()[1:] == [80, 70]
    assert shared.overlap == 80 + 100 + 70  # interviews of those who answered twice or more
    assert apart.samples["shared"].isna().all()
    assert apart.overlap == 0
    levels = [one.levels.drop(columns=["se"]) for one in (shared, apart)]
    pd.testing.assert_frame_equal(*levels)


def test_a_numbering_that_begins_anew_in_each_wave_is_nobody_twice() -> None:
    numbered = [
        replace(wave, responses=wave.responses.assign(respondent_id=[str(i + 1) for i in range(len(wave.responses))]))
        for wave in _panel()
    ]
    assert _compared(numbered).overlap == 0
    assert _compared(numbered, panel=True).overlap > 0


def test_replicates_and_populations_carry_the_error_of_their_wave_into_the_change() -> None:
    frame = _rows(3, 150, 5000, LABELS[2])
    drawn = bootstrap(np.ones(150), replicates=200, seed=3)
    drawn = replace(drawn, weights=drawn.weights * frame["w"].to_numpy()[:, None])
    waves = [_wave(_rows(1, 120, 1000, LABELS[0]), fpc=np.full(120, 240.0)), _wave(frame, replicates=drawn)]
    result = _compared(waves)
    errors = [float(means(w.responses[["q"]], design=w.design)["se"].iloc[0]) for w in waves]
    assert result.steps()["se"].iloc[0] == pytest.approx(float(np.hypot(*errors)), rel=1e-9)


def test_what_one_wave_did_not_ask_is_left_out_of_the_series_and_named() -> None:
    waves = _anew()
    waves[0] = replace(waves[0], responses=waves[0].responses.drop(columns="u"))
    result = _compared(waves)
    assert result.common.left_out == ["u"]
    assert result.common.items["speed"] == ["v"]
    assert result.samples["items"].tolist() == [2, 3, 3]
    assert set(result.levels.query("measure == 'csi'")["wave"]) == set(LABELS)


def test_a_construct_that_a_wave_did_not_ask_has_no_figure_there_and_the_index_does_without() -> None:
    waves = _anew()
    waves[1] = replace(waves[1], responses=waves[1].responses.drop(columns=["u", "v"]))
    result = _compared(waves)
    assert result.common.dimensions == ["quality"]
    assert result.common.left_out == ["v", "u"]
    speed = result.changes.query("measure == 'speed'")
    assert list(zip(speed["wave"], speed["against"], strict=True)) == [("2015Q4", "2015Q1")]
    assert speed["change"].tolist() == ["wave"]


def test_a_wave_without_anything_in_common_has_no_index() -> None:
    waves = _anew()
    waves[0] = replace(waves[0], responses=waves[0].responses.drop(columns=["q", "v", "u"]))
    levels = _compared(waves).levels
    assert set(levels["wave"]) == {"2015Q2", "2015Q4"}


def test_p_values_are_adjusted_over_the_course_and_over_the_constructs_of_one_comparison() -> None:
    changes = _compared(_anew()).changes
    for _, rows in changes[changes["measure"] == "csi"].groupby("measure"):
        assert (rows["p_adjusted"] >= rows["p"]).all()
        smallest = rows.sort_values("p").iloc[0]
        assert smallest["p_adjusted"] == pytest.approx(min(1.0, 3 * smallest["p"]))
    pair = changes.query("measure in ('quality', 'speed') and wave == '2015Q2'")
    assert pair["p_adjusted"].to_numpy() == pytest.approx(np.minimum(1, 2 * pair["p"].to_numpy()))


@pytest.mark.parametrize(
    ("labels", "last_edition", "told"),
    [
        (["2015"], None, []),
        (["2015", "2016"], None, [("year", "2016", "2015")]),
        (["W1", "W2"], None, [("wave", "W2", "W1")]),
        (
            ["2015Q1", "2015Q2", "2016Q2"],
            None,
            [("wave", "2015Q2", "2015Q1"), ("year", "2016Q2", "2015Q2"), ("first", "2016Q2", "2015Q1")],
        ),
        (["W1", "W2", "W5"], "W1", [("wave", "W2", "W1"), ("wave", "W5", "W2"), ("edition", "W5", "W1")]),
    ],
)
def test_a_wave_that_stands_for_several_comparisons_is_told_once(
    labels: list[str], last_edition: str | None, told: list[tuple[str, str, str]]
) -> None:
    assert comparisons(labels, last_edition=last_edition) == told


def test_the_series_has_the_waves_there_are_and_no_others() -> None:
    series = wave_series(_compared(_anew()).series(), estimated=True)
    table = series.table(0.95)
    assert table["wave"].tolist() == list(LABELS)
    assert table["source"].tolist() == ["measured", "measured", "this_edition"]
    assert not table["csi"].isna().any()


def test_one_wave_is_nothing_to_compare() -> None:
    with pytest.raises(MethodError, match="no earlier wave"):
        _compared(_anew()[-1:])


def _many(labels: list[str]) -> list[Wave]:
    return [_wave(_rows(i % 5, 90, 1000 * i, label)) for i, label in enumerate(labels)]


QUARTERS = [f"{2020 + i // 4}Q{i % 4 + 1}" for i in range(13)]


def test_twelve_waves_at_equal_steps_have_a_forecast_and_others_say_why_not() -> None:
    trend = Trend(origins=2, horizon=1)
    even = wave_series(_compared(_many(QUARTERS)).series(), estimated=True)
    assert len(forecast_series(even, trend=trend).forecast) == 1
    few = wave_series(_compared(_many(QUARTERS[:11])).series(), estimated=True)
    with pytest.raises(MethodError, match="too short"):
        forecast_series(few, trend=trend)
    scattered = [f"20{year}Q{quarter}" for year, quarter in ((10, 1), (11, 4), (12, 2), (13, 3), (15, 1), (15, 2))]
    uneven = wave_series(_compared(_many([*scattered, *QUARTERS[:7]])).series(), estimated=True)
    assert uneven.measured == 13
    assert not uneven.even
    with pytest.raises(MethodError, match="no common step"):
        forecast_series(uneven, trend=trend)


def test_days_and_numbers_make_a_series_too() -> None:
    weekly = [f"{day:%Y-%m-%d}" for day in pd.date_range("2025-01-06", periods=4, freq="7D")]
    days = wave_series(_compared(_many(weekly)).series(), estimated=True)
    assert (days.step, days.even) == (7, True)
    assert days.following(1)["wave"].tolist() == ["2025-02-03"]
    numbered = wave_series(_compared(_many(["W1", "W2", "W4"])).series(), estimated=True)
    assert numbered.table(0.95)["wave"].tolist() == ["W1", "W2", "W4"]
    assert not numbered.has_years


def test_a_real_panel_of_schools_moves_as_in_r_survey(shared: Path) -> None:
    """apistrat of R survey: the index of 1999 and of 2000 of the same schools, drawn by type, 200–1000."""
    raw = pd.read_csv(shared / "data" / "survey_api" / "apistrat.csv")
    waves = []
    for label, name in (("1999", "api99"), ("2000", "api00")):
        score = (raw[name] - 200) / 8
        frame = pd.DataFrame(
            {"wave": label, "respondent_id": raw["cds"].astype(str), "q": score, "v": score, "u": score}
        )
        waves.append(_wave(frame.assign(w=raw["pw"]), strata=raw["stype"]))
    result, expected = _compared(waves), GOLDEN["api"]
    row = result.steps().iloc[0]
    assert 8 * row["difference"] == pytest.approx(expected["difference"], rel=1e-6)
    assert 8 * row["se"] == pytest.approx(expected["se"], rel=1e-6)
    levels = result.levels.query("measure == 'csi'")
    assert (8 * levels["estimate"] + 200).tolist() == pytest.approx([expected["before"], expected["after"]], rel=1e-6)
    assert (8 * levels["se"]).tolist() == pytest.approx([expected["se_before"], expected["se_after"]], rel=1e-6)
