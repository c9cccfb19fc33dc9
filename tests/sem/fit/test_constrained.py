"""Steps under constraints, against what is known in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.sem.fit.constrained import descend_within, directions, equations, invert_within
from analysis.sem.fit.information import invert_information

CENTRE = np.array([1.0, 2.0, 3.0])


class Bowl:
    """f = ½ ‖θ − centre‖², bound by linear constraints."""

    constrained = True

    def __init__(self, slopes: list[list[float]], level: list[float], equal: list[bool]) -> None:
        self.matrix, self.level, self.equal = np.array(slopes), np.array(level), np.array(equal)

    def at(self, theta: np.ndarray) -> Any:
        return type("Point", (), {"value": 0.5 * float(((theta - CENTRE) ** 2).sum())})

    def gradient(self, theta: np.ndarray, _: Any) -> np.ndarray:
        return np.asarray(theta - CENTRE)

    def expected(self, theta: np.ndarray, _: Any) -> np.ndarray:
        return np.eye(len(theta))

    def distances(self, theta: np.ndarray) -> np.ndarray:
        return np.asarray(self.matrix @ theta - self.level)

    def slopes(self, theta: np.ndarray) -> np.ndarray:
        assert len(theta) == self.matrix.shape[1]
        return self.matrix


@pytest.mark.parametrize(
    ("slopes", "level", "equal", "found"),
    [
        ([[1.0, -1.0, 0.0]], [0.0], [True], [1.5, 1.5, 3.0]),
        ([[-1.0, 0.0, 0.0]], [0.0], [False], [0.0, 2.0, 3.0]),
        ([[1.0, 0.0, 0.0]], [0.0], [False], [1.0, 2.0, 3.0]),
        ([[1.0, -1.0, 0.0], [0.0, 0.0, -1.0]], [0.0, -1.0], [True, False], [1.5, 1.5, 1.0]),
        ([[-1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], [0.0, -5.0], [False, False], [0.0, 2.0, 3.0]),
    ],
)
def test_the_nearest_point_that_is_allowed_is_found(
    slopes: list[list[float]], level: list[float], equal: list[bool], found: list[float]
) -> None:
    bowl = Bowl(slopes, level, equal)
    theta, settled = descend_within(bowl, bowl, np.array([-4.0, 7.0, 9.0]), total=100.0)
    assert settled
    assert theta == pytest.approx(np.array(found), abs=1e-8)


def test_the_inverse_moves_along_the_constraints_that_hold_only() -> None:
    bowl = Bowl([[1.0, -1.0, 0.0], [-1.0, 0.0, 0.0]], [0.0, -9.0], [True, False])
    information = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    inverse, singular = invert_within(bowl, np.array([1.5, 1.5, 3.0]), information)
    bordered = np.block([[information, bowl.matrix[:1].T], [bowl.matrix[:1], np.zeros((1, 1))]])
    assert not singular
    assert inverse == pytest.approx(np.linalg.inv(bordered)[:3, :3], abs=1e-12)
    assert equations(bowl, CENTRE) == 1


def test_without_a_constraint_that_holds_the_inverse_is_plain() -> None:
    bowl = Bowl([[-1.0, 0.0, 0.0]], [-9.0], [False])
    information = np.diag([4.0, 2.0, 1.0])
    assert directions(bowl, CENTRE) is None
    assert invert_within(bowl, CENTRE, information)[0] == pytest.approx(np.diag([0.25, 0.5, 1.0]))
    assert invert_information(np.diag([1.0, 0.0]))[1]
