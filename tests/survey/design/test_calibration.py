"""Standard errors of calibrated weights against R survey's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.survey.design.calibration import margin_calibration
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation.estimates import means, totals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}


def _read(name: str, shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "survey_api" / f"{name}.csv")


def _agree(got: dict[str, float], golden: dict[str, float]) -> None:
    for key, value in got.items():
        assert value == pytest.approx(golden[key], rel=1e-6), key


def _calibrated(name: str, data: pd.DataFrame) -> SurveyDesign:
    base = data["pw"]
    options = {"psu": data["dnum"], "fpc": data["fpc"]}
    margins = [(data["stype"], STYPE), (data["sch.wide"], WIDE)][: 1 if name == "poststratified" else 2]
    steps = _fit_margins(base, margins, cycles=4 if name == "stopped" else 200)
    kept = steps if name == "stopped" else []
    calibration = margin_calibration(base, [categories for categories, _ in margins], steps=kept)
    return specify_design(len(data), weights=steps[-1], calibration=calibration, **options)


def _fit_margins(base: pd.Series, margins: list[tuple[pd.Series, dict[str, int]]], cycles: int) -> list[np.ndarray]:
    """The weights after each margin of the last cycle of an iterative proportional fit."""
    weights, steps = base.to_numpy(float), []
    for _ in range(cycles):
        steps = []
        for categories, known in margins:
            reached = pd.Series(weights).groupby(categories.to_numpy()).transform("sum")
            weights = weights * (categories.map(known) / reached).to_numpy()
            steps.append(weights)
    return steps


@pytest.mark.parametrize("name", ["poststratified", "raked", "stopped"])
def test_r_survey_gives_the_same_after_calibration(name: str, shared: Path) -> None:
    data = _read("apiclus1", shared)
    design = _calibrated(name, data)
    mean = means(data[["api00"]], design=design).iloc[0]
    high = means(data[["api00", "api99"]], design=design, domain=data["stype"]).set_index(["variable", "category"])
    total = totals(data[["enroll"]], design=design).iloc[0]
    got = {
        "mean": mean["estimate"],
        "mean_se": mean["se"],
        "total": total["estimate"],
        "total_se": total["se"],
        "mean_h": high.loc[("api00", "H"), "estimate"],
        "mean_h_se": high.loc[("api00", "H"), "se"],
        "weight_1": design.weights[0],
        "weight_100": design.weights[99],
    }
    _agree(got, GOLDEN[f"calibrated_{name}"])


def test_sums_of_cells_leave_the_residuals_that_going_through_the_rows_leaves() -> None:
    rng = np.random.default_rng(2)
    rows = 500
    margins = [rng.integers(0, size, rows) for size in (3, 4, 2)]
    weights = np.where(rng.random(rows) < 0.05, 0.0, rng.uniform(0.5, 3, rows))
    scores = rng.normal(size=(rows, 4)) * weights[:, None]
    expected = margin_calibration(np.ones(rows), margins, steps=[weights] * 3).residuals(scores, weights)
    found = margin_calibration(np.ones(rows), margins).residuals(scores, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
