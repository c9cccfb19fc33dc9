"""The columns of a regression against patsy's, their labels, and questions that have no column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from patsy import dmatrix

from analysis.drivers.model_matrix import COLUMN_LABELS, model_matrix
from analysis.errors import MethodError

FRAME = pd.DataFrame(
    {
        "trust": [10.0, 20, 30, 40, 50, 60],
        "age": list("abcabc"),
        "sex": list("fmfmmf"),
        "town": ["n"] * 6,
    }
)


def test_columns_are_those_of_a_model_formula() -> None:
    found = model_matrix(
        FRAME,
        scores=["trust"],
        questions=["age", "sex"],
        reference={"age": "b"},
        interactions=[("age", "sex"), ("trust", "age")],
    )
    formula = "trust + C(age, Treatment('b')) + sex + C(age, Treatment('b')):sex + trust:C(age, Treatment('b'))"
    expected = dmatrix(f"1 + {formula}", FRAME, return_type="dataframe")
    assert found.columns.shape == expected.shape
    assert sorted(map(tuple, found.columns.T)) == sorted(map(tuple, expected.to_numpy().T))
    assert found.labels.columns.tolist() == list(COLUMN_LABELS)
    for label, column in zip(found.labels.itertuples(index=False), found.columns.T, strict=True):
        product = np.ones(6)
        for term, code in ((label.term, label.category), (label.other_term, label.other_category)):
            if term in FRAME:
                product *= FRAME[term].to_numpy() if code is None else (FRAME[term] == code).to_numpy()
        np.testing.assert_array_equal(column, product)
    assert found.terms == ("trust", "age", "sex")
    assert found.levels["age"] == ("b", "a", "c")
    assert found.positions("age").tolist() == [2, 3]


def test_a_categorical_gives_the_order_and_loses_what_nobody_said() -> None:
    answers = FRAME.assign(age=pd.Categorical(FRAME["age"], categories=["d", "c", "b", "a"]))
    found = model_matrix(answers, scores=[], questions=["age"], reference={})
    assert found.levels == {"age": ("c", "b", "a")}


def test_a_question_with_one_answer_is_left_out_with_its_interactions() -> None:
    found = model_matrix(FRAME, scores=["trust"], questions=["town"], reference={}, interactions=[("trust", "town")])
    assert found.terms == ("trust",)
    assert found.interactions == ()
    assert found.columns.tolist() == [[1.0, value] for value in FRAME["trust"]]


def test_had_all_said_one_thing_only_that_question_and_its_products_change() -> None:
    options = {"scores": ["trust"], "questions": ["age", "sex"], "reference": {}, "interactions": [("sex", "age")]}
    found = model_matrix(FRAME, **options)
    wanted, (places, values) = found.columns.copy(), found.had_all_said("age", "c")
    wanted[:, places] = values
    own = (found.labels["term"] == "age") & (found.labels["category"] == "c")
    of_age = (found.labels["term"] == "age") | (found.labels["other_term"] == "age")
    assert (wanted[:, own] == 1).all()
    for place, label in enumerate(found.labels.itertuples(index=False)):
        if label.other_term == "age":
            expected = (FRAME["sex"] == label.category) & (label.other_category == "c")
            np.testing.assert_array_equal(wanted[:, place], expected)
        elif label.term != "age":
            np.testing.assert_array_equal(wanted[:, place], found.columns[:, place])
    assert found.had_all_said("age", "a")[0].tolist() == np.flatnonzero(of_age).tolist()
    assert (found.had_all_said("age", "a")[1] == 0).all()


def test_a_reference_that_nobody_named_is_refused() -> None:
    with pytest.raises(MethodError, match=r"Nobody gave the answer[\s\S]*drivers\.reference\.age[\s\S]*a, b, c"):
        model_matrix(FRAME, scores=[], questions=["age"], reference={"age": "z"})
