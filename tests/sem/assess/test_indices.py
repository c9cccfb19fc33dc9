"""Fit indices: formulas at their edges, the noncentral interval, and close fit; lavaan's values are held elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.assess.indices import _decreasing_root, _incremental, _rmsea, _rmsea_interval, fit_indices
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample


@pytest.mark.parametrize(("chi2", "df", "n"), [(120.0, 40, 300), (45.0, 40, 300), (900.0, 753, 2000)])
def test_the_interval_of_rmsea_ends_where_the_noncentral_distribution_says(chi2: float, df: int, n: int) -> None:
    from scipy.stats import ncx2

    low, high, close = _rmsea_interval(chi2, df, n)
    assert ncx2.cdf(chi2, df, n * df * high**2) == pytest.approx(0.05, abs=1e-8)
    if low > 0:
        assert ncx2.cdf(chi2, df, n * df * low**2) == pytest.approx(0.95, abs=1e-8)
    assert low <= _rmsea(chi2, df, n) <= high
    assert close == pytest.approx(ncx2.sf(chi2, df, n * df * 0.05**2), abs=1e-10)


def test_a_fit_better_than_chance_has_an_rmsea_of_zero() -> None:
    assert _rmsea(30.0, 40, 300) == 0.0
    assert _rmsea_interval(15.0, 40, 300)[:2] == (0.0, 0.0)


def test_a_saturated_model_fits() -> None:
    assert _rmsea_interval(0.0, 0, 300) == (0.0, 0.0, 1.0)
    assert _rmsea(0.0, 0, 300) == 0.0
    assert _incremental(0.0, 0, 500.0, 10) == (1.0, 1.0)


def test_incremental_indices_are_those_of_bentler_and_of_tucker_and_lewis() -> None:
    cfi, tli = _incremental(60.0, 40, 560.0, 60)
    assert cfi == pytest.approx(1 - 20 / 500)
    assert tli == pytest.approx((560 / 60 - 60 / 40) / (560 / 60 - 1))
    cfi, tli = _incremental(30.0, 40, 560.0, 60)
    assert cfi == 1.0
    assert tli > 1.0


def test_the_root_of_a_decreasing_function_is_found_far_beyond_the_start() -> None:
    assert _decreasing_root(lambda x: 1000.0 - x, start=1.0) == pytest.approx(1000.0)
    assert _decreasing_root(lambda x: -1.0 - x, start=1.0) == 0.0


def test_independent_items_fit_no_better_than_their_baseline(build_instrument: Callable[..., Instrument]) -> None:
    """A model with the sample's own covariance: every index is at its best."""
    random = np.random.default_rng(3)
    answers = random.normal(size=(500, 1)) + random.normal(size=(500, 3))
    syntax = check_model("a =~ a1 + a2 + a3", instrument=build_instrument({"a": ["a1", "a2", "a3"]}), where="model")
    found = fit_indices(fit_maximum_likelihood(Sample(answers, np.ones(500)), syntax))
    assert (found.df, found.pvalue, found.cfi, found.rmsea) == (0, 1.0, pytest.approx(1.0, abs=1e-12), 0.0)
    assert found.chi2 == pytest.approx(0, abs=1e-8)
    assert found.srmr == pytest.approx(0, abs=1e-6)
    assert found.gfi == pytest.approx(1)
    assert found.bic - found.aic == pytest.approx((math.log(500) - 2) * 6)
