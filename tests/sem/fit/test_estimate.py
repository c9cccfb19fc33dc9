"""Scoring steps: inverse of an information, whatever its condition, and minima that don't depend on the way there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.sem.fit.estimate import degrees_of_freedom, fit_maximum_likelihood
from analysis.sem.fit.information import invert_information
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

Build = Callable[..., Instrument]
BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}
MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a"


def _spectrum(values: list[float]) -> np.ndarray:
    """A symmetric matrix with these eigenvalues."""
    random = np.random.default_rng(1).normal(size=(len(values), len(values)))
    basis, _ = np.linalg.qr(random)
    return (basis * values) @ basis.T


def _answers(n: int = 300, seed: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    a = random.normal(size=n)
    b = 0.5 * a + random.normal(size=n)
    return np.column_stack([0.8 * (a if i < 3 else b) + 0.6 * random.normal(size=n) for i in range(6)])


def test_a_well_conditioned_information_is_simply_inverted() -> None:
    information = _spectrum([5.0, 1.0, 0.2])
    inverse, singular = invert_information(information)
    assert inverse == pytest.approx(np.linalg.inv(information), rel=1e-10)
    assert not singular
    assert (inverse == inverse.T).all()


def test_a_lost_direction_gives_the_pseudo_inverse_and_is_told() -> None:
    scale = np.array([1.0, 10.0, 100.0])
    information = np.outer(scale, scale) * np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    inverse, singular = invert_information(information)
    assert singular
    unit = inverse * np.outer(scale, scale)
    assert unit == pytest.approx(np.linalg.pinv(information / np.outer(scale, scale)), abs=1e-12)


def test_a_saddle_is_singular_and_inverted_all_the_same() -> None:
    information = _spectrum([4.0, 1.0, -0.5])
    inverse, singular = invert_information(information)
    assert singular
    assert inverse @ information == pytest.approx(np.eye(3), abs=1e-9)


def test_the_limit_of_singularity_is_kept_on_both_sides_of_the_short_cut() -> None:
    """1 − r is the smaller eigenvalue of a correlation r."""
    for gap, expected in ((1e-7, False), (2e-9, False), (5e-10, True)):
        _, singular = invert_information(np.array([[1.0, 1 - gap], [1 - gap, 1.0]]))
        assert singular is expected, gap


def test_no_free_parameters_are_no_trouble() -> None:
    inverse, singular = invert_information(np.zeros((0, 0)))
    assert (inverse.shape, singular) == ((0, 0), False)


@pytest.mark.parametrize("gaps", [False, True])
def test_the_minimum_is_the_same_from_every_start(build_instrument: Build, gaps: bool) -> None:
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    answers = _answers()
    if gaps:
        answers = np.where(np.random.default_rng(3).random(answers.shape) < 0.1, np.nan, answers)
    sample = Sample(answers, np.ones(len(answers)))
    usual = fit_maximum_likelihood(sample, syntax)
    shaken = usual.theta[: usual.structure.k] * np.random.default_rng(4).uniform(0.8, 1.25, usual.structure.k)
    other = fit_maximum_likelihood(sample, syntax, start=shaken)
    assert other.theta == pytest.approx(usual.theta, abs=1e-6)
    assert (usual.converged, other.converged) == (True, True)
    assert np.abs(usual.objective.gradient(usual.theta, usual.point)).max() < 1e-7
    assert usual.minimum >= 0
    assert degrees_of_freedom(usual) == 8


def test_row_order_and_doubled_rows_change_no_estimate(build_instrument: Build) -> None:
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    answers = _answers()
    one = fit_maximum_likelihood(Sample(answers, np.ones(300)), syntax)
    turned = fit_maximum_likelihood(Sample(answers[::-1], np.ones(300)), syntax)
    doubled = fit_maximum_likelihood(Sample(np.concatenate([answers, answers]), np.ones(600)), syntax)
    assert turned.theta == pytest.approx(one.theta, abs=1e-7)
    assert doubled.theta == pytest.approx(one.theta, abs=1e-7)
    assert doubled.covariance == pytest.approx(one.covariance / 2, rel=1e-6)


def test_items_that_repeat_each_other_are_refused(build_instrument: Build) -> None:
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    answers = _answers()
    answers[:, 1] = answers[:, 0]
    answers[:, 4] = answers[:, 0]
    with pytest.raises(MethodError, match="repeat each other"):
        fit_maximum_likelihood(Sample(answers, np.ones(300)), syntax)
