"""Necessary conditions: a small example by hand, the rows in R, and what the permutations say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_rows import GOLDEN, made_up_rows
from scipy.stats import hypergeom

from analysis.drivers import necessity
from analysis.drivers.necessity import necessary_conditions
from analysis.errors import MethodError


def test_a_small_example_by_hand() -> None:
    # Staircase: C(0) = 1, C(2) = 3, C(3) = 3, C(4) = 5. Zone: (5 − 1)·2 + (5 − 3)·1 + (5 − 3)·1 = 12 of 4·5.
    x = pd.DataFrame({"x": [0.0, 0.0, 2.0, 3.0, 4.0, 4.0]})
    y = pd.Series([0.0, 1.0, 3.0, 2.0, 5.0, 0.5], name="y")
    found = necessary_conditions(x, y, levels=[1, 2, 4, 6], permutations=20, seed=1)
    row = found.effects.iloc[0]
    assert (row["ceiling_zone"], row["scope"]) == (12, 20)
    assert row["effect"] == pytest.approx(0.6)
    assert row["size"] == "very_large"
    table = found.bottleneck.set_index("level")
    assert np.isnan(table.loc[1.0, "required"])
    assert table["required"].tolist()[1:] == [2, 4]
    assert table["percent"].tolist() == [0, 0.5, 1]
    assert table["n"].tolist() == [4, 3, 1]


def test_effect_and_bottleneck_are_those_of_r() -> None:
    rows, _ = made_up_rows()
    found = necessary_conditions(rows[["x1", "x2"]], rows["z"], levels=[55], permutations=10, seed=1)
    golden = GOLDEN["necessity"]
    assert found.effects["effect"].tolist() == pytest.approx([golden["x1"], golden["x2"]], rel=1e-10)
    wanted = [golden["required_x1"], golden["required_x2"]]
    assert found.bottleneck["required"].tolist() == pytest.approx(wanted, rel=1e-10)


def test_a_condition_is_told_from_chance() -> None:
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.random((400, 2)), columns=["needed", "idle"])
    y = pd.Series(rng.random(400) * x["needed"], name="y")
    found = necessary_conditions(x, y, levels=[0.5], permutations=499, seed=1).effects.set_index("construct")
    assert found.loc["needed", "effect"] > 0.4
    assert found.loc["needed", "p"] == pytest.approx(1 / 500)
    assert found.loc["idle", "p"] > 0.05


def test_p_is_uniform_where_nothing_is_necessary() -> None:
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x, y = pd.DataFrame({"x": rng.random(60)}), pd.Series(rng.random(60))
        found.append(necessary_conditions(x, y, levels=[], permutations=99, seed=seed).effects["p"].iloc[0])
    assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.09


def test_any_rescaling_that_keeps_the_direction_keeps_the_effect() -> None:
    rows, _ = made_up_rows()
    one = necessary_conditions(rows[["x1"]], rows["z"], levels=[], permutations=50, seed=1).effects
    other = necessary_conditions(3 * rows[["x1"]] + 7, rows["z"] / 9, levels=[], permutations=50, seed=1).effects
    assert other["effect"].iloc[0] == pytest.approx(one["effect"].iloc[0])
    assert other["p"].iloc[0] == one["p"].iloc[0]


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_nothing_is_necessary_where_nothing_varies(rows: int) -> None:
    x, y = pd.DataFrame({"x": np.arange(rows, dtype=float)}), pd.Series(np.full(rows, 3.0), name="y")
    with pytest.raises(MethodError, match="nothing varies"):
        necessary_conditions(x, y, levels=[1], permutations=10, seed=1)


def test_nothing_is_necessary_where_nothing_else_was_rated() -> None:
    with pytest.raises(MethodError, match="could be necessary"):
        necessary_conditions(
            pd.DataFrame(index=range(5)), pd.Series(np.arange(5.0)), levels=[1], permutations=1, seed=1
        )


def test_many_interviews_have_the_chance_of_the_hypergeometric_law() -> None:
    """Of 60,000, 15,000 score low and 4 are the most satisfied, none of them among those: p is its chance."""
    x = pd.DataFrame({"x": np.repeat([0.0, 1.0], [15_000, 45_000])})
    y = pd.Series(np.r_[np.zeros(30_000), np.ones(29_996), np.full(4, 2.0)], name="y")
    found = necessary_conditions(x, y, levels=[], permutations=4000, seed=2).effects.iloc[0]
    assert found["effect"] == 1.0
    x.iloc[:2], y.iloc[0] = 0.0, 1.0  # one of those who score low is satisfied, nobody most
    found = necessary_conditions(x, y, levels=[], permutations=4000, seed=2).effects.iloc[0]
    assert found["effect"] == 0.5
    exact = hypergeom(60_000, 4, 15_000).pmf(0)
    assert found["p"] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000))


def test_drawn_tables_tell_chance_as_permuted_rows_do(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(11)
    size, few = 51_000, [0.0001, 0.0004, 0.0995, 0.4, 0.5]
    x = pd.DataFrame({name: rng.choice(5, size, p=few).astype(float) for name in ("one", "two", "three")})
    y = pd.Series(rng.choice(5, size, p=few[::-1]).astype(float), name="y")
    tabled = necessary_conditions(x, y, levels=[], permutations=800, seed=1).effects
    monkeypatch.setattr(necessity, "_MOST_PERMUTED", size)
    permuted = necessary_conditions(x, y, levels=[], permutations=800, seed=1).effects
    assert tabled["effect"].tolist() == permuted["effect"].tolist()
    assert permuted["p"].between(0.05, 0.95).any()  # elsewhere there would be nothing to tell apart
    assert tabled["p"].to_numpy() == pytest.approx(permuted["p"].to_numpy(), abs=0.09)
