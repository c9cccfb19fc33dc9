"""The parameter table against lavaan's, cell by cell."""

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
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.inference.robust import robust_inference
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample
from analysis.sem.report.parameters import parameter_table

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sem_parameters.json").read_text())
BLOCKS = {"ind60": ["x1", "x2", "x3"], "dem60": ["y1", "y2", "y3", "y4"], "dem65": ["y5", "y6", "y7", "y8"]}
QUANTILE = 1.959963984540054
CASES = ("complete", "fiml", "mlr")


@pytest.fixture(scope="module")
def fitted(shared: Path, build_instrument: Callable[..., Instrument]) -> dict[str, tuple[pd.DataFrame, FitIndices]]:
    syntax = check_model(GOLDEN["model"], instrument=build_instrument(BLOCKS), where="model")
    frame = pd.read_csv(shared / "data/lavaan_classic/PoliticalDemocracy.csv")[list(syntax.items)]
    values = frame[[item for items in BLOCKS.values() for item in items]].to_numpy(float)
    row, column = np.arange(1, len(values) + 1)[:, None], np.arange(1, values.shape[1] + 1)[None, :]
    gaps = np.where((7 * row + 3 * column) % 11 == 0, np.nan, values)
    result = {}
    for case in CASES:
        sample = Sample(gaps if case == "fiml" else values, np.ones(len(values)))
        solution = fit_maximum_likelihood(sample, syntax)
        indices = fit_indices(solution)
        if case == "mlr":
            solution = replace(solution, covariance=robust_inference(solution, sample).covariance)
        result[case] = parameter_table(solution, QUANTILE), indices
    return result


def _key(row: Any) -> tuple[str, ...]:
    return (row[1], *sorted((row[0], row[2]))) if row[1] == "~~" else (row[1], row[0], row[2].replace(" ", ""))


@pytest.mark.parametrize("case", CASES)
def test_every_row_equals_lavaan(fitted: dict[str, tuple[pd.DataFrame, FitIndices]], case: str) -> None:
    golden = {_key(row): row[3:] for row in GOLDEN[case]["table"]}
    table, _ = fitted[case]
    assert len(table) == len(golden)
    for row in table.to_dict("records"):
        label, est, se, z, pvalue, low, high, std, std_se = golden[_key((row["lhs"], row["op"], row["rhs"]))]
        assert row["label"] == ("" if row["op"] == ":=" else label)
        assert row["est"] == pytest.approx(est, rel=1e-5, abs=1e-5), row
        assert row["std_all"] == pytest.approx(std, rel=1e-4, abs=1e-5), row
        if se:
            ours = [row[name] for name in ("se", "z", "pvalue", "ci_low", "ci_high")]
            assert ours == pytest.approx([se, z, pvalue, low, high], rel=1e-3, abs=1e-4), row
        else:
            assert np.isnan([row["se"], row["z"], row["pvalue"]]).all()
            assert row["free"] == 0
        if std_se > 1e-8:
            assert row["std_se"] == pytest.approx(std_se, rel=1e-3, abs=1e-5), row
        else:
            assert np.isnan(row["std_se"])


@pytest.mark.parametrize("case", ["complete", "fiml"])
def test_the_fit_of_a_mean_structure_equals_lavaan(
    fitted: dict[str, tuple[pd.DataFrame, FitIndices]], case: str
) -> None:
    golden, (_, indices) = GOLDEN[case]["fit"], fitted[case]
    ours = {"chisq": indices.chi2, "df": indices.df, "srmr": indices.srmr, "npar": indices.parameters}
    ours |= {"aic": indices.aic, "logl": indices.logl}
    assert ours == pytest.approx(golden, rel=1e-5)


def test_equal_parameters_share_their_number(fitted: dict[str, tuple[pd.DataFrame, FitIndices]]) -> None:
    table = fitted["complete"][0].set_index(["lhs", "rhs"])
    assert table.loc[("dem60", "y2"), "free"] == table.loc[("dem65", "y6"), "free"] > 0
    assert table.loc[("dem60", "y2"), "label"] == "a"
    assert np.isfinite(table.loc[("dem60", "y2"), "start"])
