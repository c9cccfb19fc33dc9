"""One model in several groups: parameters shared or free by group, means included.

Each group has the free parameters of the model with an intercept for every item and every construct. A layout says
which place of the common vector x each of them is, so that equality is a shared place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.fit.estimate import Objective
from analysis.sem.fit.information import invert_information
from analysis.sem.fit.likelihood import Point
from analysis.sem.model.structure import Structure
from analysis.sem.model.syntax import INTERCEPT, ModelSyntax, Parameter
from analysis.sem.moments.sample import Sample, saturated

Array = NDArray[Any]
_MAX_ITERATIONS = 300
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""


@dataclass(frozen=True)
class Layout:
    """Place in x of each group's own parameters (groups × q; −1: fixed at zero) and the length of x."""

    places: NDArray[np.int64]
    size: int


def lay_out(
    structure: Structure, groups: int, *, shared: Iterable[str], freed: Iterable[tuple[str, str]] = ()
) -> Layout:
    """Layout of a model in which what `shared` names (loadings, intercepts, residuals, paths) is equal in all groups.

    `freed` lists exceptions as (loadings or intercepts, item). The intercepts of constructs are free in all groups but
    the first when those of the items are shared, else zero.
    """
    shared, freed = set(shared), set(freed)
    kinds = {p.name: (kind(structure, p), subject(p)) for p in structure.syntax.parameters if p.name is not None}
    keys: dict[tuple[str, int], int] = {}
    places = np.full((groups, len(structure.free)), -1)
    for name, column in structure.free.items():
        equal = kinds[name][0] in shared and kinds[name] not in freed
        for group in range(groups):
            if kinds[name][0] == "latent_intercepts" and ("intercepts" not in shared or group == 0):
                continue
            places[group, column] = keys.setdefault((name, -1 if equal else group), len(keys))
    return Layout(places, len(keys))


def kind(structure: Structure, parameter: Parameter) -> str:
    """Loadings, paths, intercepts, latent_intercepts, residuals (variances of items) or covariances."""
    if parameter.op == INTERCEPT:
        return "intercepts" if parameter.lhs in structure.items else "latent_intercepts"
    if parameter.op == "~~" and parameter.lhs == parameter.rhs and parameter.lhs in structure.items:
        return "residuals"
    return {"=~": "loadings", "~": "paths", "~~": "covariances"}[parameter.op]


def subject(parameter: Parameter) -> str:
    """What a parameter is about: the item of a loading, else its left-hand side."""
    return parameter.rhs if parameter.op == "=~" else parameter.lhs


class GroupedModel:
    """The likelihood of several groups under one layout, as a function of x."""

    def __init__(self, syntax: ModelSyntax, samples: Sequence[Sample]) -> None:
        self.structure = Structure(syntax.with_means(latent=True))
        self.samples = tuple(samples)
        self.total = float(sum(sample.patterns.total for sample in samples))
        self.share = [sample.patterns.total / self.total for sample in samples]
        self.objectives = [Objective(self.structure, s.patterns, s.patterns.mean[0]) for s in samples]
        self.free = [Point(s.patterns, *saturated(s.patterns)[:2]) for s in samples]
        self.p = len(syntax.items)
        self.traces: dict[int, tuple[float, float]] = {}
        """tr(A⁻¹B) of each group without a model, and of items with nothing in common: the same for all layouts."""

    def own(self, x: Array, layout: Layout, group: int) -> Array:
        """Free parameters of one group."""
        places = layout.places[group]
        return np.asarray(np.where(places >= 0, x[places], 0.0))

    def points(self, x: Array, layout: Layout) -> list[Point]:
        """The likelihood of every group."""
        return [objective.at(self.own(x, layout, group)) for group, objective in enumerate(self.objectives)]

    def value(self, points: Sequence[Point]) -> float:
        """f over all groups."""
        return sum(share * point.value for share, point in zip(self.share, points, strict=True))

    def gradients(self, x: Array, layout: Layout, points: Sequence[Point]) -> list[Array]:
        """∂f of every group by its own parameters, weighted with its share."""
        return [
            share * objective.gradient(self.own(x, layout, group), points[group])
            for group, (share, objective) in enumerate(zip(self.share, self.objectives, strict=True))
        ]

    def informations(self, x: Array, layout: Layout, points: Sequence[Point], *, observed: bool) -> list[Array]:
        """Information of every group for its own parameters, weighted with its share."""
        return [
            share * (objective.observed if observed else objective.expected)(self.own(x, layout, group), points[group])
            for group, (share, objective) in enumerate(zip(self.share, self.objectives, strict=True))
        ]

    def gathered(self, parts: Sequence[Array], layout: Layout) -> Array:
        """Sum of the groups' own vectors or matrices, by place in x."""
        square = parts[0].ndim == 2
        result = np.zeros((layout.size, layout.size) if square else layout.size)
        for places, part in zip(layout.places, parts, strict=True):
            kept = np.flatnonzero(places >= 0)
            if square:
                np.add.at(result, np.ix_(places[kept], places[kept]), part[np.ix_(kept, kept)])
            else:
                np.add.at(result, places[kept], part[kept])
        return result

    def minimise(self, layout: Layout, x: Array) -> tuple[Array, list[Point], bool]:
        """Fisher scoring with step halving from x; the estimates, the groups there, and whether it converged."""
        points = self.points(x, layout)
        for _ in range(_MAX_ITERATIONS):
            information = self.gathered(self.informations(x, layout, points, observed=False), layout)
            gradient = self.gathered(self.gradients(x, layout, points), layout)
            step = -invert_information(information)[0] @ gradient
            if np.sqrt(max(-self.total * float(gradient @ step), 0.0)) < _TOLERANCE:
                return x, points, True
            value = self.value(points)
            for halvings in range(30):
                candidate = x + step / 2**halvings
                proposed = self.points(candidate, layout)
                if self.value(proposed) <= value + 1e-13:
                    break
            else:
                return x, points, False
            x, points = candidate, proposed
        return x, points, False
