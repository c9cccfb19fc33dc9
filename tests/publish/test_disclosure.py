"""Nothing on too few interviews is published, nor what would give it away: tables attacked from what they show."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.errors import ResultsError
from analysis.publish.disclosure.suppression import Relations, attack, protection
from analysis.publish.disclosure.tables import suppress

MIN_BASE = 30


def _table(bases: list[int]) -> pd.DataFrame:
    rows = [{"segment": "region", "category": str(i), "csi": 80.0 + i, "n": n} for i, n in enumerate(bases)]
    return pd.DataFrame(rows)


def _range(mark: object, shown: float) -> tuple[float, float | None]:
    """What a reader knows of one base from the published table alone."""
    if not isinstance(mark, str):
        return shown, shown
    return {"base": (0.0, MIN_BASE - 1.0), "secondary": (float(MIN_BASE), None), "withheld": (0.0, None)}[mark]


Sums = list[tuple[list[int], list[int], float]]
"""Rows that add up, rows taken off (a total that is itself in the table), and what is left."""


def _widths(shown: pd.DataFrame, sums: Sums) -> np.ndarray:
    """Width of the interval of every blanked base, given the sums that the attacker knows; others are NaN."""
    marks = shown["suppressed"].tolist()
    bounds = [_range(mark, n) for mark, n in zip(marks, shown["n"].tolist(), strict=True)]
    matrix = np.zeros((len(sums), len(shown)))
    for line, (parts, whole, _) in enumerate(sums):
        matrix[line, parts], matrix[line, whole] = 1, -1
    widths = np.full(len(shown), np.nan)
    for row, mark in enumerate(marks):
        if isinstance(mark, str):
            aim = np.eye(len(shown))[row]
            known = [left for _, _, left in sums]
            low, high = (linprog(sign * aim, A_eq=matrix, b_eq=known, bounds=bounds) for sign in (1, -1))
            assert low.status == 0, "what is published must be possible"
            widths[row] = np.inf if high.status == 3 else -high.fun - low.fun
    return widths


def test_a_small_base_is_blanked_with_the_next_smallest() -> None:
    shown = suppress(_table([100, 12, 40, 80]), min_base=MIN_BASE, within=["segment"])
    assert shown["csi"].isna().tolist() == [False, True, True, False]
    assert shown["suppressed"].tolist()[1:3] == ["base", "secondary"]


def test_two_small_bases_protect_each_other() -> None:
    shown = suppress(_table([100, 12, 20, 80]), min_base=MIN_BASE, within=["segment"])
    assert shown["csi"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("bases", "hidden"),
    [([29, 29, 90, 80], [0, 1, 3]), ([0, 30, 90, 80], [0, 3]), ([1, 0, 70, 80], [0, 1, 2])],
)
def test_bases_that_their_own_limits_give_away_take_a_better_partner(bases: list[int], hidden: list[int]) -> None:
    """29 and 29 are known from 58, nothing and 30 from 30; no more is hidden than it takes."""
    shown = suppress(_table(bases), min_base=MIN_BASE, within=["segment"])
    assert np.flatnonzero(shown["csi"].isna()).tolist() == hidden


def test_two_categories_are_not_told_apart_where_that_would_give_one_away() -> None:
    shown = suppress(_table([0, 30]), min_base=MIN_BASE, within=["segment"])
    assert shown["suppressed"].tolist() == ["withheld", "withheld"]


def test_a_table_with_enough_everywhere_is_left_alone() -> None:
    table = _table([100, 30])
    assert suppress(table, min_base=MIN_BASE, within=["segment"]) is table


def test_a_table_without_bases_is_refused() -> None:
    with pytest.raises(ResultsError, match="bases"):
        suppress(pd.DataFrame({"csi": [1.0]}), min_base=MIN_BASE, within=())


def test_text_about_a_blanked_row_goes_too_and_its_keys_and_public_columns_stay() -> None:
    table = _table([100, 12, 40]).assign(verdict=["above", "below", "level"], target_share=[0.5, 0.2, 0.3])
    shown = suppress(table, min_base=MIN_BASE, within=["segment"], keep=["target_share"])
    assert shown["verdict"].isna().tolist() == [False, True, True]
    assert shown["category"].tolist() == ["0", "1", "2"]
    assert shown["target_share"].tolist() == [0.5, 0.2, 0.3]


@pytest.mark.parametrize(("everyone", "blank"), [(100, False), (103, True), (129, True), (130, False)])
def test_results_with_and_without_a_few_would_give_those_few_away(everyone: int, blank: bool) -> None:
    table = pd.DataFrame({"variable": ["csi"], "everyone": 80.0, "kept": 81.0, "n": 100, "n_everyone": everyone})
    shown = suppress(table, min_base=MIN_BASE, within=(), keep=["variable"])
    assert shown["kept"].isna().tolist() == [blank]
    assert shown["variable"].tolist() == ["csi"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 120), min_size=2, max_size=8))
def test_a_blanked_base_can_not_be_worked_out_from_the_total(bases: list[int]) -> None:
    table = _table(bases)
    shown = suppress(table, min_base=MIN_BASE, within=["segment"])
    assert (shown.loc[shown["csi"].notna(), "n"] >= MIN_BASE).all()
    if shown is table:
        return
    widths = _widths(shown, [(list(range(len(bases))), [], float(sum(bases)))])
    weakest = np.nanmin(widths)
    if shown["n"].notna().any() or sum(bases) >= protection(MIN_BASE):
        assert weakest >= protection(MIN_BASE) - 1e-6
    assert shown["csi"].isna().equals(shown["n"].isna())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), categories=st.integers(2, 6), missing=st.integers(0, 3))
def test_constructs_that_share_their_interviews_do_not_betray_each_other(
    seed: int, categories: int, missing: int
) -> None:
    """segment × construct: every construct has nearly the same bases, so all blank the same categories."""
    rng = np.random.default_rng(seed)
    bases = rng.integers(0, 90, categories)
    frames = []
    for construct in ("speed", "trust", "care"):
        lost = np.minimum(rng.integers(0, missing + 1, categories), bases)
        frames.append(_table((bases - lost).tolist()).assign(construct=construct))
    table = pd.concat(frames, ignore_index=True)
    shown = suppress(table, min_base=MIN_BASE, within=("segment", "construct"), same_people=("construct",))
    if shown is table:
        return
    hidden = shown["csi"].isna().to_numpy().reshape(3, categories)
    assert (hidden == hidden[0]).all()
    marks = shown["suppressed"].fillna("shown").to_numpy().reshape(3, categories)
    for column in marks.T:
        assert len(set(column)) == 1 or set(column) <= {"withheld"}
    sums: Sums = []
    for k in range(3):
        rows = list(range(k * categories, (k + 1) * categories))
        sums.append((rows, [], float(table["n"].iloc[rows].sum())))
    for rows, _, total in sums:
        if shown["n"].iloc[rows].notna().any() or total >= protection(MIN_BASE):
            assert np.nanmin(_widths(shown, sums)[rows]) >= protection(MIN_BASE) - 1e-6


def _cross(counts: np.ndarray, *, totals: bool) -> pd.DataFrame:
    rows, columns = counts.shape
    cells = [{"row": f"r{i}", "column": f"c{j}", "n": int(counts[i, j])} for i in range(rows) for j in range(columns)]
    if totals:
        cells += [{"row": f"r{i}", "column": None, "n": int(counts[i].sum())} for i in range(rows)]
        cells += [{"row": None, "column": f"c{j}", "n": int(counts[:, j].sum())} for j in range(columns)]
        cells += [{"row": None, "column": None, "n": int(counts.sum())}]
    return pd.DataFrame(cells).assign(share=0.5)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(2, 5),
    columns=st.integers(2, 5),
    spread=st.floats(20, 300),
    totals=st.booleans(),
)
def test_a_blanked_cell_of_a_cross_table_can_not_be_worked_out_from_rows_and_columns(
    seed: int, rows: int, columns: int, spread: float, totals: bool
) -> None:
    rng = np.random.default_rng(seed)
    counts = np.floor(rng.exponential(spread, (rows, columns))).astype(int)
    table = _cross(counts, totals=totals)
    shown = suppress(table, min_base=MIN_BASE, within=(), cross=("row", "column"))
    assert (shown.loc[shown["share"].notna(), "n"] >= MIN_BASE).all()
    if shown is table:
        return
    place = np.arange(rows * columns).reshape(rows, columns)
    lines = [*place, *place.T]
    if totals:
        after = rows * columns
        whole = [[after + k] for k in range(rows + columns)]
        grand = [after + rows + columns]
        sums: Sums = [(line.tolist(), total, 0.0) for line, total in zip(lines, whole, strict=True)]
        sums += [(list(range(after, after + rows)), grand, 0.0)]
        sums += [(list(range(after + rows, after + rows + columns)), grand, 0.0)]
    else:
        sums = [(line.tolist(), [], float(counts.ravel()[line].sum())) for line in lines]
        if min(total for _, _, total in sums) < MIN_BASE:  # the reader knows a total too small to be split
            return
    if shown["n"].iloc[: rows * columns].notna().any():
        assert np.nanmin(_widths(shown, sums)) >= protection(MIN_BASE) - 1e-6


def test_the_attack_agrees_with_trying_every_table() -> None:
    """On a small table, the bounds by linear programming are those of all whole numbers that fit."""
    counts = np.array([[3.0, 1.0, 4.0], [2.0, 5.0, 0.0], [1.0, 2.0, 3.0]])
    cells = np.array([1, 1, 0, 1, 1, 0, 0, 0, 0], dtype=bool)
    known = np.vstack([np.kron(np.eye(3), np.ones((1, 3))), np.kron(np.ones((1, 3)), np.eye(3))])
    sums = Relations(known, known @ counts.ravel())
    low, high = attack(counts.ravel(), sums, cells, primary=cells, min_base=7)
    fits = []
    for a, b, c, d in itertools.product(range(7), repeat=4):
        if a + b == 4 and c + d == 7 and a + c == 5 and b + d == 6:
            fits.append((a, b, c, d))
    expected = np.array(fits)
    assert low[cells].tolist() == expected.min(axis=0).tolist()
    assert high[cells].tolist() == expected.max(axis=0).tolist()
