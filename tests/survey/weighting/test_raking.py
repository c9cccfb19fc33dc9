"""Raking on cells against raking of the rows written out, against targets, and margins that can't be met."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.survey.weighting.raking import Cells, Margin, build_margin, deviations, fit_margins

TARGETS = {"sex": {"f": 60.0, "m": 40.0}, "age": {"old": 0.2, "young": 0.5, "middle": 0.3}}


def _sample(rows: int = 200) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], rows), "age": rng.choice(["old", "young", "middle"], rows)})
    frame.loc[rng.random(rows) < 0.1, "age"] = None
    return frame, rng.uniform(0.5, 2, rows)


def _raked(frame: pd.DataFrame, weights: np.ndarray, rounds: int) -> np.ndarray:
    """Row by row: every category is brought to its share of those who answered, one margin after the other."""
    w = weights.copy()
    for _ in range(rounds):
        for name, targets in TARGETS.items():
            whole = w[frame[name].notna()].sum()
            before = w.copy()
            for category, target in targets.items():
                inside = (frame[name] == category).to_numpy()
                w[inside] *= target / sum(targets.values()) * whole / before[inside].sum()
    return w


def _margins(frame: pd.DataFrame) -> list[Margin]:
    return [build_margin(frame, name, targets) for name, targets in TARGETS.items()]


def test_cells_raked_and_handed_back_are_the_rows_raked() -> None:
    frame, weights = _sample()
    margins = _margins(frame)
    cells = Cells.cross([margin.codes for margin in margins])
    assert len(cells.first) < 12
    mass = cells.sums(np.column_stack([weights, weights**2]))
    factors, rounds = fit_margins(mass, [m.at(cells.first) for m in margins], max_iterations=50, tolerance=1e-10)
    for column, start in enumerate((weights, weights**2)):
        found = start * factors[cells.of, column]
        np.testing.assert_allclose(found, _raked(frame, start, int(rounds[column])), rtol=1e-10)
        for name, targets in TARGETS.items():
            sums = pd.Series(found).groupby(frame[name]).sum()
            expected = {category: target / sum(targets.values()) for category, target in targets.items()}
            assert (sums / sums.sum()).to_dict() == pytest.approx(expected, abs=1e-9)


def test_a_sample_that_meets_its_targets_is_left_alone_and_rounds_have_an_end() -> None:
    met = Margin("sex", ("f", "m"), np.array([0, 1]), np.array([0.6, 0.4]))
    mass = np.array([[6.0, 1.0], [4.0, 1.0]])
    factors, rounds = fit_margins(mass, [met], max_iterations=9, tolerance=1e-12)
    assert rounds.tolist() == [0, 1]
    np.testing.assert_allclose(factors, [[1, 1.2], [1, 0.8]])
    untouched, none = fit_margins(mass, [met], max_iterations=0, tolerance=1e-12)
    assert none.tolist() == [0, 0]
    assert (untouched == 1).all()


def test_a_replicate_without_a_category_keeps_the_rest() -> None:
    margin = Margin("sex", ("f", "m"), np.array([0, 1, -1]), np.array([0.5, 0.5]))
    found = margin.adjust(np.ones((3, 1)), np.array([[2.0], [0.0], [5.0]]))
    np.testing.assert_allclose(found, [[0.5], [1.0], [1.0]])


def test_sums_of_one_and_of_many_columns_agree() -> None:
    margin = Margin("sex", ("f", "m"), np.array([0, -1, 1, 0]), np.array([0.5, 0.5]))
    weights = np.array([[1.0, 2.0], [9.0, 9.0], [3.0, 0.0], [4.0, 5.0]])
    assert margin.sums(weights).tolist() == [[5, 7], [3, 0]]
    assert margin.sums(weights[:, :1]).tolist() == [[5], [3]]
    cells = Cells.cross([margin.codes])
    np.testing.assert_allclose(cells.sums(weights)[:, :1], cells.sums(weights[:, :1]))


def test_cells_are_the_combinations_that_occur() -> None:
    rng = np.random.default_rng(1)
    codes = [rng.integers(-1, 5, 300) for _ in range(3)]
    wide = [rng.integers(-1, 2**31, 300) for _ in range(3)]  # too many combinations to number one by one
    for each in (codes, wide):
        cells = Cells.cross(each)
        rows = np.column_stack(each)
        assert len(cells.first) == len(np.unique(rows, axis=0))
        np.testing.assert_array_equal(rows[cells.first[cells.of]], rows)


def test_the_largest_gap_counts_and_without_margins_there_is_none() -> None:
    margin = Margin("sex", ("f", "m"), np.array([0, 1]), np.array([0.6, 0.4]))
    assert deviations(np.array([[1.0], [1.0]]), [margin]) == pytest.approx([0.1])
    assert np.isnan(deviations(np.ones((2, 3)), [])).tolist() == [True] * 3


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        ({"f": 1.0, "m": 1.0, "d": 1.0}, r"Nobody in the sample[\s\S]*sex = d \(n = 0\)"),
        ({"f": 1.0}, r"without a population target[\s\S]*sex = m \(n = 1\)"),
        ({"f": 1.0, "m": 0.0}, "not usable"),
        ({"f": 1.0, "m": float("nan")}, "not usable"),
        ({}, "not usable"),
    ],
)
def test_margins_that_cannot_be_met_are_named(targets: dict[str, float], told: str) -> None:
    with pytest.raises(MethodError, match=told):
        build_margin(pd.DataFrame({"sex": ["f", "m", "f"]}), "sex", targets)
    with pytest.raises(MethodError, match="'town' is not a column"):
        build_margin(pd.DataFrame({"sex": ["f"]}), "town", targets)
