"""Where to begin: importance × gap written out, targets that can be reached, and how sure the order is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis.drivers.effects import OutcomeEffects
from analysis.drivers.importance_performance import Performance
from analysis.drivers.priorities import PRIORITY_COLUMNS, ranked_gains, set_priorities
from analysis.drivers.sampling_error import JointEstimate

NAMES = ("a", "b", "c")
IMPORTANCE = np.array([0.5, 0.2, 0.1])
LEVELS = {"north": [70.0, 60.0, 50.0], "south": [60.0, 80.0, 55.0], "tiny": [99.0, 99.0, 99.0]}


def _performance(levels: dict[str | None, list[float]], n: dict[str | None, int], error: float = 0.0) -> Performance:
    """Scores in the order of names, then groups, with draws of this error."""
    rng, estimate = np.random.default_rng(4), np.array(list(levels.values())).T.ravel()
    labels = [(name, group) for name in NAMES for group in levels]
    table = pd.DataFrame(labels, columns=["variable", "category"], dtype=object)
    table = table.assign(n=[n[group] for _, group in labels], top_1=0.1, top_2=0.2)
    drawn = {group: np.array(level) + rng.normal(0, error, (4000, 3)) for group, level in levels.items()}
    return Performance(NAMES, tuple(levels), table, estimate, drawn)


OVERALL = {None: [65.0, 70.0, 52.0]}
GROUPS = _performance(dict(LEVELS), {"north": 100, "south": 100, "tiny": 5})


def _priorities(groups: Performance | None = GROUPS, *, error: float = 0.0, **changed: Any) -> pd.DataFrame:
    estimate = JointEstimate(IMPORTANCE, np.eye(3) * changed.pop("unsure", 1e-9) ** 2, np.inf, 200)
    options: dict[str, Any] = {"index_weights": [2.0, 1.0, 1.0], "segment": "place", "min_n": 30, "confidence": 0.9}
    effects = OutcomeEffects("loy", "model", estimate, None)
    overall = _performance(dict(OVERALL), {None: 205}, error)
    return set_priorities(effects, overall, groups, draws=4000, seed=1, **options | changed)


def test_the_target_is_the_best_group_with_enough_people() -> None:
    table = _priorities()
    assert tuple(table) == PRIORITY_COLUMNS
    everybody = table[table["category"].isna()].set_index("construct").loc[list(NAMES)]
    assert everybody["target"].tolist() == [70, 80, 55]
    assert everybody["target_category"].tolist() == ["north", "south", "south"]
    assert everybody["gap"].tolist() == [5, 10, 3]
    assert everybody["priority"].to_numpy() == pytest.approx([2.5, 2.0, 0.3])
    assert everybody["rank"].tolist() == [1, 2, 3]
    assert everybody["index_gain"].to_numpy() == pytest.approx([0.5 * 5, 0.25 * 10, 0.25 * 3])
    assert everybody["segment"].isna().all()
    assert everybody["n"].tolist() == [205] * 3


def test_a_group_is_measured_by_its_own_scores_and_the_best_has_nothing_to_gain() -> None:
    table = _priorities().set_index(["category", "construct"])
    assert table.loc["south", "priority"].to_dict() == pytest.approx({"a": 0.5 * 10, "b": 0, "c": 0})
    assert table.loc[("south", "b"), ["gap", "priority_low", "priority_high"]].tolist() == [0, 0, 0]
    assert table.loc[("tiny", "a"), "gap"] == 70 - 99
    assert table.loc["south"].index[0] == "a"


@pytest.mark.parametrize("groups", [None, "one"])
def test_without_two_groups_to_compare_the_target_is_full_marks(groups: str | None) -> None:
    few = _performance(dict(LEVELS), {"north": 100, "south": 5, "tiny": 5}) if groups else None
    table = _priorities(few)
    everybody = table[table["category"].isna()].set_index("construct").loc[list(NAMES)]
    assert everybody["gap"].tolist() == [35, 30, 48]
    assert table["target_category"].isna().all()
    assert len(table) == (3 if few is None else 12)


def test_what_the_index_does_not_hold_adds_nothing_to_it() -> None:
    table = _priorities(index_weights=[0.0, 0.0, 0.0])
    assert (table[["index_gain", "index_low", "index_high"]] == 0).all(axis=None)


def test_the_interval_holds_the_error_of_both_sides() -> None:
    """A product of two independent normals: Var = μ²τ² + m²σ² + σ²τ²."""
    table = _priorities(None, error=3.0, unsure=0.05).set_index("construct")
    row, gap = table.loc["a"], 35.0
    spread = np.sqrt(0.5**2 * 3**2 + gap**2 * 0.05**2 + 3**2 * 0.05**2)
    assert (row["priority_high"] - row["priority_low"]) / 2 == pytest.approx(norm.ppf(0.95) * spread, rel=0.05)
    assert (row["gap_high"] - row["gap_low"]) / 2 == pytest.approx(norm.ppf(0.95) * 3, rel=0.05)
    assert (row["index_high"] - row["index_low"]) / 2 == pytest.approx(norm.ppf(0.95) * 0.5 * 3, rel=0.05)
    assert row["index_low"] < row["index_gain"] < row["index_high"]


def test_ranks_are_counted_over_the_draws() -> None:
    drawn = np.array([[4.0, 3, 2, 1], [4, 3, 2, 1], [1, 4, 3, 2], [4, 1, 2, 3]])
    table = ranked_gains(np.array([3.0, 2.5, 2.2, 1.0]), drawn, confidence=0.5)
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["first"].tolist() == [0.75, 0.25, 0, 0]
    assert table["leading"].tolist() == [0.75, 0.75, 1, 0.5]
    assert table["priority_low"].to_numpy() == pytest.approx(np.percentile(drawn, 25, axis=0))
