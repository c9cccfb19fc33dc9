"""Differences with their covariance, adjusted p values and tests of cross tables, against R survey's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.survey.design.calibration import margin_calibration
from analysis.survey.design.replication import bootstrap, jackknife
from analysis.survey.design.survey_design import SurveyDesign, specify_design
from analysis.survey.estimation.differences import (
    DIFFERENCE_COLUMNS,
    adjust_p_values,
    compare_estimates,
    estimate_jointly,
)
from analysis.survey.estimation.estimates import means

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())


def _agree(row: pd.Series, golden: dict[str, float]) -> None:
    assert abs(row["difference"]) == pytest.approx(abs(golden["estimate"]), rel=1e-6)
    assert row["se"] == pytest.approx(golden["se"], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "domain", "pair"),
    [("strat", "awards", "No Yes"), ("clus", "stype", "E H"), ("two", "awards", "No Yes")],
)
def test_r_survey_gives_the_same_difference_of_two_domains(
    name: str, domain: str, pair: str, api_design: Callable[..., tuple[pd.DataFrame, SurveyDesign]]
) -> None:
    data, design = api_design({"strat": "apistrat", "clus": "apiclus1", "two": "apiclus2"}[name])
    joint = estimate_jointly(data[["api00"]], domain=data[domain], design=design)
    table = compare_estimates(joint)
    assert tuple(table.columns) == DIFFERENCE_COLUMNS
    row = table[(table["category_a"] + " " + table["category_b"]) == pair].iloc[0]
    _agree(row, GOLDEN[f"contrast_{name}_domains"])


def test_r_survey_gives_the_same_difference_of_two_items_and_from_replicates(
    api_design: Callable[..., tuple[pd.DataFrame, SurveyDesign]],
) -> None:
    data, design = api_design("apiclus1")
    table = compare_estimates(estimate_jointly(data[["api00", "api99"]], design=design))
    _agree(table.iloc[0], GOLDEN["contrast_clus_items"])
    assert table.loc[0, "df"] == 14
    strat, design = api_design("apistrat")
    drawn = jackknife(strat["pw"], strata=strat["stype"], fpc=strat["fpc"])
    joint = estimate_jointly(strat[["api00"]], domain=strat["awards"], design=replace(design, replicates=drawn))
    _agree(compare_estimates(joint).iloc[0], GOLDEN["contrast_jkn"])


def _sample(seed: int, rows: int = 80) -> tuple[pd.DataFrame, dict[str, Any], pd.Series]:
    rng = np.random.default_rng(seed)
    a = rng.normal(50, 10, rows)
    values = pd.DataFrame({"a": a, "b": a + rng.normal(0, 3, rows), "twice": 2 * a})
    values.loc[rng.random(rows) < 0.1, "b"] = np.nan
    options = {"weights": rng.uniform(0.3, 3, rows), "strata": rng.permutation(np.arange(rows) % 4)}
    return values, options, pd.Series(rng.choice(["x", "y"], rows)).where(rng.random(rows) < 0.95)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_diagonal_is_the_variance_of_the_table(seed: int) -> None:
    values, options, domain = _sample(seed)
    for extra in ({}, {"replicates": bootstrap(options["weights"], strata=options["strata"], replicates=30, seed=1)}):
        joint = estimate_jointly(values, design=specify_design(len(values), **options, **extra), domain=domain)
        table = means(values, design=specify_design(len(values), **options, **extra), domain=domain)
        np.testing.assert_allclose(joint.se, table["se"], rtol=1e-9)
        np.testing.assert_allclose(joint.estimate, table["estimate"], rtol=1e-12)
        assert joint.labels["variable"].tolist() == table["variable"].tolist()
        assert joint.labels["category"].tolist() == table["category"].tolist()


def test_the_difference_of_an_item_and_its_double_is_the_item() -> None:
    values, options, _ = _sample(4)
    joint = estimate_jointly(values[["twice", "a"]], design=specify_design(len(values[["twice", "a"]]), **options))
    row = compare_estimates(joint, pairs=[(0, 1)]).iloc[0]
    single = means(values[["a"]], design=specify_design(len(values[["a"]]), **options)).iloc[0]
    for ours, its in (("difference", "estimate"), ("se", "se"), ("ci_low", "ci_low"), ("ci_high", "ci_high")):
        assert row[ours] == pytest.approx(single[its], rel=1e-9)


def test_the_covariance_of_calibrated_weights_comes_from_the_residuals() -> None:
    values, options, domain = _sample(9)
    sex = np.where(np.arange(80) % 3 == 0, "m", "f")
    calibration = margin_calibration(options["weights"], [sex])
    design = specify_design(80, **options, calibration=calibration)
    joint = estimate_jointly(values, domain=domain, design=design)
    np.testing.assert_allclose(joint.se, means(values, domain=domain, design=design)["se"], rtol=1e-9)
    known = estimate_jointly(pd.DataFrame({"m": (sex == "m") * 1.0}), design=design)
    assert known.se[0] == pytest.approx(0, abs=1e-12)


def test_r_adjusts_p_values_the_same() -> None:
    p = [0.001, 0.04, 0.03, 0.2, 0.03, 0.9]
    for method in ("holm", "bh"):
        expected = [GOLDEN["adjusted"][f"{method}_{place}"] for place in range(1, 7)]
        np.testing.assert_allclose(adjust_p_values(p, method=method), expected, rtol=1e-12)
    np.testing.assert_array_equal(adjust_p_values(p, method="none"), p)
    np.testing.assert_allclose(adjust_p_values([np.nan, 0.02, 0.03]), [np.nan, 0.04, 0.04])
    with pytest.raises(MethodError, match="Unknown adjustment"):
        adjust_p_values(p, method="bonferroni")  # type: ignore[arg-type]


def test_a_centred_single_unit_counts_in_the_covariance_as_in_the_variance() -> None:
    values, options, domain = _sample(3)
    strata = np.where(np.arange(80) == 0, 9, options["strata"])
    design = specify_design(80, weights=options["weights"], strata=strata, singleton="centred")
    joint = estimate_jointly(values, domain=domain, design=design)
    np.testing.assert_allclose(joint.se, means(values, domain=domain, design=design)["se"], rtol=1e-9)


def test_two_items_of_one_domain_have_its_degrees_of_freedom_and_two_domains_welchs() -> None:
    values, options, _ = _sample(5)
    small = pd.Series(np.where(np.arange(80) < 12, "small", "large"))
    joint = estimate_jointly(
        values[["a", "twice"]], design=specify_design(len(values[["a", "twice"]]), **options), domain=small
    )
    degrees = dict(zip(joint.labels.agg(" ".join, axis=1), joint.degrees, strict=True))
    table = compare_estimates(joint).set_index(["variable_a", "category_a", "variable_b", "category_b"])
    assert table.loc[("a", "small", "twice", "small"), "df"] == degrees["a small"]
    between = table.loc[("a", "large", "a", "small"), "df"]
    assert degrees["a small"] < between < degrees["a small"] + degrees["a large"]
