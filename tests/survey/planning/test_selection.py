"""Inclusion probabilities are what they are said to be, and the same seed selects the same sample."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition.sections.sampling import Sampling
from analysis.errors import MethodError
from analysis.survey.planning.selection import (
    WHOLE,
    inclusion_probabilities,
    select_sample,
    strata_population,
    systematic,
)

SIZES = st.lists(st.integers(1, 5000), min_size=3, max_size=40)


def _frame(units: int = 60, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "unit_id": [f"u{i:03d}" for i in range(units)],
            "stratum": np.where(np.arange(units) < units // 3, "a", "b"),
            "region": rng.choice(["north", "south"], units),
            "size": rng.integers(50, 3000, units),
        }
    )


def _sampling(**options: Any) -> Sampling:
    return Sampling(**({"selection": "two_stage", "per_unit": 10} | options))


@settings(max_examples=100, deadline=None)
@given(sizes=SIZES, n=st.integers(1, 40))
def test_probabilities_are_in_proportion_to_size_except_certain_units(sizes: list[int], n: int) -> None:
    x = np.array(sizes, dtype=float)
    found = inclusion_probabilities(x, n)
    assert found.sum() == pytest.approx(min(n, len(x)))
    assert ((found > 0) & (found <= 1)).all()
    free = found < 1 - 1e-9
    if free.any():
        assert np.ptp(found[free] / x[free]) == pytest.approx(0, abs=1e-12)
        assert x[~free].min(initial=np.inf) >= x[free].max() - 1e-9


@settings(max_examples=60, deadline=None)
@given(sizes=SIZES, n=st.integers(1, 30))
def test_over_all_starts_a_unit_is_hit_exactly_as_often_as_its_probability(sizes: list[int], n: int) -> None:
    """The start matters only at the fractions of the cumulated probabilities: between them the sample is the same."""
    probabilities = inclusion_probabilities(np.array(sizes, dtype=float), n)
    breaks = np.unique(np.concatenate([[0.0, 1.0], np.cumsum(probabilities) % 1]))
    hit = np.zeros(len(sizes))
    for low, high in pairwise(breaks):
        if high - low > 1e-9:
            chosen = systematic(probabilities, (low + high) / 2)
            assert len(chosen) == min(n, len(sizes))
            hit[chosen] += high - low
    assert hit.tolist() == pytest.approx(probabilities.tolist(), abs=1e-6)


@pytest.mark.parametrize("method", ["simple", "systematic", "pps"])
@pytest.mark.simulation
def test_one_stage_weights_add_up_to_the_frame_on_average(method: str) -> None:
    frame = _frame()
    estimates = []
    for seed in range(300):
        drawn = select_sample(frame, asked={"a": 6, "b": 12}, sampling=_sampling(selection=method), seed=seed)
        assert drawn.sample.groupby("stratum").size().to_dict() == {"a": 6, "b": 12}
        estimates.append(drawn.strata["estimate"].sum())
    assert np.mean(estimates) == pytest.approx(frame["size"].sum(), rel=0.03)


def test_two_stages_give_every_customer_of_a_stratum_the_same_chance() -> None:
    frame = _frame()
    drawn = select_sample(frame, asked={"a": 100, "b": 200}, sampling=_sampling(), seed=5)
    sample = drawn.sample.merge(frame[["unit_id", "size"]], on="unit_id")
    assert (sample["position"] <= sample["size"]).all()
    assert sample["position"].min() >= 1
    assert not sample.duplicated(["unit_id", "position"]).any()
    spread = sample.groupby("stratum")["probability"].agg(lambda p: p.max() / p.min())
    assert (spread < 1.1).all()
    sizes = frame.groupby("stratum")["size"].sum()
    for row in drawn.strata.to_dict("records"):
        assert row["cases"] == pytest.approx(row["asked"], rel=0.05)
        assert row["estimate"] == pytest.approx(sizes[row["category"]], rel=0.02)


def test_a_unit_larger_than_the_interval_is_certain_and_keeps_the_rate() -> None:
    frame = pd.DataFrame({"unit_id": ["big", *(f"u{i}" for i in range(20))], "size": [20_000, *[500] * 20]})
    drawn = select_sample(frame, asked={WHOLE: 120}, sampling=_sampling(), seed=2)
    big = drawn.sample[drawn.sample["unit_id"] == "big"]
    assert (big["first_stage"] == 1).all()
    assert len(big) == 80
    assert drawn.sample["weight"].std() / drawn.sample["weight"].mean() < 0.05


def test_the_seed_decides_and_strata_do_not_disturb_each_other() -> None:
    frame = _frame()
    once = select_sample(frame, asked={"a": 50, "b": 90}, sampling=_sampling(), seed=3)
    again = select_sample(frame.sample(frac=1, random_state=1), asked={"b": 90, "a": 50}, sampling=_sampling(), seed=3)
    keys = ["unit_id", "position"]
    pd.testing.assert_frame_equal(
        once.sample[keys].sort_values(keys, ignore_index=True), again.sample[keys].sort_values(keys, ignore_index=True)
    )
    more = select_sample(frame, asked={"a": 50, "b": 150}, sampling=_sampling(), seed=3)
    of_a = [drawn.sample.loc[drawn.sample["stratum"] == "a", keys] for drawn in (once, more)]
    pd.testing.assert_frame_equal(*of_a)
    other = select_sample(frame, asked={"a": 50, "b": 90}, sampling=_sampling(), seed=4)
    assert not once.sample["unit_id"].equals(other.sample["unit_id"])


def test_a_stratum_smaller_than_asked_is_taken_whole() -> None:
    frame = _frame(30).drop(columns="size")
    drawn = select_sample(frame, asked={"a": 50, "b": 5}, sampling=_sampling(selection="simple"), seed=1)
    counts = drawn.strata.set_index("category")
    assert (counts.loc["a", "cases"], counts.loc["a", "weight_high"]) == (10, 1.0)
    assert counts.loc["b", "cases"] == 5


def test_strata_that_do_not_agree_are_named() -> None:
    with pytest.raises(MethodError, match="not those of the allocation"):
        select_sample(_frame(), asked={"a": 5, "c": 5}, sampling=_sampling(), seed=1)
    with pytest.raises(MethodError, match="frame is empty"):
        select_sample(_frame().head(0), asked={"a": 5}, sampling=_sampling(), seed=1)


def test_strata_come_from_the_population_first_and_from_the_frame_else() -> None:
    frame = _frame()
    population = pd.DataFrame({"variable": ["kind", "kind"], "category": ["a", "b"], "population": [10, 20]})
    from_table = strata_population(population, frame, stratum="kind")
    assert from_table is not None
    assert from_table["population"].tolist() == [10, 20]
    from_frame = strata_population(None, frame, stratum="kind")
    assert from_frame is not None
    assert from_frame["population"].sum() == frame["size"].sum()
    assert strata_population(None, None, stratum="kind") is None
    assert strata_population(population, frame, stratum=None) is None
