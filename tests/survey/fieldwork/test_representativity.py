"""The R-indicator against R's logistic regression, its adjustment for chance, and its parts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.fieldwork.representativity import margin_gaps, r_indicator

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "fieldwork.json").read_text())
N = [120, 80, 60, 40, 90, 110, 50, 70, 200, 30, 45, 65, 75, 85, 95, 55]
ANSWERED = [48, 20, 33, 9, 30, 52, 20, 14, 90, 8, 25, 13, 21, 40, 38, 11]
WEIGHT = {"a": 10.0, "b": 4.0, "c": 2.5, "d": 7.0}


def _people() -> pd.DataFrame:
    parts = []
    for i, (n, answered) in enumerate(zip(N, ANSWERED, strict=True)):
        outcome = ["I"] * answered + ["R"] * (n - answered)
        parts.append(pd.DataFrame({"stratum": "abcd"[i % 4], "channel": "uvwx"[i // 4], "outcome": outcome}))
    return pd.concat(parts, ignore_index=True)


def _drawn(rates: dict[str, float], size: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.choice(list(rates), size)
    answered = rng.random(size) < pd.Series(group).map(rates).to_numpy()
    other = rng.choice(["x", "y", "z"], size)
    return pd.DataFrame({"group": group, "other": other, "outcome": np.where(answered, "I", "NC")})


def test_rs_saturated_logistic_model_gives_the_same_r() -> None:
    people = _people()
    plain = r_indicator(people, variables=["stratum", "channel"])
    weighted = r_indicator(people, variables=["stratum", "channel"], weights=people["stratum"].map(WEIGHT))
    assert plain.unadjusted == pytest.approx(GOLDEN["propensities"]["r_unweighted"], rel=1e-6)
    assert weighted.unadjusted == pytest.approx(GOLDEN["propensities"]["r_weighted"], rel=1e-6)
    assert plain.r > plain.unadjusted


@pytest.mark.simulation
def test_response_by_chance_alone_is_representative() -> None:
    found = [r_indicator(_drawn(dict.fromkeys("abcdef", 0.4), 600, s), variables=["group", "other"]) for s in range(30)]
    assert np.mean([result.unadjusted for result in found]) < 0.86
    assert np.mean([result.r for result in found]) > 0.93


@pytest.mark.simulation
def test_the_adjusted_r_finds_the_true_one_and_the_interval_holds_it() -> None:
    rates = {"a": 0.6, "b": 0.4, "c": 0.2}
    truth = 1 - 2 * np.std(list(rates.values()))
    found = [r_indicator(_drawn(rates, 1500, s), variables=["group", "other"], seed=s) for s in range(60)]
    assert np.mean([result.r for result in found]) == pytest.approx(truth, abs=0.01)
    held = np.mean([result.ci_low <= truth <= result.ci_high for result in found])
    assert 0.85 <= held <= 1


def test_the_variable_behind_the_response_carries_the_difference() -> None:
    result = r_indicator(_drawn({"a": 0.6, "b": 0.4, "c": 0.2}, 4000, 1), variables=["group", "other"])
    table = result.variables.set_index("variable")
    assert table.loc["group", "unconditional"] == pytest.approx(np.std([0.6, 0.4, 0.2]), abs=0.02)
    assert table.loc["group", "conditional"] > 5 * table.loc["other", "conditional"]
    assert (table.loc["group", "low_category"], table.loc["group", "high_category"]) == ("c", "a")


def test_the_same_seed_gives_the_same_error_and_row_order_does_not_matter() -> None:
    people = _people()
    once = r_indicator(people, variables=["stratum", "channel"], seed=7)
    again = r_indicator(people.sample(frac=1, random_state=3), variables=["stratum", "channel"], seed=7)
    assert once.se == again.se
    assert once.r == pytest.approx(again.r, rel=1e-12)


def test_without_a_response_there_is_no_r() -> None:
    with pytest.raises(MethodError, match="needs responses"):
        r_indicator(pd.DataFrame({"group": ["a", "b"], "outcome": ["R", "R"]}), variables=["group"])


def test_gaps_name_who_is_missing() -> None:
    population = pd.DataFrame(
        {"variable": ["age"] * 3 + ["height"], "category": ["young", "old", "rest", "x"], "population": [40, 40, 20, 1]}
    )
    responses = pd.DataFrame({"age": ["young"] * 6 + ["old"] * 2 + [None]})
    (row,) = margin_gaps(responses, population, questions=["age", "height", "sex"]).to_dict("records")
    assert (row["over_category"], row["under_category"], row["n"]) == ("young", "rest", 8)
    assert row["over_gap"] == pytest.approx(0.35)
    assert row["under_gap"] == pytest.approx(-0.20)
    assert row["dissimilarity"] == pytest.approx(0.35)
    weights = [1.0] * 6 + [3.0] * 2 + [1.0]
    (weighted,) = margin_gaps(responses, population, questions=["age"], weights=weights).to_dict("records")
    assert weighted["over_gap"] == pytest.approx(0.10)
