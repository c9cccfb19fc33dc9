"""Moments of answers with gaps against the likelihood itself and closed forms; distances answer by answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from analysis.survey.cleaning import moments
from analysis.survey.cleaning.moments import normal_moments, squared_distances


def _answers(seed: int = 1, rows: int = 80, gaps: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    answers = rng.multivariate_normal([1, 2, 3], [[2, 0.8, 0.3], [0.8, 1, 0.4], [0.3, 0.4, 1.5]], rows)
    answers[rng.random(answers.shape) < gaps] = np.nan
    return answers


def test_without_gaps_they_are_mean_and_covariance() -> None:
    answers = _answers(gaps=0)
    found = normal_moments(answers)
    assert found is not None
    assert found.converged
    np.testing.assert_allclose(found.mean, answers.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(answers.T, ddof=0), rtol=1e-10)


def test_a_monotone_gap_has_the_closed_form_of_anderson() -> None:
    answers = _answers(gaps=0)[:, :2]
    answers[50:, 1] = np.nan
    found = normal_moments(answers)
    assert found is not None
    x, both = answers[:, 0], answers[:50]
    slope = np.cov(both.T, ddof=0)[0, 1] / both[:, 0].var()
    rest = (both[:, 1] - both[:, 1].mean() - slope * (both[:, 0] - both[:, 0].mean())).var()
    assert found.mean[1] == pytest.approx(both[:, 1].mean() + slope * (x.mean() - both[:, 0].mean()), rel=1e-7)
    expected = [[x.var(), slope * x.var()], [slope * x.var(), rest + slope**2 * x.var()]]
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-6)


def test_no_other_moments_make_the_answers_likelier() -> None:
    answers = _answers()
    found = normal_moments(answers)
    assert found is not None
    lower = np.tril_indices(3)

    def minus_log_likelihood(theta: np.ndarray) -> float:
        root = np.zeros((3, 3))
        root[lower] = theta[3:]
        covariance, total = root @ root.T, 0.0
        for row in answers:
            there = ~np.isnan(row)
            if there.any():
                total += multivariate_normal.logpdf(row[there], theta[:3][there], covariance[np.ix_(there, there)])
        return -total

    start = np.concatenate([found.mean, np.linalg.cholesky(found.covariance)[lower]])
    best = minimize(minus_log_likelihood, start, method="BFGS", options={"maxiter": 5})
    assert best.fun == pytest.approx(minus_log_likelihood(start), abs=1e-6)
    np.testing.assert_allclose(best.x, start, atol=1e-3)


def test_a_row_without_any_answer_changes_nothing() -> None:
    answers = _answers(gaps=0)
    one, other = normal_moments(answers), normal_moments(np.vstack([answers, np.full((9, 3), np.nan)]))
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one.covariance, other.covariance)
    assert (one.iterations, other.iterations) == (1, 1)


@pytest.mark.parametrize("wrong", ["all alike", "nobody answered", "one answer twice", "too few rows"])
def test_a_singular_covariance_has_no_moments(wrong: str) -> None:
    answers = _answers(gaps=0)
    if wrong == "all alike":
        answers[:, 1] = 4
    elif wrong == "nobody answered":
        answers[:, 1] = np.nan
    elif wrong == "one answer twice":
        answers[:, 1] = 2 * answers[:, 0]
    else:
        answers = answers[:3]
    assert normal_moments(answers) is None


def test_a_search_that_was_cut_short_says_so() -> None:
    found = normal_moments(_answers(), max_iterations=2)
    assert found is not None
    assert (found.iterations, found.converged) == (2, False)


def test_distances_use_what_was_answered() -> None:
    answers, mean = _answers(), np.array([1.0, 2.0, 3.0])
    covariance = np.array([[2, 0.8, 0.3], [0.8, 1, 0.4], [0.3, 0.4, 1.5]])
    answers[0] = np.nan
    expected = []
    for row in answers:
        there = ~np.isnan(row)
        away = row[there] - mean[there]
        expected.append(float(away @ np.linalg.solve(covariance[np.ix_(there, there)], away)) if there.any() else 0.0)
    np.testing.assert_allclose(squared_distances(answers, mean, covariance), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_moments_of_blocks_are_those_of_all_rows(gaps: float) -> None:
    answers = _answers(rows=300, gaps=gaps)
    answers[7] = np.nan
    whole, parted = normal_moments(answers), normal_moments(answers[start : start + 41] for start in range(0, 300, 41))
    assert whole is not None
    assert parted is not None
    assert parted.iterations == whole.iterations
    np.testing.assert_allclose(parted.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(parted.covariance, whole.covariance, rtol=1e-11)


def test_a_step_reads_only_the_rows_with_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, read = _answers(gaps=0, rows=900), []
    answers[:40, 1] = np.nan
    answers[20:50, 2] = np.nan
    filled = moments._filled

    def counting(rows: np.ndarray, gaps: np.ndarray, *rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        read.append(len(rows))
        return filled(rows, gaps, *rest)

    monkeypatch.setattr(moments, "_filled", counting)
    found = normal_moments(answers)
    assert found is not None
    assert sum(read) == 50 * found.iterations


def test_rows_come_in_blocks_whatever_their_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _answers(rows=300, gaps=0.4)
    whole = normal_moments(answers)
    monkeypatch.setattr(moments, "ROOM", 40)
    found = normal_moments(answers)
    assert whole is not None
    assert found is not None
    np.testing.assert_allclose(found.covariance, whole.covariance, rtol=1e-10)
    distances = [squared_distances(answers, whole.mean, whole.covariance)]
    expected = [
        (row[there] - whole.mean[there])
        @ np.linalg.solve(whole.covariance[np.ix_(there, there)], row[there] - whole.mean[there])
        for row in answers
        for there in [~np.isnan(row)]
    ]
    np.testing.assert_allclose(distances[0], expected, rtol=1e-9, atol=1e-12)
