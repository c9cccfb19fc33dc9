"""Moments of complete answers against NumPy's, and what can't carry them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.measurement.answers import check_usable, complete_answers, correlation_of


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(3)
    values = random.normal(size=(40, 1)) + random.normal(size=(40, 3))
    return pd.DataFrame(values, columns=["a", "b", "c"], index=range(100, 140))


def test_moments_without_weights_are_those_of_numpy(frame: pd.DataFrame) -> None:
    answers = complete_answers(frame, ["c", "a"])
    assert answers.items == ("c", "a")
    assert answers.means == pytest.approx(frame[["c", "a"]].mean().to_numpy())
    assert answers.covariance == pytest.approx(np.cov(frame[["c", "a"]].to_numpy().T))
    assert answers.correlation == pytest.approx(np.corrcoef(frame[["c", "a"]].to_numpy().T))
    assert answers.n_eff == pytest.approx(40)


def test_moments_with_weights_are_those_of_numpy(frame: pd.DataFrame) -> None:
    weights = pd.Series(np.random.default_rng(4).uniform(1, 3, 40), index=frame.index)
    answers = complete_answers(frame, list("abc"), weights)
    assert answers.means == pytest.approx(np.average(frame.to_numpy(), axis=0, weights=weights))
    assert answers.covariance == pytest.approx(np.cov(frame.to_numpy().T, aweights=weights))
    assert answers.n_eff == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_the_scale_of_the_weights_and_the_order_of_their_rows_change_nothing(frame: pd.DataFrame) -> None:
    weights = pd.Series(np.random.default_rng(5).uniform(1, 3, 40), index=frame.index)
    one, other = complete_answers(frame, list("abc"), weights), complete_answers(frame, list("abc"), 7 * weights[::-1])
    assert other.covariance == pytest.approx(one.covariance)


def test_only_rows_with_every_asked_item_count(frame: pd.DataFrame) -> None:
    frame.loc[100, "a"], frame.loc[101, "c"] = np.nan, np.nan
    assert (complete_answers(frame, ["a", "b"]).n, complete_answers(frame, list("abc")).n) == (39, 38)


def test_an_item_that_does_not_vary_has_no_rounding_error_for_a_variance() -> None:
    answers = complete_answers(pd.DataFrame({"a": [0.1] * 7, "b": [1.0, 2, 3, 4, 5, 6, 7]}), ["a", "b"])
    assert answers.covariance[0].tolist() == [0.0, 0.0]
    assert np.isnan(answers.correlation).all()
    with pytest.raises(MethodError, match="got: a"):
        check_usable(answers, least=2)


def test_no_rows_and_one_row_have_no_moments() -> None:
    empty = complete_answers(pd.DataFrame({"a": [np.nan], "b": [1.0]}), ["a", "b"])
    assert (empty.n, empty.n_eff) == (0, 0.0)
    assert np.isnan(empty.means).all()
    assert np.isnan(complete_answers(pd.DataFrame({"a": [1.0]}), ["a"]).covariance).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_a_weight_that_is_none_is_refused(frame: pd.DataFrame, bad: float) -> None:
    weights = pd.Series(1.0, index=frame.index)
    weights.iloc[3] = bad
    with pytest.raises(MethodError, match="Weights must be given"):
        complete_answers(frame, ["a"], weights)
    with pytest.raises(MethodError, match="Weights must be given"):
        complete_answers(frame, ["a"], pd.Series(0.0, index=frame.index))


def test_items_that_are_absent_or_repeat_each_other_are_named(frame: pd.DataFrame) -> None:
    with pytest.raises(MethodError, match="no d, e"):
        complete_answers(frame, ["a", "d", "e"])
    doubled = complete_answers(frame.assign(d=2 * frame["a"] + 1), list("abcd"))
    with pytest.raises(MethodError, match="got: a, d"):
        check_usable(doubled, least=10)
    with pytest.raises(MethodError, match=r"at least 50[\s\S]*got: 40"):
        check_usable(complete_answers(frame, ["a", "b"]), least=50)


def test_correlations_need_positive_variances() -> None:
    assert np.isnan(correlation_of(np.diag([1.0, 0.0]))).all()
    assert correlation_of(np.array([[4.0, 1.0], [1.0, 1.0]]))[0, 1] == pytest.approx(0.5)


def test_answers_in_single_precision_have_the_moments_of_double() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.integers(1, 11, (30_000, 4)).astype(float), columns=list("abcd"))
    frame.iloc[::7, 1] = np.nan
    weights = pd.Series(rng.uniform(0.5, 2, len(frame)))
    held, decimals = complete_answers(frame, list("abcd"), weights), complete_answers(frame / 3, list("abcd"), weights)
    assert [one.values.dtype for one in (held, decimals)] == [np.float32, np.float64]  # noqa: PD011 - an array
    known = frame.dropna()
    share = weights[known.index].to_numpy() / weights[known.index].sum()
    np.testing.assert_allclose(held.means, share @ known.to_numpy(), rtol=1e-13)
    expected = np.cov(known.to_numpy().T, aweights=share)
    np.testing.assert_allclose(held.covariance, expected, rtol=1e-12)
    np.testing.assert_allclose(decimals.covariance, expected / 9, rtol=1e-12)
