"""What respondents answer: latent variables with the planted moments, and answers with the planted level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.answers import answer_items, draw_latents, residual_variances, threshold_centre
from analysis.data.simulation.people import draw_profiles
from analysis.data.simulation.planted import Planted
from analysis.edition import Edition
from analysis.edition.scales import Scale
from analysis.errors import EditionError

FIVE = Scale(min=1, max=5)


@pytest.fixture(scope="module")
def latents(planted: Planted) -> pd.DataFrame:
    """Constructs without the shifts of groups, along straight paths."""
    straight = planted.structure.model_copy(update={"bends": {}})
    plain = planted.model_copy(update={"shifts": {}, "digital": None, "structure": straight})
    random = np.random.default_rng(2)
    return pd.DataFrame(draw_latents(random, plain, draw_profiles(random, plain, 60_000)))


def test_every_construct_has_variance_one_and_exogenous_ones_their_correlation(
    planted: Planted, latents: pd.DataFrame
) -> None:
    assert latents.var().to_numpy() == pytest.approx(np.ones(latents.shape[1]), abs=0.03)
    between = latents[list(planted.exogenous)].corr().to_numpy()[np.triu_indices(len(planted.exogenous), 1)]
    assert between == pytest.approx(np.full(len(between), planted.structure.correlation), abs=0.02)


def test_outcomes_follow_from_the_planted_paths(planted: Planted, latents: pd.DataFrame) -> None:
    for outcome, paths in planted.structure.paths.items():
        x = latents[list(paths)].to_numpy()
        found = np.linalg.lstsq(x, latents[outcome].to_numpy(), rcond=None)[0]
        assert found == pytest.approx(list(paths.values()), abs=0.03)


def test_paths_that_explain_more_than_everything_are_refused(planted: Planted) -> None:
    outcome = next(iter(planted.structure.paths))
    steep = {outcome: dict.fromkeys(planted.exogenous, 0.9)}
    structure = planted.structure.model_copy(update={"paths": steep})
    with pytest.raises(EditionError, match=rf"structure\.paths\.{outcome}"):
        residual_variances(planted.model_copy(update={"structure": structure}))


@pytest.mark.parametrize("scale", [FIVE, Scale(min=0, max=10)])
@pytest.mark.parametrize("level", [10.0, 50.0, 83.0])
def test_rounded_answers_have_the_level_that_was_asked_for(scale: Scale, level: float) -> None:
    centre = threshold_centre(level, 1.1, scale)
    drawn = np.random.default_rng(4).normal(centre, 1.1, 400_000)
    answered = np.clip(np.rint(drawn), scale.min, scale.max)
    assert 100 * (answered.mean() - scale.min) / (scale.max - scale.min) == pytest.approx(level, abs=0.2)


def test_answers_lie_on_the_scale_and_follow_their_construct(
    planted: Planted, edition: Edition, latents: pd.DataFrame
) -> None:
    held = {key: latents[key].to_numpy() for key in latents}
    answers = answer_items(np.random.default_rng(5), held, planted=planted, instrument=edition.instrument)
    for key, construct in planted.constructs.items():
        assert answers[key].shape == (len(latents), len(construct.loadings))
        assert (answers[key].min(), answers[key].max()) == (1, 5)
        strength = [np.corrcoef(held[key], column)[0, 1] for column in answers[key].T]
        # rounding and the ends of the scale weaken a loading, and nothing strengthens it
        loadings = np.array(construct.loadings)
        assert (0.8 * loadings < strength).all()
        assert (strength < loadings + 0.01).all()
