"""Total effects in points of the scores: what they are made of, and what may not change them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.structural import StructuralResult, fit_structural

PATHS = "b ~ a\nc ~ a + b"
MEASURED = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3\n"
OTHER_MARKER = "a =~ NA*a1 + a2 + 1*a3\nb =~ NA*b1 + 1*b2 + b3\nc =~ NA*c1 + c2 + 1*c3\n"


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}, c="loyalty")


def fitted(instrument: Instrument, model: str) -> StructuralResult:
    random = np.random.default_rng(7)
    a = random.normal(size=500)
    b = 0.6 * a + random.normal(scale=0.6, size=500)
    c = 0.3 * a + 0.4 * b + random.normal(scale=0.6, size=500)
    slopes = {"1": 1.0, "2": 0.8, "3": 1.2}
    items = {
        f"{key}{i}": slope * latent for key, latent in zip("abc", (a, b, c), strict=True) for i, slope in slopes.items()
    }
    frame = pd.DataFrame({name: value + random.normal(scale=0.5, size=500) for name, value in items.items()})
    return fit_structural(frame, model=model, instrument=instrument, structural=Structural())


def covariance(table: pd.DataFrame) -> np.ndarray:
    return table[[f"c{k}" for k in range(len(table))]].to_numpy(dtype=float)


def test_a_point_of_a_score_is_worth_its_loadings(instrument: Instrument) -> None:
    result = fitted(instrument, MEASURED + PATHS)
    totals = result.effects[result.effects["effect"] == "total"].set_index("predictor")["estimate"]
    worth = result.loadings.groupby("construct")["estimate"].mean()
    table = result.total_effects
    constructs = table[table["item"].isna()].set_index("predictor")["effect"]
    for key in "ab":
        assert constructs[key] == pytest.approx(totals[key] * worth["c"] / worth[key], rel=1e-9)
    parts = table[table["item"].notna()].groupby("predictor")["effect"].sum()
    assert parts.to_dict() == pytest.approx(constructs.to_dict(), rel=1e-9)


def test_items_count_by_loading_over_residual_variance(instrument: Instrument) -> None:
    result = fitted(instrument, MEASURED + PATHS)
    parameters = result.parameters
    loadings = parameters[(parameters["op"] == "=~") & (parameters["lhs"] == "a")].set_index("rhs")["est"]
    own = parameters[(parameters["op"] == "~~") & (parameters["lhs"] == parameters["rhs"])].set_index("lhs")["est"]
    weights = loadings / own[loadings.index]
    table = result.total_effects.set_index("item")["effect"]
    np.testing.assert_allclose(table[["a1", "a2", "a3"]] / table[["a1", "a2", "a3"]].sum(), weights / weights.sum())


def test_neither_effects_nor_their_errors_hang_on_the_marker(instrument: Instrument) -> None:
    one, other = (fitted(instrument, text + PATHS).total_effects for text in (MEASURED, OTHER_MARKER))
    np.testing.assert_allclose(one["effect"], other["effect"], rtol=1e-4)
    np.testing.assert_allclose(np.diag(covariance(one)), np.diag(covariance(other)), rtol=1e-3)
    assert (np.linalg.eigvalsh(covariance(one)) > -1e-12).all()


def test_the_error_is_that_of_the_quantity_defined_in_the_model(instrument: Instrument) -> None:
    labelled = """
    a =~ a1 + u*a2 + v*a3
    b =~ b1 + b2 + b3
    c =~ c1 + y*c2 + z*c3
    b ~ f*a
    c ~ d*a + e*b
    worth := (d + e*f)*(1 + y + z)/(1 + u + v)
    """
    result = fitted(instrument, labelled)
    table, defined = result.total_effects, result.defined
    assert defined is not None
    row = int(np.flatnonzero(((table["predictor"] == "a") & table["item"].isna()).to_numpy())[0])
    assert table["effect"][row] == pytest.approx(defined["est"].iloc[0], rel=1e-9)
    half = (defined["ci_high"].iloc[0] - defined["ci_low"].iloc[0]) / 2
    assert 1.959964 * np.sqrt(covariance(table)[row, row]) == pytest.approx(half, rel=1e-6)
