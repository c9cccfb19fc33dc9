"""Rows that are alike: the groups of np.unique over rows, however many columns there are."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.survey.cleaning.like_rows import like_rows


@pytest.mark.parametrize(("columns", "levels"), [(1, 2), (5, 4), (41, 2), (70, 2), (90, 11), (3, 10**6)])
def test_groups_and_their_order_are_those_of_sorted_rows(columns: int, levels: int) -> None:
    rng = np.random.default_rng(columns)
    kinds = rng.integers(0, levels, (40, columns))
    codes = kinds[rng.integers(0, 40, 500)]
    rows, first, group = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    found, place = like_rows(codes)
    assert found.tolist() == first.tolist()
    assert place.tolist() == group.ravel().tolist()
    assert (codes[found] == rows).all()


def test_booleans_and_no_rows_are_rows_too() -> None:
    first, place = like_rows(np.array([[True, False], [False, False], [True, False]]))
    assert (first.tolist(), place.tolist()) == ([1, 0], [1, 0, 1])
    assert [len(part) for part in like_rows(np.zeros((0, 3), dtype=bool))] == [0, 0]
