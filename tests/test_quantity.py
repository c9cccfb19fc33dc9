"""Quantities of unlike units are neither subtracted nor compared."""

from __future__ import annotations

from itertools import permutations
from typing import get_args

import pytest

from analysis.edition.quantity import Quantity, Unit
from analysis.errors import MethodError


@pytest.mark.parametrize("units", list(permutations(get_args(Unit), 2)), ids="-".join)
def test_unlike_units_raise(units: tuple[Unit, Unit]) -> None:
    one, other = (Quantity(82.3, unit) for unit in units)
    for compare in (lambda: one - other, lambda: one < other, lambda: one > other):
        with pytest.raises(MethodError, match="unlike units"):
            compare()


def test_the_difference_of_two_percentages_is_in_points() -> None:
    assert Quantity(89.0, "percent") - Quantity(82.5, "percent") == Quantity(6.5, "points")
    assert Quantity(82.0, "score") - Quantity(85.0, "score") == Quantity(-3.0, "score")
    assert Quantity(2.0, "days") < Quantity(3.0, "days")
