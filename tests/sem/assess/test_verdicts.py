"""What speaks against a solution: each fault by itself, with its subject, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.verdicts import find_faults
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.inference.effects import path_effects, standardised_loadings
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

BLOCKS = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items()) + "\nc ~ a + b"


@pytest.fixture(scope="module")
def solution(build_instrument: Callable[..., Instrument]) -> Solution:
    random = np.random.default_rng(5)
    common, n = random.normal(size=500), 500
    a, b = common + random.normal(size=n), common + random.normal(size=n)
    c = 0.4 * a + 0.3 * b + random.normal(size=n)
    answers = np.column_stack([latent + 0.7 * random.normal(size=n) for latent in (a, b, c) for _ in range(3)])
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    return fit_maximum_likelihood(Sample(answers, np.ones(n)), syntax)


def _moved(solution: Solution, **values: float) -> Solution:
    """The solution with single parameters elsewhere, named such as a1__a1 for a1 ~~ a1."""
    theta = solution.theta.copy()
    for parameter in solution.structure.syntax.parameters:
        key = f"{parameter.lhs}__{parameter.rhs}"
        if parameter.name is not None and key in values:
            theta[solution.structure.free[parameter.name]] = values[key]
    return replace(solution, theta=theta)


def _faults(solution: Solution, **options: Any) -> list[tuple[str, str]]:
    found = find_faults(solution, path_effects(solution), standardised_loadings(solution), **options)
    return list(zip(found["verdict"], found["subject"], strict=True))


def test_a_sound_solution_has_no_fault(solution: Solution) -> None:
    assert _faults(solution) == []
    assert _faults(solution, observed=np.eye(9)) == []


def test_a_fit_that_did_not_end_or_has_lost_a_direction_says_so(solution: Solution) -> None:
    assert _faults(replace(solution, converged=False)) == [("not_converged", "")]
    assert _faults(replace(solution, singular=True)) == [("singular_information", "")]


def test_a_negative_variance_is_named_and_pushes_its_loading_above_one(solution: Solution) -> None:
    assert _faults(_moved(solution, a1__a1=-0.1)) == [
        ("negative_variance", "a1"),
        ("std_loading_above_one", "a =~ a1"),
    ]


def test_constructs_that_are_one_another_are_not_positive_definite(solution: Solution) -> None:
    variance = float(solution.matrices.latent[0, 0] * solution.matrices.latent[1, 1])
    codes = {code for code, _ in _faults(_moved(solution, a__b=1.01 * np.sqrt(variance)))}
    assert "latent_covariance_not_pd" in codes


def test_predictors_that_nearly_repeat_each_other_are_collinear(solution: Solution) -> None:
    variance = float(solution.matrices.latent[0, 0] * solution.matrices.latent[1, 1])
    # inflation 1 / (1 − r²) is 10 at r² = 0.9
    above, below = (_moved(solution, a__b=np.sqrt(share * variance)) for share in (0.905, 0.895))
    assert {("collinear", "c ~ a"), ("collinear", "c ~ b")} <= set(_faults(above))
    assert not {code for code, _ in _faults(below)} & {"collinear"}


def test_a_path_beyond_one_is_named(solution: Solution) -> None:
    assert ("std_path_above_one", "c ~ a") in _faults(_moved(solution, c__a=3.0, c__b=-1.5))


def test_units_fewer_than_parameters_are_told(solution: Solution) -> None:
    parameters = len(solution.theta)
    assert _faults(solution, independent=parameters) == []
    assert _faults(solution, independent=parameters - 0.5) == [("few_units", "")]


def test_correlations_that_no_answers_can_have_are_told_with_their_eigenvalue(solution: Solution) -> None:
    observed = np.eye(9)
    observed[0, 1] = observed[1, 0] = 1.2
    found = find_faults(solution, path_effects(solution), standardised_loadings(solution), observed=observed)
    assert found["verdict"].tolist() == ["correlations_not_pd"]
    assert found["value"].tolist() == pytest.approx([-0.2])
