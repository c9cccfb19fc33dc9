"""Total effects with the weights of every replicate: each is a fit with these weights; models that lack a part."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.inference.effects import path_effects
from analysis.sem.inference.replicate_effects import replicate_effects
from analysis.sem.model.reader import check_model
from analysis.sem.moments.sample import Sample
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import specify_design
from bench.weights import LEVELS, MODEL, draw, instrument

KEYS = list(LEVELS)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return draw(np.random.default_rng(5), 260).drop(columns="respondent_id")


def _fitted(
    answers: pd.DataFrame, weights: np.ndarray, start: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    syntax = check_model(MODEL, instrument=instrument(), where="model")
    used = weights > 0
    solution = fit_maximum_likelihood(Sample(answers[list(syntax.items)].to_numpy(float)[used], weights[used]), syntax)
    place, total = solution.structure.latents, path_effects(solution).std_total.estimate
    return np.array([total[place["sat"], place[key]] for key in KEYS]), solution.theta


def test_the_effects_of_a_replicate_are_those_of_a_fit_with_its_weights(answers: pd.DataFrame) -> None:
    weights = np.random.default_rng(2).uniform(0.5, 2.0, len(answers))
    drawn = bootstrap(weights, replicates=3, seed=3)
    design = specify_design(len(answers), weights=weights, replicates=drawn)
    options = {"model": MODEL, "instrument": instrument(), "outcome": "sat", "predictors": KEYS}
    estimate, each, n = replicate_effects(answers, design=design, **options)
    assert n == len(answers)
    wanted, theta = _fitted(answers, weights)
    assert estimate == pytest.approx(wanted, abs=2e-4)
    assert each.shape == (3, len(KEYS))
    for row, own in zip(each, drawn.weights.T, strict=True):
        assert row == pytest.approx(_fitted(answers, own, theta)[0], abs=5e-3)
    assert np.abs(each - estimate).max() > 0.01


def test_without_replicates_there_is_the_estimate_alone(answers: pd.DataFrame) -> None:
    design = specify_design(len(answers))
    options = {"model": MODEL, "instrument": instrument(), "outcome": "sat", "predictors": KEYS[:2]}
    estimate, each, _ = replicate_effects(answers, design=design, **options)
    assert (estimate.shape, each.shape) == ((2,), (0, 2))


@pytest.mark.parametrize(("outcome", "predictors", "got"), [("a", ["b"], "nothing explains a"), ("sat", ["z"], "no z")])
def test_a_model_that_does_not_explain_the_outcome_is_told(
    answers: pd.DataFrame, outcome: str, predictors: list[str], got: str
) -> None:
    design = specify_design(len(answers))
    options = {"model": MODEL, "instrument": instrument(), "outcome": outcome, "predictors": predictors}
    with pytest.raises(MethodError, match="does not say how the dimensions") as told:
        replicate_effects(answers, design=design, **options)
    assert told.value.got == got
