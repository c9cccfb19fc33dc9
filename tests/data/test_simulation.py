"""The simulated edition: the same bytes from the same seed, and the planted truth where it was planted."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.data.simulation import simulate
from analysis.edition import Edition, load_edition
from analysis.edition.sections.data import SIMULATED


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "tests" / "editions" / "small.yml")


@pytest.fixture(scope="module")
def raw(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("raw")
    simulate(edition, target)
    return target


def test_all_ten_tables_are_written(raw: Path) -> None:
    assert {path.stem for path in raw.glob("*.csv")} == set(SIMULATED)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    edition: Edition, raw: Path, tmp_path: Path
) -> None:
    again = simulate(edition, tmp_path / "again")
    assert all((raw / f"{name}.csv").read_bytes() == path.read_bytes() for name, path in again.items())
    other = simulate(edition.model_copy(update={"seed": 7}), tmp_path / "other")
    assert (raw / "responses.csv").read_bytes() != other["responses"].read_bytes()


def test_the_interviews_carry_the_planted_faults(edition: Edition, raw: Path) -> None:
    responses = pd.read_csv(raw / "responses.csv", dtype=str)
    truth = json.loads((raw / "truth.json").read_text(encoding="utf-8"))
    assert len(responses) == edition.simulation.responses
    careless = sum(len(ids) for ids in truth["careless"].values())
    assert careless / len(responses) == pytest.approx(edition.simulation.careless_share, abs=0.015)
    assert len(truth["duplicates"]) / len(responses) == pytest.approx(edition.simulation.duplicate_share, abs=0.005)
    assert not {"truth", "careless"} & set(responses.columns)


def test_innovation_is_the_weakest_dimension_and_security_the_strongest(edition: Edition, raw: Path) -> None:
    responses = pd.read_csv(raw / "responses.csv", low_memory=False)
    means = {
        construct.key: responses[[item.key for item in construct.items]]
        .apply(pd.to_numeric, errors="coerce")
        .where(lambda answers: answers.isin(range(1, 6)))
        .mean()
        .mean()
        for construct in edition.instrument.dimensions
    }
    assert min(means, key=lambda key: means[key]) == "innovation"
    assert max(means, key=lambda key: means[key]) == "security"


def test_the_population_is_not_what_the_sample_looks_like(edition: Edition, raw: Path) -> None:
    """Without planted nonresponse weighting would have nothing to do."""
    population = pd.read_csv(raw / "population.csv")
    ages = population[population["variable"] == "age"].set_index("category")["population"]
    sample = pd.read_csv(raw / "responses.csv", dtype=str)["age"].value_counts(normalize=True)
    gap = (sample - ages / ages.sum()).abs().max()
    assert gap > 0.03
