"""Training by half-year, and what customers made of what their unit had learned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.service.delivery import delivery
from analysis.service.training import training_effects
from analysis.service.training_halves import effects_by_half, half_of, ratings_by_unit

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "unit_ratings.json"
TESTS = ("2024Q4", "2025Q2", "2025Q3")
STAFF = [2, 2, 1, 3, 3, 3, 1, 1, 1, 2, 2, 2, 4, 3, 4]
KNOWLEDGE = [60, 66, 71, 58, 59, 60, 63, 70, 69, 61, 62, 64, 55, 63, 70]
RATING = [80, 82, 85, 79, 80, 79, 83, 84, 86, 81, 80, 82, 77, 81, 83]


def _panel() -> pd.DataFrame:
    """Staff of five units, all of a unit with its mean: the unit means are those of tests/golden/unit_ratings.R."""
    rows = [
        {"staff_id": f"{unit}{member}", "unit": unit, "trained": 1, "period": period, "knowledge": x, "satisfaction": y}
        for (unit, period), n, x, y in zip(
            [(unit, period) for unit in "abcde" for period in TESTS], STAFF, KNOWLEDGE, RATING, strict=True
        )
        for member in range(n)
    ]
    return pd.DataFrame(rows)


def test_the_slope_within_units_and_tests_is_that_of_r() -> None:
    found = ratings_by_unit(_panel())
    assert found is not None
    row, expected = found.iloc[0], json.loads(GOLDEN.read_text(encoding="utf-8"))
    for name in ("slope", "se", "p"):
        assert row[name] == pytest.approx(expected[name], rel=1e-9)
    assert row["for_ten"] == pytest.approx(10 * row["slope"])
    assert (row["units"], row["tests"], row["measure"]) == (5, 3, "knowledge")


def test_what_is_peculiar_to_a_unit_or_moved_all_of_them_does_not_count() -> None:
    panel = _panel()
    shifted = panel.assign(
        satisfaction=panel["satisfaction"] + panel["unit"].map(dict(zip("abcde", (9, 0, -7, 3, 5), strict=True)))
    )
    shifted["knowledge"] += shifted["period"].map(dict(zip(TESTS, (0, 4, -2), strict=True)))
    one, other = ratings_by_unit(panel), ratings_by_unit(shifted)
    assert one is not None
    assert other is not None
    assert other["slope"].iloc[0] == pytest.approx(one["slope"].iloc[0])


@pytest.mark.parametrize("without", ["unit", "satisfaction"])
def test_nothing_is_said_where_units_can_not_be_joined(without: str) -> None:
    assert ratings_by_unit(_panel().drop(columns=without)) is None
    assert ratings_by_unit(_panel()[lambda frame: frame["unit"].isin(["a", "b"])]) is None
    assert ratings_by_unit(_panel()[lambda frame: frame["period"] == TESTS[0]]) is None


@pytest.mark.parametrize(
    ("period", "half"), [("2025Q2", "2025H1"), ("2025Q3", "2025H2"), ("2024H2", "2024H2"), ("after", "")]
)
def test_a_quarter_belongs_to_its_half_year(period: str, half: str) -> None:
    assert half_of(period) == half


def test_the_effect_of_a_half_year_is_that_of_its_tests() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for member in range(200):
        trained = member % 2
        for place, period in enumerate(("2024Q4", "2025Q1", "2025Q2", "2025Q3")):
            score = 60 + rng.normal() + 5.0 * trained * (place >= 1) + 3.0 * trained * (place == 3)
            content = "product" if trained and place == 1 else None
            rows.append((f"s{member}", f"u{member % 20}", trained, period, score, content))
    frame = pd.DataFrame(rows, columns=["staff_id", "unit", "trained", "period", "knowledge", "content"])
    halves = effects_by_half(frame).set_index("half")
    assert halves.index.tolist() == ["2025H1", "2025H2"]
    for half, planted in (("2025H1", 5.0), ("2025H2", 8.0)):
        assert halves.loc[half, "ci_low"] < planted < halves.loc[half, "ci_high"]
    assert halves.loc["2025H1", "ci_low"] > 4
    # Both halves together, with two tests and one, are the effect of all.
    whole = training_effects(frame).set_index("measure").loc["knowledge", "effect"]
    assert (2 * halves.loc["2025H1", "effect"] + halves.loc["2025H2", "effect"]) / 3 == pytest.approx(whole)
    given = delivery(frame)
    assert set(given.loc[given["by"] == "quarter", "category"]) == {"2025Q1"}
    assert effects_by_half(
        frame.assign(period=frame["period"].map({"2024Q4": "before", "2025Q3": "after"})).dropna(subset="period")
    ).empty
