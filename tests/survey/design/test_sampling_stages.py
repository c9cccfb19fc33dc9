"""Stages, single units and finite populations against R survey's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation.estimates import means, ratios, totals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
DESIGNS = json.loads((Path(__file__).parents[2] / "golden" / "survey_designs.json").read_text())
STYPE = {"E": 4421, "H": 755, "M": 1018}


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


@pytest.mark.parametrize(("population", "case"), [(None, "none"), (34, "half"), (17, "all")])
def test_a_finite_population_narrows_the_error_until_nothing_is_left(population: int | None, case: str) -> None:
    i = np.arange(68)
    unit = i // 4
    values = pd.DataFrame({"y": 50 + 8 * np.sin(unit * 1.3) + 3 * np.cos(i * 2.1)})
    fpc = None if population is None else np.full(68, population)
    design = specify_design(68, weights=1 + unit % 3, psu=unit, fpc=fpc)
    assert design.variance_record()["finite"] == (population is not None)
    row = means(values, design=design).iloc[0]
    assert row["estimate"] == pytest.approx(DESIGNS["finite"][case]["mean"], rel=1e-9)
    assert row["se"] == pytest.approx(DESIGNS["finite"][case]["se"], rel=1e-9, abs=1e-12)
    assert row["n_eff"] > 0
