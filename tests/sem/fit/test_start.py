"""Starting values: near the solution where there is one, admissible where data are hard, in the model's units."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.sem.fit import search
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.fit.reference import semopy_estimates
from analysis.sem.fit.start import plain_values, starting_values
from analysis.sem.model.reader import check_model
from analysis.sem.model.structure import Structure
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.sample import Sample

Build = Callable[..., Instrument]
BLOCKS = {key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abc"}
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in BLOCKS.items()) + "\nb ~ a\nc ~ a + b"
RANDOM = np.random.default_rng(4)


def _syntax(build: Build, model: str = MODEL, blocks: dict[str, list[str]] = BLOCKS) -> ModelSyntax:
    return check_model(model, instrument=build(blocks), where="model")


def _implied(syntax: ModelSyntax) -> tuple[np.ndarray, np.ndarray]:
    """A covariance that the model fits exactly, and the parameters behind it."""
    structure = Structure(syntax)
    theta = np.empty(len(structure.free))
    values = {"=~": 1.2, "~": 0.4}
    for parameter in syntax.parameters:
        if parameter.name is not None:
            variance = 1.0 if parameter.lhs == parameter.rhs else 0.0
            theta[structure.free[parameter.name]] = values.get(parameter.op, variance)
    return structure.matrices(theta).implied, theta


def _sampled(build: Build) -> tuple[ModelSyntax, Sample, np.ndarray]:
    """400 rows of a population that the model fits exactly, and its parameters."""
    syntax = _syntax(build)
    covariance, theta = _implied(syntax)
    rows = np.random.default_rng(6).normal(size=(400, len(covariance))) @ np.linalg.cholesky(covariance).T
    return syntax, Sample(rows, np.ones(400)), theta


def test_a_covariance_of_the_model_gives_its_parameters_nearly(build_instrument: Build) -> None:
    syntax = _syntax(build_instrument)
    covariance, theta = _implied(syntax)
    assert starting_values(syntax, covariance) == pytest.approx(theta, abs=0.15)


def test_the_benchmark_starts_near_the_estimates_of_semopy(benchmark: Any, build_instrument: Build) -> None:
    syntax = _syntax(build_instrument, benchmark.MODEL, benchmark.ITEMS)
    covariance = np.cov(benchmark.complete()[list(syntax.items)].to_numpy().T, ddof=0)
    assert starting_values(syntax, covariance) == pytest.approx(semopy_estimates(syntax, covariance), abs=0.1)


def test_a_fit_does_not_ask_semopy(benchmark: Any, build_instrument: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(search, "semopy_estimates", asked)
    syntax = _syntax(build_instrument, benchmark.MODEL, benchmark.ITEMS)
    answers = benchmark.complete()[list(syntax.items)].to_numpy(dtype=float)
    assert fit_maximum_likelihood(Sample(answers, np.ones(len(answers))), syntax).converged


def test_a_start_that_leads_nowhere_gives_way_to_semopy(
    build_instrument: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    syntax, sample, theta = _sampled(build_instrument)
    usual = fit_maximum_likelihood(sample, syntax)
    for begin in ("starting_values", "plain_values", "nearly_nothing"):
        monkeypatch.setattr(search, begin, lambda *_, **__: np.full(len(theta), -1.0))
    rescued = fit_maximum_likelihood(sample, syntax)
    assert rescued.converged
    assert rescued.theta == pytest.approx(usual.theta, abs=1e-6)
    assert rescued.start == pytest.approx(semopy_estimates(syntax, sample.patterns.spread[0]))


def test_a_start_that_leads_nowhere_gives_way_to_plain_values_first(
    build_instrument: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    syntax, sample, theta = _sampled(build_instrument)
    usual = fit_maximum_likelihood(sample, syntax)
    monkeypatch.setattr(search, "starting_values", lambda *_: np.full(len(theta), -1.0))
    rescued = fit_maximum_likelihood(sample, syntax)
    assert rescued.theta == pytest.approx(usual.theta, abs=1e-6)
    assert rescued.start == pytest.approx(plain_values(syntax, sample.patterns.spread[0], loading=0.3))


@pytest.mark.parametrize(
    ("case", "gaps", "loglikelihood"),
    [("second_start", False, -25879.8277), ("local_optimum", True, -1247.2275), ("local_optimum", False, -1094.1477)],
)
def test_an_optimum_is_no_worse_than_that_of_lavaan(
    shared: Path, build_instrument: Build, case: str, gaps: bool, loglikelihood: float
) -> None:
    """Models and answers on which the first start ended in a worse place, or nowhere; lavaan 0.6-14 beside them."""
    folder = shared / "cases" / "sem" / case
    blocks = json.loads((folder / "spec.json").read_text(encoding="utf-8"))["latents"]
    syntax = _syntax(build_instrument, (folder / "model.txt").read_text(encoding="utf-8"), blocks)
    answers = pd.read_csv(folder / "data.csv")[list(syntax.items)]
    rows = (answers if gaps else answers.dropna()).to_numpy(float)
    found = fit_maximum_likelihood(Sample(rows, np.ones(len(rows))), syntax)
    assert found.converged
    assert found.loglikelihood > loglikelihood - 1e-3


def test_of_two_optima_the_better_one_is_taken(build_instrument: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loading fixed far too high, a construct of variance one: the likelihood has two optima."""
    syntax = _syntax(build_instrument, "a =~ NA*a1 + a2 + 1.5*a3 + a4\na ~~ 1*a", {"a": ["a1", "a2", "a3", "a4"]})
    covariance = 0.25 * (0.25 + 0.75 * np.eye(4))
    rows = np.random.default_rng(3).normal(size=(300, 4)) @ np.linalg.cholesky(covariance).T
    sample = Sample(rows, np.ones(300))
    best = fit_maximum_likelihood(sample, syntax)
    ends = {loading: plain_values(syntax, sample.patterns.spread[0], loading=loading) for loading in (0.1, 0.3, 0.9)}
    ends[0.0] = starting_values(syntax, sample.patterns.spread[0])
    values = [fit_maximum_likelihood(sample, syntax, start=start).loglikelihood for start in ends.values()]
    assert max(values) - min(values) > 100
    assert best.loglikelihood > max(values) - 1e-6


def test_where_nothing_else_leads_to_a_minimum_signs_are_turned(build_instrument: Build) -> None:
    """84 rows whose first construct hardly shows: lavaan has χ² = 7.5307, where its variance is below zero."""
    covariance = np.array(
        [
            [3.6297, 0.1114, 0.3924, 0.2313, -0.3971],
            [0.1114, 2.1922, 0.8546, -0.0289, -0.4779],
            [0.3924, 0.8546, 3.0118, 0.4342, 0.1613],
            [0.2313, -0.0289, 0.4342, 2.2971, 1.4773],
            [-0.3971, -0.4779, 0.1613, 1.4773, 2.6763],
        ]
    )
    angles = np.pi * np.outer(np.arange(84) + 0.5, np.arange(1, 6)) / 84
    rows = np.sqrt(2) * np.cos(angles) @ np.linalg.cholesky(covariance).T
    syntax = _syntax(
        build_instrument, "a =~ a1 + a2 + a3\nb =~ b1 + b2\nb ~ a", {"a": ["a1", "a2", "a3"], "b": ["b1", "b2"]}
    )
    found = fit_maximum_likelihood(Sample(rows, np.ones(84)), syntax)
    assert found.converged
    assert 84 * found.minimum == pytest.approx(7.5307, abs=1e-2)
    assert found.theta.min() < 0


def test_units_of_the_items_scale_the_start_and_nothing_else(build_instrument: Build) -> None:
    """A ten times larger scale: covariances a hundred times, loadings and paths as they were."""
    syntax = _syntax(build_instrument)
    covariance, _ = _implied(syntax)
    one, other = starting_values(syntax, covariance), starting_values(syntax, 100 * covariance)
    structure = Structure(syntax)
    times = np.ones(len(one))
    for parameter in syntax.parameters:
        if parameter.name is not None and parameter.op == "~~":
            times[structure.free[parameter.name]] = 100.0
    assert other == pytest.approx(times * one, rel=1e-9, abs=1e-9)


def test_a_reversed_item_starts_with_a_negative_loading(build_instrument: Build) -> None:
    syntax = _syntax(build_instrument)
    covariance, _ = _implied(syntax)
    turned = np.ones(len(covariance))
    turned[1] = -1.0
    structure = Structure(syntax)
    start = structure.matrices(starting_values(syntax, covariance * np.outer(turned, turned)))
    assert start.loadings[1, 0] == pytest.approx(
        -structure.matrices(starting_values(syntax, covariance)).loadings[1, 0]
    )


@pytest.mark.parametrize(
    "model",
    [
        MODEL.replace("a1 + a2", "NA*a1 + a2") + "\na ~~ 4*a",  # the unit from a fixed variance
        MODEL.replace("a1 + a2 + a3", "a1 + x*a2 + x*a3"),
        MODEL.replace("a1 + a2", "a1 + 2*a2"),
        MODEL.replace("b ~ a", "b ~ 0.3*a"),
        MODEL + "\na1 ~~ b1",
        MODEL.replace("c1 + c2 + c3", "c1"),
        MODEL.replace("c1 + c2 + c3", "c1 + c2"),
    ],
)
@pytest.mark.parametrize("common", [0.0, 0.3, 0.97])
def test_every_start_has_a_likelihood(build_instrument: Build, model: str, common: float) -> None:
    syntax = _syntax(build_instrument, model)
    p = len(syntax.items)
    covariance = common + (1 - common) * np.eye(p)
    for start in (starting_values(syntax, covariance), plain_values(syntax, covariance, loading=0.3)):
        assert np.linalg.eigvalsh(Structure(syntax).matrices(start).implied)[0] > 0
