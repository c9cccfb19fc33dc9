"""The minimum of f from several starting points: the best of what they lead to, and whether they lead to one.

First from the moments' own suggestion and from plain values. Where these end apart, end nowhere, or end at a solution
that no population has (a variance below zero), more starts follow: semopy's, and the suggestion moved at random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.descent import descend
from analysis.sem.fit.likelihood import Point
from analysis.sem.fit.reference import semopy_estimates
from analysis.sem.fit.start import nearly_nothing, plain_values, starting_values, with_own_starts
from analysis.sem.model.structure import Structure
from analysis.sem.moments.patterns import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analysis.sem.fit.estimate import Objective
    from analysis.sem.model.syntax import ModelSyntax

Array = NDArray[Any]
_PLAIN = 0.3
"""Standardised loading of the plain start."""
_SAME = 1e-6
"""Difference in f below which two ends are one."""
_RANDOM = 4
"""Random starts."""
_MOVED = 0.5
"""Standard deviation of the logarithm by which a random start changes loadings and variances."""
_LAST, _LOT = 24, 8
"""Starts that are tried last, where none has led to a minimum, and how many of them at a time."""
_TURNED = 0.3
"""Share of the loadings, paths and variances of constructs whose sign such a start turns."""
_HARDLY = 0.05
"""Variance of constructs that hardly vary."""


@dataclass(frozen=True)
class Minimum:
    """Where the best descent began and ended, whether it is a minimum; how many starts were tried, and minima found."""

    begun: Array
    theta: Array
    settled: bool
    starts: int
    minima: int


@dataclass(frozen=True)
class _End:
    """Where a descent began and ended, f there, and whether it converged."""

    begun: Array
    theta: Array
    value: float
    settled: bool


def find_minimum(objective: Objective, syntax: ModelSyntax, covariance: Array, start: Array | None = None) -> Minimum:
    """The minimum with the largest likelihood, proper or not, from all starts; from `start` alone where one is given.

    Raises MethodError when no starting point has a likelihood.
    """
    if start is not None:
        ends, tried = _ends(objective, [start], covariance), 1
    else:
        suggested = with_own_starts(objective.structure, starting_values(syntax, covariance))
        first = [suggested, plain_values(syntax, covariance, loading=_PLAIN)]
        ends, tried = _ends(objective, first, covariance), len(first)
        if _doubtful(objective, ends):
            more = list(_further(objective.structure, syntax, covariance, suggested))
            ends, tried = ends + _ends(objective, more, covariance), tried + len(more)
        wild = _wild(objective.structure, syntax, suggested)
        while not any(end.settled for end in ends) and (more := list(islice(wild, _LOT))):
            ends, tried = ends + _ends(objective, more, covariance, led=True), tried + len(more)
    if syntax.is_factor_model and not any(end.settled for end in ends) and (start is None or not ends):
        ends, tried = ends + _ends(objective, [semopy_estimates(syntax, covariance)], covariance), tried + 1
    if not ends:
        raise MethodError(
            "The structural model could not be fitted: no solution has a likelihood.",
            expected="items that the model's constructs can explain",
            hint="check the model for constructs that measure the same thing, or simplify it",
        )
    best = min(ends, key=lambda end: (not end.settled, round(end.value / _SAME)))
    minima = len({round(end.value / _SAME) for end in ends if end.settled})
    return Minimum(best.begun, best.theta, best.settled, tried, minima)


def _doubtful(objective: Objective, ends: Sequence[_End]) -> bool:
    """Whether the ends so far call for more starts."""
    settled = [end for end in ends if end.settled]
    if not settled or len(ends) > len(settled) or len({round(end.value / _SAME) for end in settled}) > 1:
        return True
    matrices = objective.structure.matrices(min(settled, key=lambda end: end.value).theta)
    variances = np.concatenate([np.diag(matrices.residual), np.diag(matrices.latent)])
    return bool((variances < 0).any())


def _further(structure: Structure, syntax: ModelSyntax, covariance: Array, suggested: Array) -> Iterator[Array]:
    """The suggestion moved at random, always by the same numbers: loadings and variances by a factor, paths to nought.

    Loadings may change their sign: constructs then begin turned round.
    """
    random = np.random.default_rng(len(suggested))
    plain = Structure(syntax.without_means())
    kinds = {p.name: (p.op, p.lhs == p.rhs) for p in plain.syntax.parameters if p.name is not None}
    loads = np.array([kinds[name][0] == "=~" for name in plain.free])
    variance = np.array([kinds[name] == ("~~", True) for name in plain.free])
    for number in range(_RANDOM):
        factor = np.exp(_MOVED * random.standard_normal(len(loads)))
        turned = np.where(loads & (random.random(len(loads)) < 0.15 * number), -1.0, 1.0)
        moved = suggested[: len(loads)] * np.where(loads | variance, factor * turned, random.uniform(0, 1, len(loads)))
        yield with_own_starts(structure, moved) if number == 0 else moved
    yield plain_values(syntax, covariance, loading=0.7)
    yield nearly_nothing(syntax, covariance, variance=_HARDLY)


def _wild(structure: Structure, syntax: ModelSyntax, suggested: Array) -> Iterator[Array]:
    """The suggestion with loadings and paths of any size and sign, always by the same numbers, and constructs whose
    variance may be below zero: where nothing else leads to a minimum, there may be one that no population has.
    """
    random = np.random.default_rng([1, len(suggested)])
    plain = Structure(syntax.without_means())
    kinds = {p.name: (p.op, p.lhs == p.rhs and p.lhs not in structure.items) for p in plain.syntax.parameters}
    free = [kinds[name] for name in plain.free]
    signed = np.array([op != "~~" or construct for op, construct in free])
    for _ in range(_LAST):
        factor = np.exp(random.standard_normal(len(free)))
        sign = np.where(signed & (random.random(len(free)) < _TURNED), -1.0, 1.0)
        yield suggested[: len(free)] * factor * sign


def _ends(objective: Objective, starts: Sequence[Array], covariance: Array, *, led: bool = False) -> list[_End]:
    """Descents from all starts that have a likelihood; those that the moments lead to the same place go on as one.

    With gaps the descent is first on the moments alone: two-stage estimates are close to those of full information.
    `led`: only those go on that the moments lead to a minimum.
    """
    patterns, mean = objective.patterns, objective.mean
    whole = Patterns(np.ones((1, len(mean)), dtype=bool), np.array([patterns.total]), mean[None], covariance[None])
    staged = objective if patterns.complete else replace(objective, patterns=whole)
    ends: list[_End] = []
    for values in starts:
        begun = with_intercepts(objective.structure, values, mean)
        if not _admissible(objective, begun):
            continue
        end = _descended(staged, begun, begun)
        if not any(end.settled and other.settled and abs(end.value - other.value) < _SAME for other in ends):
            ends.append(end)
    ends = [end for end in ends if end.settled or not led]
    return ends if patterns.complete else [_in_full(objective, end) for end in ends]


def _in_full(objective: Objective, end: _End) -> _End:
    """The descent with all that was answered, from where the moments led, or from the start where they led nowhere."""
    return _descended(objective, end.theta if end.settled else end.begun, end.begun)


def _descended(objective: Objective, theta: Array, begun: Array) -> _End:
    theta, settled = descend(objective, theta)
    return _End(begun, theta, objective.at(theta).value, settled)


def _admissible(objective: Objective, theta: Array) -> bool:
    return Point(objective.patterns, objective.mean, objective.structure.matrices(theta).implied).admissible


def with_intercepts(structure: Structure, theta: Array, mean: Array) -> Array:
    """Starting values: θ as given for Σ, and the intercepts that bring the means closest to the sample's by Σ⁻¹."""
    result = np.zeros(len(structure.free))
    result[: structure.k] = theta[: structure.k]
    if not structure.means:
        return result
    matrices = structure.matrices(result)
    values, vectors = np.linalg.eigh(matrices.implied)
    root = vectors.T / np.sqrt(np.maximum(values, 1e-8 * values[-1]))[:, None]
    slopes = structure.mean_derivatives(matrices)[:, structure.k :]
    result[structure.k :] = np.linalg.lstsq(root @ slopes, root @ (mean - matrices.mean), rcond=None)[0]
    return result
