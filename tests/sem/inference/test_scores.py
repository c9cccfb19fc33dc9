"""Scores of rows: they add up to the gradient, and where they are scaled their information is the identity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.fit.estimate import Objective
from analysis.sem.fit.likelihood import Point
from analysis.sem.inference.scores import AloneScores, FreeScores, ModelScores, WhiteScores
from analysis.sem.model.reader import check_model
from analysis.sem.model.structure import Structure
from analysis.sem.moments.sample import Sample, saturated

BLOCKS = {"a": ["a1", "a2", "a3"]}


@pytest.fixture(scope="module", params=[0.0, 0.2], ids=["complete", "gaps"])
def sample(request: pytest.FixtureRequest) -> Sample:
    random = np.random.default_rng(2)
    values = random.normal(size=(80, 1)) + random.normal(size=(80, 3))
    values = np.where(random.random(values.shape) < request.param, np.nan, values)
    values = values[~np.isnan(values).all(axis=1)]
    weights = random.uniform(0.5, 2, len(values))
    return Sample(values, weights / weights.mean())


@pytest.mark.parametrize("means", [False, True])
def test_scores_of_a_model_add_up_to_its_gradient(
    sample: Sample, build_instrument: Callable[..., Instrument], means: bool
) -> None:
    syntax = check_model("a =~ a1 + a2 + a3", instrument=build_instrument(BLOCKS), where="model")
    structure = Structure(syntax.with_means() if means else syntax)
    theta = np.random.default_rng(3).uniform(0.5, 1.5, len(structure.free))
    objective = Objective(structure, sample.patterns, saturated(sample.patterns)[0])
    point = objective.at(theta)
    scores = ModelScores(point, structure, structure.matrices(theta))
    rows = scores(sample.answers, sample.patterns.of_rows(sample.answers))
    total = sample.weights @ rows / sample.weights.sum()
    assert total == pytest.approx(-objective.gradient(theta, point), abs=1e-10)


def test_scores_without_a_model_vanish_at_the_estimate(sample: Sample) -> None:
    mean, covariance, _ = saturated(sample.patterns)
    rows = FreeScores(Point(sample.patterns, mean, covariance))(sample.answers, sample.patterns.of_rows(sample.answers))
    assert rows.shape[1] == 3 + 6
    assert sample.weights @ rows / len(rows) == pytest.approx(np.zeros(9), abs=1e-7)


@pytest.mark.parametrize("means", [False, True])
def test_squared_lengths_are_those_of_the_scores(sample: Sample, means: bool) -> None:
    alone = AloneScores(sample.patterns, means=means)
    rows = alone(sample.answers)
    assert alone.squared(sample.answers) == pytest.approx((rows**2).sum(axis=1))
    assert not np.isnan(rows).any()
    if sample.patterns.complete:
        white = WhiteScores(sample.patterns.mean[0], sample.patterns.spread[0], means=means)
        assert white.squared(sample.answers) == pytest.approx((white(sample.answers) ** 2).sum(axis=1))


def test_scaled_scores_of_normal_rows_have_the_identity_for_a_variance() -> None:
    values = np.random.default_rng(4).normal(size=(200_000, 2)) @ np.array([[1.0, 0.5], [0.0, 2.0]])
    sample = Sample(values, np.ones(len(values)))
    white = WhiteScores(sample.patterns.mean[0], sample.patterns.spread[0], means=True)(values)
    assert np.cov(white.T) == pytest.approx(np.eye(5), abs=0.03)
