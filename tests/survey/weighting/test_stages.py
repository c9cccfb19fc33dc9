"""Raking: against R survey, the margins it must meet, its bounds, and the data it must refuse."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition.sections.weighting import Nonresponse, Trim
from analysis.errors import MethodError
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means
from analysis.survey.weighting.nonresponse import adjust_nonresponse
from analysis.survey.weighting.stages import base_weights, rake

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
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
    shown |= {
        "mean": means(data[["api00"]], design=specify_design(len(data[["api00"]]), weights=result.weights)).loc[
            0, "estimate"
        ]
    }
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


def test_raking_to_one_margin_is_post_stratification_in_r(shared: Path) -> None:
    data = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    golden = json.loads((Path(__file__).parents[2] / "golden" / "weighting.json").read_text())["postStratify"]
    margins = {"stype": {"E": 4421.0, "H": 755.0, "M": 1018.0}}
    weights = rake(data, margins=margins, base=data["pw"], tolerance=1e-13).weights * 6194 / len(data)
    shown = {"weight_1": weights.iloc[0], "min": weights.min(), "max": weights.max(), "sum": weights.sum()}
    shown["mean"] = np.average(data["api00"], weights=weights)
    for key, value in shown.items():
        assert value == pytest.approx(golden[key][0], rel=1e-9), key


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_whole_number_weight_is_a_repeated_row(seed: int) -> None:
    frame = _frame(seed, rows=120)
    times = np.random.default_rng(seed).integers(1, 4, len(frame))
    once = rake(frame, margins=MARGINS, base=times, tolerance=1e-12).weights
    many = rake(frame.loc[np.repeat(frame.index, times)], margins=MARGINS, tolerance=1e-12).weights
    sums = many.groupby(level=0).sum() / len(many)
    np.testing.assert_allclose(sums.to_numpy(), once.to_numpy() / len(frame), rtol=1e-9)


def test_a_million_rows_are_raked_on_their_cells() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.choice(list("uvwxyz"), 1_000_000) for name in "abcd"})
    margins = {name: {value: float(rng.uniform(1, 2)) for value in "uvwxyz"} for name in frame}
    base = rng.uniform(0.5, 2, len(frame))
    start = perf_counter()
    result = rake(frame, margins=margins, base=base)
    assert perf_counter() - start < 30
    assert result.converged
    few = rake(frame.iloc[:5000], margins=margins, base=base[:5000], tolerance=1e-12)
    by_row = base[:5000] / base[:5000].mean()
    for _ in range(few.iterations):
        for name, targets in margins.items():
            sums = pd.Series(by_row).groupby(frame[name].iloc[:5000]).sum() / by_row.sum()
            shares = pd.Series(targets) / sum(targets.values())
            by_row = by_row * frame[name].iloc[:5000].map(shares / sums).to_numpy()
    np.testing.assert_allclose(few.weights, by_row / by_row.mean(), rtol=1e-9)


POPULATION = pd.DataFrame({"variable": "sex", "category": ["f", "m"], "population": [600, 400]})


def test_design_weights_come_from_the_best_that_is_known() -> None:
    frame = pd.DataFrame({"sex": ["f", "f", "m"], "weight": [2.0, 3.0, 4.0]})
    assert base_weights(frame).source == "given"
    assert base_weights(frame).weights.tolist() == [2.0, 3.0, 4.0]
    bare = frame.drop(columns="weight")
    assert base_weights(bare).weights.tolist() == [1.0, 1.0, 1.0]
    assert base_weights(bare, stratum="sex").source == "equal"
    drawn = base_weights(bare, stratum="sex", population=POPULATION)
    assert (drawn.source, drawn.weights.tolist()) == ("strata", [300.0, 300.0, 400.0])
    cases = pd.DataFrame({"sex": ["f"] * 6 + ["m"] * 2})
    assert base_weights(bare, stratum="sex", population=POPULATION, cases=cases).weights.tolist() == [100, 100, 200]


def test_an_interview_outside_the_strata_has_no_design_weight() -> None:
    frame = pd.DataFrame({"sex": ["f", "x", None]})
    with pytest.raises(MethodError, match=r"sex = x \(n = 1\)"):
        base_weights(frame, stratum="sex", population=POPULATION)
    with pytest.raises(MethodError, match="design stratum 'type'"):
        base_weights(frame, stratum="type", population=POPULATION.assign(variable="type"))
    with pytest.raises(MethodError, match="base weight"):
        base_weights(pd.DataFrame({"weight": [1.0, 0.0]}))


def test_a_nonresponse_stage_stands_between_design_and_raking() -> None:
    frame = _frame(4)
    kept = frame.assign(disposition="1.1")
    cases = pd.concat([kept, kept[kept["sex"] == "m"].assign(disposition="2.1")], ignore_index=True)
    adjusted = adjust_nonresponse(frame, cases, base=np.ones(len(frame)), rule=Nonresponse(variables=("sex",)))
    result = rake(frame, margins=MARGINS, nonresponse=adjusted, trim=Trim())
    assert result.diagnostics["stage"].tolist() == ["base", "nonresponse", "raked", "trimmed"]
    women = result.margins.query("category == 'f'").iloc[0]
    share = float((frame["sex"] == "f").mean())
    assert women["sample_share"] == pytest.approx(share)
    assert women["nonresponse_share"] == pytest.approx(share / (share + 2 * (1 - share)))
    assert result.diagnostics.loc[1, "max"] / result.diagnostics.loc[1, "min"] == pytest.approx(2)
    assert pd.isna(result.diagnostics.loc[1, "converged"])


def test_the_automatic_bound_shows_and_counts_what_it_holds() -> None:
    frame = _frame(7)
    base = np.exp(np.random.default_rng(7).normal(0, 0.9, len(frame)))
    result = rake(frame, margins=MARGINS, base=base, trim=Trim(lower=0, upper=50, iqr=2), max_iterations=2000)
    record = result.record()
    assert record["upper"] == pytest.approx(result.weights.max())
    assert record["upper"] < result.diagnostics.loc[1, "max"]
    assert record["trimmed"] == int((result.weights > record["upper"] * (1 - 1e-9)).sum()) > 0
