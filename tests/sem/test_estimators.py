"""Which estimator a sample gets, what its errors rest on, and when semopy is the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.estimators import by_likelihood
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.sample import Sample

BLOCKS = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items()) + "\nb ~ a"
PLAIN = Structural(estimator="ML")


@pytest.fixture(scope="module")
def syntax(build_instrument: Callable[..., Instrument]) -> ModelSyntax:
    return check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")


@pytest.fixture(scope="module")
def sample() -> Sample:
    random = np.random.default_rng(5)
    a = random.normal(size=300)
    b = 0.6 * a + random.normal(size=300)
    answers = np.column_stack([latent + 0.7 * random.normal(size=300) for latent in (a, b) for _ in range(3)])
    return Sample(answers, np.ones(300))


def test_equal_rows_without_a_design_are_fitted_by_plain_likelihood(syntax: ModelSyntax, sample: Sample) -> None:
    found = by_likelihood(sample, syntax, PLAIN)
    assert (found.estimator, found.variance, found.drawn) == ("ML", "information", None)
    assert found.indices.robust is None


@pytest.mark.parametrize("part", ["weights", "stratum", "psu", "asked"])
def test_weights_strata_and_units_call_for_robust_errors(syntax: ModelSyntax, sample: Sample, part: str) -> None:
    halves = np.arange(300) % 30
    changes = {"weights": {"weights": np.where(halves < 15, 0.5, 1.5)}, "stratum": {"stratum": halves % 3}}
    changed = replace(sample, **changes.get(part, {"psu": halves} if part == "psu" else {}))
    found = by_likelihood(changed, syntax, Structural(estimator="MLR") if part == "asked" else PLAIN)
    assert (found.estimator, found.variance) == ("MLR", "taylor")
    assert found.indices.robust is not None


def test_semopy_finds_the_same_estimates_whatever_the_weights(syntax: ModelSyntax, sample: Sample) -> None:
    """The comparison is between two fits of the unweighted rows."""
    plain = by_likelihood(sample, syntax, PLAIN)
    weighted = by_likelihood(replace(sample, weights=np.where(np.arange(300) % 2, 0.5, 1.5)), syntax, PLAIN)
    assert 0 < plain.semopy_difference < 5e-3
    assert 0 < plain.semopy_excess < 1e-3
    assert weighted.semopy_difference == pytest.approx(plain.semopy_difference, rel=1e-3)


def test_restricted_means_and_few_complete_rows_have_no_reference(
    syntax: ModelSyntax, sample: Sample, build_instrument: Callable[..., Instrument]
) -> None:
    means = check_model(MODEL + "\na1 ~ 0", instrument=build_instrument(BLOCKS), where="model")
    assert np.isnan(by_likelihood(sample, means, PLAIN).semopy_difference)
    gaps = sample.answers.copy()
    gaps[np.arange(295), np.arange(295) % 6] = np.nan
    assert np.isnan(by_likelihood(replace(sample, answers=gaps), syntax, PLAIN).semopy_difference)


def test_a_bootstrap_needs_complete_rows_enough(syntax: ModelSyntax, sample: Sample) -> None:
    asked = Structural(estimator="ML", bootstrap=100)
    drawn = by_likelihood(sample, syntax, asked, seed=1).drawn
    assert drawn is not None
    assert len(drawn.theta) + drawn.failed == 100
    gaps = sample.answers.copy()
    gaps[np.arange(290), np.arange(290) % 6] = np.nan
    assert by_likelihood(replace(sample, answers=gaps), syntax, asked, seed=1).drawn is None
