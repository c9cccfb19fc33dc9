"""Error of what covariances give: against closed forms, replicate by replicate, and what it does to ranks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from analysis.drivers.sampling_error import JointEstimate, draw, estimate_from_covariances, rank_probabilities
from analysis.errors import MethodError
from analysis.survey.design.replication import jackknife
from analysis.survey.design.survey_design import specify_design


def _values(rows: int = 90) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    x = rng.normal(size=rows)
    values = np.column_stack([x, 2 * x + rng.normal(size=rows)])
    values[::10, 1] = np.nan
    return values, np.where(np.arange(rows) % 7 == 1, 0.0, rng.uniform(0.5, 2, rows))


def _slope(covariances: np.ndarray) -> np.ndarray:
    return np.asarray((covariances[:, 0, 1] / covariances[:, 0, 0])[:, None])


def test_a_slope_has_the_error_of_a_regression() -> None:
    """The score of a row in a slope is w·(x − m)·e / Σw(x − m)², of complete rows only."""
    values, weights = _values()
    found = estimate_from_covariances(values, _slope, design=specify_design(90, weights=weights))
    w = np.where(np.isnan(values[:, 1]), 0.0, weights)
    x, y = values[:, 0] - w @ values[:, 0] / w.sum(), np.nan_to_num(values[:, 1])
    y = y - w @ y / w.sum()
    slope = (w * x) @ y / ((w * x) @ x)
    scores = w * x * (y - slope * x) / ((w * x) @ x)
    assert found.estimate == pytest.approx([slope])
    assert found.covariance[0, 0] == pytest.approx(90 * scores.var(ddof=1), rel=1e-6)
    assert found.n == (w > 0).sum()
    assert found.degrees == found.n - 1


def test_replicates_give_the_slope_of_each() -> None:
    values, weights = _values()
    drawn = jackknife(weights, psu=np.arange(90) % 15)
    design = specify_design(90, weights=weights, psu=np.arange(90) % 15, replicates=drawn)
    found = estimate_from_covariances(values, _slope, design=design)
    there = ~np.isnan(values[:, 1])
    each = [np.cov(values[there].T, aweights=w)[0] for w in drawn.weights[there].T]
    slopes = np.array([row[1] / row[0] for row in each])
    middle = found.estimate[0] if drawn.centre == "estimate" else slopes.mean()
    assert found.covariance[0, 0] == pytest.approx((drawn.factors * (slopes - middle) ** 2).sum(), rel=1e-9)
    assert found.degrees == 14


def test_intervals_are_those_of_t_and_rounding_below_zero_is_no_error() -> None:
    found = JointEstimate(np.zeros(2), np.diag([4.0, -1e-18]), 7.0, 20)
    assert found.half_width(0.9) == pytest.approx([2 * t.ppf(0.95, 7), 0])


def test_too_few_complete_rows_and_another_length_are_refused() -> None:
    values = np.column_stack([np.arange(9.0), np.arange(9.0) ** 2])
    values[:4, 0] = np.nan
    with pytest.raises(MethodError, match=r"Too few interviews[\s\S]*6 or more[\s\S]*5"):
        estimate_from_covariances(values, _slope, design=specify_design(9))
    with pytest.raises(MethodError, match="values does not match"):
        estimate_from_covariances(values, _slope, design=specify_design(8))


def test_rank_probabilities_count_the_draws() -> None:
    drawn = np.array([[3.0, 2.0, 1.0], [3.0, 1.0, 2.0], [1.0, 3.0, 2.0], [5.0, 4.0, 0.0]])
    np.testing.assert_allclose(rank_probabilities(drawn), [[0.75, 0, 0.25], [0.25, 0.5, 0.25], [0, 0.5, 0.5]])


def test_draws_have_the_covariance_asked_for_and_follow_the_seed() -> None:
    wanted = np.array([[2.0, 0.6], [0.6, 0.5]])
    drawn = draw(np.array([1.0, -1.0]), wanted, count=50_000, seed=(4, 1))
    np.testing.assert_allclose(np.cov(drawn.T), wanted, rtol=0.03)
    np.testing.assert_array_equal(drawn, draw(np.array([1.0, -1.0]), wanted, count=50_000, seed=(4, 1)))
    assert not np.array_equal(drawn, draw(np.array([1.0, -1.0]), wanted, count=50_000, seed=(4, 2)))


def test_what_is_known_for_sure_is_drawn_as_it_is_and_ties_keep_their_order() -> None:
    drawn = draw(np.array([1.0, 2.0]), np.zeros((2, 2)), count=3, seed=1)
    assert drawn.tolist() == [[1, 2]] * 3
    assert rank_probabilities(np.full((5, 3), 1.0)).tolist() == np.eye(3).tolist()
