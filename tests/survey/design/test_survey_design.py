"""Stages, single units, calibrated weights and replicates against R survey's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.design.calibration import margin_calibration
from analysis.survey.design.replication import jackknife
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation.estimates import means, proportions, ratios, totals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}


def _read(name: str, shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "survey_api" / f"{name}.csv")


def _agree(got: dict[str, float], golden: dict[str, float]) -> None:
    for key, value in got.items():
        assert value == pytest.approx(golden[key], rel=1e-6), key


def _two_stage(data: pd.DataFrame, *, finite: bool, **options: Any) -> SurveyDesign:
    fpc = data[["fpc1", "fpc2"]] if finite else None
    return specify_design(len(data), weights=data["pw"], psu=data[["dnum", "snum"]], fpc=fpc, **options)


@pytest.mark.parametrize("name", ["two", "two_nofpc"])
def test_r_survey_gives_the_same_for_two_stages(name: str, shared: Path) -> None:
    data = _read("apiclus2", shared)
    design = _two_stage(data, finite=name == "two")
    golden = GOLDEN[f"{name}_mean"]
    assert design.degrees == golden["degf"]
    row = means(data[["api00"]], design=design).iloc[0]
    _agree({key: row[key] for key in ("estimate", "se", "deff", "ci_low", "ci_high")}, golden)
    row = totals(data[["enroll"]], design=design).iloc[0]
    _agree({key: row[key] for key in ("estimate", "se")}, GOLDEN[f"{name}_total"])
    row = ratios(data[["api.stu"]], data["enroll"], design=design).iloc[0]
    _agree({key: row[key] for key in ("estimate", "se")}, GOLDEN[f"{name}_ratio"])
    table = means(data[["api00"]], design=design, domain=data["stype"]).set_index("category")
    for category in STYPE:
        _agree(dict(table.loc[category, ["estimate", "se"]]), GOLDEN[f"{name}_mean_{category}"])


@pytest.mark.parametrize(("singleton", "option"), [("certainty", "certainty"), ("centred", "adjust")])
def test_a_stratum_of_one_unit_counts_as_in_r(singleton: Any, option: str, shared: Path) -> None:
    data = _read("apiclus1", shared)
    number = data["dnum"]
    strata = np.where(number == number.min(), "alone", np.where(number < 300, "low", "high"))
    with pytest.raises(MethodError, match="single primary sampling unit"):
        specify_design(len(data), weights=data["pw"], strata=strata, psu=number)
    design = specify_design(len(data), weights=data["pw"], strata=strata, psu=number, singleton=singleton)
    mean, total = means(data[["api00"]], design=design), totals(data[["enroll"]], design=design)
    got = {"mean": mean.loc[0, "estimate"], "mean_se": mean.loc[0, "se"]}
    got |= {"total": total.loc[0, "estimate"], "total_se": total.loc[0, "se"]}
    _agree(got, GOLDEN[f"lonely_{option}"])


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


def _calibrated(name: str, data: pd.DataFrame) -> SurveyDesign:
    base = data["pw"]
    options = {"psu": data["dnum"], "fpc": data["fpc"]}
    margins = [(data["stype"], STYPE), (data["sch.wide"], WIDE)][: 1 if name == "poststratified" else 2]
    steps = _fit_margins(base, margins, cycles=4 if name == "stopped" else 200)
    kept = steps if name == "stopped" else []
    calibration = margin_calibration(base, [categories for categories, _ in margins], steps=kept)
    return specify_design(len(data), weights=steps[-1], calibration=calibration, **options)


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


@pytest.mark.parametrize(("centre", "suffix"), [("mean", ""), ("estimate", "_mse")])
@pytest.mark.parametrize("name", ["jk1", "jkn"])
def test_r_survey_gives_the_same_from_replicates(name: str, centre: Any, suffix: str, shared: Path) -> None:
    data = _read("apiclus1" if name == "jk1" else "apistrat", shared)
    draw = {"psu": data["dnum"]} if name == "jk1" else {"strata": data["stype"]}
    replicates = jackknife(data["pw"], fpc=data["fpc"], centre=centre, **draw)
    options: dict[str, Any] = {"weights": data["pw"], "replicates": replicates}
    wide = pd.DataFrame({"wide": (data["sch.wide"] == "Yes").astype(float)})
    mean = means(data[["api00", "acs.46"]], design=specify_design(len(data[["api00", "acs.46"]]), **options)).iloc[0]
    high = (
        means(data[["api00"]], design=specify_design(len(data[["api00"]]), **options), domain=data["stype"])
        .set_index("category")
        .loc["H"]
    )
    got = {
        "mean": mean["estimate"],
        "mean_se": mean["se"],
        "ratio_se": ratios(
            data[["api.stu"]], data["enroll"], design=specify_design(len(data[["api.stu"]]), **options)
        ).loc[0, "se"],
        "total_se": totals(data[["enroll"]], design=specify_design(len(data[["enroll"]]), **options)).loc[0, "se"],
        "proportion_se": proportions(wide, design=specify_design(len(wide), **options)).loc[0, "se"],
        "mean_h": high["estimate"],
        "mean_h_se": high["se"],
    }
    _agree(got, GOLDEN[f"{name}{suffix}"])


def test_degrees_of_freedom_are_units_less_strata_of_the_domain() -> None:
    rng = np.random.default_rng(2)
    strata, psu = np.repeat([0, 1, 2], 40), np.repeat(np.arange(12), 10)
    values = pd.DataFrame({"y": rng.normal(size=120)})
    domain = pd.Series(np.where(psu < 6, "first", "rest"))
    table = means(values, design=specify_design(len(values), strata=strata, psu=psu), domain=domain).set_index(
        "category"
    )
    t = (table["ci_high"] - table["estimate"]) / table["se"]
    # first: 6 units in strata 0 and 1; rest: 6 units in strata 1 and 2
    assert t["first"] == pytest.approx(2.776445, rel=1e-6)
    assert t["rest"] == pytest.approx(2.776445, rel=1e-6)
