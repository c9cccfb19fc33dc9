"""Replicate weights against R survey's, and what must hold for any design."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.survey.design import replication
from analysis.survey.design.replicate_weights import Behind, ReplicateWeights
from analysis.survey.design.replication import bootstrap, bootstrap_of, jackknife, jackknife_of
from analysis.survey.design.survey_design import specify_design

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "survey.json").read_text())
SINGLE = json.loads((Path(__file__).parents[2] / "golden" / "survey_designs.json").read_text())["single"]


def _se(y: pd.Series, base: pd.Series, replicates: ReplicateWeights) -> float:
    each = (y.to_numpy(float) @ replicates.weights) / replicates.weights.sum(axis=0)
    middle = np.average(y, weights=base) if replicates.centre == "estimate" else each.mean()
    return float(np.sqrt(replicates.factors @ (each - middle) ** 2))


@pytest.mark.parametrize(("centre", "suffix"), [("mean", ""), ("estimate", "_mse")])
def test_the_jackknife_of_r(centre: str, suffix: str, shared: Path) -> None:
    cluster = pd.read_csv(shared / "data" / "survey_api" / "apiclus1.csv")
    jk1 = jackknife(cluster["pw"], psu=cluster["dnum"], fpc=cluster["fpc"], centre=centre)
    golden = GOLDEN[f"jk1{suffix}"]
    assert jk1.method == "JK1"
    assert jk1.degrees == golden["degf"]
    assert _se(cluster["api00"], cluster["pw"], jk1) == pytest.approx(golden["mean_se"], rel=1e-9)

    strat = pd.read_csv(shared / "data" / "survey_api" / "apistrat.csv")
    jkn = jackknife(strat["pw"], strata=strat["stype"], fpc=strat["fpc"], centre=centre)
    golden = GOLDEN[f"jkn{suffix}"]
    assert jkn.method == "JKn"
    assert jkn.weights.shape == (200, 200)
    assert jkn.degrees == golden["degf"]
    assert _se(strat["api00"], strat["pw"], jkn) == pytest.approx(golden["mean_se"], rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_jackknife_replicate_keeps_the_total_of_equal_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strata = np.repeat(np.arange(3), rng.integers(2, 9, 3))
    replicates = jackknife(np.ones(len(strata)), strata=strata)
    np.testing.assert_allclose(replicates.weights.sum(axis=0), len(strata))
    assert (replicates.weights == 0).sum() == len(strata)


def test_the_bootstrap_has_the_variance_of_the_textbook_and_repeats_with_its_seed() -> None:
    rng = np.random.default_rng(5)
    strata = np.repeat([0, 1], [60, 40])
    y = pd.Series(rng.normal(10 * strata, 2 + strata))
    base = pd.Series(np.where(strata == 0, 3.0, 1.0))
    size = np.where(strata == 0, 120, 50)
    drawn = bootstrap(base, strata=strata, fpc=size, replicates=4000, seed=1)
    assert drawn.degrees == 98
    share = np.array([180, 40]) / 220
    textbook = sum(
        share[h] ** 2 * (1 - (strata == h).sum() / size[strata == h][0]) * y[strata == h].var() / (strata == h).sum()
        for h in (0, 1)
    )
    # Weights of equal size within the strata: the mean is linear but for the sum of weights, which never moves.
    assert _se(y, base, drawn) == pytest.approx(np.sqrt(textbook), rel=0.05)
    again = bootstrap(base, strata=strata, fpc=size, replicates=4000, seed=1)
    np.testing.assert_array_equal(drawn.weights, again.weights)
    assert not np.array_equal(drawn.weights, bootstrap(base, strata=strata, fpc=size, replicates=4000, seed=2).weights)


def test_rows_of_a_unit_move_together_and_a_census_does_not_move() -> None:
    psu = np.repeat(np.arange(6), 5)
    drawn = bootstrap(np.ones(30), psu=psu, replicates=20, seed=3)
    assert all(len(np.unique(column[psu == unit])) == 1 for column in drawn.weights.T for unit in range(6))
    np.testing.assert_allclose(drawn.weights.sum(axis=0), 30)
    census = bootstrap(np.ones(30), psu=psu, fpc=np.full(30, 6), replicates=20, seed=3)
    np.testing.assert_allclose(census.weights, 1.0)


def test_a_single_unit_is_refused_or_keeps_its_weight() -> None:
    strata = [1, 1, 1, 2]
    with pytest.raises(MethodError, match="single primary sampling unit"):
        jackknife(np.ones(4), strata=strata)
    assert jackknife(np.ones(4), strata=strata, singleton="certainty").weights.shape == (4, 3)
    kept = bootstrap(np.ones(4), strata=strata, singleton="certainty", replicates=9, seed=1)
    np.testing.assert_array_equal(kept.weights[3], 1.0)
    with pytest.raises(MethodError, match="can be left out"):
        jackknife(np.ones(2), strata=[1, 2], singleton="certainty")
    with pytest.raises(MethodError, match="needs replicates"):
        bootstrap(np.ones(4), replicates=1, seed=1)


def _single() -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """The rows of survey_designs.R: unit 0 is a stratum of its own."""
    i = np.arange(68)
    unit = i // 4
    y = 50 + 8 * np.sin(unit * 1.3) + 3 * np.cos(i * 2.1)
    strata = np.where(unit == 0, "alone", np.where(unit < 9, "low", "high"))
    return pd.DataFrame({"y": y, "w": 1.0 + unit % 3}), {"strata": strata, "psu": unit}


@pytest.mark.parametrize(("singleton", "option"), [("centred", "adjust"), ("certainty", "certainty")])
def test_a_single_unit_adds_to_a_jackknifed_total_what_it_adds_by_linearisation(singleton: Any, option: str) -> None:
    rows, draw = _single()
    golden = SINGLE[option]
    drawn = jackknife(rows["w"], **draw, singleton=singleton)
    assert drawn.weights.shape[1] == golden["replicates"]
    total = rows["y"].to_numpy() @ drawn.weights - rows["y"] @ rows["w"]
    assert np.sqrt(drawn.factors @ total**2) == pytest.approx(golden["taylor_total"], rel=1e-9)
    # R gives the replicate of the single unit 2/3 of its square: (H − 1)/H with three strata.
    single = (drawn.weights[:4] == 0).all(axis=0) & (drawn.factors == 1)
    theirs = replace(drawn, factors=np.where(single, 2 / 3, drawn.factors))
    assert _se(rows["y"], rows["w"], theirs) == pytest.approx(golden["jackknife_mean"], rel=1e-9)


def test_a_single_unit_moves_in_the_bootstrap_as_linearisation_has_it() -> None:
    rows, draw = _single()
    drawn = bootstrap(rows["w"], **draw, singleton="centred", replicates=4000, seed=3)
    assert set(np.unique(drawn.weights[0])) == {0.0, 2.0}
    total = rows["y"].to_numpy() @ drawn.weights - rows["y"] @ rows["w"]
    assert np.sqrt(drawn.factors @ total**2) == pytest.approx(SINGLE["adjust"]["taylor_total"], rel=0.05)
    finite = bootstrap(np.ones(4), strata=[1, 1, 1, 2], fpc=[9, 9, 9, 4], singleton="centred", replicates=9, seed=1)
    np.testing.assert_allclose(np.unique(finite.weights[3]), 1 + np.sqrt(0.75) * np.array([-1, 1]))


def test_a_census_has_no_variance_by_jackknife() -> None:
    drawn = jackknife(np.ones(6), fpc=np.full(6, 6))
    assert drawn.weights.shape == (6, 6)
    assert not drawn.factors.any()


@pytest.mark.parametrize("many", [0, 10**9])
def test_units_are_drawn_with_replacement_however_many_they_are(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "MANY", many)
    strata = np.repeat([0, 1], [40, 60])
    drawn = bootstrap(np.ones(100), strata=strata, replicates=4000, seed=3).weights
    np.testing.assert_allclose(drawn.sum(axis=0), 100.0)
    spread = np.cov(drawn[:3])
    np.testing.assert_allclose(drawn.mean(axis=1), 1.0, atol=0.1)
    expected = 40 / 39 * (np.eye(3) - 1 / 40)  # of 39 draws, times (40/39)²
    np.testing.assert_allclose(spread, expected, atol=0.1)


def test_some_of_the_replicates_are_those_of_all() -> None:
    strata, psu = np.repeat([0, 1], [40, 60]), np.arange(100) // 5
    design = specify_design(100, strata=strata, psu=psu)
    for drawn in (bootstrap_of(design, replicates=9, seed=2), jackknife_of(design, stratified=True)):
        whole = drawn.multipliers(slice(None), slice(None))
        assert whole.shape == (100, drawn.count)
        np.testing.assert_array_equal(drawn.multipliers(slice(2, 5), slice(30, 70)), whole[30:70, 2:5])


@pytest.mark.parametrize("many", [0, 10**9])
def test_rows_behind_the_others_are_drawn_with_them_and_summed(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "MANY", many)
    rng = np.random.default_rng(5)
    strata, groups = np.r_[rng.integers(0, 3, 99), 3], rng.integers(0, 25, 100)
    behind = Behind(60, rng.integers(0, 4, 40), rng.uniform(1, 2, 40), 5)
    drawn = specify_design(100, strata=strata, singleton="centred")
    grouped = specify_design(100, strata=strata[:, None].ravel(), psu=groups, singleton="centred")
    for whole, part in (
        (bootstrap_of(drawn, replicates=9, seed=2), bootstrap_of(drawn, replicates=9, seed=2, behind=behind)),
        (jackknife_of(grouped, stratified=True), jackknife_of(grouped, stratified=True, behind=behind)),
    ):
        every = whole.multipliers(slice(None), slice(None))
        np.testing.assert_array_equal(part.multipliers(slice(None), slice(0, 60)), every[:60])
        weighted = every[60:] * behind.weights[:, None]
        expected = np.stack([weighted[behind.code == code].sum(axis=0) for code in range(5)])
        np.testing.assert_allclose(part.sums(slice(1, 7)), expected[:, 1:7], rtol=1e-12)
