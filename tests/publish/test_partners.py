"""Which cells are withheld beside the small ones: those with which least is lost, held against every other choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis.edition.sections.disclosure import Disclosure
from analysis.publish.disclosure.attack import given_unions, unknowns
from analysis.publish.disclosure.suppression import Linked, Sum, withhold
from analysis.publish.disclosure.tables import suppress
from analysis.publish.tables.columns import N, number
from analysis.publish.tables.spec import People, TableSpec

MIN_BASE, WIDTH = 30, Disclosure().width
SPEC = TableSpec("t", (number("csi", 1), N), people=(People("segment", "category"),))
CROSS = TableSpec("crossed", (number("csi", 1), N), people=(People(category="category"),))


def _linked(counts: list[float], sums: list[tuple[list[int], int]], costs: list[float] | None = None) -> Linked:
    n = np.array(counts, dtype=float)
    lines = [Sum(np.array(parts), whole) for parts, whole in sums]
    same = np.full(len(n), 1.0)
    paid = None if costs is None else np.array(costs, dtype=float)
    return Linked(n, same * np.inf, np.arange(len(n)), same * WIDTH, same * MIN_BASE, lines, paid)


def _cross(counts: np.ndarray) -> Linked:
    """Cells, then totals of rows and of columns, which everybody knows."""
    rows, columns = counts.shape
    place, after = np.arange(rows * columns).reshape(rows, columns), rows * columns
    sums = [(place[i].tolist(), after + i) for i in range(rows)]
    sums += [(place[:, j].tolist(), after + rows + j) for j in range(columns)]
    return _linked([*counts.ravel(), *counts.sum(axis=1), *counts.sum(axis=0)], sums)


def _widths(linked: Linked, hidden: np.ndarray) -> np.ndarray:
    """Width of every withheld cell, by a programme over all cells at once."""
    matrix = np.zeros((len(linked.sums), len(linked.counts)))
    for line, one in enumerate(linked.sums):
        matrix[line, one.cells] = one.signs
    bounds = [(0, None) if gone else (n, n) for n, gone in zip(linked.counts, hidden, strict=True)]
    found = []
    for cell in np.flatnonzero(hidden):
        aim = np.eye(len(linked.counts))[cell]
        low, high = (linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds) for sign in (1, -1))
        found.append(np.inf if high.status == 3 else -high.fun - low.fun)
    return np.array(found)


def _holds(linked: Linked, hidden: np.ndarray) -> bool:
    """Whether no withheld cell is known too well, and no withheld cells are known to be few together."""
    for one in linked.sums:
        gone = one.parts[hidden[one.parts]]
        if len(gone) and not hidden[one.whole] and linked.counts[gone].sum() < MIN_BASE:
            return False
    asked = unknowns(linked, hidden, range(len(linked.sums)))
    if asked is not None and given_unions(linked, asked):
        return False
    return not hidden.any() or bool((_widths(linked, hidden) >= WIDTH - 1e-6).all())


def _least(linked: Linked, primary: np.ndarray, inner: int) -> float:
    """What must be lost at least, by trying every choice of inner cells."""
    others = [cell for cell in range(inner) if not primary[cell]]
    choices = [choice for size in range(len(others) + 1) for choice in combinations(others, size)]
    paid = np.array([linked.counts[list(choice)].sum() for choice in choices])
    for place in np.argsort(paid, kind="stable").tolist():
        hidden = primary.copy()
        hidden[list(choices[place])] = True
        if _holds(linked, hidden):
            return float(paid[place])
    return np.inf


def test_little_more_is_withheld_than_must_be() -> None:
    """Against every choice that there is for 40 small tables; no choice that gives less away is cheaper."""
    lost, least = 0.0, 0.0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        counts = np.floor(draw.exponential(120, (3, 4)))
        linked = _cross(counts)
        primary = (linked.counts > 0) & (linked.counts < MIN_BASE)
        if not primary.any() or primary[12:].any():
            continue
        hidden = withhold(linked, primary)
        best = _least(linked, primary, 12)
        if hidden[12:].any() or not np.isfinite(best):
            continue
        assert _holds(linked, hidden), seed
        paid = float(linked.counts[hidden & ~primary].sum())
        assert paid >= best - 1e-6
        lost, least = lost + paid, least + best
    assert least > 0
    assert lost <= 1.05 * least


def test_one_partner_serves_two_tables() -> None:
    """12 people stand in two sums. The smallest of each would be 40 and 45; 60 people in both protect them at once."""
    linked = _linked([12, 40, 60, 45, 500, 700, 612, 817], [([0, 1, 2, 4], 6), ([0, 3, 2, 5], 7)])
    hidden = withhold(linked, np.arange(8) == 0)
    assert np.flatnonzero(hidden).tolist() == [0, 2]


def test_a_group_that_stands_in_many_tables_costs_more_than_one_that_stands_in_few() -> None:
    sums = [([0, 1, 2], 3)]
    assert np.flatnonzero(withhold(_linked([12, 40, 50, 102], sums), np.arange(4) == 0)).tolist() == [0, 1]
    many = _linked([12, 40, 50, 102], sums, costs=[12, 400, 50, 102])
    assert np.flatnonzero(withhold(many, np.arange(4) == 0)).tolist() == [0, 2]


def _frame(segment: str, bases: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame([{"segment": segment, "category": code, "csi": 80.0, "n": n} for code, n in bases.items()])


@pytest.mark.parametrize(
    ("bases", "gone"),
    [
        ({"f": 480, "m": 520, "x": 20, "y": 12}, {"x", "y"}),
        ({"f": 480, "m": 520, "x": 35, "y": 5}, {"x", "y"}),
        ({"f": 480, "m": 520, "x": 5, "y": 3, "z": 31}, {"x", "y", "z"}),
    ],
)
def test_half_of_the_people_are_shown_where_small_groups_protect_each_other(
    bases: dict[str, int], gone: set[str]
) -> None:
    shown = suppress({"t": _frame("sex", bases)}, {"t": SPEC}, rules=Disclosure())["t"]
    assert set(shown.loc[shown["n"].isna(), "category"]) == gone


def test_half_of_the_people_are_shown_where_their_parts_are_withheld_in_another_table() -> None:
    """Two small regions of women: their partners are men of the same regions and cells of women, not all women."""
    people = {("f", "a"): 9, ("f", "b"): 200, ("f", "c"): 260, ("m", "a"): 60, ("m", "b"): 210, ("m", "c"): 300}
    cells = pd.DataFrame([{"category": f"sex={s}; region={r}", "csi": 80.0, "n": n} for (s, r), n in people.items()])
    sexes = {s: sum(n for (own, _), n in people.items() if own == s) for s in "fm"}
    regions = {r: sum(n for (_, own), n in people.items() if own == r) for r in "abc"}
    tables = {"crossed": cells, "sex": _frame("sex", sexes), "region": _frame("region", regions)}
    specs = {"crossed": CROSS, "sex": SPEC, "region": SPEC}
    shown = suppress(tables, specs, rules=Disclosure())
    assert shown["sex"]["n"].notna().all()
    assert shown["region"]["n"].notna().all()
    gone = shown["crossed"].loc[shown["crossed"]["n"].isna(), "category"]
    assert set(gone) == {"sex=f; region=a", "sex=m; region=a", "sex=f; region=b", "sex=m; region=b"}
