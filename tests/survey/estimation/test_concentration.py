"""The share of the one and the two largest weights, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.concentration import concentration
from analysis.survey.estimation.estimates import means


def test_shares_are_of_the_weight_of_those_who_answered() -> None:
    values = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [np.nan, 2, 3, np.nan, np.nan]})
    domain = pd.Series(["x", "x", "x", "y", None])
    design = specify_design(5, weights=[5.0, 2.0, 3.0, 7.0, 100.0])
    found = concentration(values, design=design, domain=domain)
    assert found == pytest.approx(np.array([[5 / 10, 8 / 10], [1, 1], [3 / 5, 1], [0, 0]]))
    rows = means(values, design=design, domain=domain)
    assert rows["n"].tolist() == [3, 1, 2, 0]


def test_without_weights_it_is_the_number_of_people_that_counts() -> None:
    found = concentration(pd.DataFrame({"a": [1.0, 1, 1, np.nan]}), design=None)
    assert found == pytest.approx(np.array([[1 / 3, 2 / 3]]))


def test_people_without_a_weight_hold_no_share() -> None:
    values = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    one = concentration(values, design=specify_design(3, weights=[0.0, 4.0, 0.0]))
    assert one == pytest.approx(np.array([[1, 1]]))
    nobody = concentration(values, design=specify_design(3, weights=[0.0, 4.0, 0.0]), domain=pd.Series(["x", "y", "x"]))
    assert nobody == pytest.approx(np.array([[0, 0], [1, 1]]))
