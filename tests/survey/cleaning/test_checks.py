"""Every rule on a handful of interviews made for it: value, limit, who breaks it, and when it can't be asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from analysis.edition.instrument import Instrument
from analysis.edition.sections.cleaning import RULES, Cleaning
from analysis.survey.cleaning.checks import CHECKS, Finding, Interviews
from analysis.survey.cleaning.moments import normal_moments


def _instrument(items: int, *, reverse: tuple[int, ...] = (), constructs: int = 1) -> Instrument:
    def text(key: str) -> dict[str, str]:
        return {"zh": key, "en": key}

    def construct(number: int) -> dict[str, Any]:
        keys = range(number * items, (number + 1) * items)
        questions = [{"key": f"i{k}", **text(f"i{k}"), "reverse": k in reverse} for k in keys]
        return {"key": f"c{number}", "role": "dimension", "name": text(f"c{number}"), "items": questions}

    return Instrument.model_validate(
        {
            "name": text("t"),
            "scale": {"min": 1, "max": 5},
            "constructs": [construct(number) for number in range(constructs)],
            "profile": [{"key": key, "name": text(key), "question": text(key)} for key in ("sex", "job")],
            "attention": {"key": "check", **text("choose 4"), "expected": 4},
        }
    )


def _interviews(answers: Any, *, rule: dict[str, Any] | None = None, instrument: Any = None, **more: Any) -> Interviews:
    values = np.asarray(answers, dtype=np.float64)
    frame = pd.DataFrame(values, columns=[f"i{k}" for k in range(values.shape[1])]).assign(**more)
    return Interviews(frame, instrument or _instrument(values.shape[1]), Cleaning(**(rule or {})))


def _check(name: Any, interviews: Interviews) -> Finding:
    found = CHECKS[name](interviews)
    assert found is not None
    return found


def _varied(rows: int, items: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 6, (rows, items)).astype(float)


def test_every_rule_of_the_params_is_checked() -> None:
    assert tuple(CHECKS) == RULES


def test_a_pace_is_the_share_of_the_median_duration() -> None:
    durations = [100.0, 200.0, 60.0, 66.0, np.nan, 300.0, 400.0]
    found = _check("speeders", _interviews(_varied(7, 3), rule={"min_duration_share": 0.33}, duration_s=durations))
    np.testing.assert_allclose(found.value, np.array(durations) / 150)
    assert found.broken.tolist() == [False] * 7
    faster = _check("speeders", _interviews(_varied(3, 3), duration_s=[32.0, 33.0, 100.0]))
    assert faster.limit == 0.33
    np.testing.assert_allclose(faster.value, [32 / 33, 1, 100 / 33])
    slower = _check("speeders", _interviews(_varied(3, 3), duration_s=[32.0, 100.0, 100.0]))
    assert slower.broken.tolist() == [True, False, False]
    assert not _check("speeders", _interviews(_varied(3, 3), duration_s=[33.0, 100.0, 100.0])).broken.any()


def test_runs_and_spread_are_those_of_the_answers_as_given() -> None:
    """All answered 4, every other item asked the other way round: what is stored is 4, 2, 4, 2 …"""
    turned = tuple(range(1, 12, 2))
    stored = np.vstack([np.tile([4.0, 2.0], 6), _varied(1, 12)])
    interviews = _interviews(stored, instrument=_instrument(12, reverse=turned))
    straight, spread = _check("straightlining", interviews), _check("low_variance", interviews)
    assert interviews.given[0].tolist() == [4.0] * 12
    assert straight.value[0] == 1
    assert straight.broken.tolist() == [True, False]
    assert spread.value[0] == 0
    assert spread.value[1] == pytest.approx(interviews.given[1].std(ddof=1) / 4)
    assert spread.broken.tolist() == [True, False]


def test_few_answers_have_no_spread_to_judge() -> None:
    answers = np.full((2, 12), 3.0)
    answers[1, 9:] = np.nan
    assert _check("low_variance", _interviews(answers)).broken.tolist() == [True, False]


def test_missing_is_more_than_the_share_and_nobody_is_below_none() -> None:
    answers = _varied(3, 10)
    answers[1, :3], answers[2, :4] = np.nan, np.nan
    found = _check("missing", _interviews(answers))
    assert found.value == pytest.approx([0, 0.3, 0.4])
    assert found.broken.tolist() == [False, False, True]


def test_an_attention_answer_that_was_not_given_does_not_fail() -> None:
    found = _check("attention", _interviews(_varied(3, 3), check=[4.0, np.nan, 5.0]))
    assert found.broken.tolist() == [False, False, True]
    assert found.limit == 4


def test_an_impossible_combination_is_told_by_its_number() -> None:
    rule = {"impossible": [{"sex": "m", "job": ["a", "b"]}, {"sex": "f", "job": "c"}, {"sex": "m", "job": "b"}]}
    found = _check("impossible", _interviews(_varied(4, 3), rule=rule, sex=list("mfmm"), job=["b", "c", "c", None]))
    assert found.broken.tolist() == [True, True, False, False]
    assert found.value[:2].tolist() == [1, 2]
    assert np.isnan(found.value[2:]).all()


def test_halves_that_go_against_each_other_are_inconsistent() -> None:
    """Eight constructs of two items: the second item agrees with the first, or says the opposite."""
    first = np.array([1.0, 5, 2, 4, 1, 5, 3, 4])
    pairs = [np.column_stack([first, second]).ravel() for second in (first, 6 - first, np.full(8, 3.0))]
    found = _check("inconsistent", _interviews(pairs, instrument=_instrument(2, constructs=8)))
    assert found.value[:2] == pytest.approx([1, -1])
    assert np.isnan(found.value[2])
    assert found.broken.tolist() == [False, True, False]


def test_outlying_is_the_tail_of_chi_square_with_the_items_answered() -> None:
    rng = np.random.default_rng(2)
    answers = np.clip(np.round(3 + rng.normal(0, 1, (80, 1)) + rng.normal(0, 0.5, (80, 10))), 1, 5)
    answers[0] = np.tile([1.0, 5.0], 5)
    found = _check("outlying", _interviews(answers))
    away = answers - answers.mean(axis=0)
    distance = np.einsum("ij,ij->i", away @ np.linalg.inv(np.cov(answers.T, ddof=0)), away)
    np.testing.assert_allclose(found.value, chi2.sf(distance, 10), rtol=1e-6)
    assert found.broken[0]
    gaps = answers.copy()
    gaps[5], gaps[6, 3:] = np.nan, np.nan
    p, moments = _check("outlying", _interviews(gaps)).value, normal_moments(gaps)
    assert moments is not None
    assert np.isnan(p[5])
    away = gaps[6, :3] - moments.mean[:3]
    assert p[6] == pytest.approx(chi2.sf(away @ np.linalg.solve(moments.covariance[:3, :3], away), 3))


def test_a_copy_names_the_first_and_gaps_count_as_answers_alike() -> None:
    answers = _varied(4, 21)
    answers[0, 0] = np.nan
    answers[2] = answers[3] = answers[0]
    found = _check("duplicates", _interviews(answers, sex=["f", "m", "f", "m"]))
    assert found.broken.tolist() == [False, False, True, False]
    assert found.other is not None
    assert found.other.tolist() == [0, 1, 0, 3]
    assert found.value.tolist() == [1, 1, 2, 1]


def test_near_duplicates_share_of_answers_includes_the_profile_and_copies_are_not_counted_again() -> None:
    answers = _varied(4, 20)
    answers[2] = answers[3] = answers[0]
    answers[2, 0] = answers[0, 0] % 5 + 1
    found = _check("near_duplicates", _interviews(answers, sex="f", job=["a", "b", "a", "a"]))
    assert found.other is not None
    assert found.value[2] == pytest.approx(21 / 22)
    assert found.other[2] == 0
    assert found.broken.tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("rule", "changes", "data"),
    [
        ("duplicates", {"duplicates": False}, {}),
        ("near_duplicates", {"max_match_share": None}, {}),
        ("impossible", {"impossible": [{"sex": "m", "job": "a"}]}, {}),
        ("speeders", {}, {}),
        ("speeders", {"min_duration_share": None}, {"duration_s": 60.0}),
        ("speeders", {}, {"duration_s": np.nan}),
        ("speeders", {}, {"duration_s": 0.0}),
        ("straightlining", {"max_longstring_share": None}, {}),
        ("attention", {}, {}),
        ("attention", {"attention_check": False}, {"check": 1.0}),
        ("low_variance", {"min_response_sd": None}, {}),
        ("inconsistent", {}, {}),
        ("inconsistent", {"min_even_odd": None}, {}),
        ("outlying", {}, {}),
        ("outlying", {"min_mahalanobis_p": None}, {}),
    ],
)
def test_a_rule_that_is_off_or_that_the_data_cannot_answer_finds_nothing(
    rule: Any, changes: dict[str, Any], data: dict[str, Any]
) -> None:
    """Thirty interviews of 21 items: too few for distances, one construct only, and the columns that `data` adds."""
    assert CHECKS[rule](_interviews(_varied(30, 21), rule=changes, **data)) is None


@pytest.mark.parametrize("rule", ["straightlining", "low_variance", "near_duplicates", "duplicates", "outlying"])
def test_a_short_questionnaire_is_not_judged_by_its_pattern(rule: Any) -> None:
    assert CHECKS[rule](_interviews(np.full((100, 9), 3.0))) is None
