"""The 41-item benchmark against lavaan: ML, MLR and full information on 2,000 rows, whole parameter table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.indices import FitIndices, fit_indices
from analysis.sem.assess.modification import modification_indices
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.inference.robust import robust_inference
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample
from analysis.sem.report.parameters import parameter_table

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "sem_benchmark.json").read_text())
CASES = ("ml", "mlr", "fiml")
Case = tuple[pd.DataFrame, FitIndices, pd.DataFrame]


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest, benchmark: Any, build_instrument: Callable[..., Instrument]
) -> tuple[str, Case]:
    frame = benchmark.gaps() if request.param == "fiml" else benchmark.complete()
    syntax = check_model(benchmark.MODEL, instrument=build_instrument(benchmark.ITEMS), where="model")
    sample = Sample(frame[list(syntax.items)].to_numpy(float), np.ones(len(frame)))
    solution = fit_maximum_likelihood(sample, syntax)
    robust = robust_inference(solution, sample) if request.param == "mlr" else None
    indices, modification = fit_indices(solution, robust), modification_indices(solution)
    if robust is not None:
        solution = replace(solution, covariance=robust.covariance)
    return request.param, (parameter_table(solution, 1.96), indices, modification)


def test_every_parameter_equals_lavaan(case: tuple[str, Case]) -> None:
    name, (table, _, _) = case
    golden = {(row[1], frozenset((row[0], row[2]))): row[3:] for row in GOLDEN[name]["estimates"]}
    assert len(golden) == len(GOLDEN[name]["estimates"]) == len(table)
    for row in table.to_dict("records"):
        estimate, se, std, std_se = golden[row["op"], frozenset((row["lhs"], row["rhs"]))]
        assert row["est"] == pytest.approx(estimate, rel=1e-4 if name == "fiml" else 1e-5, abs=1e-6), row
        assert row["std_all"] == pytest.approx(std, rel=1e-4, abs=1e-6), row
        if se:
            assert row["se"] == pytest.approx(se, rel=1e-3), row
        if std_se > 1e-8:
            assert row["std_se"] == pytest.approx(std_se, rel=1e-3), row


def test_fit_equals_lavaan(case: tuple[str, Case]) -> None:
    name, (_, indices, _) = case
    golden = GOLDEN[name]["fit"]
    names = {"chi2": "chisq", "df": "df", "pvalue": "pvalue", "baseline_chi2": "baseline.chisq", "cfi": "cfi"}
    names |= {"tli": "tli", "rmsea": "rmsea", "rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper"}
    names |= {"rmsea_pvalue": "rmsea.pvalue", "srmr": "srmr", "logl": "logl", "aic": "aic", "bic": "bic"}
    for ours, theirs in names.items():
        assert getattr(indices, ours) == pytest.approx(golden[theirs], rel=1e-4, abs=1e-6), ours
    if name == "mlr":
        assert indices.robust is not None
        scaled = {"chi2": "chisq.scaled", "scaling": "chisq.scaling.factor", "cfi": "cfi.robust"}
        for ours, theirs in (scaled | {"tli": "tli.robust", "rmsea": "rmsea.robust"}).items():
            assert getattr(indices.robust, ours) == pytest.approx(golden[theirs], rel=1e-4), ours


def test_the_largest_modification_indices_equal_lavaan(case: tuple[str, Case]) -> None:
    name, (_, _, modification) = case
    if name != "ml":
        pytest.skip("the golden file holds those of ML")
    ours = modification.set_index(["lhs", "op", "rhs"])
    for lhs, op, rhs, index, change in GOLDEN["modification"]:
        row = ours.loc[(lhs, op, rhs) if (lhs, op, rhs) in ours.index else (rhs, op, lhs)]
        assert row["index"] == pytest.approx(index, rel=1e-3)
        assert row["change"] == pytest.approx(change, rel=1e-3)
    assert modification.loc[0, ["lhs", "op", "rhs"]].tolist() == GOLDEN["modification"][0][:3]
