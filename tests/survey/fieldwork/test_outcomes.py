"""AAPOR rates against their formulas written out in R, and what a customer approached twice counts as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import MethodError
from analysis.survey.fieldwork.outcomes import (
    OUTCOMES,
    RATES,
    approaches,
    classify,
    final_outcomes,
    outcome_counts,
    outcome_rates,
    stratum_weights,
    wilson,
)

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "fieldwork.json").read_text())
CODES = {"I": "1.1", "P": "1.2", "R": "2.11", "NC": "2.2", "O": "2.3", "UH": "3.1", "UO": "3.2", "NE": "4.1"}
COUNTS = st.fixed_dictionaries({outcome: st.integers(0, 60) for outcome in OUTCOMES})


def _cases(counts: dict[str, int]) -> pd.DataFrame:
    outcomes = [outcome for outcome in OUTCOMES for _ in range(counts[outcome])]
    return pd.DataFrame({"outcome": outcomes})


def _rates(cases: pd.DataFrame, **options: Any) -> pd.Series:
    return outcome_rates(outcome_counts(cases, **options)).set_index("rate")["value"]


@pytest.mark.parametrize("case", GOLDEN["aapor"], ids=lambda case: str(case["counts"]["I"]))
def test_the_formulas_of_the_standard_written_out_in_r_give_the_same_rates(case: dict[str, dict[str, float]]) -> None:
    rates = outcome_rates(outcome_counts(_cases(case["counts"])))  # type: ignore[arg-type]
    found = rates.set_index("rate")["value"].to_dict()
    assert rates["e"].iloc[0] == pytest.approx(case["rates"]["e"], rel=1e-9)
    expected = {name: value for name, value in case["rates"].items() if name != "e"}
    assert found == {name: pytest.approx(value, rel=1e-9) for name, value in expected.items()}


@pytest.mark.parametrize("case", GOLDEN["wilson"], ids=lambda case: str(case["n"]))
def test_rs_prop_test_gives_the_same_interval(case: dict[str, float]) -> None:
    share, n = np.array([case["x"] / case["n"]]), np.array([case["n"]])
    low, high = wilson(share, n, confidence=case["level"])
    assert (low[0], high[0]) == (pytest.approx(case["low"], rel=1e-9), pytest.approx(case["high"], rel=1e-9))


def test_the_first_decimal_of_a_code_decides() -> None:
    codes = ["1", "1.0", "1.1", "1.2", "2.1", "2.112", "2.2", "2.3", "2.9", "2", "3.1", "3.9", "4.5"]
    groups = ["I", "I", "I", "P", "R", "R", "NC", "O", "O", "O", "UH", "UO", "NE"]
    assert classify(pd.Series(codes)).tolist() == groups
    with pytest.raises(MethodError, match="not an AAPOR code"):
        classify(pd.Series(["5.1"]))


def test_a_customer_called_back_counts_once_and_by_what_is_known_best() -> None:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a", "c", None, None],
            "channel": ["app", "app", "phone", "web", "web", "web"],
            "disposition": ["2.2", "2.2", "1.1", "2.1", "3.1", "4.1"],
            "contacted_on": pd.to_datetime(["2025-09-01", "2025-09-01", "2025-09-05"] + ["2025-09-02"] * 3),
        }
    )
    cases = approaches(table)
    final = final_outcomes(cases).set_index("customer")
    assert len(cases) == 6
    assert len(final) == 5
    assert (final.loc["a", "outcome"], final.loc["a", "first_channel"]) == ("I", "app")
    assert sorted(final["outcome"]) == ["I", "NC", "NE", "R", "UH"]


@settings(max_examples=80, deadline=None)
@given(counts=COUNTS)
def test_rates_lie_in_order_and_inside_their_intervals(counts: dict[str, int]) -> None:
    if not counts["I"] + counts["P"]:
        counts = counts | {"I": 1}
    table = outcome_rates(outcome_counts(_cases(counts))).dropna().set_index("rate")
    value = table["value"]
    assert value["RR1"] <= value["RR3"] + 1e-12 <= value["RR5"] + 2e-12
    assert value["RR2"] <= value["RR4"] + 1e-12 <= value["RR6"] + 2e-12
    assert value["COOP1"] <= value["COOP3"] + 1e-12
    assert value.between(0, 1).all()
    assert (table["ci_low"] <= value + 1e-9).all()
    assert (table["ci_high"] >= value - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(counts=COUNTS, scale=st.floats(0.01, 100), seed=st.integers(0, 1000))
def test_order_and_equal_weights_change_nothing(counts: dict[str, int], scale: float, seed: int) -> None:
    cases = _cases(counts | {"I": counts["I"] + 1})
    rates, weighted = _rates(cases), _rates(cases, weights=np.full(len(cases), scale))
    shuffled = _rates(cases.sample(frac=1, random_state=seed))
    pd.testing.assert_series_equal(weighted, rates, rtol=1e-9)
    pd.testing.assert_series_equal(shuffled, rates, rtol=1e-12)


def test_a_whole_weight_counts_like_as_many_cases_but_carries_no_more_precision() -> None:
    cases = _cases({"I": 30, "P": 2, "R": 12, "NC": 25, "O": 3, "UH": 8, "UO": 2, "NE": 4})
    weights = np.where(cases["outcome"] == "I", 3, 1)
    repeated = cases.loc[cases.index.repeat(weights)]
    pd.testing.assert_series_equal(_rates(cases, weights=weights), _rates(repeated), rtol=1e-9)
    factor = outcome_counts(cases, weights=weights)["base_factor"].iloc[0]
    assert factor == pytest.approx(weights.sum() ** 2 / (len(cases) * (weights**2).sum()))


def test_every_rate_is_defined_by_outcomes_that_exist() -> None:
    parts = {part for pair in RATES.values() for side in pair for part in side.split()}
    assert parts == {"I", "P", "R", "NC", "O", "U", "eU"}
    assert len(RATES) == 16


def test_a_stratum_without_population_is_named() -> None:
    customers = pd.DataFrame({"stratum": ["a", "b"], "outcome": ["I", "R"]})
    margins = pd.DataFrame({"category": ["a"], "population": [100]})
    with pytest.raises(MethodError, match="not in the population table"):
        stratum_weights(customers, margins)
    assert stratum_weights(customers, None) is None
