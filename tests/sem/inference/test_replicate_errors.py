"""Errors from replicate weights against lavaan and R survey, and what must hold for any data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.errors import MethodError
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.inference.replication import replicate_variance
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample
from analysis.sem.structural import fit_structural
from analysis.survey.design.replicate_weights import ReplicateWeights
from analysis.survey.design.replication import bootstrap, jackknife
from analysis.survey.design.survey_design import specify_design

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sem_replicates.json").read_text())["estimates"]
CSIBANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}
PAIR = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nb ~ a"
ITEMS = [f"{key}{i}" for key in "ab" for i in (1, 2, 3)]


def test_errors_equal_those_of_r(shared: Path, ecsi: Callable[..., Any]) -> None:
    text, instrument = ecsi(**CSIBANK)
    syntax = check_model(text, instrument=instrument, where="model")
    values = pd.read_csv(shared / "data/csibank/csibank.csv")[list(syntax.items)].to_numpy(float)
    number = np.arange(1, len(values) + 1)
    weights = 1 + (number % 5) / 2
    sample = Sample(values, weights / weights.mean())
    solution = fit_maximum_likelihood(sample, syntax)
    variance = replicate_variance(solution, sample, jackknife(weights, psu=number % 40))
    errors, compared = np.sqrt(np.diag(variance.covariance)), 0
    assert variance.failed == 0
    for p in syntax.parameters:
        if p.name is not None:
            place = solution.structure.free[p.name]
            estimate, se = GOLDEN.get(f"{p.lhs}{p.op}{p.rhs}") or GOLDEN[f"{p.rhs}{p.op}{p.lhs}"]
            assert solution.theta[place] == pytest.approx(estimate, rel=1e-4, abs=1e-5)
            assert errors[place] == pytest.approx(se, rel=1e-3), p
            compared += 1
    assert compared == len(GOLDEN)


@pytest.fixture(scope="module")
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "ab"})


def _frame(seed: int, n: int = 240, *, gaps: bool = False) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    a = random.normal(size=n)
    b = 0.6 * a + 0.8 * random.normal(size=n)
    values = np.stack([a, a, a, b, b, b], axis=1) + 0.6 * random.normal(size=(n, 6))
    if gaps:
        values[random.random(values.shape) < 0.05] = np.nan
    return pd.DataFrame(values, columns=ITEMS)


def _fit(frame: pd.DataFrame, instrument: Instrument, replicates: ReplicateWeights | None = None) -> Any:
    structural = Structural(missing="fiml", variance="taylor" if replicates is None else "replicates")
    design = specify_design(len(frame), replicates=replicates)
    return fit_structural(frame, model=PAIR, instrument=instrument, structural=structural, design=design)


@pytest.mark.parametrize("gaps", [False, True])
def test_replicates_and_the_sandwich_tell_the_same_uncertainty(instrument: Instrument, gaps: bool) -> None:
    frame = _frame(3, gaps=gaps)
    drawn = bootstrap(np.ones(len(frame)), replicates=150, seed=5)
    taylor, replicated = _fit(frame, instrument), _fit(frame, instrument, replicates=drawn)
    assert (taylor.variance, replicated.variance) == ("taylor", "bootstrap")
    assert (replicated.replicates, replicated.failed_replicates) == (150, 0)
    ours, theirs = (result.parameters.set_index(["lhs", "op", "rhs"])["se"] for result in (replicated, taylor))
    ratio = (ours / theirs).dropna()
    assert ratio.between(0.75, 1.35).all()
    assert ratio.mean() == pytest.approx(1.0, abs=0.1)
    assert replicated.paths["estimate"].tolist() == taylor.paths["estimate"].tolist()
    assert replicated.indices.robust == taylor.indices.robust


def test_a_row_that_is_not_used_takes_its_replicate_weights_along(instrument: Instrument) -> None:
    frame = _frame(4)
    silent = pd.concat([pd.DataFrame(np.nan, index=range(10), columns=ITEMS), frame], ignore_index=True)
    drawn = bootstrap(np.ones(len(frame)), replicates=60, seed=6)
    longer = ReplicateWeights(np.vstack([np.full((10, 60), 7.0), drawn.weights]), drawn.factors, 59, "bootstrap")
    ours, theirs = _fit(silent, instrument, replicates=longer), _fit(frame, instrument, replicates=drawn)
    assert ours.dropped == 10
    assert ours.parameters["se"].dropna().tolist() == pytest.approx(theirs.parameters["se"].dropna().tolist())


def test_replicates_that_carry_no_model_are_refused(instrument: Instrument) -> None:
    frame = _frame(5)
    weights = np.zeros((len(frame), 3))
    weights[:4] = 1.0
    with pytest.raises(MethodError, match="most of the replicate weights"):
        _fit(frame, instrument, replicates=ReplicateWeights(weights, np.full(3, 1 / 3), 2, "bootstrap"))


def test_replicates_with_gaps_are_the_full_information_fits_of_their_weights(instrument: Instrument) -> None:
    frame = _frame(6, gaps=True)
    sample = Sample(frame.to_numpy(float), np.ones(len(frame)))
    syntax = check_model(PAIR, instrument=instrument, where="model")
    solution = fit_maximum_likelihood(sample, syntax)
    drawn = bootstrap(np.ones(len(frame)), replicates=12, seed=7)
    alone = []
    for column in drawn.weights.T:
        rows = np.flatnonzero(column > 0)
        part = Sample(sample.answers[rows], column[rows] / column[rows].mean())
        alone.append(fit_maximum_likelihood(part, syntax).theta - solution.theta)
    expected = (drawn.factors[:, None] * np.array(alone)).T @ np.array(alone)
    found = replicate_variance(solution, sample, drawn)
    assert found.failed == 0
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(np.sqrt(np.diag(expected)), rel=1e-3)
