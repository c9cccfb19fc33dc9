"""Nothing on too few interviews is published, nor what would give it away: tables attacked from what they show."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.edition.sections.disclosure import Disclosure
from analysis.errors import ResultsError
from analysis.publish.disclosure.attack import given_unions, interval_widths, unknowns
from analysis.publish.disclosure.suppression import Linked, Sum, withhold
from analysis.publish.disclosure.tables import suppress
from analysis.publish.tables.columns import N, number, percent
from analysis.publish.tables.spec import Measure, People, TableSpec

MIN_BASE = 30
WIDTH = Disclosure().width
SPEC = TableSpec("t", (number("csi", 1), N), people=(People("segment", "category"),))


def _table(bases: list[int], segment: str = "region") -> pd.DataFrame:
    rows = [{"segment": segment, "category": str(i), "csi": 80.0 + i, "n": n} for i, n in enumerate(bases)]
    return pd.DataFrame(rows)


def _shown(frame: pd.DataFrame, spec: TableSpec = SPEC, **rules: object) -> pd.DataFrame:
    return suppress({spec.name: frame}, {spec.name: spec}, rules=Disclosure.model_validate(rules))[spec.name]


def _hidden(bases: list[int]) -> list[int]:
    return np.flatnonzero(_shown(_table(bases))["n"].isna()).tolist()


@pytest.mark.parametrize(
    ("bases", "hidden"),
    [
        ([100, 12, 40, 80], [1, 2]),
        ([100, 12, 20, 80], [1, 2]),
        ([100, 10, 15, 80], [1, 2, 3]),
        ([29, 29, 90, 80], [0, 1]),
        ([1, 0, 70, 80], [0, 2]),
        ([0, 30, 90, 80], []),
        ([5, 100], [0, 1]),
    ],
)
def test_small_bases_go_with_as_few_others_as_protect_them(bases: list[int], hidden: list[int]) -> None:
    """One alone follows from the total; 10 and 15 together are 25 people, whose mean would follow."""
    assert _hidden(bases) == hidden


def test_everything_in_a_withheld_row_goes_but_its_keys_and_what_is_public() -> None:
    from analysis.publish.tables.cells import PERCENT
    from analysis.publish.tables.spec import Column

    public = Column("target_share", ("target_share",), PERCENT, public=True)
    spec = TableSpec("t", (number("csi", 1), N, public), people=(People("segment", "category"),))
    table = _table([100, 12, 40]).assign(verdict=["above", "below", "level"], target_share=[0.5, 0.2, 0.3], se=1.0)
    shown = _shown(table, spec)
    assert shown["verdict"].isna().tolist() == shown["se"].isna().tolist() == [False, True, True]
    assert shown["category"].tolist() == ["0", "1", "2"]
    assert shown["target_share"].tolist() == [0.5, 0.2, 0.3]
    assert shown["suppressed"].fillna("").tolist() == ["", "withheld", "withheld"]


def test_a_table_with_enough_everywhere_is_left_alone() -> None:
    table = _table([100, 30])
    assert _shown(table) is table


def test_a_table_without_bases_is_refused() -> None:
    with pytest.raises(ResultsError, match="bases"):
        _shown(pd.DataFrame({"segment": ["a"], "category": ["b"], "csi": [1.0]}))


@pytest.mark.parametrize(("everyone", "blank"), [(100, False), (103, True), (129, True), (130, False)])
def test_results_with_and_without_a_few_would_give_those_few_away(everyone: int, blank: bool) -> None:
    spec = TableSpec("t", (number("kept", 1), N), people=(People(n_everyone="n_everyone"),))
    table = pd.DataFrame({"everyone": [80.0], "kept": 81.0, "n": 100, "n_everyone": everyone})
    assert _shown(table, spec)["kept"].isna().tolist() == [blank]


SHARES = TableSpec(
    "t", (percent("csat"), N), people=(People("segment", "category", measures=(Measure("csat", ("csat_low",)),)),)
)


@pytest.mark.parametrize(("share", "gone"), [(0.0, True), (1.0, True), (0.95, True), (0.85, False), (0.08, True)])
def test_a_share_that_tells_what_nearly_all_answered_is_withheld_with_a_second_one(share: float, gone: bool) -> None:
    """95 % of 100 are 5 who did not: below a third of the base. Bases stay, since they are no secret."""
    table = _table([100, 120, 140]).assign(csat=[share, 0.5, 0.6], csat_low=0.4)
    shown = _shown(table, SHARES)
    assert shown["csat"].isna().tolist() == shown["csat_low"].isna().tolist() == [gone, gone, False]
    assert shown["n"].notna().all()


def test_a_mean_of_a_group_that_answered_alike_is_withheld() -> None:
    means = (Measure("csi", ("se",), "csi", 100),)
    spec = TableSpec("t", (number("csi", 1), N), people=(People("segment", "category", measures=means),))
    shown = _shown(_table([100, 120, 140]).assign(se=[0.0, 1.0, 1.0]), spec)
    assert shown["csi"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("first", "two", "gone"), [(0.2, 0.3, False), (0.6, 0.7, True), (0.4, 0.8, True), (0.05, 0.999, True)]
)
def test_a_mean_that_one_or_two_carry_is_withheld(first: float, two: float, gone: bool) -> None:
    """(1, 50 %), (2, 75 %), and p %: where all others weigh next to nothing, the second knows the first."""
    table = _table([100, 200]).assign(top_1=[first, 0.01], top_2=[two, 0.02])
    assert _shown(table)["csi"].isna().tolist() == [gone, gone]


def _two(counts: tuple[list[int], list[int]]) -> tuple[dict[str, pd.DataFrame], dict[str, TableSpec]]:
    specs = {name: TableSpec(name, SPEC.columns, people=SPEC.people) for name in ("first", "second")}
    return {name: _table(bases) for name, bases in zip(specs, counts, strict=True)}, specs


def test_a_group_withheld_in_one_table_is_withheld_in_all() -> None:
    """The second table lists fewer categories of the question, and of those some fewer answered."""
    tables, specs = _two(([100, 12, 40, 80], [99, 11, 40]))
    shown = suppress(tables, specs, rules=Disclosure())
    assert shown["first"]["n"].isna().tolist() == [False, True, True, False]
    assert shown["second"]["n"].isna().tolist() == [False, True, True]


def test_classes_of_several_answers_do_not_give_one_of_them_away() -> None:
    classes = TableSpec("classes", (N,), people=(People(category="category"),))
    cells = {"east; sex=f": 20, "east; sex=m": 40, "west; sex=f": 60, "west; sex=m": 50}
    tables = {
        "classes": pd.DataFrame({"category": [f"region={cell}" for cell in cells], "n": list(cells.values())}),
        "t": pd.DataFrame({"segment": "region", "category": ["east", "west"], "csi": 80.0, "n": [60, 110]}),
    }
    shown = suppress(tables, {"classes": classes, "t": SPEC}, rules=Disclosure())
    assert shown["classes"]["n"].isna().all()
    assert shown["t"]["n"].notna().all()


def _linked(counts: list[float], sums: list[tuple[list[int], int]]) -> Linked:
    n = np.array(counts)
    lines = [Sum(np.array(parts), whole) for parts, whole in sums]
    whole = np.full(len(n), np.inf)
    widths, unions = np.full(len(n), float(WIDTH)), np.full(len(n), float(MIN_BASE))
    return Linked(n, whole, np.arange(len(n)), widths, unions, lines)


def _cross(counts: np.ndarray) -> Linked:
    """Cells, then totals of rows, of columns, and of all."""
    rows, columns = counts.shape
    place = np.arange(rows * columns).reshape(rows, columns)
    after, end = rows * columns, rows * columns + rows + columns
    sums = [(place[i].tolist(), after + i) for i in range(rows)]
    sums += [(place[:, j].tolist(), after + rows + j) for j in range(columns)]
    sums += [(list(range(after, after + rows)), end), (list(range(after + rows, end)), end)]
    flat = [*counts.ravel(), *counts.sum(axis=1), *counts.sum(axis=0), counts.sum()]
    return _linked([float(n) for n in flat], sums)


def _bounds(linked: Linked, hidden: np.ndarray) -> np.ndarray:
    """Width of every withheld cell by a programme over all cells at once."""
    matrix = np.zeros((len(linked.sums), len(linked.counts)))
    for line, one in enumerate(linked.sums):
        matrix[line, one.cells] = one.signs
    bounds = [(0, None) if gone else (n, n) for n, gone in zip(linked.counts, hidden, strict=True)]
    widths = []
    for cell in np.flatnonzero(hidden):
        aim = np.eye(len(linked.counts))[cell]
        low, high = (linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds) for sign in (1, -1))
        assert low.status == 0, "what is published must be possible"
        widths.append(np.inf if high.status == 3 else -high.fun - low.fun)
    return np.array(widths)


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(2, 5),
    columns=st.integers(2, 5),
    spread=st.floats(20, 300),
)
def test_a_withheld_cell_of_a_cross_table_can_not_be_worked_out(
    seed: int, rows: int, columns: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    linked = _cross(np.floor(rng.exponential(spread, (rows, columns))))
    hidden = withhold(linked, (linked.counts > 0) & (linked.counts < MIN_BASE))
    assert ((linked.counts >= MIN_BASE) | (linked.counts == 0) | hidden).all()
    if hidden.any() and not hidden.all() and linked.counts[-1] >= 2 * MIN_BASE:
        assert _bounds(linked, hidden).min() >= WIDTH - 1e-6


def test_the_attack_agrees_with_trying_every_table() -> None:
    """On a small table, the bounds by linear programming are those of all whole numbers that fit."""
    linked = _cross(np.array([[3.0, 1.0, 4.0], [2.0, 5.0, 0.0], [1.0, 2.0, 3.0]]))
    wide = Linked(linked.counts, linked.limits, linked.fates, np.full(16, 99.0), linked.unions, linked.sums)
    hidden = np.isin(np.arange(16), [0, 1, 3, 4])
    part = unknowns(wide, hidden, range(len(wide.sums)))
    fits = [
        (a, b, c, d)
        for a, b, c, d in itertools.product(range(9), repeat=4)
        if a + b == 4 and c + d == 7 and a + c == 5 and b + d == 6
    ]
    assert part is not None
    expected = np.ptp(np.array(fits), axis=0)
    assert interval_widths(wide, part) == pytest.approx(expected, abs=1e-6)


def test_groups_that_two_sums_give_together_must_not_be_few() -> None:
    """a + b + c and b + c are both known: a is 4 people, though every single sum has two unknowns."""
    linked = _linked([4, 40, 50, 94, 90], [([0, 1, 2], 3), ([1, 2], 4)])
    part = unknowns(linked, np.array([True, True, True, False, False]), [0, 1])
    assert part is not None
    assert 0 in given_unions(linked, part)


def test_three_hundred_categories_in_two_hundred_tables_are_not_slower_than_a_reader() -> None:
    """Smoke test of the size at which the time is measured (`measure_disclosure`)."""
    rng = np.random.default_rng(1)
    specs = {f"t{i}": TableSpec(f"t{i}", SPEC.columns, people=SPEC.people) for i in range(20)}
    tables = {name: _table(rng.integers(5, 400, 200).tolist(), segment=name) for name in specs}
    shown = suppress(tables, specs, rules=Disclosure())
    assert all(frame.loc[frame["n"].notna(), "n"].min() >= MIN_BASE for frame in shown.values())
