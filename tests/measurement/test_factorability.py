"""KMO, Bartlett and parallel analysis against psych, and their properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.factorability import factorability, random_eigenvalues

Survey = tuple[pd.DataFrame, Instrument, dict[str, Any]]


def test_adequacy_sphericity_and_eigenvalues_equal_psych(survey: Survey) -> None:
    frame, instrument, theirs = survey
    ours = factorability(frame, instrument=instrument, replicates=100)
    assert ours.kmo == pytest.approx(theirs["kmo"], rel=1e-9)
    assert ours.msa["msa"].tolist() == pytest.approx(theirs["msa"], rel=1e-9)
    assert [ours.chi2, ours.df] == pytest.approx(theirs["bartlett"], rel=1e-9)
    assert ours.eigenvalues["eigenvalue"].tolist() == pytest.approx(theirs["eigenvalues"], rel=1e-9)
    assert ours.n == theirs["n"]


def test_random_eigenvalues_equal_those_of_random_rows_in_r(r_answers: dict[str, Any]) -> None:
    ours = random_eigenvalues(301, 9, replicates=2000, quantile=0.95, seed=3)
    assert ours == pytest.approx(r_answers["random_301_9"], abs=0.01)


def test_two_constructs_are_two_factors(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    found = factorability(frame, instrument=instrument, seed=1)
    assert found.retained == 2
    assert found.record()["lowest_item"] in set(frame.columns)
    noise = pd.DataFrame(np.random.default_rng(2).normal(size=frame.shape), columns=frame.columns)
    assert factorability(noise, instrument=instrument, seed=1).retained <= 1


def test_the_same_seed_gives_the_same_reference(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    one, again, other = (factorability(frame, instrument=instrument, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.eigenvalues, again.eigenvalues)
    assert not one.eigenvalues["reference"].equals(other.eigenvalues["reference"])


def test_weights_of_any_scale_count_the_same_and_cost_precision(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    weights = pd.Series(np.where(np.arange(len(frame)) % 2, 1.0, 3.0))
    one = factorability(frame, instrument=instrument, weights=weights)
    thousand = factorability(frame, instrument=instrument, weights=weights * 1000)
    assert one.kmo == pytest.approx(thousand.kmo, rel=1e-12)
    equal = factorability(frame, instrument=instrument)
    assert (one.eigenvalues["reference"].iloc[0]) > equal.eigenvalues["reference"].iloc[0]


def test_what_can_not_be_factored_is_named(two: tuple[pd.DataFrame, Instrument]) -> None:
    frame, instrument = two
    with pytest.raises(MethodError, match="too few"):
        factorability(frame.head(10), instrument=instrument)
    with pytest.raises(MethodError, match="a2"):
        factorability(frame.assign(a2=3.0), instrument=instrument)
    with pytest.raises(MethodError, match="repeat each other"):
        factorability(frame.assign(a2=frame["a1"]), instrument=instrument)
