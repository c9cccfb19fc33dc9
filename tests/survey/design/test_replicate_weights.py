"""Estimates from replicate weights against R survey's, around either centre."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.survey.design import replicate_weights as module
from analysis.survey.design.replicate_weights import ReplicateWeights
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


def test_weights_in_a_file_are_let_go_as_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MAPPED", 1 << 20)
    weights = np.random.default_rng(1).random((30_000, 64)).astype(np.float32)  # 8 MB
    np.save(tmp_path / "w.npy", weights)
    mapped = np.load(tmp_path / "w.npy", mmap_mode="r")
    drawn = ReplicateWeights(mapped, np.full(64, 1 / 64), degrees=63, method="bootstrap")
    let_go: list[int] = []
    own = module._let_go
    monkeypatch.setattr(module, "_let_go", lambda one: (let_go.append(len(one)), own(one)))
    for _ in range(2):
        read = np.concatenate([part for _, part in drawn.blocks()])
        np.testing.assert_array_equal(read, weights)
    assert 10 <= len(let_go) <= 16
