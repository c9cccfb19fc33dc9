"""Indices of missing and of ordered answers estimate the fit of complete and normal ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.indices import RobustFit, categorical_fit_indices, fit_indices
from analysis.sem.fit.categorical import fit_categorical
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.inference.corrected import Corrected, corrected_for_categories
from analysis.sem.inference.robust import robust_inference
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.ordinal import ordinal_moments
from analysis.sem.moments.sample import Sample

BLOCKS = {"a": ["a1", "a2", "a3", "a4"], "b": ["b1", "b2", "b3", "b4"]}
N = 20_000


@pytest.fixture(scope="module")
def syntax(build_instrument: Callable[..., Instrument]) -> ModelSyntax:
    """Two constructs that don't correlate, although they do."""
    measured = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items())
    return check_model(f"{measured}\na ~~ 0*b", instrument=build_instrument(BLOCKS), where="model")


@pytest.fixture(scope="module")
def normal() -> np.ndarray:
    random = np.random.default_rng(5)
    a = random.normal(size=N)
    b = 0.2 * a + random.normal(size=N)
    return np.stack([0.8 * one + 0.6 * random.normal(size=N) for one in (a, b) for _ in range(4)], axis=1)


def _gaps(answers: np.ndarray, share: float) -> np.ndarray:
    return np.where(np.random.default_rng(6).random(answers.shape) < share, np.nan, answers)


def _robust(answers: np.ndarray, syntax: ModelSyntax) -> tuple[RobustFit, Corrected | None]:
    sample = Sample(answers, np.ones(len(answers)))
    solution = fit_maximum_likelihood(sample, syntax)
    inference = robust_inference(solution, sample)
    found = fit_indices(solution, inference).robust
    assert found is not None
    return found, inference.corrected


def test_missing_answers_do_not_make_a_wrong_model_fit_better(syntax: ModelSyntax, normal: np.ndarray) -> None:
    """The index of the scaled χ² would: RMSEA falls with every answer that is missing."""
    whole, none = _robust(normal, syntax)
    part, corrected = _robust(_gaps(normal, 0.4), syntax)
    assert none is None
    assert corrected is not None
    assert part.chi2 < 0.75 * whole.chi2
    assert part.rmsea == pytest.approx(whole.rmsea, rel=0.1)
    assert part.cfi == pytest.approx(whole.cfi, abs=0.005)


def test_coarse_answers_do_not_make_a_wrong_model_fit_better(syntax: ModelSyntax, normal: np.ndarray) -> None:
    whole, _ = _robust(normal, syntax)
    for cuts in ([0.0], [-1.0, 0.0, 1.0]):
        answers = (normal[:, :, None] > np.array(cuts)).sum(axis=2).astype(float)
        solution = fit_categorical(ordinal_moments(Sample(answers, np.ones(N)), syntax.items), syntax)
        found = categorical_fit_indices(solution).robust
        assert found is not None
        assert found.rmsea == pytest.approx(whole.rmsea, rel=0.1)
        assert found.cfi == pytest.approx(whole.cfi, abs=0.005)


def test_correlations_without_an_inverse_have_no_corrected_fit(syntax: ModelSyntax, normal: np.ndarray) -> None:
    """Pairwise correlations of few answers each can contradict one another."""
    answers = (_gaps(normal[:200], 0.6)[:, :, None] > np.array([-0.5, 0.5])).sum(axis=2).astype(float)
    answers[np.isnan(_gaps(normal[:200], 0.6))] = np.nan
    moments = ordinal_moments(Sample(answers, np.ones(200)), syntax.items)
    solution = fit_categorical(moments, syntax)
    moments.covariance[0, 1:4] = moments.covariance[1:4, 0] = [0.99, -0.99, 0.99]
    assert corrected_for_categories([solution]) is None
    found = categorical_fit_indices(solution).robust
    assert found is not None
    assert found.rmsea == pytest.approx(np.sqrt((found.chi2 - solution.test.df) / (solution.test.df * 199)))
    assert np.isfinite(found.chi2)
