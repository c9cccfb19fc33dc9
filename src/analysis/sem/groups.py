"""One measurement model in several groups: parameters shared or free by group, means included.

Group g has μ = ν + Λ α and Σ = Λ Φ Λᵀ + Θ; its own parameters are θ (loadings, covariances), the intercepts ν and the
latent means α. A layout says which place of the common vector x each of them is, so that equality is a shared place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.estimate import invert_information
from analysis.sem.likelihood import Point
from analysis.sem.model import ModelSyntax
from analysis.sem.moments import Sample, saturated
from analysis.sem.structure import Structure

Array = NDArray[Any]
_MAX_ITERATIONS = 300
_TOLERANCE = 1e-7
"""Stop when the next step would move the estimates by less than this many standard errors."""


@dataclass(frozen=True)
class Layout:
    """Place in x of each group's own parameters (groups × (q + p + m); −1: fixed at zero) and the length of x."""

    places: NDArray[np.int64]
    size: int


def lay_out(
    structure: Structure, groups: int, *, shared: Iterable[str], freed: Iterable[tuple[str, str]] = ()
) -> Layout:
    """Layout of a model in which what `shared` names (loadings, intercepts) is equal in all groups.

    `freed` lists exceptions as (loadings or intercepts, item). The latent means are free in all groups but the first
    when the intercepts are shared, else zero.
    """
    shared, freed = set(shared), set(freed)
    item_of = {
        structure.free[p.name]: p.rhs for p in structure.syntax.parameters if p.op == "=~" and p.name is not None
    }
    names: list[tuple[str, object, bool]] = []
    for parameter in range(len(structure.free)):
        item = item_of.get(parameter)
        names.append(
            ("theta", parameter, item is not None and "loadings" in shared and ("loadings", item) not in freed)
        )
    for item in structure.items:
        names.append(("intercept", item, "intercepts" in shared and ("intercepts", item) not in freed))
    means = [("mean", latent, False) for latent in structure.latents]
    keys: dict[tuple[str, object, int], int] = {}
    places = np.full((groups, len(names) + len(means)), -1)
    for group in range(groups):
        own = [*names, *means] if "intercepts" in shared and group else names
        for column, (kind, name, equal) in enumerate(own):
            places[group, column] = keys.setdefault((kind, name, -1 if equal else group), len(keys))
    return Layout(places, len(keys))


class GroupedModel:
    """The likelihood of several groups under one layout, as a function of x."""

    def __init__(self, syntax: ModelSyntax, samples: Sequence[Sample]) -> None:
        self.structure = Structure(syntax)
        self.samples = tuple(samples)
        self.total = float(sum(sample.patterns.total for sample in samples))
        self.share = [sample.patterns.total / self.total for sample in samples]
        self.free = [Point(s.patterns, *saturated(s.patterns)[:2]) for s in samples]
        self.q, self.p, self.m = len(self.structure.free), len(syntax.items), len(syntax.latents)

    def own(self, x: Array, layout: Layout, group: int) -> Array:
        """θ, ν and α of one group."""
        places = layout.places[group]
        return np.asarray(np.where(places >= 0, x[places], 0.0))

    def point(self, own: Array, group: int) -> Point:
        """The likelihood of one group at its own parameters."""
        matrices = self.structure.matrices(own[: self.q])
        mean = own[self.q : self.q + self.p] + matrices.loadings @ own[self.q + self.p :]
        return Point(self.samples[group].patterns, mean, matrices.implied)

    def points(self, x: Array, layout: Layout) -> list[Point]:
        """The likelihood of every group."""
        return [self.point(self.own(x, layout, group), group) for group in range(len(self.samples))]

    def value(self, points: Sequence[Point]) -> float:
        """f over all groups."""
        return sum(share * point.value for share, point in zip(self.share, points, strict=True))

    def mean_derivatives(self, own: Array) -> Array:
        """∂μ/∂(θ, ν, α), p × (q + p + m)."""
        loadings, alpha = self.structure.cells["loadings"], own[self.q + self.p :]
        result = np.zeros((self.p, self.q + self.p + self.m))
        np.add.at(result, (loadings.i, loadings.parameter), alpha[loadings.j])
        result[:, self.q : self.q + self.p] = np.eye(self.p)
        result[:, self.q + self.p :] = self.structure.matrices(own[: self.q]).loadings
        return result

    def own_gradient(self, own: Array, point: Point) -> Array:
        """∂f/∂(θ, ν, α) of one group."""
        by_mean, through = point.gradient()
        result = by_mean @ self.mean_derivatives(own)
        result[: self.q] += self.structure.pulled(self.structure.matrices(own[: self.q]), through)
        return np.asarray(result)

    def own_information(self, own: Array, point: Point, *, observed: bool) -> Array:
        """Expected or observed information of one group for its own parameters, per row."""
        slopes, q = self.mean_derivatives(own), self.q
        derivatives = self.structure.derivatives(self.structure.matrices(own[:q]))
        by_mean = np.einsum("g,gij->ij", point.share, point.precision)
        result = slopes.T @ by_mean @ slopes
        if not observed:
            result[:q, :q] += point.expected(derivatives)
            return np.asarray(result)
        by_theta, mixed, _ = point.curvature(derivatives)
        gradient, through = point.gradient()
        result[:q, :q] += by_theta + self.structure.curvature(own[:q], through)
        crossed = mixed @ slopes
        result[:q] += crossed
        result[:, :q] += crossed.T
        loadings = self.structure.cells["loadings"]
        for i, j, parameter in zip(loadings.i, loadings.j, loadings.parameter, strict=True):
            alpha = q + self.p + j
            result[parameter, alpha] += gradient[i]
            result[alpha, parameter] += gradient[i]
        return np.asarray(result)

    def own_scores(self, own: Array, point: Point, group: int) -> Array:
        """−∂f/∂(θ, ν, α) of every row of one group, n × (q + p + m)."""
        sample, matrices = self.samples[group], self.structure.matrices(own[: self.q])
        of_row = sample.patterns.of_rows(sample.answers)
        pulled = point.pull(sample.answers, of_row)
        scores = pulled @ self.mean_derivatives(own)
        level = self.structure.pulled(matrices, point.precision)[of_row]
        scores[:, : self.q] += 0.5 * (self.structure.scores(matrices, pulled) - level)
        return np.asarray(scores)

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

    def information(self, x: Array, layout: Layout, points: Sequence[Point], *, observed: bool) -> Array:
        """Information of x, per row of all groups."""
        parts = [
            share * self.own_information(self.own(x, layout, group), points[group], observed=observed)
            for group, share in enumerate(self.share)
        ]
        return self.gathered(parts, layout)

    def minimise(self, layout: Layout, x: Array) -> tuple[Array, list[Point], bool]:
        """Fisher scoring with step halving from x; the estimates, the groups there, and whether it converged."""
        points = self.points(x, layout)
        for _ in range(_MAX_ITERATIONS):
            inverse = invert_information(self.information(x, layout, points, observed=False))[0]
            parts = [
                share * self.own_gradient(self.own(x, layout, group), points[group])
                for group, share in enumerate(self.share)
            ]
            gradient = self.gathered(parts, layout)
            step = -inverse @ gradient
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
