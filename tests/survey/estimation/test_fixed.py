"""The test against a value without error agrees with the interval of the estimate, and with scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import MethodError
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.fixed import compare_with_fixed


def test_a_mean_of_a_simple_random_sample_is_tested_as_scipy_does() -> None:
    values = pd.DataFrame({"score": np.random.default_rng(1).normal(80, 10, 50)})
    found = compare_with_fixed(values, [82.0])
    assert found["p"].iloc[0] == pytest.approx(stats.ttest_1samp(values["score"], 82.0).pvalue, rel=1e-9)


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_p_is_small_exactly_where_the_interval_leaves_the_value_out(shares: bool, confidence: float) -> None:
    random = np.random.default_rng(7)
    answers = random.binomial(1, 0.8, (60, 9)) if shares else random.normal(80, 20, (60, 9))
    values = pd.DataFrame(answers.astype(float), columns=[f"v{i}" for i in range(9)])
    values.iloc[:, 0] = 1.0 if shares else values.iloc[:, 0]
    fixed = np.linspace(0.6, 0.97, 9) * (1 if shares else 100)
    found = compare_with_fixed(values, fixed, shares=shares, confidence=confidence)
    outside = (found["ci_low"] > fixed) | (found["ci_high"] < fixed)
    assert outside.tolist() == (found["p"] < 1 - confidence).tolist()
    assert 0 < outside.sum() < 9


def test_missing_values_are_a_domain_of_the_design() -> None:
    values = pd.DataFrame({"a": [80.0, 90.0, np.nan, 70.0]})
    assert compare_with_fixed(values, [75.0], design=design_of(None, 4))["n"].tolist() == [3]


def test_one_value_for_each_estimate_and_shares_between_0_and_1() -> None:
    values = pd.DataFrame({"a": [0.0, 1.0, 1.0]})
    with pytest.raises(MethodError, match="one value"):
        compare_with_fixed(values, [0.5, 0.6])
    with pytest.raises(MethodError, match="between 0 and 1"):
        compare_with_fixed(values, [82.3], shares=True)
