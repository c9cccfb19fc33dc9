"""Paths of the simulated population: exact, and what a model fitted to the simulated answers comes near."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.answers import draw_latents
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.population import latent_covariance, population_paths
from analysis.data.truth import planted_paths
from analysis.edition import Edition
from analysis.sem.model.reader import check_model

DRAWN = 200_000


@pytest.fixture(scope="module")
def regressions(edition: Edition) -> tuple[tuple[str, str], ...]:
    return check_model(edition.model or "", instrument=edition.instrument, where="model").regressions


@pytest.fixture(scope="module")
def people(draw_people: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Profile of people drawn from the population itself, without design or nonresponse."""
    return draw_people(DRAWN, 8)


@pytest.fixture(scope="module")
def latents(planted: Planted, people: pd.DataFrame) -> pd.DataFrame:
    """Their constructs; paths are straight."""
    return pd.DataFrame(draw_latents(np.random.default_rng(9), _straight(planted), people))


def _straight(planted: Planted) -> Planted:
    return planted.model_copy(update={"structure": planted.structure.model_copy(update={"bends": {}})})


@pytest.mark.simulation
def test_covariance_of_the_constructs_is_that_of_people_drawn_from_the_population(
    planted: Planted, latents: pd.DataFrame
) -> None:
    exact = latent_covariance(planted)
    assert latents[list(planted.constructs)].cov().to_numpy() == pytest.approx(exact, abs=4 * np.sqrt(2 / DRAWN))
    assert np.diag(exact).min() > 1.02  # shifts have widened every construct


@pytest.mark.simulation
def test_paths_are_the_regressions_of_people_drawn_from_the_population(
    planted: Planted, latents: pd.DataFrame, regressions: tuple[tuple[str, str], ...]
) -> None:
    exact, standard = population_paths(planted, regressions), (latents - latents.mean()) / latents.std()
    for outcome in planted.structure.paths:
        predictors = [predictor for effect, predictor in regressions if effect == outcome]
        found = np.linalg.lstsq(standard[predictors].to_numpy(), standard[outcome].to_numpy(), rcond=None)[0]
        assert found == pytest.approx([exact[outcome, predictor] for predictor in predictors], abs=0.012)


@pytest.mark.parametrize(
    "exclude",
    [
        {"customer_type": ("practitioner",)},
        {"institution_type": ("bank",), "age": ("18-29",)},
        {"occupation": ("employee", "public"), "customer_type": ("corporate",)},
    ],
)
@pytest.mark.simulation
def test_without_those_left_out_it_is_that_of_the_others(
    planted: Planted, people: pd.DataFrame, latents: pd.DataFrame, exclude: dict[str, tuple[str, ...]]
) -> None:
    shifts = {key: {code: {"all": 1.0, "loyalty": -0.7} for code in codes} for key, codes in exclude.items()}
    stronger = _straight(planted).model_copy(update={"shifts": {**planted.shifts, **shifts}})
    moved = pd.DataFrame(draw_latents(np.random.default_rng(9), stronger, people))
    outside = np.logical_or.reduce([people[key].isin(codes) for key, codes in exclude.items()])
    assert 0 < outside.mean() < 1
    exact, tolerance = latent_covariance(stronger, exclude), 5 * np.sqrt(2 / (~outside).sum())
    assert moved.loc[~outside, list(planted.constructs)].cov().to_numpy() == pytest.approx(exact, abs=tolerance)
    assert np.abs(exact - latent_covariance(stronger)).max() > 2 * tolerance


def test_without_shifts_the_paths_of_the_population_are_the_planted_ones(
    planted: Planted, regressions: tuple[tuple[str, str], ...]
) -> None:
    paths = population_paths(planted.model_copy(update={"shifts": {}, "digital": None}), regressions)
    assert paths == pytest.approx({(y, x): planted.structure.paths[y][x] for y, x in regressions})


def test_groups_ahead_at_both_ends_of_a_path_make_it_steeper(
    planted: Planted, edition: Edition, regressions: tuple[tuple[str, str], ...]
) -> None:
    """Banks are ahead on security and on trust."""
    table = planted_paths(edition, regressions)
    assert table is not None
    row = table.set_index(["outcome", "predictor"]).loc[("trust", "security")]
    assert row["planted"] == planted.structure.paths["trust"]["security"]
    assert row["population"] - row["planted"] > 0.005
