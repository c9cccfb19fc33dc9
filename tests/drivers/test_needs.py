"""Training needs: the planted blind spot is found first, and kinds without practitioners say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.needs import training_needs
from analysis.errors import MethodError
from analysis.survey.design.survey_design import specify_design

DIMENSIONS = ["speed", "care", "skill"]


def _survey(*, staff: int = 200) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Customers of banks rate care 8 points below those of funds; their staff rate it 6 above the customers."""
    rng = np.random.default_rng(2)
    kind = np.array(["bank"] * 600 + ["fund"] * 600 + ["bank"] * staff + ["fund"] * staff)
    customers = pd.Series(np.arange(len(kind)) < 1200)
    scores = pd.DataFrame(rng.normal(75, 8, (len(kind), 3)), columns=DIMENSIONS)
    scores.loc[kind == "bank", "care"] -= 8
    scores.loc[(kind == "bank") & ~customers, "care"] += 6
    scores["overall"] = scores[DIMENSIONS].mean(axis=1) + rng.normal(0, 3, len(kind))
    return pd.DataFrame({"institution_type": kind}), scores, customers


def _needs(responses: pd.DataFrame, scores: pd.DataFrame, customers: pd.Series) -> pd.DataFrame:
    return training_needs(
        responses,
        scores,
        dimensions=DIMENSIONS,
        outcome="overall",
        customers=customers,
        design=specify_design(len(scores)),
    )


def test_the_planted_blind_spot_comes_first() -> None:
    table = _needs(*_survey())
    first = table[table["category"] == "bank"].iloc[0]
    assert first["construct"] == "care"
    assert first["gap"] == pytest.approx(8, abs=1.5)
    assert first["overrating"] == pytest.approx(6, abs=2)
    assert first["need"] == pytest.approx(first["gap"] * first["importance"] * first["overrating"])
    assert first["p_first_two"] > 0.99
    assert first["ci_low"] < first["need"] < first["ci_high"]
    best = table[(table["category"] == "fund") & (table["construct"] == "care")].iloc[0]
    assert (best["gap"], best["need"]) == (0.0, 0.0)


def test_without_practitioners_the_need_is_gap_times_importance() -> None:
    table = _needs(*_survey(staff=0))
    assert table["overrating"].isna().all()
    assert (table["need"] - table["gap"] * table["importance"]).abs().max() < 1e-9


def test_one_kind_alone_is_an_error() -> None:
    responses, scores, customers = _survey()
    with pytest.raises(MethodError, match="no kinds of institution"):
        _needs(responses.assign(institution_type="bank"), scores, customers)
