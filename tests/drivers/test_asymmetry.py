"""Penalty and reward against svyglm, and the kinds of factor that are planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_rows import GOLDEN, made_up_rows

from analysis.drivers.asymmetry import penalty_and_reward
from analysis.errors import MethodError


@pytest.mark.parametrize("name", ["x1", "x2"])
def test_penalty_and_reward_are_those_of_r(name: str) -> None:
    from scipy.special import stdtrit

    rows, design = made_up_rows()
    found = penalty_and_reward(rows[["x1", "x2"]], rows["z"], design=design).set_index("construct").loc[name]
    golden = GOLDEN["asymmetry"][name]
    assert found["middle"] == pytest.approx(golden["middle"])
    for part in ("penalty", "reward", "contrast"):
        se = (found[f"{part}_high"] - found[f"{part}_low"]) / 2 / stdtrit(design.degrees, 0.975)
        assert (found[part], se) == pytest.approx((golden[part], golden[f"{part}_se"]), rel=1e-6), part


def test_each_kind_of_factor_is_told() -> None:
    rng = np.random.default_rng(5)
    x = pd.DataFrame(rng.normal(70, 10, (4000, 4)), columns=["basic", "excitement", "performance", "none"])
    away = x - x.mean()
    y = 0.5 * away["basic"].clip(upper=0) + 0.5 * away["excitement"].clip(lower=0) + 0.3 * away["performance"]
    found = penalty_and_reward(x, y + rng.normal(0, 5, 4000)).set_index("construct")
    assert found["kind"].to_dict() == {name: name for name in x.columns}
    assert found.loc["basic", "penalty"] == pytest.approx(5, abs=0.5)
    assert found.loc["excitement", "reward"] == pytest.approx(5, abs=0.5)


@pytest.mark.simulation
def test_the_interval_of_the_contrast_holds_the_truth_as_often_as_it_says() -> None:
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(0, 10, (250, 2))
        y = 0.4 * np.minimum(x[:, 0], 0) + 0.1 * np.maximum(x[:, 0], 0) + 0.2 * x[:, 1] + rng.normal(0, 5, 250)
        row = penalty_and_reward(pd.DataFrame(x, columns=["a", "b"]), pd.Series(y)).iloc[0]
        held.append(row["contrast_low"] < -3 < row["contrast_high"])
    assert 0.91 <= np.mean(held) <= 0.98


def test_a_score_that_is_the_same_for_all_has_no_sides() -> None:
    rows, design = made_up_rows()
    with pytest.raises(MethodError, match="can't be told apart"):
        penalty_and_reward(rows[["x1"]].assign(x2=80.0), rows["z"], design=design)


def test_too_few_interviews_are_said_so() -> None:
    rows, _ = made_up_rows()
    with pytest.raises(MethodError, match="can't be told apart"):
        penalty_and_reward(rows[["x1", "x2"]].head(4), rows["z"].head(4))
