"""Predictive margins by mode against R survey's regression."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.design.survey_design import specify_design
from analysis.survey.fieldwork.modes import mode_differences

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "fieldwork.json").read_text())["modes"]
DRAWN = json.loads((Path(__file__).parents[2] / "golden" / "survey_designs.json").read_text())["modes"]


def _data() -> tuple[pd.Series, pd.DataFrame, np.ndarray]:
    i = np.arange(600)
    mode = np.array(["app", "web", "desk"])[i % 7 % 3]
    age = np.array(["young", "middle", "old"])[i // 5 % 3]
    kind = np.array(["p", "q"])[i // 11 % 2]
    score = 70 + 6.0 * (mode == "app") + 3.0 * (age == "old") - 2.0 * (kind == "q") + 12 * np.sin(i * 1.7)
    return pd.Series(score, name="csi"), pd.DataFrame({"mode": mode, "age": age, "kind": kind}), 1 + i % 4 / 2


def test_r_survey_gives_the_same_margins_and_test() -> None:
    score, profile, weights = _data()
    result = mode_differences(
        score, profile, mode="mode", adjust=["age", "kind"], design=specify_design(600, weights=weights)
    )
    assert result is not None
    assert result.f_adjusted == pytest.approx(GOLDEN["F"], rel=1e-6)
    assert result.p_adjusted == pytest.approx(GOLDEN["p"], rel=1e-6)
    table = result.table.set_index("category")
    for level, expected in GOLDEN["margins"].items():
        assert table.loc[level, "adjusted"] == pytest.approx(expected["estimate"], rel=1e-6)
        assert table.loc[level, "adjusted_low"] == pytest.approx(expected["low"], rel=1e-6)
        assert table.loc[level, "adjusted_high"] == pytest.approx(expected["high"], rel=1e-6)


@pytest.mark.parametrize(("adjust", "case"), [([], "raw"), (["age", "kind"], "adjusted")])
def test_r_survey_gives_the_same_for_units_in_strata(adjust: list[str], case: str) -> None:
    score, profile, weights = _data()
    i = np.arange(600)
    score = (score + 4 * np.sin(i % 40 * 2.3)).where(i % 60 != 7)
    design = specify_design(600, weights=weights, strata=i % 4, psu=i % 40)
    result = mode_differences(score, profile, mode="mode", adjust=adjust, design=design)
    golden = DRAWN[case]
    assert result is not None
    assert [result.f_adjusted, result.p_adjusted] == pytest.approx([golden["F"], golden["p"]], rel=1e-6)
    assert result.f_raw == pytest.approx(DRAWN["raw"]["F"], rel=1e-6)
    table = result.table.set_index("category")
    for level, expected in golden["margins"].items():
        got = table.loc[level, ["adjusted", "adjusted_low", "adjusted_high"]].tolist()
        assert got == pytest.approx([expected["estimate"], expected["low"], expected["high"]], rel=1e-6)


def test_without_covariates_the_adjusted_score_is_the_raw_one() -> None:
    score, profile, weights = _data()
    result = mode_differences(score, profile, mode="mode", design=specify_design(600, weights=weights))
    assert result is not None
    assert result.table["adjusted"].tolist() == pytest.approx(result.table["estimate"].tolist(), rel=1e-9)
    assert result.f_raw == pytest.approx(result.f_adjusted)


def test_a_difference_of_profile_disappears_when_it_is_held_constant() -> None:
    rng = np.random.default_rng(4)
    age = rng.choice(["young", "old"], 2000)
    mode = np.where(rng.random(2000) < np.where(age == "old", 0.8, 0.2), "desk", "app")
    score = pd.Series(70 + 10.0 * (age == "old") + rng.normal(0, 5, 2000))
    result = mode_differences(score, pd.DataFrame({"mode": mode, "age": age}), mode="mode", adjust=["age"])
    assert result is not None
    assert result.p_raw < 1e-6
    assert result.p_adjusted > 0.01
    assert np.ptp(result.table["estimate"]) > 4 > np.ptp(result.table["adjusted"])


def test_small_modes_and_gaps_are_left_out() -> None:
    score, profile, _ = _data()
    profile.loc[profile.index[:4], "mode"] = "fax"
    profile.loc[profile.index[4:9], "age"] = None
    score.iloc[9] = np.nan
    result = mode_differences(score, profile, mode="mode", adjust=["age"], min_n=30)
    assert result is not None
    assert result.table["category"].tolist() == ["app", "desk", "web"]
    assert result.n == 590
    assert mode_differences(score, profile.assign(mode="app"), mode="mode", min_n=30) is None


def test_a_profile_that_is_the_mode_is_refused() -> None:
    score, profile, _ = _data()
    with pytest.raises(MethodError, match="determines the mode"):
        mode_differences(score, profile.assign(copy=profile["mode"]), mode="mode", adjust=["copy"])
