"""Banner statistics against R survey: a stratified cluster design with weights, by linearisation and by replicates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.tabulation import Tabulation
from analysis.survey.design.replicate_weights import ReplicateWeights
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.tabulation.book import tabulate
from analysis.survey.tabulation.columns import Coefficients, estimate_columns
from analysis.survey.tabulation.plan import plan_tables
from analysis.survey.tabulation.sums import Layout, Numbers, sum_cells

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "tabulation.json").read_text())
NAMES = {"zh": "题", "en": "Question"}
INSTRUMENT = Instrument.model_validate(
    {
        "name": NAMES,
        "scale": {"min": 0, "max": 10},
        "constructs": [
            {"key": "c", "role": "other", "name": NAMES, "items": [{"key": "rating", "zh": "评", "en": "Rating"}]}
        ],
        "profile": [
            {"key": "region", "name": NAMES, "question": NAMES, "categories": ["east", "south", "west"]},
            {"key": "owner", "name": NAMES, "question": NAMES, "categories": ["no", "yes"]},
        ],
        "multiple": [{"key": "ways", "name": NAMES, "question": NAMES, "options": ["app", "branch"]}],
        "numeric": [{"key": key, "name": NAMES, "question": NAMES} for key in ("debt", "income")],
    }
)
STATISTICS = ("share", "mean", "nps", "net", "top_two")
LINES = {
    "mean": ("rating", "mean", ""),
    "nps": ("rating", "nps", ""),
    "net": ("rating", "net", ""),
    "top_two": ("rating", "top_two", ""),
    "five": ("rating", "share", "5"),
    "owner": ("owner", "share", "yes"),
    "owners": ("owner", "total", "yes"),
    "app": ("ways", "share", "app"),
    "debt": ("debt", "mean", ""),
    "debts": ("debt", "total", ""),
    "ratio": ("debt/income", "ratio", ""),
    "median": ("debt", "median", ""),
    "p25": ("debt", "p25", ""),
}
COLUMNS = {
    "all": ("", None),
    "east": ("region", "east"),
    "west": ("region", "west"),
    "east_yes": ("region owner", "east | yes"),
}
SECTION = Tabulation.model_validate(
    {
        "banner": ["region", ["region", "owner"]],
        "questions": [],
        "tables": [
            {"key": "ratings", "questions": ["rating"], "statistics": list(STATISTICS)},
            {"key": "owners", "questions": ["owner", "ways"], "statistics": ["share", "total"], "banner": ["region"]},
            {"key": "debts", "questions": ["debt"], "statistics": ["mean", "total", "median", "p25"]},
            {"key": "burden", "ratio": {"numerator": "debt", "denominator": "income"}},
        ],
    }
)


def _design(*, replicates: bool) -> SurveyDesign:
    data, drawn = pd.DataFrame(GOLDEN["data"]), None
    if replicates:
        drawn = ReplicateWeights(
            np.array(GOLDEN["weights"]), np.array(GOLDEN["factors"]), degrees=GOLDEN["degrees"], method="JKn"
        )
    return specify_design(len(data), weights=data["w"], strata=data["stratum"], psu=data["psu"], replicates=drawn)


def _cells(*, replicates: bool) -> pd.DataFrame:
    data = pd.DataFrame(GOLDEN["data"]).rename(columns={"app": "ways.app"})
    plan = plan_tables(SECTION, INSTRUMENT)
    return tabulate(data, plan, instrument=INSTRUMENT, design=_design(replicates=replicates)).cells


@pytest.fixture(scope="module", params=[False, True], ids=["taylor", "replicates"])
def found(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, dict[str, Any]]:
    cells = _cells(replicates=request.param)
    cells.attrs["replicates"] = request.param
    return cells, GOLDEN["replicates" if request.param else "taylor"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("line", LINES)
def test_an_estimate_and_its_error_are_those_of_r(
    found: tuple[pd.DataFrame, dict[str, Any]], column: str, line: str
) -> None:
    cells, golden = found
    (question, statistic, answer), (banner, category) = LINES[line], COLUMNS[column]
    rows = cells[(cells["question"] == question) & (cells["statistic"] == statistic) & (cells["answer"] == answer)]
    rows = rows[
        (rows["banner"] == banner) & (rows["category"].isna() if category is None else rows["category"] == category)
    ]
    if rows.empty:
        assert (column, question) in {("east_yes", "owner"), ("east_yes", "ways")}  # nothing is crossed with itself
        return
    expected = golden[column][line]
    assert rows["estimate"].item() == pytest.approx(expected["estimate"], rel=1e-6)
    counted_otherwise = cells.attrs["replicates"] and line in {"median", "p25"} and column == "west"
    if counted_otherwise:  # the degrees of freedom of t in Woodruff's interval: R takes the rank of the replicates
        return
    if expected["se"] is None or np.isnan(float(expected["se"])):
        assert np.isnan(rows["se"].item())
    else:
        assert rows["se"].item() == pytest.approx(expected["se"], rel=1e-6)


@pytest.mark.parametrize("replicates", [False, True])
def test_the_error_of_a_difference_between_columns_is_that_of_r(replicates: bool) -> None:
    design, data = _design(replicates=replicates), pd.DataFrame(GOLDEN["data"])
    debt = data["debt"].to_numpy(dtype=float)
    features = Numbers(np.column_stack([debt, np.where(np.isnan(debt), np.nan, 1.0)]), np.array([0.0, 1.0]))
    codes = data["region"].map({"east": 0, "south": 1, "west": 2}).fillna(-1).to_numpy(dtype=np.int64)
    layout = Layout.of(design, codes, 3)
    mean = Coefficients(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    found = estimate_columns(sum_cells(features, layout), mean, features.one, design)
    golden = GOLDEN["replicates" if replicates else "taylor"]["east_south"]
    contrast = np.array([1.0, -1.0, 0.0])
    assert contrast @ found.estimates.estimate[:, 0] == pytest.approx(golden["estimate"], rel=1e-6)
    assert np.sqrt(contrast @ found.covariance[0] @ contrast) == pytest.approx(golden["se"], rel=1e-6)
