"""Who answered, counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.survey.weighting.profile import sample_profile


def test_counts_and_shares_are_of_those_who_answered_the_question() -> None:
    frame = pd.DataFrame({"sex": ["f", "m", None, "f"], "city": ["s", "n", "n", "n"]}, index=[9, 4, 2, 7])
    table = sample_profile(frame, questions={"city": [], "sex": ["m", "f"]}, weights=np.array([1.0, 2.0, 4.0, 0.0]))
    expected = pd.DataFrame(
        {
            "question": ["city", "city", "sex", "sex"],
            "category": ["n", "s", "m", "f"],
            "n": [3, 1, 1, 2],
            "share": [3 / 4, 1 / 4, 1 / 3, 2 / 3],
            "weighted_share": [6 / 7, 1 / 7, 2 / 3, 1 / 3],
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_a_question_that_was_not_asked_or_answered_has_no_rows() -> None:
    frame = pd.DataFrame({"sex": ["f", "f"], "age": pd.Series([None, None], dtype=object)})
    table = sample_profile(frame, questions={"age": [], "sex": [], "city": []}, weights=np.array([1.0, 3.0]))
    assert table[["question", "category", "share"]].to_numpy().tolist() == [["sex", "f", 1.0]]
    nothing = sample_profile(frame, questions={"city": []}, weights=np.ones(2))
    assert nothing.empty
    assert list(nothing) == list(table)


def test_shares_follow_the_weights_not_their_scale() -> None:
    frame, weights = pd.DataFrame({"sex": ["f", "m", "m"]}), np.array([2.0, 1.0, 1.0])
    one, other = (sample_profile(frame, questions={"sex": []}, weights=w) for w in (weights, 50 * weights))
    pd.testing.assert_frame_equal(one, other)
    assert one["weighted_share"].to_numpy() == pytest.approx([0.5, 0.5])
