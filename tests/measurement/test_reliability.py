"""Cronbach's alpha against R, and its properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.reliability import item_statistics, reliability

CSIBANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}


def _instrument(**sizes: int) -> Instrument:
    def entry(key: str, size: int) -> dict[str, Any]:
        items = [{"key": f"{key.lower()}{i}", "zh": "", "en": ""} for i in range(1, size + 1)]
        return {"key": key, "role": "dimension", "name": {"zh": key, "en": key}, "items": items}

    return Instrument.model_validate(
        {
            "name": {"zh": "试", "en": "test"},
            "scale": {"min": 0, "max": 10},
            "constructs": [entry(key, size) for key, size in sizes.items()],
        }
    )


@pytest.fixture(scope="module")
def csibank(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "csibank" / "csibank.csv")


@pytest.fixture(scope="module")
def golden(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "tests" / "golden" / "reliability_csibank.json").read_text(encoding="utf-8")))


@pytest.fixture
def answers() -> pd.DataFrame:
    random = np.random.default_rng(5)
    common = random.normal(size=60)
    return pd.DataFrame({f"a{i}": np.round(5 + 2 * common + random.normal(scale=1.5, size=60)) for i in (1, 2, 3)})


def test_alpha_of_the_bank_survey_equals_r(csibank: pd.DataFrame, golden: dict[str, Any]) -> None:
    table = reliability(csibank, instrument=_instrument(**CSIBANK)).set_index("construct")
    for key, theirs in golden["constructs"].items():
        ours = table.loc[key]
        assert (ours["items"], ours["n"]) == (CSIBANK[key], 1707)
        for column in ("alpha", "alpha_std", "mean"):
            assert ours[column] == pytest.approx(theirs[column], rel=1e-9)
        assert ours["alpha"] == pytest.approx(theirs["psych_alpha"], abs=1e-6)
        assert ours["alpha_std"] == pytest.approx(theirs["psych_alpha_std"], abs=1e-6)


def test_item_statistics_of_the_bank_survey_equal_r(csibank: pd.DataFrame, golden: dict[str, Any]) -> None:
    table = item_statistics(csibank, instrument=_instrument(**CSIBANK)).set_index("item")
    assert set(table.index) == set(golden["items"])
    for key, theirs in golden["items"].items():
        for column in ("mean", "sd", "item_rest", "alpha_without"):
            assert table.loc[key, column] == pytest.approx(theirs[column], rel=1e-9)


def test_rows_with_a_gap_leave_only_their_own_construct(answers: pd.DataFrame) -> None:
    frame = answers.assign(b1=answers["a1"], b2=answers["a2"])
    frame.loc[:9, "a2"] = np.nan
    table = reliability(frame, instrument=_instrument(A=3, B=2)).set_index("construct")
    assert table["n"].to_dict() == {"A": 50, "B": 60}
    alone = reliability(frame.iloc[10:], instrument=_instrument(A=3)).set_index("construct")
    assert table.loc["A", "alpha"] == pytest.approx(alone.loc["A", "alpha"])


def test_whole_weights_equal_repeated_rows(answers: pd.DataFrame) -> None:
    weights = pd.Series(np.arange(len(answers)) % 3, index=answers.index)
    repeated = answers.loc[answers.index.repeat(weights)]
    weighted = reliability(answers, instrument=_instrument(A=3), weights=weights)
    plain = reliability(repeated, instrument=_instrument(A=3))
    columns = ["alpha", "alpha_std", "mean"]
    assert weighted[columns].to_numpy() == pytest.approx(plain[columns].to_numpy(), rel=1e-12)


def test_scaling_all_weights_changes_nothing(answers: pd.DataFrame) -> None:
    weights = pd.Series(np.linspace(0.5, 2.0, len(answers)), index=answers.index)
    one, thousand = (
        item_statistics(answers, instrument=_instrument(A=3), weights=weights * factor) for factor in (1, 1000)
    )
    pd.testing.assert_frame_equal(one, thousand)


def test_alpha_is_empty_where_it_does_not_exist(answers: pd.DataFrame) -> None:
    constant = answers.assign(b1=3.0, b2=3.0, c1=answers["a1"])
    table = reliability(constant, instrument=_instrument(A=3, B=2, C=1)).set_index("construct")
    assert table["alpha"].isna().to_dict() == {"A": False, "B": True, "C": True}
    assert item_statistics(constant, instrument=_instrument(B=2))["item_rest"].isna().all()
    assert np.isnan(reliability(answers.head(0), instrument=_instrument(A=3)).loc[0, "alpha"])


def test_a_missing_item_is_named(answers: pd.DataFrame) -> None:
    with pytest.raises(MethodError, match="no a3"):
        reliability(answers.drop(columns="a3"), instrument=_instrument(A=3))


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_a_weight_that_is_no_weight_is_refused(answers: pd.DataFrame, bad: float) -> None:
    weights = pd.Series(1.0, index=answers.index)
    weights.iloc[3] = bad
    with pytest.raises(MethodError, match="Weights"):
        reliability(answers, instrument=_instrument(A=3), weights=weights)
