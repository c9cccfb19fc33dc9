"""What rows say of one and of two responses, against differences of their likelihoods."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from analysis.sem.moments.views import NumberView, OrderedView, View, pair_score, pair_slopes

X = np.array([[0.3, -1.0], [1.2, 0.4], [-0.7, 0.1], [0.0, 0.0]])
CODES, OTHERS = np.array([0.0, 2.0, 1.0, 3.0]), np.array([1.0, 0.0, 1.0, 0.0])
NUMBERS, FURTHER = np.array([1.4, -0.2, 0.6, 2.2]), np.array([-1.0, 0.3, 0.8, 1.1])
STEP = 1e-5
PARAMETERS = {
    "ordered": np.array([-0.8, 0.1, 0.9, 0.4, -0.3]),
    "binary": np.array([0.2, -0.1, 0.5]),
    "number": np.array([0.5, 0.3, 0.2, 1.7]),
    "further": np.array([-0.1, 0.2, 0.1, 0.6]),
}
ANSWERS = {"ordered": CODES, "binary": OTHERS, "number": NUMBERS, "further": FURTHER}


def _view(kind: str, theta: np.ndarray) -> View:
    if kind in {"ordered", "binary"}:
        return OrderedView.at(ANSWERS[kind], X, theta[:-2], theta[-2:])
    return NumberView.at(ANSWERS[kind], X, theta[0], theta[1:3], theta[3])


def _edges(kind: str, theta: np.ndarray, row: int) -> tuple[float, float]:
    edges, code = [-12.0, *theta[:-2], 12.0], int(ANSWERS[kind][row])
    return edges[code] - X[row] @ theta[-2:], edges[code + 1] - X[row] @ theta[-2:]


def _alone(kind: str, theta: np.ndarray) -> np.ndarray:
    if kind in {"ordered", "binary"}:
        ends = [_edges(kind, theta, row) for row in range(4)]
        return np.log([norm.cdf(high) - norm.cdf(low) for low, high in ends])
    return norm.logpdf(ANSWERS[kind], theta[0] + X @ theta[1:3], np.sqrt(theta[3]))


def _together(one: str, other: str, theta: np.ndarray, beside: np.ndarray, rho: float) -> np.ndarray:
    """Log-likelihood of the rows, by the bivariate normal distribution of SciPy."""
    cov = [[1.0, rho], [rho, 1.0]]
    result = []
    for row in range(4):
        if one in {"number", "further"}:
            z = (ANSWERS[one][row] - theta[0] - X[row] @ theta[1:3]) / np.sqrt(theta[3])
            density = norm.logpdf(z) - np.log(theta[3]) / 2
            if other in {"number", "further"}:
                w = (ANSWERS[other][row] - beside[0] - X[row] @ beside[1:3]) / np.sqrt(beside[3])
                result.append(multivariate_normal.logpdf([z, w], cov=cov) - np.log(theta[3] * beside[3]) / 2)
                continue
            low, high = _edges(other, beside, row)
            root = np.sqrt(1 - rho**2)
            result.append(density + np.log(norm.cdf((high - rho * z) / root) - norm.cdf((low - rho * z) / root)))
            continue
        ends = [
            (h, k, s * t)
            for h, s in zip(_edges(one, theta, row), (-1, 1), strict=True)
            for k, t in zip(_edges(other, beside, row), (-1, 1), strict=True)
        ]
        result.append(np.log(sum(sign * multivariate_normal.cdf([h, k], cov=cov) for h, k, sign in ends)))
    return np.array(result)


def _differences(function: Callable[[np.ndarray], np.ndarray], theta: np.ndarray) -> np.ndarray:
    steps = STEP * np.eye(len(theta))
    return np.stack([(function(theta + step) - function(theta - step)) / (2 * STEP) for step in steps], axis=1)


@pytest.mark.parametrize("kind", PARAMETERS)
def test_scores_are_the_slopes_of_the_likelihood(kind: str) -> None:
    theta = PARAMETERS[kind]
    found = _view(kind, theta).scores()
    assert found == pytest.approx(_differences(lambda at: _alone(kind, at), theta), abs=1e-7)


@pytest.mark.parametrize("kind", ["ordered", "binary"])
def test_curvature_is_that_of_the_likelihood(kind: str) -> None:
    theta, weights = PARAMETERS[kind], np.array([1.0, 2.0, 0.5, 1.5])
    view = _view(kind, theta)
    assert isinstance(view, OrderedView)
    found = _differences(lambda at: weights @ _view(kind, at).scores(), theta)
    assert view.curvature(weights) == pytest.approx(-found.reshape(len(theta), -1), abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other"), [("ordered", "binary"), ("number", "ordered"), ("number", "further"), ("ordered", "number")]
)
@pytest.mark.parametrize("rho", [0.0, 0.55, -0.8])
def test_pairs_have_the_slopes_of_their_likelihood(one: str, other: str, rho: float) -> None:
    theta, beside = PARAMETERS[one], PARAMETERS[other]
    views = _view(one, theta), _view(other, beside)

    def likelihood(a: np.ndarray, b: np.ndarray, r: float) -> np.ndarray:
        ordered_first = one in {"ordered", "binary"} and other in {"number", "further"}
        return _together(other, one, b, a, r) if ordered_first else _together(one, other, a, b, r)

    score, bend = pair_score(*views, rho)
    by_rho = (likelihood(theta, beside, rho + STEP) - likelihood(theta, beside, rho - STEP)) / (2 * STEP)
    moved = (pair_score(*views, rho + STEP)[0] - pair_score(*views, rho - STEP)[0]) / (2 * STEP)
    assert score == pytest.approx(by_rho, abs=1e-5)
    assert bend == pytest.approx(moved, rel=1e-6, abs=1e-6)
    found = pair_slopes(*views, rho)
    assert found.rho == pytest.approx(score)
    first = _differences(lambda at: likelihood(at, beside, rho), theta)
    second = _differences(lambda at: likelihood(theta, at, rho), beside)
    assert views[0].pulled(*found.first) == pytest.approx(first, abs=1e-5)
    assert views[1].pulled(*found.second) == pytest.approx(second, abs=1e-5)


def test_rows_without_an_answer_say_nothing() -> None:
    silent = np.array([np.nan, 1.0, 0.0, np.nan])
    view = OrderedView.at(silent, X, np.array([0.1]), np.zeros(2))
    assert not view.scores()[[0, 3]].any()
    assert view.scores()[[1, 2]].any()
