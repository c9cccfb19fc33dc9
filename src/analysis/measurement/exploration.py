"""Exploratory factor analysis: do the items sort themselves into the constructs without being told?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.answers import check_usable, complete_answers

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[Any]
_LEAST_UNIQUENESSES = (0.005, 0.02, 0.05)
"""Lower bounds of the variance that an item keeps for itself: that of R's factanal, then where it fails wider ones."""
_RANDOM_STARTS = 5
_FLAT = 1e-5
"""Largest element of the projected gradient at a minimum."""
_MOST_TURNS, _HALVINGS, _LEVEL = 5000, 11, 1e-8
"""Steps of a rotation, halvings of one, and the length of the projected gradient at its minimum."""


@dataclass(frozen=True)
class Exploration:
    """Oblique solution from `n` rows.

    items: construct, item, factor (construct whose factor carries the item, empty for a factor without one), own
    (loading on the factor of the item's construct, NaN where it has none), strongest, second (largest absolute loading
    on the factor named and on any other), communality. loadings: items × factors. correlations: factors × factors.
    names: construct of each factor, empty where none is left. `heywood` counts items with the least uniqueness.
    """

    n: int
    items: pd.DataFrame
    loadings: Array
    correlations: Array
    names: tuple[str, ...]
    heywood: int

    def record(self) -> dict[str, Any]:
        """The plain values that the report reads."""
        placed = self.items["factor"] == self.items["construct"]
        return {
            "n": self.n,
            "factors": len(self.names),
            "items": len(self.items),
            "placed": int(placed.sum()),
            "strays": self.items.loc[~placed, "item"].tolist(),
            "weakest": float(self.items["own"].min()),
            "largest_cross": float(self.items["cross"].max()),
            "heywood": self.heywood,
        }


def explore_factors(
    responses: pd.DataFrame, *, instrument: Instrument, factors: int | None = None, weights: pd.Series | None = None
) -> Exploration:
    """Maximum-likelihood factors of all items, rotated obliquely by quartimin (oblimin with γ = 0).

    `factors`: how many; none: as many as the instrument has constructs with two items or more. Each factor takes the
    name of the construct whose items load on it most, one each. Raises MethodError when the items can't be factored.
    Sources: Jöreskog (1967); Jennrich & Sampson (1966); gradient projection of Bernaards & Jennrich (2005).
    """
    import pandas as pd

    answers = complete_answers(responses, instrument.item_keys, weights)
    p = len(answers.items)
    wanted = factors or sum(len(construct.items) > 1 for construct in instrument.constructs)
    most = int((2 * p + 1 - np.sqrt(8 * p + 1)) / 2)
    if not 1 <= wanted <= most:
        raise MethodError("The items can't carry so many factors.", expected=f"1 to {most}", got=str(wanted))
    check_usable(answers, least=2 * p)
    unrotated, least = _maximum_likelihood(answers.correlation, wanted)
    loadings, correlations = rotate_obliquely(unrotated)
    owner = [construct.key for construct in instrument.constructs for _ in construct.items]
    names = _names(loadings, owner)
    order = sorted(range(wanted), key=lambda f: owner.index(names[f]) if names[f] else p)
    loadings, correlations = loadings[:, order], correlations[np.ix_(order, order)]
    sign = np.where(loadings[np.abs(loadings).argmax(axis=0), np.arange(wanted)] < 0, -1.0, 1.0)
    loadings, correlations = loadings * sign, correlations * np.outer(sign, sign)
    named = tuple(names[f] for f in order)
    communality = (unrotated**2).sum(axis=1)
    items = _items(loadings, owner, named).assign(item=answers.items, communality=communality)
    columns = ["construct", "item", "factor", "own", "cross", "communality"]
    heywood = int((communality > 1 - 1.01 * least).sum())
    return Exploration(answers.n, pd.DataFrame(items[columns]), loadings, correlations, named, heywood)


def _maximum_likelihood(correlation: Array, factors: int) -> tuple[Array, float]:
    """Unrotated loadings, items × factors, and the least uniqueness that an item could have.

    statsmodels' own fit does not converge where a uniqueness runs to its bound (six factors of the bank survey); this
    one minimises the likelihood concentrated over the loadings by the uniquenesses alone (Lawley & Maxwell 1971, ch. 4)
    and takes a thousandth of a second. Where the optimiser gives up it begins anew elsewhere, then within wider bounds.
    """
    from scipy.optimize import minimize

    p = len(correlation)

    def loadings(uniqueness: Array) -> Array:
        scale = np.sqrt(uniqueness)
        values, vectors = np.linalg.eigh(correlation / np.outer(scale, scale))
        kept = np.maximum(values[::-1][:factors] - 1, 0.0)
        return np.asarray(scale[:, None] * vectors[:, ::-1][:, :factors] * np.sqrt(kept))

    def discrepancy(uniqueness: Array) -> tuple[float, Array]:
        scale = np.sqrt(uniqueness)
        rest = np.linalg.eigvalsh(correlation / np.outer(scale, scale))[: p - factors]
        found = loadings(uniqueness)
        gradient = np.diag(found @ found.T + np.diag(uniqueness) - correlation) / uniqueness**2
        return float((rest - np.log(rest) - 1).sum()), gradient

    options = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9}
    for least, start in product(_LEAST_UNIQUENESSES, _starts(correlation, factors)):
        bounds = [(least, 1.0)] * p
        begun = np.clip(start, least, 1.0)
        fitted = minimize(discrepancy, begun, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        if fitted.success or _stationary(np.asarray(fitted.x), np.asarray(fitted.jac), least):
            return loadings(np.asarray(fitted.x)), least
    raise MethodError("The factors could not be estimated.", got=str(fitted.message))


def _starts(correlation: Array, factors: int) -> Iterator[Array]:
    """Uniquenesses to begin with: Jöreskog's, those that the other items leave unexplained, one for all, at random."""
    p, unexplained = len(correlation), 1 / np.diag(np.linalg.inv(correlation))
    yield (1 - 0.5 * factors / p) * unexplained
    yield unexplained
    yield np.full(p, 0.5)
    random = np.random.default_rng(0)
    yield from (random.uniform(0.2, 0.8, p) for _ in range(_RANDOM_STARTS))


def _stationary(uniqueness: Array, gradient: Array, least: float) -> bool:
    """Whether the optimiser, though it stopped for want of precision, stands at a minimum within the bounds."""
    projected = uniqueness - np.clip(uniqueness - gradient, least, 1.0)
    return bool(np.isfinite(gradient).all() and np.abs(projected).max() < _FLAT)


def rotate_obliquely(loadings: Array) -> tuple[Array, Array]:
    """Quartimin rotation: pattern loadings (items × factors) and correlations of the factors.

    Gradient projection (Bernaards & Jennrich 2005) as in GPArotation and statsmodels. Those go on to the last of their
    tries where the minimum is flatter than numbers are fine; this one ends when a step changes nothing any more.
    """
    factors = loadings.shape[1]
    if factors == 1:
        return loadings, np.ones((1, 1))
    turn, step = np.eye(factors), 1.0
    rotated, value, gradient = _quartimin(loadings, turn)
    for _ in range(_MOST_TURNS):
        gradient = gradient - turn * np.sum(turn * gradient, axis=0)
        steepness = float(np.linalg.norm(gradient))
        if steepness < _LEVEL:
            break
        before, value_before, step = turn, value, 2 * step
        for _ in range(_HALVINGS):
            turn = before - step * gradient
            turn = turn * (1 / np.sqrt(np.sum(turn**2, axis=0)))
            rotated, value, next_gradient = _quartimin(loadings, turn)
            if value < value_before - 0.5 * steepness**2 * step:
                break
            step /= 2
        else:
            break
        gradient = next_gradient
    return rotated, turn.T @ turn


def _quartimin(loadings: Array, turn: Array) -> tuple[Array, float, Array]:
    """Rotated loadings, the criterion Σ l²ᵢⱼ l²ᵢₖ / 4 over j ≠ k, and its gradient with respect to the rotation."""
    back = np.linalg.inv(turn)
    rotated = loadings @ back.T
    squares = rotated**2
    others = squares @ (1 - np.eye(len(turn)))
    return rotated, float(np.sum(squares * others) / 4), -(rotated.T @ (rotated * others) @ back).T


def _names(loadings: Array, owner: list[str]) -> list[str]:
    """The construct of each factor: the assignment with the largest sum of squared loadings."""
    from scipy.optimize import linear_sum_assignment

    constructs = list(dict.fromkeys(owner))
    belongs = np.array([[key == construct for key in owner] for construct in constructs], dtype=float)
    strength = (belongs @ loadings**2) / belongs.sum(axis=1, keepdims=True)
    rows, columns = linear_sum_assignment(-strength)
    names = [""] * loadings.shape[1]
    for row, column in zip(rows, columns, strict=True):
        names[column] = constructs[row]
    return names


def _items(loadings: Array, owner: list[str], names: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    place = {name: position for position, name in enumerate(names) if name}
    rows, own = np.arange(len(owner)), np.array([place.get(key, -1) for key in owner])
    others = np.abs(loadings)
    strongest = others.argmax(axis=1)
    others[rows[own >= 0], own[own >= 0]] = 0.0
    return pd.DataFrame(
        {
            "construct": owner,
            "factor": [names[position] for position in strongest],
            "own": np.where(own >= 0, loadings[rows, own], np.nan),
            "cross": others.max(axis=1),
        }
    )
