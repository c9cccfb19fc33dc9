"""Traces of careless answering against base R, and near duplicates against comparing everybody with everybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.survey.cleaning import screening
from analysis.survey.cleaning.screening import closest_match, even_odd, longest_run, response_sd


@pytest.fixture(scope="module")
def golden(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "tests/golden/cleaning.json").read_text(encoding="utf-8")))


def _answers(golden: dict[str, Any]) -> np.ndarray:
    return np.array(golden["answers"], dtype=float)


def test_longstring_and_variability_equal_base_r(golden: dict[str, Any]) -> None:
    assert longest_run(_answers(golden)).tolist() == golden["longstring"]
    np.testing.assert_allclose(response_sd(_answers(golden)), golden["irv"], rtol=1e-12, atol=1e-15)


def test_even_odd_consistency_equals_base_r(golden: dict[str, Any]) -> None:
    found = even_odd(_answers(golden), [int(size) for size in golden["sizes"]])
    np.testing.assert_allclose(found, np.array(golden["evenodd"], dtype=float), rtol=1e-12)
    assert np.isnan(found).any()
    assert (found < 0).any()


def test_even_odd_needs_enough_constructs() -> None:
    answers = np.random.default_rng(1).integers(1, 6, (5, 14)).astype(float)
    assert np.isnan(even_odd(answers, [2] * 7)).all()


def test_share_of_identical_answers_equals_base_r(golden: dict[str, Any]) -> None:
    answers = _answers(golden)
    codes = np.where(np.isnan(answers), -1, answers).astype(np.int64)
    found = closest_match(codes, min_share=0.5)
    assert found is not None
    expected = np.array(golden["match_before"])
    np.testing.assert_allclose(found[0], np.where(expected >= 0.5, expected, np.nan), rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 60),
    questions=st.integers(2, 24),
    limit=st.floats(0.5, 0.99),
    block=st.integers(1, 70),
    few=st.sampled_from([0, 8, 100]),
)
def test_near_duplicates_are_those_that_comparing_all_pairs_finds(
    seed: int, rows: int, questions: int, limit: float, block: int, few: int
) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, 3, (rows, questions))
    copied = rng.integers(0, rows, rows // 2)
    codes[rows - len(copied) :] = codes[copied]
    codes[rng.random(codes.shape) < 0.05] = 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "BLOCK", block)
        patch.setattr(screening, "FEW", few)
        found = closest_match(codes.astype(np.int64), min_share=limit)
    assert found is not None
    same = ((codes[:, None, :] == codes[None, :, :]) & (codes[:, None, :] >= 0)).sum(axis=2)
    same = np.where(np.tri(rows, k=-1, dtype=bool), same, -1)
    best = same.max(axis=1)
    needed = questions - np.floor(questions * (1 - limit) + 1e-9)
    expected = np.where(best >= needed, best / questions, np.nan)
    np.testing.assert_allclose(found[0], expected)
    paired = np.flatnonzero(found[1] >= 0)
    assert (found[1][paired] < paired).all()
    assert (same[paired, found[1][paired]] == best[paired]).all()


def test_too_many_pairs_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "MAX_PAIRS", 100)
    assert closest_match(np.ones((50, 20), dtype=np.int64), min_share=0.95) is None


def test_many_interviews_are_compared_with_few_others_each() -> None:
    compared = []
    for rows in (5_000, 40_000):
        rng = np.random.default_rng(8)
        liked = rng.normal(size=(rows, 1))
        codes = np.clip(np.rint(4.2 + 0.7 * liked + 0.5 * rng.normal(size=(rows, 40))), 1, 5).astype(np.int64)
        codes[-1] = np.r_[codes[0, :-1], 1]
        found = closest_match(codes, min_share=0.95)
        assert found is not None
        assert found[1][-1] >= 0
        compared.append(sum(group.pairs for group in screening._comparable(codes, 1)))
    assert compared[1] / 40_000 <= max(screening.PAIRS_A_ROW, 1.5 * compared[0] / 5_000)


@pytest.mark.parametrize("together", [1, 2, 3, 4])
def test_more_parts_that_agree_find_the_same_pairs(together: int) -> None:
    rng = np.random.default_rng(together)
    codes = rng.integers(-1, 2, (400, 12)).astype(np.int64)
    expected = closest_match(codes, min_share=0.8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "PAIRS_A_ROW", -1)
        patch.setattr(screening, "MOST_TOGETHER", together)
        found = closest_match(codes, min_share=0.8)
    assert found is not None
    assert expected is not None
    np.testing.assert_array_equal(found[0], expected[0])
