"""A design is saved and restored, taken in part, and read from the columns of the responses."""

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
from analysis.survey.design.replicate_weights import replicate_columns
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import SurveyDesign, drawn_design, restore_design, specify_design
from analysis.survey.estimation.differences import estimate_jointly
from analysis.survey.estimation.estimates import means

WIDE = {"No": 1072, "Yes": 5122}


def _read(name: str, shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "survey_api" / f"{name}.csv")


def _two_stage(data: pd.DataFrame, *, finite: bool, **options: Any) -> SurveyDesign:
    fpc = data[["fpc1", "fpc2"]] if finite else None
    return specify_design(len(data), weights=data["pw"], psu=data[["dnum", "snum"]], fpc=fpc, **options)


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
    frame, weights = pd.read_parquet(tmp_path / "design.parquet").assign(respondent_id="x"), design.replicates.weights
    np.save(tmp_path / "replicates.npy", weights.astype(np.float32))
    again = restore_design(frame, record, np.load(tmp_path / "replicates.npy", mmap_mode="r"))
    assert again.variance_record() == design.variance_record()
    assert again.variance_record() == {
        "variance": "bootstrap", "replicates": 10, "strata": 2, "units": 6, "finite": True
    }  # fmt: skip
    values = pd.DataFrame({"y": np.arange(12.0)})
    plain = [replace(one, replicates=None) for one in (design, again)]
    pd.testing.assert_frame_equal(means(values, design=plain[0]), means(values, design=plain[1]))
    assert isinstance(again.replicates.weights, np.memmap)
    np.testing.assert_allclose(again.replicates.weights, weights, rtol=1e-7)
    of_columns = restore_design(frame.join(replicate_columns(weights)), record)
    np.testing.assert_array_equal(of_columns.replicates.weights, weights)
    with pytest.raises(MethodError, match="differ in number"):
        restore_design(frame, record, weights[:, 1:])


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
