"""Moments of ordered items beside numbers: what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.errors import MethodError
from analysis.sem.moments.mixed import response_moments
from analysis.sem.moments.ordinal import ordinal_moments
from analysis.sem.moments.sample import Sample

N = 5_000
NAMES = ["q1", "q2", "y", "z", "x"]


@pytest.fixture(scope="module")
def answers() -> np.ndarray:
    """Two ordered items, two numbers, and a covariate on which all depend by 0.5."""
    random = np.random.default_rng(3)
    x = random.standard_normal(N)
    cov = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    response = random.multivariate_normal(np.zeros(4), cov, N) + 0.5 * x[:, None]
    graded = (response[:, :2, None] > np.array([-0.5, 0.7])).sum(axis=2)
    return np.column_stack([graded, 10 + 3 * response[:, 2], response[:, 3], x])


def test_known_moments_are_found(answers: np.ndarray) -> None:
    ordered = np.array([True, True, False, False, False])
    sample = Sample(answers, np.ones(N))
    found = response_moments(sample, NAMES, ordered=ordered, covariates=np.array([4]), located=True)
    spread = np.array([1, 1, 3, 1])
    expected = (np.full((4, 4), 0.5) + 0.5 * np.eye(4)) * np.outer(spread, spread)
    assert found.covariance == pytest.approx(expected, rel=0.08)
    assert found.thresholds[:2] == pytest.approx(np.array([[-0.5, 0.7]] * 2), abs=0.06)
    assert found.slopes[:, 0] == pytest.approx([0.5, 0.5, 1.5, 0.5], rel=0.1)
    assert found.means == pytest.approx([0, 0, 10, 0], abs=0.1)
    assert len(found.fitted) == len(found.gamma) == 4 + 2 + 4 + 2 + 6
    assert found.converged


def test_gamma_is_the_spread_over_samples(answers: np.ndarray) -> None:
    """Twenty-five parts of the sample differ from each other as their Γ say."""
    ordered = np.array([True, True, False, False, False])

    def moments(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        part = Sample(answers[rows], np.ones(200))
        found = response_moments(part, NAMES, ordered=ordered, covariates=np.array([4]), located=True)
        return found.fitted, np.diag(found.gamma)

    parts = [moments(slice(start, start + 200)) for start in range(0, N, 200)]
    spread = 200 * np.var([values for values, _ in parts], axis=0, ddof=1)
    ratio = spread / np.mean([gamma for _, gamma in parts], axis=0)
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.15)
    assert ratio.max() < 2.2
    assert ratio.min() > 0.35


def test_ordered_items_alone_have_the_moments_of_their_tables(answers: np.ndarray) -> None:
    pair = Sample(answers[:, :2], np.ones(N))
    one = ordinal_moments(pair, NAMES[:2], located=True)
    ordered = np.array([True, True, False])
    other = response_moments(Sample(answers[:, :3], np.ones(N)), NAMES[:3], ordered=ordered, located=True)
    assert other.covariance[0, 1] == pytest.approx(one.covariance[0, 1], abs=1e-9)
    levels, pairs = slice(0, 4), [6]
    kept = np.r_[0:4, 6]
    assert other.gamma[np.ix_(kept, kept)] == pytest.approx(one.gamma, rel=1e-6, abs=1e-8)
    assert other.thresholds[:2] == pytest.approx(one.thresholds)
    assert len(other.fitted[levels]) + len(pairs) == len(one.fitted)


def test_whole_weights_are_repeated_rows(answers: np.ndarray) -> None:
    ordered, few = np.array([True, True, False, False, False]), answers[:600]
    times = 1 + np.arange(600) % 3
    weighted = Sample(few, times / times.mean())
    repeated = Sample(np.repeat(few, times, axis=0), np.ones(times.sum()))
    one, other = (
        response_moments(sample, NAMES, ordered=ordered, covariates=np.array([4]), located=True)
        for sample in (weighted, repeated)
    )
    assert one.fitted == pytest.approx(other.fitted, abs=1e-7)


def test_repeated_numbers_are_told(answers: np.ndarray) -> None:
    twice = np.column_stack([answers[:, 0], answers[:, 2], 2 * answers[:, 2] + 1])
    with pytest.raises(MethodError, match="repeat each other"):
        response_moments(Sample(twice, np.ones(N)), ["q", "y", "z"], ordered=np.array([True, False, False]))
