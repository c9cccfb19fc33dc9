"""Tables of a solution: inference of one cell, which effects get a row, which index is held against a threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.assess.indices import fit_indices
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.inference.effects import Derived, path_effects, standardised_loadings
from analysis.sem.inference.robust import robust_inference
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample
from analysis.sem.report import solution as tables

BLOCKS = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items()) + "\nb ~ a\nc ~ b"
QUANTILE = 1.959963984540054


@pytest.fixture(scope="module")
def sample() -> Sample:
    random = np.random.default_rng(5)
    a = random.normal(size=400)
    b = 0.6 * a + random.normal(size=400)
    c = 0.5 * b + random.normal(size=400)
    answers = np.column_stack([latent + 0.7 * random.normal(size=400) for latent in (a, b, c) for _ in range(3)])
    return Sample(answers, np.ones(400))


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument(BLOCKS, c="loyalty")


@pytest.fixture(scope="module")
def solution(sample: Sample, instrument: Instrument) -> Solution:
    return fit_maximum_likelihood(sample, check_model(MODEL, instrument=instrument, where="model"))


def test_the_quantile_belongs_to_the_middle_of_the_distribution() -> None:
    assert tables.normal_quantile(0.95) == pytest.approx(QUANTILE)
    assert tables.normal_quantile(0.5) == pytest.approx(0.6744897501960817)


def test_inference_of_a_cell_is_two_sided() -> None:
    raw, std = (Derived(np.array([value]), np.array([se])) for value, se in ((-1.0, 0.5), (-0.4, 0.2)))
    found = tables.inference(raw, std, (0,), QUANTILE)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((-1 - QUANTILE / 2, -1 + QUANTILE / 2))
    assert found["pvalue"] == pytest.approx(0.04550026389635842)
    assert (found["std"], found["std_high"]) == pytest.approx((-0.4, -0.4 + QUANTILE * 0.2))


def test_what_has_no_error_has_no_interval_and_no_p_value() -> None:
    fixed = Derived(np.array([1.0]), np.array([0.0]))
    found = tables.inference(fixed, fixed, (0,), QUANTILE)
    assert found["estimate"] == 1.0
    assert np.isnan([found["se"], found["ci_low"], found["ci_high"], found["pvalue"]]).all()


def test_effects_without_a_route_have_no_row(solution: Solution, instrument: Instrument) -> None:
    effects = tables.effects_table(
        solution.structure.syntax, solution, path_effects(solution), instrument, QUANTILE
    ).set_index(["predictor", "outcome", "effect"])
    assert list(effects.index) == [
        ("a", "c", "indirect"),
        ("a", "c", "total"),
        ("b", "c", "direct"),
        ("b", "c", "total"),
    ]
    assert effects.loc[("a", "c", "indirect"), "estimate"] == effects.loc[("a", "c", "total"), "estimate"]


def test_outcomes_are_those_with_a_role_else_the_last_one(
    solution: Solution, instrument: Instrument, build_instrument: Callable[..., Instrument]
) -> None:
    syntax = solution.structure.syntax
    assert tables.outcomes(syntax, instrument) == ("c",)
    assert tables.outcomes(syntax, build_instrument(BLOCKS, b="satisfaction", c="loyalty")) == ("b", "c")
    assert tables.outcomes(syntax, build_instrument(BLOCKS)) == ("c",)


def test_a_fixed_loading_has_no_error_but_a_standardised_interval(solution: Solution) -> None:
    rows = tables.loadings_table(solution, standardised_loadings(solution), QUANTILE).set_index("item")
    assert rows.loc["a1", "estimate"] == 1.0
    assert np.isnan(rows.loc["a1", "se"])
    assert rows.loc["a1", "std_low"] < rows.loc["a1", "std"] < rows.loc["a1", "std_high"] < 1


def test_r_squared_is_the_squared_path_of_an_only_cause(solution: Solution) -> None:
    found = tables.r_squared_table(solution).set_index("construct")["r_squared"]
    std = path_effects(solution).std_direct.estimate
    assert found["b"] == pytest.approx(std[1, 0] ** 2)
    assert "a" not in found


@pytest.mark.parametrize("robust", [False, True])
def test_fit_is_held_against_the_thresholds_of_the_edition(solution: Solution, sample: Sample, robust: bool) -> None:
    indices = fit_indices(solution, robust_inference(solution, sample) if robust else None)
    own: Any = indices.robust if robust else indices
    edges = Structural(min_cfi=own.cfi, max_rmsea=own.rmsea, min_tli=own.tli + 1e-9, max_srmr=indices.srmr - 1e-9)
    rows = tables.fit_table(indices, edges).set_index("index")
    assert rows["met"].dropna().to_dict() == {"cfi": True, "tli": False, "rmsea": True, "srmr": False}
    assert ("chi2_scaled" in rows.index) == robust
    assert rows.loc["rmsea", "low"] <= rows.loc["rmsea", "value"] <= rows.loc["rmsea", "high"]
    assert rows.loc["chi2", "value"] == indices.chi2


def test_indices_that_the_estimator_has_not_are_left_out(solution: Solution) -> None:
    without = replace(fit_indices(solution), aic=float("nan"), bic=float("nan"))
    rows = tables.fit_table(without, Structural())
    assert not {"aic", "bic"} & set(rows["index"])
    assert "logl" in set(rows["index"])
