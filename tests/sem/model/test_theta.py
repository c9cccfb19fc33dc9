"""The theta parameterisation: scales follow from residual variances, derivatives against complex steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.sem.model.bounds import STEP
from analysis.sem.model.reader import check_model
from analysis.sem.model.responses import with_thresholds
from analysis.sem.model.theta import ThetaStructure, with_residuals
from analysis.sem.moments.mixed import response_moments
from analysis.sem.moments.sample import Sample

TEXT = "a =~ a1 + a2 + l*a3\nb =~ b1 + b2 + b3\nb ~ a\na2 ~~ 1.5*a2\na3 ~~ r*a3\na1 ~~ b1\n"
BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}


@pytest.fixture(scope="module")
def build(build_instrument: Callable[..., Instrument]) -> Callable[..., ThetaStructure]:
    def made(text: str = TEXT, *, freed: bool = False) -> ThetaStructure:
        syntax = check_model(text, instrument=build_instrument(BLOCKS), where="model").with_means()
        ordered = [name for name in syntax.items if name != "b3"]
        random = np.random.default_rng(5)
        common = random.standard_normal((200, 1))
        answers = np.rint(1.2 * (common + random.standard_normal((200, 6)))).clip(-1, 1)
        moments = response_moments(
            Sample(answers, np.ones(200)),
            syntax.items,
            ordered=np.array([name in ordered for name in syntax.items]),
            covariates=np.zeros(0, dtype=np.int64),
            located=True,
        )
        syntax = with_thresholds(with_residuals(syntax, ordered, freed=freed), moments, scaled=False)
        structure = ThetaStructure(syntax, ordered)
        structure.observed = moments  # type: ignore[attr-defined]
        return structure

    return made


def test_latent_responses_have_unit_variance_whatever_their_residual(build: Callable[..., ThetaStructure]) -> None:
    structure = build()
    theta = np.random.default_rng(1).uniform(0.5, 1.0, len(structure.free))
    matrices = structure.matrices(theta)
    assert np.diag(structure.response_covariance(matrices))[:5] == pytest.approx(np.ones(5))
    residual = dict(zip(structure.items, np.diag(matrices.residual), strict=True))
    assert residual["a1"] == residual["b1"] == 1.0
    assert residual["a2"] == 1.5
    assert residual["a3"] == theta[structure.free[next(p.name for p in structure.syntax.parameters if p.label == "r")]]


def test_derivatives_equal_complex_steps(build: Callable[..., ThetaStructure]) -> None:
    structure = build(freed=True)
    moments = structure.observed  # type: ignore[attr-defined]
    theta = np.random.default_rng(2).uniform(0.5, 1.0, len(structure.free))
    exact = structure.jacobian(structure.matrices(theta), moments)
    for place in range(len(theta)):
        moved = theta.astype(complex)
        moved[place] += 1j * STEP
        slope = structure.expected(structure.matrices(moved), moments).imag / STEP
        assert exact[:, place] == pytest.approx(slope, abs=1e-12)


def test_scales_are_refused(build: Callable[..., ThetaStructure]) -> None:
    with pytest.raises(MethodError, match="Scales of latent responses"):
        build(f"{TEXT}a1 ~*~ a1\n")
