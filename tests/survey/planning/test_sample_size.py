"""Sample size with its audit trail, and an allocation that adds up within its bounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition.scales import Scale
from analysis.edition.sections.sampling import Sampling
from analysis.errors import MethodError
from analysis.survey.planning.sample_size import allocate, sample_size, sample_sizes

# Cochran 1977: at 95 % confidence, a spread of 50 points and a margin of 5 need 384.15 interviews.
FIFTY = {"margin": 5.0, "standard_deviation": 50.0, "design_effect": 1.0, "response_rate": 0.5}


def _population(*sizes: int) -> pd.DataFrame:
    return pd.DataFrame({"category": [f"s{i}" for i in range(len(sizes))], "population": sizes})


def _sampling(**options: Any) -> Sampling:
    return Sampling(**({"min_per_stratum": 2, "stratum_margin": 50.0} | options))


def test_the_classical_example_needs_385_interviews_and_twice_as_many_invitations() -> None:
    size = sample_size(sampling=Sampling(**FIFTY), population=None)
    assert size.n0 == pytest.approx(384.1459, abs=1e-4)
    assert (size.n, size.invitations) == (385, 770)
    assert size.attainable


def test_a_finite_population_of_1000_needs_278() -> None:
    size = sample_size(sampling=Sampling(**FIFTY), population=1000)
    assert size.n_finite == pytest.approx(277.5, abs=0.1)
    assert size.n == 278


def test_the_design_effect_multiplies_before_the_finite_correction() -> None:
    size = sample_size(sampling=Sampling(**(FIFTY | {"design_effect": 2.0})), population=1000)
    assert size.n_design == pytest.approx(2 * size.n0)
    assert size.n == math.ceil(size.n_design / (1 + size.n_design / 1000))


def test_more_invitations_than_people_are_said_to_be_out_of_reach() -> None:
    size = sample_size(sampling=Sampling(**FIFTY), population=300)
    assert size.n < 300 < size.invitations
    assert not size.attainable
    assert sample_size(sampling=Sampling(**FIFTY), population=1).n == 1


def test_a_product_that_is_whole_is_not_rounded_up() -> None:
    """315 / 0.35 is a little more than 900 in floating point."""
    size = sample_size(sampling=Sampling(**(FIFTY | {"response_rate": 0.35})), population=1749)
    assert (size.n, size.invitations) == (315, 900)


def test_the_table_is_the_audit_trail_and_names_the_population_only_when_known() -> None:
    unknown = sample_size(sampling=Sampling(**FIFTY), population=None)
    steps = ["z", "margin", "standard_deviation", "n0", "design_effect", "n_design"]
    end = ["n_finite", "n", "response_rate", "invitations"]
    assert unknown.table()["quantity"].tolist() == steps + end
    known = sample_size(sampling=Sampling(**FIFTY), population=1000)
    assert known.table()["quantity"].tolist() == [*steps, "population", *end]
    assert known.table().set_index("quantity").loc["n", "value"] == known.record()["n"] == 278


def test_an_empty_population_is_refused() -> None:
    with pytest.raises(MethodError, match="population is empty"):
        sample_size(sampling=Sampling(), population=0)


@settings(max_examples=100, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 100_000), min_size=1, max_size=12),
    n=st.integers(1, 20_000),
    minimum=st.integers(2, 500),
    rule=st.sampled_from(["proportional", "equal", "power"]),
    power=st.floats(0, 1),
)
def test_an_allocation_adds_up_and_keeps_its_bounds(
    sizes: list[int], n: int, minimum: int, rule: Any, power: float
) -> None:
    sampling = _sampling(min_per_stratum=minimum, allocation=rule, power=power, stratum_margin=3.0)
    result = allocate(_population(*sizes), n=n, sampling=sampling)
    table = result.table()
    assert table["n"].sum() == result.n == min(max(n, result.needed), sum(sizes))
    assert (table["n"] <= table["population"]).all()
    assert (table["n"] >= np.minimum(minimum, table["population"])).all()
    assert (table["margin"] <= 3.0 + 1e-9).all()
    assert table["share"].sum() == pytest.approx(1.0)
    ordered = table.sort_values("population")
    assert (ordered["n"].diff().dropna() >= -1).all()


def test_proportional_equal_and_power_do_what_they_say() -> None:
    population = _population(8100, 900)
    counts = {
        rule: allocate(population, n=100, sampling=_sampling(allocation=rule, power=0.5)).table()["n"].tolist()
        for rule in ("proportional", "equal", "power")
    }
    assert counts == {"proportional": [90, 10], "equal": [50, 50], "power": [75, 25]}


def test_largest_remainders_come_first_and_ties_go_to_the_first_stratum() -> None:
    sampling = _sampling(allocation="proportional")
    assert allocate(_population(10, 10, 10), n=10, sampling=sampling).table()["n"].tolist() == [4, 3, 3]
    assert allocate(_population(47, 36, 17), n=10, sampling=sampling).table()["n"].tolist() == [5, 3, 2]


def test_a_small_stratum_is_taken_whole_and_its_estimate_has_no_sampling_error() -> None:
    table = allocate(_population(5, 10_000), n=500, sampling=_sampling(min_per_stratum=100)).table()
    assert table["n"].tolist() == [5, 495]
    assert table.loc[0, "margin"] == 0.0


def test_the_margin_of_a_stratum_grows_the_sample_when_it_must() -> None:
    sampling = _sampling(stratum_margin=2.0, standard_deviation=16.0, design_effect=1.5)
    result = allocate(_population(10**7, 10**7), n=100, sampling=sampling)
    assert result.table()["n"].tolist() == [369, 369]
    assert result.n == result.needed == 738


@pytest.mark.parametrize(
    ("population", "named"),
    [
        (_population(), "no stratum"),
        (_population(10, 0), "not a count"),
        (pd.DataFrame({"category": ["a"], "population": [2.5]}), "not a count"),
        (pd.DataFrame({"category": ["a"], "population": [np.nan]}), "not a count"),
        (pd.DataFrame({"category": ["a", "a"], "population": [5, 5]}), "listed twice"),
    ],
)
def test_a_frame_that_makes_no_sense_is_refused(population: pd.DataFrame, named: str) -> None:
    with pytest.raises(MethodError, match=named):
        allocate(population, n=10, sampling=_sampling())
    with pytest.raises(MethodError, match="nothing to allocate"):
        allocate(_population(10), n=0, sampling=_sampling())


def test_the_largest_of_the_three_targets_is_planned() -> None:
    scale = Scale(min=1, max=5)
    options = {"margin": 1.0, "standard_deviation": 20.0, "design_effect": 1.0, "share_margin": 0.02}
    sizes = sample_sizes(sampling=Sampling(**options), population=None, scale=scale)
    assert {size.measure: size.n for size in sizes.sizes} == {"index": 1537, "share": 2401, "item": 1537}
    assert sizes.governing.measure == "share"
    record = sizes.record()
    assert (record["n"], record["governing"], record["n_index"], record["margin_index"]) == (2401, "share", 1537, 1.0)
    table = sizes.table().set_index("quantity")
    assert table.columns.tolist() == ["index", "share", "item"]
    assert table.loc["standard_deviation"].tolist() == [20.0, 0.5, 1.0]
    assert table.loc["n", "item"] == 1537


def test_an_item_keeps_its_precision_on_any_scale() -> None:
    """A margin and a spread that are parts of the scale need the same n on 1–5 and on 0–10."""
    found = [
        sample_sizes(sampling=Sampling(), population=None, scale=Scale(min=a, max=b)) for a, b in ((1, 5), (0, 10))
    ]
    assert len({sizes.sizes[2].n for sizes in found}) == 1
    own = Sampling(item_standard_deviation=2.0, item_margin=0.1, design_effect=1.0)
    assert sample_sizes(sampling=own, population=None, scale=Scale(min=0, max=10)).sizes[2].n == 1537


def test_a_cost_of_a_stratum_needs_the_cost_of_the_others() -> None:
    with pytest.raises(ValueError, match="needs `cost`"):
        Sampling(stratum_cost={"bank": 5.0})
