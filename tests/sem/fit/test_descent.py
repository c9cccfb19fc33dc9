"""Where scoring does not get to the minimum, Newton's steps do, or say that there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.sem.fit.descent import descend


class Valley:
    """Rosenbrock's function; its `expected` curvature is the identity, with which scoring goes to and fro."""

    total, complete = 100.0, True
    bounds: Any = type("None", (), {"constrained": False})

    def at(self, theta: np.ndarray) -> Any:
        a, b = theta
        return type("Point", (), {"value": float((1 - a) ** 2 + 100 * (b - a**2) ** 2)})

    def gradient(self, theta: np.ndarray, _: Any) -> np.ndarray:
        a, b = theta
        return np.array([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)])

    def expected(self, theta: np.ndarray, _: Any) -> np.ndarray:
        return np.eye(len(theta))

    def observed(self, theta: np.ndarray, _: Any) -> np.ndarray:
        a, b = theta
        return np.array([[2 - 400 * (b - 3 * a**2), -400 * a], [-400 * a, 200]])


class Slope(Valley):
    """exp(−a) + b²: it falls for ever."""

    def at(self, theta: np.ndarray) -> Any:
        return type("Point", (), {"value": float(np.exp(-theta[0]) + theta[1] ** 2)})

    def gradient(self, theta: np.ndarray, _: Any) -> np.ndarray:
        return np.array([-np.exp(-theta[0]), 2 * theta[1]])

    def observed(self, theta: np.ndarray, _: Any) -> np.ndarray:
        return np.diag([np.exp(-theta[0]), 2.0])


@pytest.mark.parametrize("start", [(-1.2, 1.0), (0.0, 3.0), (-2.0, -2.0)])
def test_newton_finds_the_minimum_that_scoring_does_not(start: tuple[float, float]) -> None:
    theta, settled = descend(Valley(), np.array(start))
    assert settled
    assert theta == pytest.approx([1.0, 1.0], abs=1e-6)


def test_what_falls_for_ever_has_no_minimum() -> None:
    assert not descend(Slope(), np.array([0.0, 1.0]))[1] or descend(Slope(), np.array([0.0, 1.0]))[0][0] > 20
