"""Raking: against R survey, the margins it must meet, its bounds, and the data it must refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition import Trim
from analysis.errors import MethodError
from analysis.survey.estimation import means
from analysis.survey.weighting import rake

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "survey.json").read_text())
MARGINS = {"sex": {"f": 0.52, "m": 0.48}, "region": {"n": 300, "s": 500, "w": 200}}


def _frame(seed: int, rows: int = 300, missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"sex": rng.choice(["f", "m"], rows, p=[0.7, 0.3]), "region": rng.choice(["n", "s", "w"], rows)}
    )
    return frame.mask(rng.random(frame.shape) < missing)


def test_raking_agrees_with_r_survey(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    margins = {"stype": {"E": 4421.0, "H": 755.0, "M": 1018.0}, "sch.wide": {"No": 1072.0, "Yes": 5122.0}}
    result = rake(data, margins=margins, base=data["pw"], tolerance=1e-14)
    golden = GOLDEN["raking"]
    weights = result.weights * golden["sum"] / len(data)
    shown = {"min": weights.min(), "median": weights.median(), "max": weights.max()}
    shown |= {"weight_1": weights.iloc[0], "weight_100": weights.iloc[99]}
    shown |= {"total": (weights * data["enroll"]).sum()}
    shown |= {"mean": means(data[["api00"]], weights=result.weights).loc[0, "estimate"]}
    for key, value in shown.items():
        assert value == pytest.approx(golden[key], rel=1e-9), key


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_margin_meets_its_target_whatever_the_scale_and_order(seed: int) -> None:
    frame = _frame(seed)
    base = np.random.default_rng(seed).uniform(0.5, 2, len(frame))
    result = rake(frame, margins=MARGINS, base=base, tolerance=1e-10)
    assert result.converged
    assert result.weights.mean() == pytest.approx(1.0)
    for name, targets in MARGINS.items():
        sums = result.weights.groupby(frame[name]).sum() / result.weights.sum()
        for category, target in targets.items():
            assert sums[category] == pytest.approx(target / sum(targets.values()), abs=1e-9)
    order = np.random.default_rng(seed + 1).permutation(len(frame))
    shuffled = rake(frame.iloc[order], margins=MARGINS, base=base[order] * 37, tolerance=1e-10)
    np.testing.assert_allclose(shuffled.weights.sort_index(), result.weights, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_bounds_and_margins_hold_together_after_trimming(seed: int) -> None:
    frame = _frame(seed)
    base = np.exp(np.random.default_rng(seed).normal(0, 0.8, len(frame)))
    trim = Trim(lower=0.3, upper=3.0)
    result = rake(frame, margins=MARGINS, base=base, max_iterations=2000, tolerance=1e-8, trim=trim)
    assert result.converged
    assert result.weights.min() >= trim.lower - 1e-9
    assert result.weights.max() <= trim.upper + 1e-9
    assert result.weights.mean() == pytest.approx(1.0, abs=1e-9)
    assert np.abs(result.margins["weighted_share"] - result.margins["target_share"]).max() <= 1e-8
    assert result.diagnostics["stage"].tolist() == ["base", "raked", "trimmed"]
    raked, trimmed = result.diagnostics["max"].iloc[1:]
    assert raked > 3 > trimmed - 1e-9


def test_bounds_too_narrow_for_the_margins_show_as_not_converged() -> None:
    frame = pd.DataFrame({"sex": ["f"] * 90 + ["m"] * 10})
    result = rake(frame, margins={"sex": {"f": 0.5, "m": 0.5}}, trim=Trim(lower=0.5, upper=2.0), max_iterations=50)
    assert not result.converged
    assert result.weights.max() <= 2.0 + 1e-9
    last = result.diagnostics.iloc[-1]
    assert not last["converged"]
    assert last["max_deviation"] == pytest.approx(0.3)
    assert result.record()["converged"] is False


def test_contradictory_margins_show_as_not_converged() -> None:
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["x", "x", "y"]})
    margins = {"a": {"x": 0.5, "y": 0.5}, "b": {"x": 0.6, "y": 0.4}}
    result = rake(frame, margins=margins, max_iterations=20)
    assert not result.converged
    assert result.iterations == 20


def test_a_missing_answer_keeps_its_weight_in_that_margin() -> None:
    frame = pd.DataFrame({"sex": ["f", "f", "f", "m", None]})
    result = rake(frame, margins={"sex": {"f": 0.5, "m": 0.5}}, base=[1, 1, 1, 1, 3])
    share = result.weights / result.weights.sum()
    assert share.iloc[4] == pytest.approx(3 / 7)
    assert share.iloc[3] == pytest.approx(2 / 7)
    assert result.margins["weighted_share"].tolist() == pytest.approx([0.5, 0.5])
    assert result.margins["n"].tolist() == [3, 1]
    many = rake(_frame(5, missing=0.1), margins=MARGINS, max_iterations=1000)
    assert many.converged


def test_kish_effect_is_one_plus_the_squared_variation() -> None:
    result = rake(_frame(1), margins=MARGINS)
    weights, last = result.weights, result.diagnostics.iloc[-1]
    assert last["deff"] == pytest.approx(len(weights) * (weights**2).sum() / weights.sum() ** 2)
    assert last["n_eff"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert result.diagnostics.loc[0, "deff"] == pytest.approx(1.0)
    assert pd.isna(result.diagnostics.loc[0, "converged"])


def test_without_margins_the_base_weights_come_back_with_mean_1() -> None:
    frame = pd.DataFrame({"sex": ["f", "m"]}, index=[7, 9])
    result = rake(frame, margins={}, base=[2.0, 6.0], trim=Trim())
    assert result.weights.to_dict() == {7: 0.5, 9: 1.5}
    assert result.converged
    assert result.iterations == 0
    assert result.margins.empty
    assert result.record()["max_deviation"] is None


def test_the_frame_is_not_changed() -> None:
    frame = _frame(2)
    before = frame.copy()
    rake(frame, margins=MARGINS)
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_cell_is_named_with_its_margin() -> None:
    with pytest.raises(MethodError, match=r"region = e \(n = 0\)"):
        rake(_frame(1), margins={"region": {"n": 1, "s": 1, "w": 1, "e": 1}})
    with pytest.raises(MethodError, match=r"region = w \(n = \d+\)"):
        rake(_frame(1), margins={"region": {"n": 1, "s": 1}})


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan"), float("inf")])
def test_a_target_that_is_not_positive_is_refused(target: float) -> None:
    with pytest.raises(MethodError, match="not usable"):
        rake(_frame(1), margins={"sex": {"f": 1.0, "m": target}})


@pytest.mark.parametrize("base", [[1.0], [0.0] * 300, [np.nan] * 300, [-1.0] * 300])
def test_base_weights_that_do_not_fit_are_refused(base: list[float]) -> None:
    with pytest.raises(MethodError, match="base weight"):
        rake(_frame(1), margins=MARGINS, base=base)


def test_an_unknown_margin_and_an_empty_sample_are_refused() -> None:
    with pytest.raises(MethodError, match="'age' is not a column"):
        rake(_frame(1), margins={"age": {"young": 1}})
    with pytest.raises(MethodError, match="no interview"):
        rake(_frame(1).iloc[:0], margins=MARGINS)
