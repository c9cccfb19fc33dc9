"""Nothing of few people follows from what the cells of a grid and the whole publish together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.disclosure import Disclosure
from analysis.grid.disclosure import PROTECTS, TOO_FEW, Across, Interviews, across, whom

RULES = Disclosure(min_base=30)


def interviews(cells: dict[tuple[str, str], int], share: float = 0.5) -> Interviews:
    """People by unit and region; the first `share` of each group say yes."""
    rows = [(unit, region, k / n < share) for (unit, region), n in cells.items() for k in range(n)]
    frame = pd.DataFrame(rows, columns=["unit", "region", "yes"])
    shares = frame[["yes"]].astype(float)
    return Interviews(frame[["unit", "region"]], np.ones(len(frame), dtype=bool), shares, ("yes",))


def parts(*units: str) -> list[tuple[tuple[str, tuple[str, ...]], ...]]:
    return [whom({"unit": [unit]}) for unit in units]


def gone(found: Across, unit: str) -> set[str]:
    """Regions that the cell of a unit withholds."""
    told = found.withheld.get(whom({"unit": [unit]}), ())
    return {one.group["region"] for one in told if one.group and not one.measure}


def test_a_cell_below_the_base_is_refused_and_another_with_it() -> None:
    sizes = {"a": 100, "b": 60, "c": 12, "d": 200}
    found = across(interviews({(unit, "x"): n for unit, n in sizes.items()}), parts(*sizes), rules=RULES)
    assert found.refused == {whom({"unit": ["c"]}): TOO_FEW, whom({"unit": ["b"]}): PROTECTS}


def test_two_refused_cells_that_are_enough_together_protect_each_other() -> None:
    sizes = {"a": 100, "b": 25, "c": 22}
    found = across(interviews({(unit, "x"): n for unit, n in sizes.items()}), parts(*sizes), rules=RULES)
    assert set(found.refused.values()) == {TOO_FEW}
    assert len(found.refused) == 2


def test_those_in_no_cell_are_a_part_that_the_whole_would_tell() -> None:
    data = interviews({("a", "x"): 100, ("b", "x"): 80, ("left", "x"): 5})
    found = across(data, parts("a", "b"), rules=RULES)
    assert found.refused == {whom({"unit": ["b"]}): PROTECTS}
    assert across(interviews({("a", "x"): 100, ("b", "x"): 80}), parts("a", "b"), rules=RULES).refused == {}


def test_a_small_group_of_one_cell_does_not_follow_from_the_others() -> None:
    data = {(unit, region): 60 for unit in "abcd" for region in ("n", "e", "s", "w")} | {("a", "n"): 8}
    found = across(interviews(data), parts(*"abcd"), rules=RULES)
    assert not found.refused
    assert "n" in gone(found, "a")
    assert len(gone(found, "a")) >= 2
    for region in ("n", "e", "s", "w"):
        hiding = [unit for unit in "abcd" if region in gone(found, unit)]
        assert len(hiding) != 1


def test_no_withheld_group_can_be_worked_out() -> None:
    """Bounds by linear programming from all that is shown: cells by region, cells, and the whole by region."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(4)
    units, regions = "abcdef", ("n", "e", "s", "w")
    data = {(unit, region): int(rng.integers(5, 120)) for unit in units for region in regions}
    found = across(interviews(data), parts(*units), rules=RULES)
    shown = [unit for unit in units if whom({"unit": [unit]}) not in found.refused]
    assert len(shown) == len(units)
    hidden = [(unit, region) for unit in units for region in gone(found, unit)]
    assert {pair for pair, n in data.items() if n < 30} <= set(hidden)
    sums = [[pair[0] == unit for pair in hidden] for unit in units]
    sums += [[pair[1] == region for pair in hidden] for region in regions]
    matrix = np.array(sums, dtype=float)
    given = matrix @ np.array([data[pair] for pair in hidden], dtype=float)
    for place, pair in enumerate(hidden):
        if data[pair] < 30:
            goal = np.eye(len(hidden))[place]
            low, high = (linprog(sign * goal, A_eq=matrix, b_eq=given, bounds=(0, None)).fun for sign in (1, -1))
            assert -high - low >= RULES.width - 1e-6


def test_a_share_that_nearly_all_gave_is_withheld_in_more_than_one_cell() -> None:
    data = interviews({(unit, "x"): 100 for unit in "abcd"})
    shares = data.shares.copy()
    shares.loc[data.answers["unit"] == "a", "yes"] = 1.0
    found = across(Interviews(data.answers, data.scored, shares, ()), parts(*"abcd"), rules=RULES)
    telling = [
        unit for unit in "abcd" if any(w.measure == "yes" for w in found.withheld.get(whom({"unit": [unit]}), ()))
    ]
    assert "a" in telling
    assert len(telling) >= 2


def test_the_whole_withholds_what_its_own_crossing_would_tell() -> None:
    data = {(unit, region): 60 for unit in "abc" for region in ("n", "e", "s")} | {("a", "n"): 8}
    found = across(interviews(data), parts(*"abc"), rules=RULES)
    told = [one.group for one in found.whole if not one.measure]
    assert {"unit": "a", "region": "n"} in told


@pytest.mark.parametrize("regions", [1, 3])
def test_many_cells_are_decided_in_little_time(regions: int) -> None:
    rng = np.random.default_rng(1)
    data = {(f"u{unit}", f"r{region}"): int(rng.integers(20, 90)) for unit in range(60) for region in range(regions)}
    found = across(interviews(data), parts(*(f"u{unit}" for unit in range(60))), rules=RULES)
    assert len(found.refused) < 20
