"""Implied moments and their derivatives, against a simulation in closed form and complex steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.model.bounds import STEP, stepped
from analysis.sem.model.reader import check_model
from analysis.sem.model.structure import Structure

BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"]}
MODEL = """
a =~ a1 + x*a2 + x*a3
b =~ b1 + b2 + b3
c =~ c1 + 0.5*c2 + c3 + b3
b ~ a
c ~ a + b
a1 ~~ b1
"""
RANDOM = np.random.default_rng(7)


@pytest.fixture(scope="module", params=["covariances", "means"])
def structure(request: pytest.FixtureRequest, build_instrument: Callable[..., Instrument]) -> Structure:
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    return Structure(syntax.with_means(latent=True) if request.param == "means" else syntax)


@pytest.fixture(scope="module")
def theta(structure: Structure) -> np.ndarray:
    return np.random.default_rng(1).uniform(0.4, 1.2, len(structure.free))


def test_implied_moments_are_those_of_the_equations(structure: Structure, theta: np.ndarray) -> None:
    """y = ν + Λη + ε and η = α + Bη + ζ, solved for the constructs one after the other."""
    m = structure.matrices(theta)
    sources = np.linalg.cholesky(m.latent)
    weights = np.zeros((3, 3))
    means = np.zeros(3)
    for outcome in range(3):  # in causal order
        weights[outcome] = sources[outcome] + m.paths[outcome] @ weights
        means[outcome] = m.latent_intercepts[outcome, 0] + m.paths[outcome] @ means
    assert m.implied == pytest.approx(m.loadings @ weights @ weights.T @ m.loadings.T + m.residual)
    assert m.mean == pytest.approx(m.intercepts[:, 0] + m.loadings @ means)


def test_fixed_and_equal_cells_are_where_they_belong(structure: Structure, theta: np.ndarray) -> None:
    loadings = structure.matrices(theta).loadings
    place = structure.items
    assert loadings[place["a1"], 0] == 1.0
    assert loadings[place["c2"], 2] == 0.5
    assert loadings[place["a2"], 0] == loadings[place["a3"], 0]
    assert loadings[place["b3"], 1] != 0
    assert loadings[place["b3"], 2] != 0
    residual = structure.matrices(theta).residual
    assert residual[place["a1"], place["b1"]] == residual[place["b1"], place["a1"]] != 0


def test_derivatives_are_exact(structure: Structure, theta: np.ndarray) -> None:
    matrices = structure.matrices(theta)
    by_covariance, by_mean = structure.derivatives(matrices), structure.mean_derivatives(matrices)
    for number in range(len(theta)):
        moved = theta.astype(complex)
        moved[number] += 1j * STEP
        step = structure.matrices(moved)
        if number < structure.k:
            assert by_covariance[number] == pytest.approx(step.implied.imag / STEP, abs=1e-12)
        assert by_mean[:, number] == pytest.approx(step.mean.imag / STEP, abs=1e-12)


def test_gradient_pulled_and_scores_are_the_derivatives_in_other_words(structure: Structure, theta: np.ndarray) -> None:
    matrices, p = structure.matrices(theta), len(structure.items)
    weight = RANDOM.normal(size=(p, p))
    weight, towards = weight + weight.T, RANDOM.normal(size=p)
    derivatives = structure.derivatives(matrices)
    expected = np.einsum("ij,kij->k", weight, derivatives)
    assert structure.pulled(matrices, weight) == pytest.approx(expected)
    gradient = structure.gradient(matrices, towards, weight)
    if structure.means:
        by_mean = towards @ structure.mean_derivatives(matrices)
        assert gradient == pytest.approx(by_mean + np.append(expected, np.zeros(len(gradient) - structure.k)))
    rows = RANDOM.normal(size=(5, p))
    scores = np.einsum("ni,kij,nj->nk", rows, derivatives, rows)
    assert structure.scores(matrices, rows)[:, : structure.k] == pytest.approx(scores)


def test_products_are_the_traces_of_the_derivatives(structure: Structure, theta: np.ndarray) -> None:
    matrices, p = structure.matrices(theta), len(structure.items)
    left, right = (part @ part.T for part in RANDOM.normal(size=(2, p, p)))
    derivatives = structure.derivatives(matrices)
    expected = np.einsum("ab,kbc,cd,lda->kl", left, derivatives, right, derivatives, optimize=True)
    assert structure.products(matrices, left, right) == pytest.approx(expected, rel=1e-10, abs=1e-9)


def test_stacks_are_the_same_as_one_by_one(structure: Structure, theta: np.ndarray) -> None:
    stack = theta * RANDOM.uniform(0.9, 1.1, (4, 1))
    together = structure.matrices(stack)
    weight = np.eye(len(structure.items))
    pulled = structure.pulled(together, weight)
    for number, own in enumerate(stack):
        alone = structure.matrices(own)
        assert together.implied[number] == pytest.approx(alone.implied)
        assert pulled[number] == pytest.approx(structure.pulled(alone, weight))


def test_curvature_is_the_slope_of_the_gradient(structure: Structure, theta: np.ndarray) -> None:
    p, step = len(structure.items), 1e-6
    weight, towards = np.eye(p) + 0.1, RANDOM.normal(size=p)
    curvature = structure.curvature(theta, towards, weight)
    assert curvature == pytest.approx(curvature.T, abs=1e-10)
    for number in (0, structure.k // 2, len(theta) - 1):
        moved = np.zeros(len(theta))
        moved[number] = step
        ends = [structure.gradient(structure.matrices(theta + sign * moved), towards, weight) for sign in (1, -1)]
        assert curvature[number] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("count", [0, 1, 64, 65, 130])
def test_every_parameter_is_stepped_once(count: int) -> None:
    parts = list(stepped(np.arange(float(count))))
    assert max((len(part) for part in parts), default=0) <= 64
    moved = np.concatenate(parts) if parts else np.zeros((0, count))
    assert (moved.imag == STEP * np.eye(count)).all()
