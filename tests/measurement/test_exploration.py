"""Exploratory factors against factanal and GPArotation, and their properties."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.multivariate.factor_rotation import rotate_factors

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.exploration import explore_factors, rotate_obliquely


def test_loadings_and_factor_correlations_equal_r(survey: tuple[pd.DataFrame, Instrument, dict[str, Any]]) -> None:
    frame, instrument, theirs = survey
    ours = explore_factors(frame, instrument=instrument)
    assert 1 - ours.items["communality"].to_numpy() == pytest.approx(np.array(theirs["efa"]["uniqueness"]), abs=2e-4)
    loadings, phi = np.array(theirs["efa"]["loadings"]), np.array(theirs["efa"]["phi"])
    match = np.abs(ours.loadings.T @ loadings).argmax(axis=1)
    assert sorted(match) == list(range(loadings.shape[1]))
    sign = np.sign((ours.loadings * loadings[:, match]).sum(axis=0))
    assert ours.loadings == pytest.approx(loadings[:, match] * sign, abs=1e-3)
    assert ours.correlations == pytest.approx(phi[np.ix_(match, match)] * np.outer(sign, sign), abs=2e-3)


def test_items_sort_into_their_constructs(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    found = explore_factors(frame, instrument=instrument)
    assert (found.items["factor"] == found.items["construct"]).all()
    assert found.names == ("A", "B")
    assert found.items["own"].min() > 0.6
    assert found.items["cross"].max() < 0.2
    assert found.record()["placed"] == found.record()["items"] == 6


def test_an_item_of_the_wrong_construct_is_a_stray(
    two: tuple[pd.DataFrame, Instrument], build: Callable[[Mapping[str, Sequence[str]]], Instrument]
) -> None:
    frame, _ = two
    found = explore_factors(frame, instrument=build({"A": ["a1", "a2", "a3", "b3"], "B": ["b1", "b2"]}))
    assert found.record()["strays"] == ["b3"]


def test_a_single_item_has_no_factor_of_its_own(
    two: tuple[pd.DataFrame, Instrument], build: Callable[[Mapping[str, Sequence[str]]], Instrument]
) -> None:
    frame, _ = two
    instrument = build({"A": ["a1", "a2", "a3"], "B": ["b1", "b2"], "C": ["b3"]})
    found = explore_factors(frame, instrument=instrument)
    assert len(found.names) == 2
    assert found.items.set_index("item")["own"].isna().sum() in {1, 2}


def test_too_many_factors_are_refused(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    with pytest.raises(MethodError, match="1 to 3"):
        explore_factors(frame, instrument=instrument, factors=4)


def test_factors_are_found_where_the_first_start_fails(
    survey: tuple[pd.DataFrame, Instrument, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An optimiser that gives up is asked again from elsewhere, and comes to the same maximum."""
    from scipy import optimize

    frame, instrument, _ = survey
    expected = explore_factors(frame, instrument=instrument).items["communality"].to_numpy()
    minimize, calls = optimize.minimize, []

    def gives_up_once(*arguments: Any, **options: Any) -> Any:
        found = minimize(*arguments, **options)
        calls.append(found)
        if len(calls) == 1:
            found.success, found.jac = False, np.full_like(found.x, np.nan)
        return found

    monkeypatch.setattr(optimize, "minimize", gives_up_once)
    again = explore_factors(frame, instrument=instrument).items["communality"].to_numpy()
    assert len(calls) == 2
    assert again == pytest.approx(expected, abs=1e-3)


def test_an_item_that_is_its_factor_is_counted_as_no_sound_solution(
    build: Callable[[Mapping[str, Sequence[str]]], Instrument],
) -> None:
    """Three items whose correlations only a loading of 1.07 explains: a Heywood case."""
    loadings = np.array([1.07, 0.75, 0.6])
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    drawn = np.random.default_rng(3).standard_normal((400, 3))
    drawn -= drawn.mean(axis=0)
    plain = np.linalg.solve(np.linalg.cholesky(np.cov(drawn, rowvar=False)), drawn.T).T
    frame = pd.DataFrame(plain @ np.linalg.cholesky(correlation).T, columns=["a1", "a2", "a3"])
    found = explore_factors(frame, instrument=build({"A": ["a1", "a2", "a3"]}))
    assert found.record()["heywood"] == 1
    assert found.items.set_index("item").loc["a1", "communality"] > 0.99


def test_the_real_case_of_an_item_that_is_its_factor_is_counted(
    shared: Path, build: Callable[[Mapping[str, Sequence[str]]], Instrument]
) -> None:
    frame = pd.read_csv(shared / "cases" / "intake" / "heywood.csv")
    items = ["a1", "a2", "a3", "s1", "s2"]
    found = explore_factors(frame[items].astype(float), instrument=build({"A": items[:3], "S": items[3:]}))
    assert found.record()["heywood"] == 1


@pytest.mark.parametrize(("factors", "cross"), [(2, 0.1), (2, 0.4), (4, 0.4), (7, 0.1), (7, 0.4)])
def test_a_rotation_equals_that_of_statsmodels_and_ends_where_steps_change_nothing(factors: int, cross: float) -> None:
    rng = np.random.default_rng(factors)
    loadings = np.kron(np.eye(factors), np.full((5, 1), 0.7)) + rng.normal(0, cross, (5 * factors, factors))
    theirs, turn = rotate_factors(loadings, "oblimin", 0, "oblique", max_tries=5000, tol=1e-8)
    started = time.process_time()
    ours, correlations = rotate_obliquely(loadings)
    took = time.process_time() - started
    assert ours == pytest.approx(theirs, abs=1e-8)
    assert correlations == pytest.approx(turn.T @ turn, abs=1e-8)
    assert took < 0.25  # to the last of 5,000 tries it is a second or more
