"""Sums of the rows: by replicate and by block, against the same numbers taken over all rows at once."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.errors import MethodError
from analysis.sem.moments import sample as moments
from analysis.sem.moments.sample import Sample, replicate_moments


def _answers(n: int, p: int = 4) -> np.ndarray:
    random = np.random.default_rng(1)
    return 50 + random.normal(size=(n, 1)) + random.normal(size=(n, p))


@pytest.mark.parametrize("rows", [7, 100, 1000])
def test_replicate_moments_are_those_of_each_weighting(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """numpy.cov with analytic weights, whatever the block; a row of weight 0 is no row."""
    monkeypatch.setattr(moments, "BLOCK", rows)
    answers = _answers(100)
    weights = np.random.default_rng(2).uniform(0.5, 3, (100, 5)) * (np.arange(100)[:, None] % 5 != np.arange(5))
    covariance, mean, total = replicate_moments(Sample(answers, np.ones(100)), weights)
    for replicate, own in enumerate(weights.T):
        assert covariance[replicate] == pytest.approx(np.cov(answers.T, aweights=own, ddof=0), rel=1e-11, abs=1e-12)
        assert mean[replicate] == pytest.approx(np.average(answers, axis=0, weights=own), rel=1e-13)
    assert total == pytest.approx(weights.sum(axis=0), rel=1e-14)


def test_rows_that_are_drawn_so_many_times_count_with_their_own_weight() -> None:
    random = np.random.default_rng(3)
    answers, own = _answers(60), random.uniform(0.5, 3, 60)
    drawn = np.stack([np.bincount(random.integers(0, 60, 60), minlength=60) for _ in range(4)], axis=1)
    counted = replicate_moments(Sample(answers, own), drawn.astype(np.uint8), times=True)
    for found, told in zip(counted, replicate_moments(Sample(answers, np.ones(60)), drawn * own[:, None]), strict=True):
        assert found == pytest.approx(told, rel=1e-5, abs=1e-5)


def test_replicate_moments_need_complete_rows_and_a_weight_for_each() -> None:
    answers = _answers(20)
    with pytest.raises(MethodError, match=r"20 rows × replicates[\s\S]*19 × 3"):
        replicate_moments(Sample(answers, np.ones(20)), np.ones((19, 3)))
    answers[3, 2] = np.nan
    with pytest.raises(MethodError, match="complete rows"):
        replicate_moments(Sample(answers, np.ones(20)), np.ones((20, 3)))


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_sums_by_pattern_keep_their_digits_far_from_zero(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Answers of size 10⁶ and spread 1, sorted so that no block looks like the whole; numpy.cov of each pattern."""
    monkeypatch.setattr(moments, "BLOCK", rows)
    answers = 1e6 + np.sort(_answers(120), axis=0)
    answers[::3, 1] = np.nan
    answers[5, 2:] = np.nan
    weights = np.random.default_rng(3).uniform(0.5, 2, 120)
    patterns = Sample(answers, weights).patterns
    assert patterns.observed.tolist() == [
        [True, True, True, True],
        [True, False, True, True],
        [True, True, False, False],
    ]
    of_row = patterns.of_rows(answers)
    for number, observed in enumerate(patterns.observed):
        inside, kept = of_row == number, np.ix_(observed, observed)
        assert not np.isnan(answers[inside][:, observed]).any()
        assert patterns.weight[number] == pytest.approx(weights[inside].sum(), rel=1e-14)
        spread = patterns.spread[number]
        assert np.count_nonzero(spread) == np.count_nonzero(spread[kept])
        if inside.sum() > 1:
            theirs = np.cov(answers[inside][:, observed].T, aweights=weights[inside], ddof=0)
            assert spread[kept] == pytest.approx(theirs, rel=1e-8)
        else:
            assert not spread.any()
