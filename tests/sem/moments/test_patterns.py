"""Sums by pattern of answered items: block by block they are what all rows give at once."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.sem.moments.patterns import Patterns, PatternSums, enlarged


@pytest.fixture(scope="module")
def answers() -> np.ndarray:
    random = np.random.default_rng(1)
    values = 1e6 + random.normal(size=(200, 4))
    return np.where(random.random(values.shape) < 0.3, np.nan, values)


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    return np.random.default_rng(2).uniform(0.5, 2, 200)


def _summed(answers: np.ndarray, weights: np.ndarray, block: int) -> Patterns:
    sums = PatternSums(answers.shape[1])
    for start in range(0, len(answers), block):
        sums.add(answers[start : start + block], weights[start : start + block])
    return sums.patterns()


@pytest.mark.parametrize("block", [1, 7, 200])
def test_every_pattern_has_the_moments_of_its_rows(answers: np.ndarray, weights: np.ndarray, block: int) -> None:
    patterns = _summed(answers, weights, block)
    answered = ~np.isnan(answers)
    assert len(patterns.observed) == len(np.unique(answered, axis=0))
    assert patterns.total == pytest.approx(weights.sum())
    for number, observed in enumerate(patterns.observed):
        own = (answered == observed).all(axis=1)
        assert patterns.weight[number] == pytest.approx(weights[own].sum())
        if not observed.any():
            continue
        values = answers[own][:, observed]
        assert patterns.mean[number][observed] == pytest.approx(np.average(values, axis=0, weights=weights[own]))
        centred = values - np.average(values, axis=0, weights=weights[own])
        spread = (weights[own, None] * centred).T @ centred / weights[own].sum()
        assert patterns.spread[number][np.ix_(observed, observed)] == pytest.approx(spread, rel=1e-6, abs=1e-8)
        assert not patterns.mean[number][~observed].any()


def test_patterns_come_in_one_order_whatever_the_order_of_the_rows(answers: np.ndarray, weights: np.ndarray) -> None:
    one, other = _summed(answers, weights, 50), _summed(answers[::-1], weights[::-1], 33)
    assert (one.observed == other.observed).all()
    assert one.spread == pytest.approx(other.spread, abs=1e-8)
    answered = one.observed.sum(axis=1)
    assert (np.diff(answered) <= 0).all()


def test_rows_find_their_pattern(answers: np.ndarray, weights: np.ndarray) -> None:
    patterns = _summed(answers, weights, 64)
    assert (patterns.observed[patterns.of_rows(answers)] == ~np.isnan(answers)).all()


def test_complete_rows_are_one_pattern(weights: np.ndarray) -> None:
    values = np.random.default_rng(3).normal(size=(200, 3))
    patterns = _summed(values, weights, 9)
    assert patterns.complete
    assert patterns.spread[0] == pytest.approx(np.cov(values.T, aweights=weights, ddof=0))
    assert not patterns.of_rows(values).any()


def test_a_scale_moves_the_weights_only(answers: np.ndarray, weights: np.ndarray) -> None:
    sums = PatternSums(4)
    sums.add(answers, weights)
    one, twice = sums.patterns(), sums.patterns(2.0)
    assert twice.weight == pytest.approx(2 * one.weight)
    assert twice.mean == pytest.approx(one.mean)
    assert twice.spread == pytest.approx(one.spread)


def test_room_is_made_at_least_twofold_and_nothing_is_lost() -> None:
    held = np.arange(6.0).reshape(3, 2)
    assert enlarged(held, 3) is held
    assert enlarged(held, 4).shape == (6, 2)
    assert enlarged(held, 20).shape == (20, 2)
    assert (enlarged(held, 4)[:3] == held).all()
    assert not enlarged(held, 4)[3:].any()


@pytest.mark.parametrize("p", [3, 64, 65, 150])
def test_rows_of_many_items_are_told_apart(p: int) -> None:
    """Patterns that differ in one item only, whichever it is."""
    answers = np.vstack([np.ones(p), np.where(np.eye(p, dtype=bool), np.nan, 1.0), np.ones(p)])
    patterns = _summed(answers, np.ones(p + 2), p + 2)
    assert len(patterns.observed) == p + 1
    assert patterns.weight.tolist() == [2.0, *[1.0] * p]
    assert (patterns.observed[patterns.of_rows(answers)] == ~np.isnan(answers)).all()
