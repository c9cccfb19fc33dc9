"""Which bounds leave a solution: against corners of a small case worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.edition.sections.weighting import Calibration
from analysis.errors import MethodError
from analysis.survey.weighting.feasible import check_feasible
from analysis.survey.weighting.raking import Margin

MASS = np.array([[60.0], [30.0], [10.0]])


def _margin(*targets: float) -> list[Margin]:
    return [Margin("region", ("n", "s", "w"), np.arange(3), np.array(targets))]


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        # n needs 40/60, s 40/30, w 20/10: with a reach of 0.5 up, 0.2 down, w is 2 times as far and n 1.67 times.
        ((0.8, 1.5), "[0.6, 2]"),
        # n is further off than w: 0.333/0.1 times the reach down, 1/0.9 times that up.
        ((0.9, 1.9), "[0.666, 4]"),
    ],
)
def test_the_narrowest_bounds_of_the_same_shape_are_named(bounds: tuple[float, float], wanted: str) -> None:
    rule = Calibration(method="linear", bounds=bounds)
    with pytest.raises(MethodError, match="No weights within the bounds") as caught:
        check_feasible(MASS, _margin(0.4, 0.4, 0.2), rule)
    assert f"bounds of {wanted} or wider" in str(caught.value)


def test_what_can_be_met_is_no_error() -> None:
    check_feasible(MASS, _margin(0.4, 0.4, 0.2), Calibration(method="linear", bounds=(0.6, 2.0)))
    check_feasible(MASS, _margin(0.4, 0.4, 0.2), Calibration())


def test_cells_without_weight_meet_nothing() -> None:
    with pytest.raises(MethodError, match="region = "):
        check_feasible(np.array([[60.0], [40.0], [0.0]]), _margin(0.1, 0.8, 0.1), Calibration(bounds=(0.5, 1.5)))
