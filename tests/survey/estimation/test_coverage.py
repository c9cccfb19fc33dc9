"""Do the 95 % intervals hold the truth in 95 % of surveys? 500 surveys of one population, drawn by strata.

The share held in 500 surveys has itself a standard error of one point: the bounds are two of them away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from analysis.survey.design.replicate_weights import ReplicateWeights
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.differences import compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import means, proportions

SURVEYS = 500
LINE = 70
"""Satisfied from here."""
SIZES = np.array([90, 100, 120, 260])
POPULATION = np.array([6000, 15000, 30000, 4000])


@dataclass(frozen=True)
class Population:
    """Index, satisfied and domain of every member of each stratum, and the truth."""

    index: list[np.ndarray]
    domain: list[np.ndarray]

    @property
    def truth(self) -> dict[str, float]:
        index, domain = np.concatenate(self.index), np.concatenate(self.domain)
        apart = index[domain == 1].mean() - index[domain == 0].mean()
        return {"index": index.mean(), "csat": (index >= LINE).mean(), "difference": apart}


def _population() -> Population:
    rng = np.random.default_rng(11)
    domain = [(rng.random(size) < 0.3 + 0.1 * place).astype(int) for place, size in enumerate(POPULATION)]
    index = [
        np.clip(rng.normal(66 + 5 * place + 2.5 * part, 14 + 2 * place), 0, 100) for place, part in enumerate(domain)
    ]
    return Population(index, domain)


def _surveys(population: Population) -> pd.DataFrame:
    """All surveys in one frame; the strata of one survey are not those of another, so each is a domain of its own."""
    rng = np.random.default_rng(2025)
    drawn = []
    for place, (size, taken) in enumerate(zip(POPULATION, SIZES, strict=True)):
        rows = rng.random((SURVEYS, size)).argpartition(taken, axis=1)[:, :taken]
        part = {"csi": population.index[place][rows].ravel(), "domain": population.domain[place][rows].ravel()}
        survey = np.repeat(np.arange(SURVEYS), taken)
        drawn.append(pd.DataFrame(part | {"survey": survey, "stratum": survey * 4 + place, "w": size / taken}))
    frame = pd.concat(drawn).sort_values("survey", kind="stable", ignore_index=True)
    return frame.assign(satisfied=(frame["csi"] >= LINE).astype(float))


def _differences(frame: pd.DataFrame, replicates: ReplicateWeights | None) -> pd.DataFrame:
    """The difference of the two domains in every survey."""
    rows, size = [], int(SIZES.sum())
    for start in range(0, len(frame), size):
        part = frame.iloc[start : start + size]
        own = None if replicates is None else replace(replicates, weights=replicates.weights[start : start + size])
        joint = estimate_jointly(
            part[["csi"]],
            design=specify_design(len(part[["csi"]]), weights=part["w"], strata=part["stratum"], replicates=own),
            domain=part["domain"],
        )
        rows.append(compare_estimates(joint, pairs=[(1, 0)]))
    return pd.concat(rows)


def _held(table: pd.DataFrame, truth: float) -> float:
    return float(((table["ci_low"] <= truth) & (truth <= table["ci_high"])).mean())


@pytest.fixture(scope="module")
def population() -> Population:
    return _population()


@pytest.mark.parametrize("source", ["taylor", "bootstrap"])
@pytest.mark.simulation
def test_95_of_100_intervals_hold_the_truth(source: str, population: Population) -> None:
    frame, truth = _surveys(population), population.truth
    drawn = None
    if source == "bootstrap":
        drawn = bootstrap(frame["w"], strata=frame["stratum"], replicates=120, seed=7)
    options = {"weights": frame["w"], "strata": frame["stratum"], "replicates": drawn}
    design, domain = specify_design(len(frame), **options), frame["survey"]
    shares = {
        "index": _held(means(frame[["csi"]], design=design, domain=domain), truth["index"]),
        "csat": _held(proportions(frame[["satisfied"]], design=design, domain=domain), truth["csat"]),
        "difference": _held(_differences(frame, drawn), truth["difference"]),
    }
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


def test_intervals_that_forget_the_weights_miss_the_truth(population: Population) -> None:
    frame = _surveys(population)
    assert _held(means(frame[["csi"]], domain=frame["survey"]), population.truth["index"]) < 0.9
