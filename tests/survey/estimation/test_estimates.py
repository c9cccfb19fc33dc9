"""Estimates against R survey's, and what must hold for any data."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import COLUMNS, answers, means, proportions, ratios, totals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
DESIGNS = ["strat", "strat_nofpc", "clus", "clus_nofpc", "weighted"]


def _design(name: str, shared: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    cluster = name.startswith("clus")
    data = pd.read_csv(shared / "data" / "survey_api" / ("apiclus1.csv" if cluster else "apistrat.csv"))
    data["wide"] = (data["sch.wide"] == "Yes").astype(float)
    options: dict[str, Any] = {"weights": data["pw"]}
    if cluster:
        options["psu"] = data["dnum"]
    elif name.startswith("strat"):
        options["strata"] = data["stype"]
    if name in {"strat", "clus"}:
        options["fpc"] = data["fpc"]
    return data, options


def _agree(row: pd.Series, golden: dict[str, float]) -> None:
    for key, value in golden.items():
        if key != "degf":
            # weights of the files end at 15 digits, so that R's own deff of a census of equal weights is 1 ± 1e-9
            assert row[key] == pytest.approx(value, rel=1e-6), key


@pytest.mark.parametrize("name", DESIGNS)
def test_r_survey_gives_the_same_overall(name: str, shared: Path) -> None:
    data, options = _design(name, shared)
    _agree(
        means(data[["api00"]], design=specify_design(len(data[["api00"]]), **options)).iloc[0], GOLDEN[f"{name}_mean"]
    )
    _agree(
        totals(data[["enroll"]], design=specify_design(len(data[["enroll"]]), **options)).iloc[0],
        GOLDEN[f"{name}_total"],
    )
    _agree(
        ratios(data[["api.stu"]], data["enroll"], design=specify_design(len(data[["api.stu"]]), **options)).iloc[0],
        GOLDEN[f"{name}_ratio"],
    )
    _agree(
        proportions(data[["wide"]], design=specify_design(len(data[["wide"]]), **options)).iloc[0],
        GOLDEN[f"{name}_proportion"],
    )


@pytest.mark.parametrize("name", DESIGNS)
def test_r_survey_gives_the_same_by_domain(name: str, shared: Path) -> None:
    data, options = _design(name, shared)
    mean = means(
        data[["api00"]], design=specify_design(len(data[["api00"]]), **options), domain=data["stype"]
    ).set_index("category")
    total = totals(
        data[["enroll"]], design=specify_design(len(data[["enroll"]]), **options), domain=data["stype"]
    ).set_index("category")
    for category in ("E", "H", "M"):
        _agree(mean.loc[category], GOLDEN[f"{name}_mean_{category}"])
        _agree(total.loc[category], GOLDEN[f"{name}_total_{category}"])


@pytest.mark.parametrize("name", DESIGNS)
def test_missing_answers_are_a_domain_of_the_design_as_in_r(name: str, shared: Path) -> None:
    data, options = _design(name, shared)
    row = means(data[["acs.46"]], design=specify_design(len(data[["acs.46"]]), **options)).iloc[0]
    _agree(row, GOLDEN[f"{name}_missing"])
    assert row["n"] == data["acs.46"].notna().sum()


def test_a_domain_across_strata_keeps_the_whole_design(shared: Path) -> None:
    data, options = _design("strat", shared)
    domain = data["awards"].where(data["awards"] == "Yes")
    table = means(data[["api00"]], design=specify_design(len(data[["api00"]]), **options), domain=domain)
    assert table["category"].tolist() == ["Yes"]
    _agree(table.iloc[0], GOLDEN["strat_cross"])
    apart = data[data["awards"] == "Yes"]
    alone = means(
        apart[["api00"]],
        design=specify_design(len(apart[["api00"]]), weights=apart["pw"], strata=apart["stype"], fpc=apart["fpc"]),
    )
    assert alone.loc[0, "se"] != pytest.approx(table.loc[0, "se"], rel=1e-4)


def test_the_clusters_of_two_strata_may_share_their_codes() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 4, 8, 16, 32, 64, 128]})
    strata = np.repeat(["a", "b"], 4)
    own = means(data, design=specify_design(len(data), strata=strata, psu=[1, 1, 2, 2, 3, 3, 4, 4]))
    pd.testing.assert_frame_equal(
        own, means(data, design=specify_design(len(data), strata=strata, psu=[1, 1, 2, 2, 1, 1, 2, 2]))
    )


def _sample(seed: int, rows: int = 60) -> tuple[pd.DataFrame, np.ndarray, pd.Series]:
    rng = np.random.default_rng(seed)
    values = pd.DataFrame({"a": rng.normal(50, 10, rows), "b": rng.integers(0, 2, rows).astype(float)})
    values.loc[rng.random(rows) < 0.1, "a"] = np.nan
    domain = pd.Series(rng.choice(["x", "y"], rows)).where(rng.random(rows) < 0.95)
    return values, rng.uniform(0.3, 3, rows), domain


seeds = st.integers(0, 10_000)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, scale=st.floats(1e-3, 1e4))
def test_the_scale_of_the_weights_changes_nothing(seed: int, scale: float) -> None:
    values, weights, domain = _sample(seed)
    pd.testing.assert_frame_equal(
        means(values, design=specify_design(len(values), weights=weights), domain=domain),
        means(values, design=specify_design(len(values), weights=weights * scale), domain=domain),
        rtol=1e-9,
    )


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    values, weights, domain = _sample(seed)
    psu = np.arange(len(values)) // 3
    order = np.random.default_rng(seed + 1).permutation(len(values))
    pd.testing.assert_frame_equal(
        means(values, design=specify_design(len(values), weights=weights, psu=psu), domain=domain),
        means(
            values.iloc[order],
            design=specify_design(len(values.iloc[order]), weights=weights[order], psu=psu[order]),
            domain=domain.iloc[order],
        ),
        rtol=1e-9,
    )


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_a_whole_weight_counts_as_repeated_rows_in_the_estimate(seed: int) -> None:
    values, _, domain = _sample(seed)
    copies = np.random.default_rng(seed).integers(1, 5, len(values))
    rows = np.repeat(np.arange(len(values)), copies)
    weighted = means(values, design=specify_design(len(values), weights=copies), domain=domain)["estimate"]
    repeated = means(values.iloc[rows], domain=domain.iloc[rows])["estimate"]
    np.testing.assert_allclose(weighted, repeated, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_a_proportion_is_the_mean_of_ones_and_its_interval_stays_inside_0_and_1(seed: int) -> None:
    values, weights, domain = _sample(seed)
    share = proportions(values[["b"]], design=specify_design(len(values[["b"]]), weights=weights), domain=domain)
    mean = means(values[["b"]], design=specify_design(len(values[["b"]]), weights=weights), domain=domain)
    pd.testing.assert_frame_equal(share.drop(columns=["ci_low", "ci_high"]), mean.drop(columns=["ci_low", "ci_high"]))
    assert (share["ci_low"] >= 0).all()
    assert (share["ci_high"] <= 1).all()
    assert ((share["ci_low"] <= share["estimate"]) & (share["estimate"] <= share["ci_high"])).all()


def test_equal_weights_give_the_textbook_standard_error_and_no_design_effect() -> None:
    y = np.random.default_rng(3).normal(size=40)
    row = means(pd.DataFrame({"y": y})).iloc[0]
    assert row["se"] == pytest.approx(y.std(ddof=1) / np.sqrt(40))
    assert row["deff"] == pytest.approx(1.0)
    assert row["n_eff"] == pytest.approx(40.0)
    assert row["ci_high"] - row["estimate"] == pytest.approx(2.0226909 * row["se"], rel=1e-6)


def test_a_share_of_nobody_or_everybody_has_the_exact_binomial_bound() -> None:
    table = proportions(pd.DataFrame({"none": np.zeros(50), "all": np.ones(50)}))
    assert table["estimate"].tolist() == [0.0, 1.0]
    assert table["ci_high"].iloc[0] == pytest.approx(1 - 0.025 ** (1 / 50))
    assert table["ci_low"].iloc[1] == pytest.approx(0.025 ** (1 / 50))
    assert table["n_eff"].tolist() == pytest.approx([50, 50])


def test_a_domain_of_one_answer_has_no_standard_error_and_an_empty_one_no_estimate() -> None:
    values = pd.DataFrame({"y": [1.0, 2.0, 3.0, np.nan]})
    table = means(values, domain=pd.Series(["a", "a", "b", "c"])).set_index("category")
    assert table["n"].tolist() == [2, 1, 0]
    assert table.loc["b", "estimate"] == 3.0
    assert np.isnan(table.loc["b", ["se", "ci_low", "ci_high"]].astype(float)).all()
    assert np.isnan(table.loc["c", "estimate"])


def test_the_table_has_the_columns_of_the_contract_and_the_order_of_a_categorical() -> None:
    domain = pd.Series(pd.Categorical(["low", "high", "low", "high"], categories=["low", "middle", "high"]))
    table = means(pd.DataFrame({"y": [1.0, 2, 3, 4]}), domain=domain)
    assert tuple(table.columns) == COLUMNS
    assert table["category"].tolist() == ["low", "high"]
    assert means(pd.DataFrame({"y": [1.0, 2]}))["category"].tolist() == [None]


Y = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0]})


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"weights": [1, 1, 1]}, "weights does not match"),
        ({"weights": [1, 1, 1, -1]}, "negative"),
        ({"weights": [0, 0, 0, 0]}, "all zero"),
        ({"weights": [1, 1, 1, np.nan]}, "missing or infinite"),
        ({"weights": ["a", "b", "c", "d"]}, "not numeric"),
        ({"strata": ["a", "a", "a", "b"]}, "single primary sampling unit"),
        ({"strata": ["a", "a", None, "b"]}, "missing values"),
        ({"psu": [1, 1, 1, 1]}, "single primary sampling unit"),
        ({"fpc": [3, 3, 3, 3]}, "smaller than the sample"),
        ({"strata": ["a", "a", "b", "b"], "fpc": [9, 8, 9, 9]}, "differs within a stratum"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(options: dict[str, Any], named: str) -> None:
    with pytest.raises(MethodError, match=named):
        specify_design(len(Y), **options)


def test_arguments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(MethodError, match="domain does not match"):
        means(Y, domain=pd.Series(["a"]))
    with pytest.raises(MethodError, match="between 0 and 1"):
        means(Y, confidence=95)
    with pytest.raises(MethodError, match="design does not match"):
        means(Y, design=specify_design(3))


def test_values_that_are_no_numbers_or_no_indicators_are_refused() -> None:
    with pytest.raises(MethodError, match="not numeric"):
        means(pd.DataFrame({"y": ["good", "bad"]}))
    with pytest.raises(MethodError, match="not an indicator"):
        proportions(Y)
    with pytest.raises(MethodError, match="no interview"):
        means(Y.iloc[:0])
    with pytest.raises(MethodError, match="denominator does not match"):
        ratios(Y, pd.Series([1.0]))


def test_columns_in_single_precision_are_summed_in_double_without_a_copy_of_them() -> None:
    rng, rows = np.random.default_rng(6), 60_000
    held = pd.DataFrame(rng.integers(1, 11, (rows, 40)).astype(np.float32), columns=[f"i{k}" for k in range(40)])
    held = held.mask(rng.random(held.shape) < 0.1)
    design = specify_design(rows, weights=rng.uniform(0.5, 2, rows), strata=rng.integers(0, 5, rows))
    assert np.shares_memory(answers(held), held.to_numpy())
    tracemalloc.start()
    found = means(held, design=design)
    peak = tracemalloc.get_traced_memory()[1] / held.size
    tracemalloc.stop()
    pd.testing.assert_frame_equal(found, means(held.astype(np.float64), design=design), rtol=1e-14)
    assert peak < 4  # bytes an answer; a copy in double precision takes 8
