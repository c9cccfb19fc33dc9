"""The normal likelihood by pattern, against SciPy's density row by row and against differences of itself."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.sem.fit.likelihood import Point
from analysis.sem.moments.sample import Sample

RANDOM = np.random.default_rng(9)
SIGMA = np.array([[1.5, 0.4, 0.3], [0.4, 1.0, 0.2], [0.3, 0.2, 0.8]])
MU = np.array([0.5, -0.2, 1.0])
CELL = np.outer(np.eye(3)[0], np.eye(3)[2])
DIRECTIONS = {"dense": [np.eye(3), np.ones((3, 3)), SIGMA], "single cells": [CELL + CELL.T, np.diag([0.0, 1.0, 0.0])]}


@pytest.fixture(scope="module", params=[0.0, 0.3], ids=["complete", "gaps"])
def sample(request: pytest.FixtureRequest) -> Sample:
    random = np.random.default_rng(4)
    values = random.multivariate_normal(MU, SIGMA, 60, method="cholesky")
    values = np.where(random.random(values.shape) < request.param, np.nan, values)
    values = values[~np.isnan(values).all(axis=1)]
    weights = random.uniform(0.5, 2, len(values))
    return Sample(values, weights / weights.mean())


def test_the_loglikelihood_is_the_sum_of_the_densities_of_the_rows(sample: Sample) -> None:
    from scipy.stats import multivariate_normal

    total = 0.0
    for row, weight in zip(sample.answers, sample.weights, strict=True):
        known = ~np.isnan(row)
        density = multivariate_normal(MU[known], SIGMA[np.ix_(known, known)])
        total += weight * float(density.logpdf(row[known]))
    assert Point(sample.patterns, MU, SIGMA).loglikelihood == pytest.approx(total, rel=1e-10)


def test_gradients_are_the_slopes_of_the_value(sample: Sample) -> None:
    by_mean, by_covariance = Point(sample.patterns, MU, SIGMA).gradient()
    step = 1e-6
    for i in range(3):
        moved = step * np.eye(3)[i]
        ends = [Point(sample.patterns, MU + sign * moved, SIGMA).value for sign in (1, -1)]
        assert by_mean[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)
        for j in range(i + 1):
            change = step * (np.outer(np.eye(3)[i], np.eye(3)[j]) + np.outer(np.eye(3)[j], np.eye(3)[i])) / 2
            ends = [Point(sample.patterns, MU, SIGMA + sign * change).value for sign in (1, -1)]
            assert by_covariance[i, j] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_curvature_is_the_slope_of_the_gradient(sample: Sample) -> None:
    directions = np.array([np.diag([1.0, 0, 0]), np.ones((3, 3)) - np.eye(3)])
    by_covariance, mixed, by_mean = Point(sample.patterns, MU, SIGMA).curvature(directions)
    step = 1e-6
    for k, direction in enumerate(directions):
        ends = [Point(sample.patterns, MU, SIGMA + sign * step * direction).gradient() for sign in (1, -1)]
        slope_mean, slope = ((one - other) / (2 * step) for one, other in zip(*ends, strict=True))
        assert by_covariance[k] == pytest.approx(np.einsum("kij,ij->k", directions, slope), abs=1e-6)
        assert mixed[k] == pytest.approx(slope_mean, abs=1e-6)
    moved = step * np.eye(3)[0]
    ends = [Point(sample.patterns, MU + sign * moved, SIGMA).gradient()[0] for sign in (1, -1)]
    assert by_mean[0] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-6)


def test_expected_and_observed_agree_where_the_moments_are_the_model(sample: Sample) -> None:
    if not sample.patterns.complete:
        pytest.skip("moments of rows with gaps are no model's")
    patterns = sample.patterns
    point = Point(patterns, patterns.mean[0], patterns.spread[0])
    directions = np.array([np.eye(3), np.ones((3, 3))])
    assert point.curvature(directions)[0] == pytest.approx(point.expected(directions))
    assert point.gradient()[1] == pytest.approx(np.zeros((3, 3)), abs=1e-12)


@pytest.mark.parametrize("covariance", [np.diag([1.0, 1.0, -1.0]), np.full((3, 3), np.nan), np.ones((3, 3))])
def test_a_covariance_that_is_none_has_no_likelihood(sample: Sample, covariance: np.ndarray) -> None:
    point = Point(sample.patterns, MU, covariance)
    assert not point.admissible
    assert point.value == np.inf


@pytest.mark.parametrize("kind", ["dense", "single cells"])
def test_many_patterns_are_summed_as_few_are(kind: str) -> None:
    """More patterns than items take the other way through the products."""
    values = np.where(RANDOM.random((300, 3)) < 0.4, np.nan, RANDOM.normal(size=(300, 3)))
    values = values[~np.isnan(values).all(axis=1)]
    sample = Sample(values, np.ones(len(values)))
    assert len(sample.patterns.observed) > 3
    directions = np.array(DIRECTIONS[kind])
    point = Point(sample.patterns, MU, SIGMA)
    expected = sum(
        share * 0.5 * np.einsum("ij,kjl,lm,nmi->kn", precision, directions, precision, directions)
        for share, precision in zip(point.share, point.precision, strict=True)
    )
    assert point.expected(directions) == pytest.approx(expected)
