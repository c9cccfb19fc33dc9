"""Inverses by pattern of answered items, against those of each block alone."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.sem.moments.gaps import Gaps, embedded_inverse


@pytest.mark.parametrize("apart", [1.0, 1e-9])
def test_the_inverse_of_each_pattern_is_that_of_its_block(apart: float) -> None:
    """Also of a whole that is nearly singular, and where a pattern lacks most items."""
    random = np.random.default_rng(3)
    drawn = random.normal(size=(40, 6))
    drawn[:, 5] = drawn[:, 0] + np.sqrt(apart) * drawn[:, 5]
    covariance = np.cov(drawn.T) * np.outer(*2 * [10.0 ** np.arange(-2, 4)])
    observed = random.random((60, 6)) < np.linspace(0.2, 1, 60)[:, None]
    observed = observed[observed.any(axis=1) & ~(observed[:, 0] & observed[:, 5])]
    inverse, determinant = embedded_inverse(observed, covariance)
    assert {2, 4, 5} <= set((~observed).sum(axis=1).tolist())
    for own, found, value in zip(observed, inverse, determinant, strict=True):
        block = covariance[np.ix_(own, own)]
        scale = np.sqrt(np.outer(np.diag(block), np.diag(block)))
        assert found[np.ix_(own, own)] * scale == pytest.approx(np.linalg.inv(block / scale), rel=1e-8, abs=1e-9)
        assert not found[~own].any()
        assert not found[:, ~own].any()
        assert value == pytest.approx(np.linalg.slogdet(block)[1], rel=1e-9, abs=1e-9)
    away = random.normal(size=(80, 6))
    pattern = random.integers(0, len(observed), 80)
    away *= observed[pattern]
    share = random.random(80)
    pulled, summed, determinants = Gaps.of(observed, pattern).pull(covariance, away, share)
    size = np.sqrt(np.diag(covariance))
    expected = np.einsum("nij,nj->ni", inverse[pattern], away)
    assert pulled * size == pytest.approx(expected * size, rel=1e-7, abs=1e-7 * np.abs(expected * size).max())
    scale = np.outer(size, size)
    assert summed * scale == pytest.approx(np.einsum("n,nij->ij", share, inverse[pattern]) * scale, rel=1e-8, abs=1e-8)
    assert determinants == pytest.approx(determinant, rel=1e-9, abs=1e-9)
