"""Columns as codes and numbers: their order, what is missing, and columns that don't fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.design.codes import category_codes, domain_codes, numbers, numeric_column, same_length


def test_a_missing_domain_is_none_and_names_are_sorted() -> None:
    found = domain_codes(pd.Series(["b", None, "a", "b"]), 4)
    assert found.codes.tolist() == [1, -1, 0, 1]
    assert found.names == ("a", "b")
    assert found.count == 2


def test_a_categorical_keeps_its_order_and_loses_what_nobody_said() -> None:
    answers = pd.Series(pd.Categorical(["low", "high", None], categories=["high", "middle", "low"]))
    found = domain_codes(answers, 3)
    assert found.names == ("high", "low")
    assert found.codes.tolist() == [1, 0, -1]


def test_names_of_domains_are_texts_in_the_order_of_the_numbers() -> None:
    assert domain_codes(pd.Series([10, 9, 10]), 3).names == ("9", "10")


def test_without_a_domain_all_rows_are_one() -> None:
    found = domain_codes(None, 3)
    assert found.codes.tolist() == [0, 0, 0]
    assert found.names == (None,)


def test_a_domain_that_nobody_belongs_to_has_no_name() -> None:
    found = domain_codes(pd.Series([None, None], dtype=object), 2)
    assert (found.count, found.codes.tolist()) == (0, [-1, -1])


def test_categories_give_back_the_values() -> None:
    values = np.array(["s", "n", "s", "e"])
    codes, names = category_codes(values, 4, "strata")
    assert [names[code] for code in codes] == values.tolist()
    assert names == sorted(names)
    assert category_codes(None, 2, "strata")[0].tolist() == [0, 0]


def test_a_stratum_without_a_name_is_refused_and_counted() -> None:
    with pytest.raises(MethodError, match=r"strata has missing values[\s\S]*2 of 3 rows"):
        category_codes(pd.Series([None, "a", None]), 3, "strata")


def test_numbers_keep_gaps_but_a_weight_must_be_finite() -> None:
    np.testing.assert_array_equal(numbers(pd.Series([1, pd.NA, 3], dtype="Int64"), "q1"), [1.0, np.nan, 3.0])
    assert numeric_column([True, False], 2, "weights").tolist() == [1.0, 0.0]
    for wrong in (np.nan, np.inf):
        with pytest.raises(MethodError, match=r"weights has missing or infinite values[\s\S]*1 rows"):
            numeric_column([1.0, wrong], 2, "weights")
    with pytest.raises(MethodError, match="'q1' is not numeric"):
        numbers(pd.Series(["often"]), "q1")


def test_a_column_of_another_length_is_refused() -> None:
    same_length(3, 3, "fpc")
    with pytest.raises(MethodError, match=r"fpc does not match the data[\s\S]*3 entries"):
        numeric_column([1.0, 2.0], 3, "fpc")
    with pytest.raises(MethodError, match="domain does not match"):
        domain_codes(pd.Series(["a"]), 2)
