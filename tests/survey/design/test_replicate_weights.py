"""Estimates from replicate weights against R survey's, around either centre."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.survey.design.replication import jackknife
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means, proportions, ratios, totals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())


def _read(name: str, shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "survey_api" / f"{name}.csv")


def _agree(got: dict[str, float], golden: dict[str, float]) -> None:
    for key, value in got.items():
        assert value == pytest.approx(golden[key], rel=1e-6), key


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
