"""Effects along the paths and their errors: products of paths, exact slopes, and routes that exist."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.inference.effects import (
    causes,
    delta_method,
    deviations,
    jacobian,
    parameter_errors,
    path_effects,
    standardised_loadings,
)
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

BLOCKS = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items()) + "\nb ~ a\nc ~ b"


@pytest.fixture(scope="module")
def solution(build_instrument: Callable[..., Instrument]) -> Solution:
    random = np.random.default_rng(5)
    a = random.normal(size=400)
    b = 0.6 * a + random.normal(size=400)
    c = 0.5 * b + random.normal(size=400)
    answers = np.column_stack([latent + 0.7 * random.normal(size=400) for latent in (a, b, c) for _ in range(3)])
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    return fit_maximum_likelihood(Sample(answers, np.ones(400)), syntax)


def test_an_indirect_effect_is_the_product_of_its_paths(solution: Solution) -> None:
    effects, paths = path_effects(solution), solution.matrices.paths
    assert effects.direct.estimate == pytest.approx(paths)
    assert effects.indirect.estimate[2, 0] == pytest.approx(paths[1, 0] * paths[2, 1])
    assert effects.total.estimate == pytest.approx(effects.direct.estimate + effects.indirect.estimate)
    assert effects.indirect.estimate[1, 0] == pytest.approx(0)


def test_the_error_of_an_indirect_effect_is_that_of_sobel(solution: Solution) -> None:
    """Var(ab) = b² Var(a) + a² Var(b) + 2ab Cov(a, b)."""
    structure, paths = solution.structure, solution.matrices.paths
    free = {(p.lhs, p.rhs): structure.free[p.name] for p in structure.syntax.parameters if p.op == "~" and p.name}
    places = [free["b", "a"], free["c", "b"]]
    slopes = np.array([paths[2, 1], paths[1, 0]])
    variance = slopes @ solution.covariance[np.ix_(places, places)] @ slopes
    assert path_effects(solution).indirect.se[2, 0] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_standardised_paths_rest_on_the_implied_spread(solution: Solution) -> None:
    spread = np.sqrt(np.diag(solution.matrices.latent_covariance))
    expected = solution.matrices.paths[1, 0] * spread[0] / spread[1]
    assert path_effects(solution).std_direct.estimate[1, 0] == pytest.approx(expected)
    # a construct with one cause: the standardised path is the correlation, which stays below one
    assert 0 < expected < 1


def test_squared_standardised_loadings_are_the_explained_shares(solution: Solution) -> None:
    loadings = standardised_loadings(solution).estimate
    explained = 1 - np.diag(solution.matrices.residual) / np.diag(solution.matrices.implied)
    assert (loadings[: len(explained)] ** 2).sum(axis=1) == pytest.approx(explained)


def test_slopes_are_those_of_differences(solution: Solution) -> None:
    exact = jacobian(solution, lambda m: m.implied)
    step = 1e-6
    for place in (0, 5, len(solution.theta) - 1):
        moved = step * np.eye(len(solution.theta))[place]
        ends = [solution.structure.matrices(solution.theta + sign * moved).implied for sign in (1, -1)]
        assert exact[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_what_is_fixed_has_no_error(solution: Solution) -> None:
    errors = parameter_errors(solution)
    assert errors.loadings[0, 0] == 0
    assert errors.loadings[1, 0] > 0
    constant = delta_method(solution, lambda m: 0 * m.paths + 2.0)
    assert (constant.estimate == 2).all()
    assert not constant.se.any()


def test_a_variance_that_is_none_has_no_deviation() -> None:
    assert deviations(np.diag([4.0, -1.0]))[0] == 2.0
    assert np.isnan(deviations(np.diag([4.0, -1.0]))[1])


def test_causes_are_direct_indirect_or_both(solution: Solution) -> None:
    assert causes(solution.structure.syntax, "c") == {"a": (False, True), "b": (True, False)}
    assert causes(solution.structure.syntax, "a") == {}
