"""k-anonymity: no class smaller than k, no more withheld than it takes, and the same whatever the order of the rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.outgoing.anonymity import WITHHELD, class_sizes, classes, diversity, keys_kept, withhold


def _codes(rows: list[list[int]]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def _smallest(codes: np.ndarray, hidden: np.ndarray) -> int:
    shown = [tuple(row) for row in np.where(hidden, WITHHELD, codes)]
    return min(shown.count(row) for row in shown)


tables = st.integers(1, 4).flatmap(
    lambda keys: st.lists(st.lists(st.integers(-1, 3), min_size=keys, max_size=keys), min_size=6, max_size=60)
)


@settings(max_examples=150, deadline=None)
@given(rows=tables, k=st.integers(2, 6))
def test_no_class_is_smaller_than_k(rows: list[list[int]], k: int) -> None:
    codes = _codes(rows)
    hidden = withhold(codes, k=k)
    assert _smallest(codes, hidden) >= k
    if min(rows.count(row) for row in rows) >= k:
        assert not hidden.any()


def _fewest(codes: np.ndarray, k: int) -> int:
    """By trying everything."""
    masks = [np.array(mask, dtype=bool).reshape(codes.shape) for mask in product((False, True), repeat=codes.size)]
    return min(int(mask.sum()) for mask in masks if _smallest(codes, mask) >= k)


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 0], [0, 0], [1, 0], [1, 1]],
        [[0, 0], [0, 1], [1, 0], [1, 1]],
        [[0, 0, 0], [0, 0, 0], [1, 2, 1], [1, 1, 1]],
    ],
)
def test_small_tables_lose_as_little_as_can_be(rows: list[list[int]]) -> None:
    codes = _codes(rows)
    assert int(withhold(codes, k=2).sum()) == _fewest(codes, 2)


def test_the_question_that_is_wanted_least_loses_its_answers() -> None:
    codes = _codes([[0, 0], [0, 1], [0, 2]])
    assert withhold(codes, k=3).tolist() == [[False, True]] * 3


def test_rows_in_another_order_lose_the_same() -> None:
    generator = np.random.default_rng(4)
    codes = generator.integers(0, 4, (400, 3))
    order = generator.permutation(400)
    assert withhold(codes, k=7).sum(axis=0).tolist() == withhold(codes[order], k=7).sum(axis=0).tolist()


def test_the_last_of_all_stand_among_others_who_lose_all() -> None:
    codes = _codes([[0, 0]] * 6 + [[1, 1]])
    hidden = withhold(codes, k=3)
    assert hidden.all(axis=1).sum() == 3
    assert _smallest(codes, hidden) == 3


def test_fewer_interviews_than_k_are_refused() -> None:
    with pytest.raises(MethodError, match="fewer interviews"):
        withhold(_codes([[0], [1]]), k=3)


def test_without_keys_nobody_can_be_told_apart() -> None:
    codes = np.empty((10, 0), dtype=np.int64)
    assert withhold(codes, k=5).shape == (10, 0)
    assert class_sizes(codes).tolist() == [10] * 10


def test_a_question_that_costs_too_much_stays_out_and_a_later_one_may_come_in() -> None:
    generator = np.random.default_rng(1)
    codes = np.column_stack([generator.integers(0, 3, 300), np.arange(300), generator.integers(0, 2, 300)])
    kept, refused = keys_kept(codes, k=5, most=0.1)
    assert kept == [0, 2]
    assert refused == {1: 1.0}


def test_a_class_that_answers_alike_is_told() -> None:
    found = classes(_codes([[0], [0], [0], [1], [1]]))
    answers = np.array([[1.0, 3.0], [2.0, 3.0], [2.0, np.nan], [4.0, 1.0], [5.0, 2.0]])
    assert diversity(found, answers) == (1, 0.6)
    assert diversity(found, answers[:, :1]) == (2, 0.0)


def test_a_question_that_is_not_allowed_costs_no_other_its_place() -> None:
    codes = np.column_stack([np.repeat([0, 1], 10), np.tile([0, 1, 2, 3], 5), np.tile([0, 1], 10)]).astype(np.int64)
    assert keys_kept(codes, k=5, most=0.1) == ([0, 2], {1: 1.0})
    kept, refused = keys_kept(codes, k=5, most=0.1, allowed=lambda places: 0 not in places)
    assert (kept, refused) == ([1, 2], {})
