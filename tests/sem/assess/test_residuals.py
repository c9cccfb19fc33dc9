"""Residual correlations, GFI and tests of close fit against lavaan."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.indices import FitIndices, fit_indices
from analysis.sem.assess.residuals import residual_correlations
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.inference.robust import robust_inference
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sem_residuals.json").read_text())
CASES = [name for name in GOLDEN if name != "made_with"]
BLOCKS = {"ind60": ["x1", "x2", "x3"], "dem60": ["y1", "y2", "y3", "y4"], "dem65": ["y5", "y6", "y7", "y8"]}
PATHS = "dem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"


@pytest.fixture(scope="module")
def fitted(shared: Path, build_instrument: Callable[..., Instrument]) -> dict[str, tuple[Solution, FitIndices]]:
    text = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items()) + f"\n{PATHS}"
    syntax = check_model(text, instrument=build_instrument(BLOCKS), where="model")
    values = pd.read_csv(shared / "data/lavaan_classic/PoliticalDemocracy.csv")[list(syntax.items)].to_numpy(float)
    row, column = np.arange(1, len(values) + 1)[:, None], np.arange(1, values.shape[1] + 1)[None, :]
    gaps = np.where((7 * row + 3 * column) % 11 == 0, np.nan, values)
    result = {}
    for name in CASES:
        sample = Sample(gaps if "fiml" in name else values, np.ones(len(values)))
        solution = fit_maximum_likelihood(sample, syntax)
        robust = robust_inference(solution, sample) if "mlr" in name else None
        result[name] = solution, fit_indices(solution, robust)
    return result


@pytest.mark.parametrize("name", CASES)
def test_residual_correlations_equal_lavaan(fitted: dict[str, tuple[Solution, FitIndices]], name: str) -> None:
    solution = fitted[name][0]
    names, sample = solution.structure.syntax.items, solution.moments.covariance
    table = residual_correlations(names, sample, solution.matrices.implied)
    golden = {tuple(row[:2]): row[2] for row in GOLDEN[name]["residuals"]}
    ours = dict(zip(zip(table["item"], table["other"], strict=True), table["residual"], strict=True))
    assert ours.keys() == golden.keys()
    assert np.array([ours[pair] for pair in golden]) == pytest.approx(list(golden.values()), abs=1e-4)
    assert table["residual"].abs().is_monotonic_decreasing
    assert (table["observed"] - table["implied"]).to_numpy() == pytest.approx(table["residual"].to_numpy())


@pytest.mark.parametrize("name", CASES)
def test_gfi_and_close_fit_equal_lavaan(fitted: dict[str, tuple[Solution, FitIndices]], name: str) -> None:
    indices, golden = fitted[name][1], GOLDEN[name]["fit"]
    assert indices.gfi == pytest.approx(golden["gfi_covariance"], rel=1e-6 if "complete" in name else 1e-4)
    assert indices.rmsea_pvalue == pytest.approx(golden["rmsea.pvalue"], rel=1e-4)
    if "complete" in name:
        assert indices.gfi == pytest.approx(golden["gfi"], rel=1e-6)
    if "mlr" in name:
        assert indices.robust is not None
        assert indices.robust.rmsea_pvalue == pytest.approx(golden["rmsea.pvalue.robust"], rel=1e-3)


def test_residuals_of_a_perfect_model_are_zero(build_instrument: Callable[..., Instrument]) -> None:
    """Three items of one construct leave no degree of freedom."""
    values: Any = np.random.default_rng(3).normal(size=(80, 1)) + np.random.default_rng(4).normal(size=(80, 3))
    syntax = check_model("a =~ a1 + a2 + a3", instrument=build_instrument({"a": ["a1", "a2", "a3"]}), where="model")
    solution = fit_maximum_likelihood(Sample(values, np.ones(80)), syntax)
    table = residual_correlations(syntax.items, solution.moments.covariance, solution.matrices.implied)
    assert table["residual"].to_numpy() == pytest.approx(np.zeros(3), abs=1e-6)
