"""MLM and MLMV against their formulas written out, and what must not change them. Against lavaan: test_model_kinds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.fit.estimate import Solution, degrees_of_freedom, fit_maximum_likelihood
from analysis.sem.inference.adjusted import adjusted_inference
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample

ITEMS = ["a1", "a2", "a3", "a4"]


@pytest.fixture(scope="module")
def sample() -> Sample:
    random = np.random.default_rng(2)
    common = random.standard_normal(300)
    answers = np.column_stack([common + random.standard_normal(300) ** 3 / 3 for _ in ITEMS])
    return Sample(answers, np.ones(300))


@pytest.fixture(scope="module")
def solution(sample: Sample, build_instrument: Callable[..., Instrument]) -> Solution:
    text = "a =~ a1 + k*a2 + k*a3 + a4"
    return fit_maximum_likelihood(sample, check_model(text, instrument=build_instrument({"a": ITEMS}), where="model"))


def test_covariance_and_tests_follow_their_formulas(solution: Solution, sample: Sample) -> None:
    """Σ in vech order, W = ½ Dᵀ(Σ⁻¹ ⊗ Σ⁻¹)D with the duplication matrix D."""
    implied, n = solution.matrices.implied, sample.n
    rows, columns = np.tril_indices(4)
    double = np.zeros((16, 10))
    double[rows * 4 + columns, np.arange(10)] = double[columns * 4 + rows, np.arange(10)] = 1.0
    inverse = np.linalg.inv(implied)
    weight = 0.5 * double.T @ np.kron(inverse, inverse) @ double
    slopes = solution.structure.derivatives(solution.matrices)[:, rows, columns].T
    away = sample.answers - sample.answers.mean(axis=0)
    products = away[:, rows] * away[:, columns]
    gamma = np.cov(products.T, ddof=0)
    bread = np.linalg.inv(slopes.T @ weight @ slopes)
    left = (weight - weight @ slopes @ bread @ slopes.T @ weight) @ gamma
    df = degrees_of_freedom(solution)
    plain, shifted = (adjusted_inference(solution, sample, shifted=one) for one in (False, True))
    pull = bread @ slopes.T @ weight
    assert plain.covariance == pytest.approx(pull @ gamma @ pull.T / n, rel=1e-8)
    assert plain.scaling == pytest.approx(np.trace(left) / df, rel=1e-10)
    assert plain.adjusted is None
    assert shifted.adjusted is not None
    divisor, shift = shifted.adjusted
    assert divisor == pytest.approx(np.sqrt(np.trace(left @ left) / df), rel=1e-10)
    assert shift == pytest.approx(df - np.trace(left) / divisor, rel=1e-10)
    assert shifted.covariance == pytest.approx(plain.covariance)


def test_complete_rows_of_one_group_are_asked_for() -> None:
    with pytest.raises(ValueError, match="set missing to listwise"):
        Structural.model_validate({"estimator": "MLM"})
    with pytest.raises(ValueError, match="takes one group"):
        Structural.model_validate({"estimator": "MLMV", "missing": "listwise", "group": "sex"})
