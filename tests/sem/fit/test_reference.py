"""semopy's estimates: rows with exactly the covariance asked for, and the parameters in our order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.sem.fit.reference import _rows_with, semopy_estimates
from analysis.sem.model.reader import check_model
from analysis.sem.model.structure import Structure

BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}
MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a"


def test_the_rows_have_the_covariance_exactly() -> None:
    random = np.random.default_rng(1).normal(size=(5, 5))
    covariance = random @ random.T + np.eye(5)
    rows = _rows_with(covariance)
    assert np.cov(rows.T, ddof=0) == pytest.approx(covariance, rel=1e-10)
    assert rows.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-12)


def test_parameters_of_an_exact_covariance_come_back_in_our_order(build_instrument: Callable[..., Instrument]) -> None:
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    structure = Structure(syntax)
    theta = np.linspace(0.5, 1.3, len(structure.free))
    found = semopy_estimates(syntax, structure.matrices(theta).implied)
    assert found == pytest.approx(theta, rel=2e-3)


def test_a_covariance_that_is_none_is_refused(build_instrument: Callable[..., Instrument]) -> None:
    syntax = check_model(MODEL, instrument=build_instrument(BLOCKS), where="model")
    with pytest.raises(MethodError, match="semopy stopped"):
        semopy_estimates(syntax, np.ones((6, 6)))
