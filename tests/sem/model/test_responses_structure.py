"""What a model says of ordered items beside numbers, given covariates: derivatives and unit variances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.model.reader import check_model
from analysis.sem.model.responses import ResponseStructure, with_thresholds
from analysis.sem.moments.ordinal import OrdinalMoments

MODEL = "f =~ a + b + y\ng =~ c + d\ng ~ f + x\nh =~ e\nh ~ x + f\ny ~~ a\nz ~ g + x\na ~ x\n"
ITEMS = ["a", "b", "y", "c", "d", "e", "z", "x"]


@pytest.fixture
def moments() -> OrdinalMoments:
    """Three categories of all but y and z, in the order of the model."""
    thresholds = np.tile([-0.4, 0.6], (7, 1))
    thresholds[[2, 6]] = np.nan
    empty = np.zeros((7, 1))
    return OrdinalMoments(thresholds, thresholds, np.eye(7), np.eye(1), 10, True, np.zeros(7), empty, located=True)


@pytest.fixture
def structure(moments: OrdinalMoments, build_instrument: Callable[..., Instrument]) -> ResponseStructure:
    syntax = check_model(MODEL, instrument=build_instrument({"all": ITEMS}), where="m").with_means(latent=True)
    known = syntax.given(np.full(8, 0.7), np.full((8, 8), 1.3))
    return ResponseStructure(with_thresholds(known, moments, group=1, shared=True), ["a", "b", "c", "d", "e"])


def test_derivatives_are_those_of_what_is_expected(structure: ResponseStructure, moments: OrdinalMoments) -> None:
    theta = np.random.default_rng(2).uniform(0.3, 0.9, len(structure.free))

    def expected(at: np.ndarray) -> np.ndarray:
        return structure.expected(structure.matrices(at), moments)

    steps = 1e-6 * np.eye(len(theta))
    numeric = np.stack([(expected(theta + step) - expected(theta - step)) / 2e-6 for step in steps], axis=1)
    assert structure.jacobian(structure.matrices(theta), moments) == pytest.approx(numeric, abs=1e-6)
    assert len(numeric) == 5 * 2 + 2 + 7 + 2 + 21


def test_what_covariates_leave_of_an_ordered_item_has_variance_one(structure: ResponseStructure) -> None:
    theta = np.random.default_rng(2).uniform(0.3, 0.9, len(structure.free))
    matrices = structure.matrices(theta)
    own = np.diag(structure.response_covariance(matrices))
    assert own[[0, 1, 3, 4, 5]] == pytest.approx(np.ones(5))
    graded = np.diag(structure.conditional(matrices).implied)[:6][[0, 1, 3, 4, 5]]
    assert graded == pytest.approx(matrices.scales[[0, 1, 3, 4, 5], 0] ** -2)
    more = np.diag(matrices.implied) - np.diag(structure.conditional(matrices).implied)
    assert (more[structure.responses] > -1e-12).all()
    assert more[0] > 0.1
