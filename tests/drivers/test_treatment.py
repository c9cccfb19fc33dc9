"""The estimators of an effect against Stata's example, statsmodels and refits in R; coverage in simulations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up_rows import CATTANEO, GOLDEN, made_up_rows

from analysis.drivers.fitting import binary_regression, indicators, with_intercept
from analysis.drivers.treatment import (
    Arms,
    augmented_weighting,
    cross_fitted,
    draw_folds,
    e_value,
    inverse_weighting,
    overlap_bound,
    plain_difference,
    regression_adjustment,
)
from analysis.survey.estimation.estimates import means

Array = np.ndarray[Any, Any]


def _estimate(values: Array, **options: Any) -> tuple[float, float]:
    row = means(pd.DataFrame({"value": values}), **options).iloc[0]
    return float(row["estimate"]), float(row["se"])


def _made_up() -> tuple[dict[str, Arms], Any]:
    rows, design = made_up_rows()
    y, t = rows["y"].to_numpy(dtype=float), (rows["t"] == "yes").to_numpy(dtype=float)
    x, w = with_intercept(indicators(rows, ["age", "kind"])[0]), design.weights
    found = {"naive": plain_difference(y, t, w), "ra": regression_adjustment(y, t, x, w)}
    for link in ("logit", "probit"):
        found[f"ipw_{link}"] = inverse_weighting(y, t, x, w, link=link)
        found[f"aipw_{link}"] = augmented_weighting(y, t, x, x, w, link=link)
    return found, design


@pytest.mark.parametrize("method", ["naive", "ra", "ipw_logit", "ipw_probit", "aipw_logit", "aipw_probit"])
def test_effects_and_their_errors_are_those_of_refits_in_r(method: str) -> None:
    found, design = _made_up()
    golden = GOLDEN["effects"][method]
    assert _estimate(found[method].effect, design=design) == pytest.approx((golden["estimate"], golden["se"]), rel=1e-6)


@pytest.fixture(scope="module")
def births() -> tuple[Array, Array, Array, Array]:
    """Birth weight, smoking, and what the outcome and the treatment are modelled by."""
    if not CATTANEO.exists():
        pytest.skip("the births are not in this checkout")
    frame = pd.read_csv(CATTANEO)
    married, first = (frame["mmarried"] == "married").to_numpy(float), (frame["fbaby"] == "Yes").to_numpy(float)
    early, age = (frame["prenatal1"] == "Yes").to_numpy(float), frame["mage"].to_numpy(float)
    one, smoker = np.ones(len(frame)), (frame["mbsmoke"] == "smoker").to_numpy(float)
    x = np.column_stack([one, early, married, age, first])
    z = np.column_stack([one, married, age, age**2, first, frame["medu"].to_numpy(float)])
    return frame["bweight"].to_numpy(float), smoker, x, z


@pytest.mark.parametrize(
    ("method", "stata", "statsmodels"),
    [
        ("ra", (-239.6392, 23.82402), (-239.639211, 23.824021)),
        ("ipw", (-230.6886, 25.81524), (-230.689070, 25.816758)),
        ("aipw", (-230.9892, 26.21056), (-230.989648, 26.214445)),
    ],
)
def test_the_effect_of_smoking_is_that_of_stata_and_statsmodels(
    births: tuple[Array, Array, Array, Array],
    method: str,
    stata: tuple[float, float],
    statsmodels: tuple[float, float],
) -> None:
    """statsmodels stops its probit earlier, which shows in the sixth digit; Stata's manual has the same as ours."""
    y, t, x, z = births
    one = np.ones(len(y))
    arms = {
        "ra": lambda: regression_adjustment(y, t, x, one),
        "ipw": lambda: inverse_weighting(y, t, z, one, link="probit"),
        "aipw": lambda: augmented_weighting(y, t, x, z, one, link="probit"),
    }[method]()
    estimate, se = _estimate(arms.effect)
    se *= np.sqrt((len(y) - 1) / len(y))
    assert (estimate, se) == pytest.approx(stata, rel=3e-7)
    assert (estimate, se) == pytest.approx(statsmodels, rel=2e-4)


def test_cross_fitting_agrees_with_the_estimate_without_folds(births: tuple[Array, Array, Array, Array]) -> None:
    y, t, x, z = births
    one = np.ones(len(y))
    fold = draw_folds(np.arange(len(y)), folds=5, seed=1)
    estimate, se = _estimate(cross_fitted(y, t, x, z, one, fold=fold, link="probit").effect)
    assert estimate == pytest.approx(-230.9892, abs=se / 10)
    assert se == pytest.approx(26.21056, rel=0.02)


def _drawn(seed: int, size: int = 500) -> tuple[Array, Array, Array, Array]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, 2))
    p = 1 / (1 + np.exp(-(0.8 * x[:, 0] - 0.5 * x[:, 1])))
    t = (rng.random(size) < p).astype(float)
    y = 50 + (2 + x[:, 0]) * t + 3 * x[:, 0] + 2 * x[:, 1] + rng.normal(0, 3, size)
    return y, t, with_intercept(x), np.exp(0.3 * rng.normal(size=size))


@pytest.mark.simulation
def test_intervals_hold_the_planted_effect_as_often_as_they_say_and_the_plain_difference_does_not() -> None:
    held, fooled, runs = [], [], 200
    for seed in range(runs):
        y, t, x, w = _drawn(seed)
        fold = draw_folds(np.arange(len(y)), folds=5, seed=seed)
        for found, arms in ((held, cross_fitted(y, t, x, x, w, fold=fold)), (fooled, plain_difference(y, t, w))):
            row = means(pd.DataFrame({"v": arms.effect}), design=_weighted(w)).iloc[0]
            found.append(row["ci_low"] < 2 < row["ci_high"])
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(fooled) < 0.2


@pytest.mark.parametrize("wrong", ["outcome", "treatment"])
def test_one_right_model_is_enough(wrong: str) -> None:
    found = []
    for seed in range(40):
        y, t, x, w = _drawn(seed, 1000)
        fold, poor = draw_folds(np.arange(len(y)), folds=5, seed=seed), x[:, :1]
        designs = (poor, x) if wrong == "outcome" else (x, poor)
        found.append(np.average(cross_fitted(y, t, *designs, w, fold=fold).effect, weights=w))
    assert np.mean(found) == pytest.approx(2, abs=4 * np.std(found) / np.sqrt(len(found)))


def test_rows_of_a_unit_are_never_divided_between_folds() -> None:
    unit = np.repeat(np.arange(37), 5)
    fold = draw_folds(unit, folds=5, seed=2)
    assert all(len(set(fold[unit == number])) == 1 for number in range(37))
    assert np.bincount(fold).min() >= 7 * 5


def test_a_row_is_predicted_without_itself() -> None:
    y, t, x, w = _drawn(3)
    fold = draw_folds(np.arange(len(y)), folds=5, seed=1)
    other = y.copy()
    other[fold == 0] += 1000
    before, after = (cross_fitted(values, t, x, x, w, fold=fold) for values in (y, other))
    without = (fold == 0) & (t == 1)
    assert after.untreated[without] == pytest.approx(before.untreated[without])


def test_who_has_it_is_told_alike_by_every_outcome() -> None:
    y, t, x, w = _drawn(3)
    fold = draw_folds(np.arange(len(y)), folds=5, seed=1)
    other, known = y**2, cross_fitted(y, t, x, x, w, fold=fold).propensity
    anew, again = (cross_fitted(other, t, x, x, w, fold=fold, propensity=told) for told in (None, known))
    assert again.effect == pytest.approx(anew.effect, rel=1e-12)
    model = binary_regression(t, x, w)
    weighed, told = (inverse_weighting(other, t, x, w, model=one) for one in (None, model))
    assert told.effect == pytest.approx(weighed.effect, rel=1e-12)


def test_everybody_stays_where_the_groups_overlap() -> None:
    assert overlap_bound(np.linspace(0.3, 0.7, 100), np.ones(100)) == 0


def test_the_bound_is_the_smallest_that_meets_the_rule() -> None:
    p = np.concatenate([np.linspace(0.02, 0.98, 400), [1e-4, 1 - 1e-4]])
    bound = overlap_bound(p, np.ones(len(p)))
    g = 1 / (p * (1 - p))

    def excess(alpha: float) -> float:
        limit = 1 / (alpha * (1 - alpha))
        return limit - 2 * float(g[g <= limit].mean())

    assert excess(bound) <= 1e-9
    assert excess(bound * 0.97) > 0
    assert 0.05 < bound < 0.15


def test_e_values_are_those_of_the_formula() -> None:
    # d = 0.5: RR = exp(0.455) = 1.5762; E = 1.5762 + sqrt(1.5762 * 0.5762) = 2.5292 (R, EValue: evalues.MD(0.5))
    value, limit = e_value(5.0, 1.0, 9.0, 10.0)
    assert value == pytest.approx(2.529, abs=1e-3)
    assert limit == pytest.approx(np.exp(0.091) + np.sqrt(np.exp(0.091) * (np.exp(0.091) - 1)))
    assert e_value(-5.0, -9.0, -1.0, 10.0) == pytest.approx((value, limit))
    assert e_value(1.0, -1.0, 3.0, 10.0)[1] == 1


def _weighted(w: Array) -> Any:
    from analysis.survey.design.survey_design import specify_design

    return specify_design(len(w), weights=w)
