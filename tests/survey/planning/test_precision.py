"""Allocations compared at the same number of interviews, and the precision that domains can expect."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.sampling import Sampling
from analysis.survey.planning.precision import compare_allocations, domain_precision
from analysis.survey.planning.sample_size import allocate

POPULATION = pd.DataFrame({"category": ["a", "b", "c"], "population": [600_000, 300_000, 100_000]})
LOOSE = {"min_per_stratum": 2, "stratum_margin": 50.0, "standard_deviation": 16.0}


def test_the_optimum_follows_size_spread_and_cost() -> None:
    sampling = Sampling(**LOOSE, allocation="neyman", stratum_deviation={"b": 24.0}, cost=36.0, stratum_cost={"c": 9.0})
    strata = allocate(POPULATION, n=1000, sampling=sampling).strata
    claims = np.array([600_000 * 16 / 6, 300_000 * 24 / 6, 100_000 * 16 / 3])
    assert strata["n"].tolist() == pytest.approx((1000 * claims / claims.sum()).tolist(), abs=1)
    assert strata["cost"].tolist() == (strata["n"] * [36, 36, 9]).tolist()


def test_without_cost_neyman_gives_the_total_the_smallest_margin() -> None:
    sampling = Sampling(**LOOSE, stratum_deviation={"c": 40.0})
    table = compare_allocations(POPULATION, n=900, sampling=sampling).set_index("rule")
    assert table["margin"].idxmin() == "neyman"
    assert table["n"].tolist() == [900] * 4
    assert table.loc["equal", "smallest"] == 300
    assert table["cost"].isna().all()
    assert table["chosen"].to_dict() == {"proportional": False, "neyman": False, "power": True, "equal": False}


def test_proportional_allocation_has_the_margin_of_the_textbook() -> None:
    sampling = Sampling(**LOOSE, design_effect=1.0)
    row = compare_allocations(POPULATION, n=1000, sampling=sampling).set_index("rule").loc["proportional"]
    assert row["margin"] == pytest.approx(1.959964 * 16 / math.sqrt(1000) * math.sqrt(1 - 0.001), rel=1e-4)


def test_for_the_same_money_the_optimum_is_at_least_as_good() -> None:
    """Neyman with cost spends less for the margin: scaled to the cost of the proportional one it is not worse."""
    sampling = Sampling(**LOOSE, cost=10.0, stratum_cost={"a": 40.0})
    table = compare_allocations(POPULATION, n=5000, sampling=sampling).set_index("rule")
    optimum, proportional = table.loc["neyman"], table.loc["proportional"]
    scaled = optimum["margin"] * math.sqrt(optimum["cost"] / proportional["cost"])
    assert scaled <= proportional["margin"] * 1.001


def test_a_domain_is_judged_by_the_width_of_its_interval() -> None:
    options = {"standard_deviation": 16.0, "design_effect": 1.5, "stratum_margin": 2.0, "stratum": "kind"}
    sampling = Sampling(**options, stratum_deviation={"c": 20.0})
    population = pd.DataFrame(
        {
            "variable": ["kind", "kind", "kind", "age", "age"],
            "category": ["a", "b", "c", "young", "old"],
            "population": [600_000, 300_000, 100_000, 900_000, 100_000],
        }
    )
    strata = population[population["variable"] == "kind"][["category", "population"]]
    allocation = allocate(strata, n=2000, sampling=sampling)
    table = domain_precision(
        population, questions=["kind", "age", "height"], n=2000, sampling=sampling, allocation=allocation
    ).set_index("category")
    assert table.loc[["a", "b", "c"], "expected_n"].tolist() == allocation.strata["n"].tolist()
    assert table.loc[["a", "b", "c"], "width"].tolist() == pytest.approx((2 * allocation.strata["margin"]).tolist())
    assert table.loc[["young", "old"], "expected_n"].tolist() == [1800, 200]
    assert table.loc["old", "needed_n"] == 368  # 367.4 with the finite correction, rounded up
    assert not table.loc["old", "met"]
    assert table.loc["old", "width"] == pytest.approx(2 * 1.959964 * 16 * math.sqrt(1.5 / 200 * (1 - 0.002)), rel=1e-5)
    met = table["expected_n"] >= table["needed_n"]
    assert table["met"].tolist() == met.tolist()


def test_without_figures_for_a_question_there_is_nothing_to_plan() -> None:
    empty = pd.DataFrame({"variable": ["x"], "category": ["y"], "population": [5]})
    assert domain_precision(empty, questions=["age"], n=100, sampling=Sampling()).empty
