"""Stages, single units, calibrated weights and replicates against R survey's answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.weighting import Weighting
from analysis.errors import MethodError
from analysis.survey.design.calibration import margin_calibration
from analysis.survey.design.replication import bootstrap, jackknife
from analysis.survey.design.survey_design import SurveyDesign, drawn_design, restore_design, specify_design
from analysis.survey.estimation.differences import estimate_jointly
from analysis.survey.estimation.estimates import means, proportions, ratios, totals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
DESIGNS = json.loads((Path(__file__).parents[2] / "golden" / "survey_designs.json").read_text())
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


def _drawn() -> SurveyDesign:
    strata, psu = np.repeat(["n", "s"], 6), np.repeat([1, 2, 3, 1, 2, 4], 2)
    weights = np.linspace(0.5, 1.5, 12)
    options = {"strata": strata, "psu": psu, "fpc": np.repeat([9, 12], 6)}
    replicates = bootstrap(weights, **options, replicates=10, seed=1)
    return specify_design(12, weights=weights, **options, singleton="centred", replicates=replicates)


def test_a_saved_design_comes_back_as_it_was(tmp_path: Path) -> None:
    design = _drawn()
    design.frame().to_parquet(tmp_path / "design.parquet")
    record = json.loads(json.dumps(design.record()))
    again = restore_design(pd.read_parquet(tmp_path / "design.parquet").assign(respondent_id="x"), record)
    assert again.variance_record() == design.variance_record()
    assert again.variance_record() == {
        "variance": "bootstrap", "replicates": 10, "strata": 2, "units": 6, "finite": True
    }  # fmt: skip
    values = pd.DataFrame({"y": np.arange(12.0)})
    plain = [replace(one, replicates=None) for one in (design, again)]
    pd.testing.assert_frame_equal(means(values, design=plain[0]), means(values, design=plain[1]))
    np.testing.assert_allclose(again.replicates.weights, design.replicates.weights, rtol=1e-7)
    with pytest.raises(MethodError, match="differ in number"):
        restore_design(design.frame().drop(columns="r0001"), record)


def test_a_design_of_several_stages_comes_back_too(shared: Path) -> None:
    data = _read("apiclus2", shared)
    design = _two_stage(data, finite=True)
    again = restore_design(design.frame(), design.record())
    assert list(design.frame()) == ["psu_1", "psu_2", "fpc_1", "fpc_2", "weight"]
    pd.testing.assert_frame_equal(means(data[["api00"]], design=design), means(data[["api00"]], design=again))


def test_a_subset_is_a_domain_of_the_whole_draw() -> None:
    rng = np.random.default_rng(6)
    values, kept = pd.DataFrame({"y": rng.normal(size=120)}), rng.random(120) < 0.3
    domain = pd.Series(np.where(kept, "in", None), dtype=object)
    strata = np.repeat([0, 1, 2], 40)
    for psu in (None, np.repeat(np.arange(30), 4)):
        design = specify_design(120, weights=rng.uniform(1, 2, 120), strata=strata, psu=psu)
        whole = means(values, design=design, domain=domain).iloc[0]
        part = means(values[kept], design=design.subset(kept)).iloc[0]
        assert part[["estimate", "se", "n"]].tolist() == pytest.approx(whole[["estimate", "se", "n"]].tolist())
        joint = estimate_jointly(values[kept], design=design.subset(kept))
        assert joint.se[0] == pytest.approx(whole["se"])
    assert _drawn().subset(np.arange(4)).replicates.weights.shape == (4, 10)
    with pytest.raises(MethodError, match="has no subset"):
        specify_design(4, calibration=margin_calibration(np.ones(4), [[0, 0, 1, 1]])).subset([0, 1])


def test_design_columns_are_taken_where_they_are_known() -> None:
    frame = pd.DataFrame({"region": ["n", "n", "s", "s"], "branch": [1, 2, None, 4], "N": [9, 9, 8, 8]})
    design = drawn_design(frame, weighting=Weighting(stratum="region", psu="branch"))
    assert (design.variance_record()["strata"], design.variance_record()["units"]) == (2, 0)
    assert drawn_design(frame, weighting=Weighting(stratum="region", fpc="N")).finite
    with pytest.raises(MethodError, match=r"not in the responses[^~]*town"):
        drawn_design(frame, weighting=Weighting(psu="town"))
    lonely = frame.assign(region=["n", "n", "n", "s"])
    with pytest.raises(MethodError, match="single primary sampling unit"):
        drawn_design(lonely, weighting=Weighting(stratum="region", singleton="error"))
    assert drawn_design(lonely, weighting=Weighting(stratum="region")).stages[0].centred.any()
