"""Relative importance: golden on R's swiss, and what must hold for any covariance matrix."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.drivers.importance import (
    MOST_PREDICTORS,
    conditional_dominance,
    johnson_weights,
    lmg,
    pratt_shares,
    subset_r_squared,
    weighted_covariances,
    zero_order,
)
from analysis.errors import MethodError

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "drivers.json").read_text(encoding="utf-8"))
SWISS = np.array(GOLDEN["swiss"])
WEIGHTS = {"plain": np.ones(len(SWISS)), "weighted": 1.0 + np.arange(len(SWISS)) % 3}


def covariances(predictors: int, count: int = 3) -> Any:
    """Covariance matrices of correlated variables, each of other weights."""
    random = np.random.default_rng(predictors)
    mixed = random.normal(size=(200, predictors + 1)) @ random.normal(size=(predictors + 1, predictors + 1))
    return weighted_covariances(mixed, random.exponential(size=(200, count)))


@pytest.mark.parametrize("case", WEIGHTS)
def test_every_measure_equals_r_on_swiss(case: str) -> None:
    golden, found = GOLDEN["importance"][case], weighted_covariances(SWISS, WEIGHTS[case])
    np.testing.assert_allclose(found[0], golden["covariance"], rtol=1e-10)
    np.testing.assert_allclose(lmg(found)[0], golden["lmg"], rtol=1e-10)
    np.testing.assert_allclose(conditional_dominance(found)[0], golden["dominance"], rtol=1e-9)
    np.testing.assert_allclose(johnson_weights(found)[0], golden["johnson"], rtol=1e-10)
    np.testing.assert_allclose(pratt_shares(found)[0], golden["pratt"], rtol=1e-10)


def test_lmg_of_swiss_is_the_published_one() -> None:
    published = [0.05709122077, 0.1711730289, 0.26013467862, 0.10557015037, 0.11276592293]
    np.testing.assert_allclose(lmg(np.cov(SWISS.T)), published, rtol=1e-9)


@pytest.mark.parametrize("predictors", [1, 2, 7, 12])
def test_measures_add_up_to_r_squared(predictors: int) -> None:
    found = covariances(predictors)
    inside, outcome = found[:, :-1, :-1], found[:, :-1, -1]
    explained = np.einsum("ri,ri->r", np.linalg.solve(inside, outcome[..., None])[..., 0], outcome) / found[:, -1, -1]
    for measure in (lmg, johnson_weights, pratt_shares):
        np.testing.assert_allclose(measure(found).sum(axis=-1), explained, rtol=1e-9)
    np.testing.assert_allclose(subset_r_squared(found)[:, -1], explained, rtol=1e-9)
    assert (subset_r_squared(found)[:, 0] == 0).all()


def test_a_stack_of_matrices_is_each_of_them_alone() -> None:
    found = covariances(5, count=4).reshape(2, 2, 6, 6)
    alone = [[lmg(matrix) for matrix in row] for row in found]
    np.testing.assert_allclose(lmg(found), alone, rtol=1e-12)


def test_scale_changes_nothing() -> None:
    found, scale = covariances(4), np.array([1.0, 100.0, 1e-3, 5.0, 2.0])
    for measure in (lmg, johnson_weights, pratt_shares, zero_order):
        np.testing.assert_allclose(measure(found * np.outer(scale, scale)), measure(found), rtol=1e-8)


def test_predictors_that_do_not_go_together_explain_what_each_explains_alone() -> None:
    found = np.diag([1.0, 4.0, 9.0, 1.0])
    found[:3, 3] = found[3, :3] = [0.5, 0.6, 0.9]
    alone = [0.25, 0.09, 0.09]
    for measure in (lmg, johnson_weights, pratt_shares, zero_order):
        np.testing.assert_allclose(measure(found), alone, rtol=1e-12)


def test_a_copy_shares_with_its_original_and_a_constant_has_no_share() -> None:
    random = np.random.default_rng(1)
    x, other = random.normal(size=(2, 500))
    values = np.column_stack([x, x, np.full(500, 3.0), other, x + other + random.normal(size=500)])
    for measure in (lmg, johnson_weights, pratt_shares):
        first, second, constant, _ = measure(weighted_covariances(values, np.ones(500))[0])
        assert first == pytest.approx(second, rel=1e-6)
        assert constant == pytest.approx(0, abs=1e-12)


def test_twelve_predictors_and_two_hundred_replicates_take_no_two_seconds() -> None:
    found = covariances(12, count=200)
    start = time.process_time()
    lmg(found)
    assert time.process_time() - start < 2


def test_more_predictors_than_subsets_can_be_looked_at_are_refused() -> None:
    with pytest.raises(MethodError, match=r"so many predictors") as caught:
        lmg(covariances(MOST_PREDICTORS + 1))
    assert "drivers.predictors" in caught.value.hint
    assert johnson_weights(covariances(25)).shape == (3, 25)
