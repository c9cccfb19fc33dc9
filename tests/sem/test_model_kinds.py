"""Every kind of model that the syntax allows, written as a user would, against lavaan on made-up answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_answers import made_answers

from analysis.edition.instrument import Instrument, ProfileQuestion
from analysis.edition.sections.structural import Structural
from analysis.sem.structural import StructuralResult, fit_structural
from analysis.survey.design.survey_design import specify_design

GOLDEN = Path(__file__).parents[1] / "golden" / "sem_syntax.json"
LAVAAN: dict[str, Any] = {k: v for k, v in json.loads(GOLDEN.read_text(encoding="utf-8")).items() if k != "made_with"}
BLOCKS = {
    "visual": ["x1", "x2", "x3"],
    "textual": ["x4", "x5", "x6"],
    "speed": ["x7", "x8", "x9"],
    "growth": ["t1", "t2", "t3", "t4"],
    "changing": ["c1", "c2", "c3", "c4"],
    "background": ["y1", "y2", "y3", "income"],
}


def _answers(kind: str) -> pd.DataFrame:
    return made_answers(kind if kind == "gaps" else "complete")


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    asked = {"name": {"zh": "问", "en": "asked"}, "question": {"zh": "问", "en": "asked"}}
    questions = [
        ProfileQuestion.model_validate({"key": "city", "categories": ["north", "south", "west"], **asked}),
        ProfileQuestion.model_validate({"key": "sex", "categories": ["f", "m"], **asked}),
        ProfileQuestion.model_validate({"key": "age", **asked}),
    ]
    return build_instrument(BLOCKS).model_copy(update={"profile": tuple(questions)})


@pytest.fixture(scope="module")
def fitted(instrument: Instrument) -> Callable[[str], StructuralResult]:
    @cache
    def fit(case: str) -> StructuralResult:
        golden = LAVAAN[case]
        frame = _answers(golden["data"])
        missing = "fiml" if golden["data"] == "gaps" else "listwise"
        params = Structural.model_validate({"estimator": golden["estimator"], "missing": missing})
        design = None
        if golden["weights"]:
            design = specify_design(len(frame), weights=frame["w"].to_numpy(), psu=frame["cluster"].to_numpy())
        return fit_structural(frame, model=golden["model"], instrument=instrument, structural=params, design=design)

    return fit


def _table(result: StructuralResult) -> pd.DataFrame:
    return result.parameters.set_index(["lhs", "op", "rhs"])


def _rows(golden: dict[str, Any], kind: str) -> dict[tuple[str, str, str], tuple[float, float]]:
    compared = {"==", "<", ">"}
    return {(r[0], r[1], "" if r[1] == "~1" else r[2]): (r[3], r[4]) for r in golden[kind] if r[1] not in compared}


def _own(table: pd.DataFrame, key: tuple[str, str, str]) -> pd.Series:
    lhs, op, rhs = key
    if op == "~~" and key not in table.index:
        key = (rhs, op, lhs)
    return pd.Series(table.loc[key])


@pytest.mark.parametrize("case", LAVAAN)
def test_estimates_and_errors_equal_lavaan(case: str, fitted: Callable[[str], StructuralResult]) -> None:
    result = fitted(case)
    assert result.converged
    table = _table(result)
    for key, (estimate, se) in _rows(LAVAAN[case], "estimates").items():
        if key[1] == "~1" and key not in table.index:
            continue  # means of the sample, which a model without a mean structure does not have
        defined = table.xs(":=", level="op") if key[1] == ":=" else None
        row = defined.xs(key[0]).iloc[0] if defined is not None else _own(table, key)
        assert row["est"] == pytest.approx(estimate, abs=1e-5 * max(1, abs(estimate))), key
        assert np.nan_to_num(row["se"]) == pytest.approx(se, rel=1e-3, abs=1e-6), key


def test_a_bootstrap_keeps_the_constraints_and_the_covariates(instrument: Instrument) -> None:
    model = "visual =~ x1 + x2 + x3\nvisual ~ a*age + b*sex\ny1 ~ c*visual\n10*a == b\nc > -5\ngap := 10*a - b"
    params = Structural(estimator="MLR", missing="listwise", bootstrap=60)
    result = fit_structural(_answers("complete"), model=model, instrument=instrument, structural=params, seed=1)
    assert result.defined is not None
    assert result.bootstrap is not None
    row = result.defined.iloc[0]
    assert [row["est"], row["percentile_low"], row["percentile_high"]] == pytest.approx([0, 0, 0], abs=1e-8)
    told = result.bootstrap.set_index("predictor")
    age = told[told["effect"] == "total"].loc["age"]
    assert age["percentile_low"] < age["std"] < age["percentile_high"]


@pytest.mark.parametrize("case", LAVAAN)
def test_standardised_estimates_equal_lavaan(case: str, fitted: Callable[[str], StructuralResult]) -> None:
    table = _table(fitted(case))
    for key, (estimate, _) in _rows(LAVAAN[case], "standardized").items():
        if key[1] == ":=" or (key[1] == "~1" and key not in table.index):
            continue
        assert _own(table, key)["std_all"] == pytest.approx(estimate, abs=1e-5), key


@pytest.mark.parametrize("case", LAVAAN)
def test_tests_equal_lavaan(case: str, fitted: Callable[[str], StructuralResult]) -> None:
    indices, golden = fitted(case).indices, LAVAAN[case]["fit"]
    names = {"chi2": "chisq", "df": "df", "pvalue": "pvalue", "baseline_chi2": "baseline.chisq", "cfi": "cfi"}
    names |= {"baseline_df": "baseline.df", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr", "n": "ntotal"}
    names |= {"logl": "logl", "aic": "aic", "bic": "bic", "parameters": "npar"}
    for ours, theirs in names.items():
        if golden[theirs] is None:  # RMSEA without degrees of freedom
            continue
        assert getattr(indices, ours) == pytest.approx(golden[theirs], rel=1e-6, abs=1e-6), ours
    if golden.get("chisq.scaled") is not None and indices.df:
        assert indices.robust is not None
        assert indices.robust.chi2 == pytest.approx(golden["chisq.scaled"], rel=1e-3)
        assert indices.robust.scaling == pytest.approx(golden["chisq.scaling.factor"], rel=1e-3)
        assert indices.robust.cfi == pytest.approx(golden["cfi.robust"], abs=1e-5)
        assert indices.robust.rmsea == pytest.approx(golden["rmsea.robust"], abs=1e-5)


@pytest.mark.parametrize("case", LAVAAN)
def test_modification_indices_equal_lavaan(case: str, fitted: Callable[[str], StructuralResult]) -> None:
    table = fitted(case).modification.set_index(["lhs", "op", "rhs"])
    most = LAVAAN[case]["fit"]["chisq"]  # what lavaan finds beyond it, it divides by rounding error
    shared = [row for row in LAVAAN[case]["modification"] if tuple(row[:3]) in table.index and row[3] < most]
    for lhs, op, rhs, index, change in shared:
        row = table.loc[(lhs, op, rhs)]
        assert row["index"] == pytest.approx(index, rel=1e-3), (lhs, op, rhs)
        assert row["change"] == pytest.approx(change, rel=1e-3), (lhs, op, rhs)
