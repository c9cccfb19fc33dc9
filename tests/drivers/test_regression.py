"""Regressions under a design equal R survey's svyglm and svyolr, with margins and inflation, to 1e-6."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.model_matrix import ModelMatrix, model_matrix
from analysis.drivers.regression import (
    Regression,
    fit_linear,
    fit_logistic,
    fit_ordered,
    predictive_margins,
    variance_inflation,
)
from analysis.drivers.sampling_error import estimate_from_covariances
from analysis.errors import MethodError
from analysis.survey.design.survey_design import SurveyDesign, specify_design

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "drivers.json").read_text(encoding="utf-8"))["regressions"]
CLOSE = {"rtol": 1e-6, "atol": 1e-12}


def rows() -> tuple[pd.DataFrame, SurveyDesign]:
    """The 600 rows of the R script; those without an answer are outside the domain."""
    i = np.arange(600)
    unit = i % 40
    group = np.array(["a", "b", "c"])[i // 5 % 3]
    kind = np.array(["p", "r"])[i // 11 % 2]
    q = 50 + 18 * np.sin(i * 1.1) + 6 * np.cos(unit)
    s = 20 + 0.6 * q + 14 * np.sin(i * 0.7) + 3 * (group == "c")
    y = 20 + 0.5 * q + 0.2 * s + 4 * (group == "b") - 3 * (kind == "r") + 12 * np.sin(i * 1.7) + 4 * np.sin(unit * 2.3)
    answer = np.digitize(y, [42, 52, 60, 70])
    frame = pd.DataFrame({"q": q, "s": s, "group": group, "kind": kind, "y": y, "high": y > 56, "answer": answer})
    design = specify_design(600, weights=1 + i % 4 / 2, strata=i % 4, psu=unit)
    answered = i % 60 != 7
    return frame[answered].reset_index(drop=True), design.subset(answered)


FRAME, DESIGN = rows()


def matrix(*interactions: tuple[str, str]) -> ModelMatrix:
    questions = ["group", "kind"]
    return model_matrix(FRAME, scores=["q", "s"], questions=questions, reference={}, interactions=interactions)


def fitted(family: str) -> Regression:
    if family == "linear":
        return fit_linear(FRAME["y"].to_numpy(), matrix(("q", "kind")).columns, DESIGN)
    if family == "logistic":
        return fit_logistic(FRAME["high"].to_numpy(dtype=float), matrix().columns, DESIGN)
    return fit_ordered(FRAME["answer"].to_numpy(), matrix().columns[:, 1:], DESIGN)


@pytest.mark.parametrize("family", ["linear", "logistic", "ordered"])
def test_coefficients_covariance_and_degrees_equal_r(family: str) -> None:
    found, golden = fitted(family), GOLDEN[family]
    np.testing.assert_allclose(found.estimate, golden["estimate"], **CLOSE)
    error = np.sqrt(np.diag(golden["covariance"]))
    np.testing.assert_allclose(
        found.covariance / np.outer(error, error), golden["covariance"] / np.outer(error, error), rtol=1e-6, atol=1e-6
    )
    assert found.degrees == golden["df"]


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_predictive_margins_equal_r(family: str) -> None:
    built = matrix(*([("q", "kind")] if family == "linear" else []))
    changed = [built.had_all_said("group", level) for level in ("a", "b", "c")]
    value, covariance = predictive_margins(fitted(family), changed, DESIGN)
    np.testing.assert_allclose(
        np.column_stack([value, np.sqrt(np.diag(covariance))]), GOLDEN[f"{family}_margins"], **CLOSE
    )


def test_margins_without_interaction_are_those_of_svypredmeans() -> None:
    built = matrix()
    fit = fit_linear(FRAME["y"].to_numpy(), built.columns, DESIGN)
    changed = [built.had_all_said("group", level) for level in ("a", "b", "c")]
    np.testing.assert_allclose(predictive_margins(fit, changed, DESIGN)[0], GOLDEN["svypredmeans"], **CLOSE)


def test_inflation_equals_that_of_car() -> None:
    built = matrix()
    terms = [built.positions(name) - 1 for name in ("q", "s", "group", "kind")]
    found = variance_inflation(built.columns[:, 1:], DESIGN.weights, terms)
    np.testing.assert_allclose(found, GOLDEN["inflation"], **CLOSE)


def test_what_is_linearised_from_covariances_has_the_error_of_the_regression() -> None:
    """Slopes are a function of the covariance matrix: two ways to one covariance."""

    def slopes(covariance: Any) -> Any:
        return np.linalg.solve(covariance[:, :-1, :-1], covariance[:, :-1, -1:])[..., 0]

    values = FRAME[["q", "s", "y"]].to_numpy()
    found = estimate_from_covariances(values, slopes, design=DESIGN)
    fit = fit_linear(values[:, 2], np.column_stack([np.ones(len(values)), values[:, :2]]), DESIGN)
    np.testing.assert_allclose(found.estimate, fit.estimate[1:], rtol=1e-9)
    np.testing.assert_allclose(found.covariance, fit.covariance[1:, 1:], rtol=1e-6)


def test_the_reference_named_is_the_one_without_a_column() -> None:
    built = model_matrix(FRAME, scores=[], questions=["group"], reference={"group": "b"})
    assert built.labels["category"].tolist() == [None, "a", "c"]
    np.testing.assert_array_equal(built.columns[:, 1], FRAME["group"] == "a")
    with pytest.raises(MethodError, match="Nobody gave"):
        model_matrix(FRAME, scores=[], questions=["group"], reference={"group": "z"})


def test_had_all_said_changes_one_answer_and_its_products() -> None:
    built = matrix(("q", "group"), ("group", "kind"))
    moved = FRAME.assign(group=pd.Categorical(["c"] * len(FRAME), categories=["a", "b", "c"]))
    all_said, (places, values) = built.columns.copy(), built.had_all_said("group", "c")
    all_said[:, places] = values
    for place, label in enumerate(built.labels.to_dict("records")):
        expected = np.ones(len(FRAME))
        for term, category in ((label["term"], label["category"]), (label["other_term"], label["other_category"])):
            if term in {"q", "s"}:
                expected = expected * FRAME[term].to_numpy()
            elif category is not None:
                expected = expected * (moved[term] == category).to_numpy()
        np.testing.assert_array_equal(all_said[:, place], expected)


def test_a_question_that_follows_from_another_is_refused() -> None:
    x = np.column_stack([np.ones(len(FRAME)), FRAME["q"], FRAME["q"] * 2])
    with pytest.raises(MethodError, match="follows from the others"):
        fit_linear(FRAME["y"].to_numpy(), x, DESIGN)


def test_an_answer_that_tells_the_outcome_is_refused() -> None:
    x = np.column_stack([np.ones(len(FRAME)), FRAME["group"] == "a"]).astype(float)
    with pytest.raises(MethodError, match=r"completely|follows"):
        fit_logistic(x[:, 1], x, DESIGN)
