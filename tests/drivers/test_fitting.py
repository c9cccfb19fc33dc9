"""Regressions against statsmodels, and the influence of a row against what its weight does to the coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.drivers.fitting import (
    asked,
    binary_regression,
    indicators,
    least_squares,
    pseudo_values,
    rank,
    with_intercept,
)

ROWS = 120


def _rows() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x with its intercept, an outcome, a yes or no, and whole weights of which some are 0."""
    rng = np.random.default_rng(7)
    x = with_intercept(rng.normal(size=(ROWS, 2)))
    y = x @ [1.0, 2.0, -1.0] + rng.normal(size=ROWS)
    t = (x @ [0.2, 0.8, -0.5] + rng.logistic(size=ROWS) > 0).astype(float)
    return x, y, t, np.arange(ROWS) % 4.0


def _derivative(fit: Any, weights: np.ndarray, row: int) -> np.ndarray:
    """Change of the coefficients with the weight of one row, by central difference, times the weight."""
    step = np.zeros(ROWS)
    step[row] = 1e-4
    return np.asarray(weights[row] * (fit(weights + step) - fit(weights - step)) / 2e-4)


def test_least_squares_are_those_of_statsmodels_and_influences_are_derivatives() -> None:
    x, y, _, weights = _rows()
    found = least_squares(y, x, weights)
    np.testing.assert_allclose(found.coefficients, sm.WLS(y, x, weights=weights).fit().params, rtol=1e-10)
    for row in (1, 2, 4, 63):
        expected = _derivative(lambda w: least_squares(y, x, w).coefficients, weights, row)
        np.testing.assert_allclose(found.influence[row], expected, rtol=1e-6, atol=1e-12)
    assert (found.influence[weights == 0] == 0).all()
    np.testing.assert_allclose(found.influence.sum(axis=0), 0, atol=1e-12)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_binary_regressions_are_those_of_statsmodels_and_influences_are_derivatives(link: Any) -> None:
    x, _, t, weights = _rows()
    found = binary_regression(t, x, weights, link=link)
    family = sm.families.Binomial(sm.families.links.Logit() if link == "logit" else sm.families.links.Probit())
    glm = sm.GLM(t, x, family=family, freq_weights=weights).fit(tol=1e-14)
    np.testing.assert_allclose(found.coefficients, glm.params, rtol=1e-7)
    np.testing.assert_allclose(found.probability, glm.predict(x), rtol=1e-7)
    distribution = family.link.inverse_deriv(x @ found.coefficients)
    np.testing.assert_allclose(found.slope, distribution, rtol=1e-9)
    for row in (1, 2, 4, 63):
        expected = _derivative(lambda w: binary_regression(t, x, w, link=link).coefficients, weights, row)
        np.testing.assert_allclose(found.influence[row], expected, rtol=1e-5, atol=1e-10)


def test_an_answer_that_tells_the_treatment_ends_near_certainty() -> None:
    x = with_intercept(np.repeat([[0.0], [1.0]], 20, axis=0))
    found = binary_regression(x[:, 1], x, np.ones(40))
    assert np.isfinite(found.coefficients).all()
    assert np.abs(found.probability - x[:, 1]).max() < 1e-6


def test_of_dependent_columns_the_fit_is_that_without_the_dependent_one() -> None:
    x, y, _, weights = _rows()
    double = np.column_stack([x, x[:, 1] - x[:, 2]])
    found = least_squares(y, double, weights)
    np.testing.assert_allclose(double @ found.coefficients, x @ least_squares(y, x, weights).coefficients, rtol=1e-8)
    assert (rank(x), rank(double), rank(x[:, :0])) == (3, 3, 0)


def test_the_weighted_mean_of_pseudo_values_is_the_estimate_and_their_spread_its_error() -> None:
    x, y, _, weights = _rows()
    found = least_squares(y, x, weights)
    values = pseudo_values(found.coefficients, found.influence, weights)
    np.testing.assert_allclose(weights @ values / weights.sum(), found.coefficients, rtol=1e-9)
    away = weights[:, None] * (values - found.coefficients) / weights.sum()
    np.testing.assert_allclose(away.T @ away, found.influence.T @ found.influence, rtol=1e-9)
    assert pseudo_values(3.0, np.array([1.0, -1.0, 0.0]), np.array([1.0, 2.0, 0.0])).tolist() == [6.0, 1.5, 3.0]


def test_no_answer_is_an_answer_of_its_own_and_the_first_has_no_indicator() -> None:
    answers = pd.DataFrame({"age": ["b", None, "a", "b"], "sex": ["f", "f", "f", "f"], "level": [2, 10, 2, 10]})
    found, labels = indicators(answers, ["age", "sex", "level"])
    assert labels == [("age", "a"), ("age", "b"), ("level", "2")]
    assert found.T.tolist() == [[0, 0, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0]]
    nothing, none = indicators(answers, ["sex"])
    assert (nothing.shape, none) == ((4, 0), [])


def test_a_question_that_nobody_answered_was_not_asked() -> None:
    profile = pd.DataFrame({"age": ["a", None], "sex": [None, None]})
    assert asked(profile, ["sex", "age", "town"]) == ["age"]
