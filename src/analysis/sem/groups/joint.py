"""One model in several groups as its text says it: what the groups share, and the likelihood of all of them.

Parameters of a name are one parameter, in whatever group they stand. A label is one name for all groups, `c(a, b)`
gives each its own; what `equal` lists is shared besides, as by lavaan's `group.equal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.instrument import Instrument
from analysis.errors import EditionError
from analysis.sem.fit.estimate import Objective
from analysis.sem.fit.likelihood import Point
from analysis.sem.model.bounds import Bounds
from analysis.sem.model.completion import complete
from analysis.sem.model.identification import check_identified
from analysis.sem.model.reader import read_model
from analysis.sem.model.syntax import INTERCEPT, SCALE, THRESHOLD, ModelSyntax, Parameter

Array = NDArray[Any]


def check_group_model(
    model: str, *, instrument: Instrument, where: str, groups: int, equal: Sequence[str] = ()
) -> list[ModelSyntax]:
    """Read a model of several groups, with a mean structure, and check it as `check_model` does: one for each group.

    `equal` as in `Structural.group_equal`: with equal intercepts the means of the constructs are free in all groups but
    the first, unless they are equal as well.
    """
    read, labels = read_model(model, instrument=instrument, where=where), dict[str, str]()
    for term in read.terms:
        if len(term.modifiers) not in {1, groups}:
            raise EditionError(
                "A modifier has not one entry for each group.",
                where=f"{where}, line {term.line}",
                expected=f"c(…) with {groups} entries",
                got=str(len(term.modifiers)),
            )
    found = []
    for group in range(groups):
        own = complete(read.terms, read.defined, read.constraints, group=group, names=labels).with_means()
        stated = {term.lhs for term in read.terms if term.op == INTERCEPT}
        found.append(_shared(own, group, equal, stated))
    check_identified(found, where)
    return found


def _shared(syntax: ModelSyntax, group: int, equal: Sequence[str], stated: set[str]) -> ModelSyntax:
    """The model of one group, in which what is `equal` has the names of all groups."""
    frees_means = "intercepts" in equal and "means" not in equal and group > 0

    def named(p: Parameter) -> Parameter:
        if frees_means and p.op == INTERCEPT and p.lhs in syntax.latents and p.lhs not in stated:
            return replace(p, name=f"{INTERCEPT}{p.lhs}.{group}", value=None)
        if p.name is None or p.label is not None:
            return p
        own = p.name.removesuffix(f".{group}")
        return replace(p, name=own if kind(syntax, p) in equal else f"{own}.{group}")

    return replace(syntax, parameters=tuple(map(named, syntax.parameters)))


def kind(syntax: ModelSyntax, parameter: Parameter) -> str:
    """What lavaan's `group.equal` calls a parameter."""
    of_construct, same = parameter.lhs in syntax.latents, parameter.lhs == parameter.rhs
    if parameter.op == INTERCEPT:
        return "means" if of_construct else "intercepts"
    if parameter.op == "~~":
        names = ("lv.variances", "lv.covariances") if of_construct else ("residuals", "residual.covariances")
        return names[not same]
    return {"=~": "loadings", "~": "regressions", THRESHOLD: "thresholds", SCALE: "scales"}[parameter.op]


@dataclass(frozen=True)
class JointPoint:
    """The likelihood of every group at one θ, and f over all of them."""

    points: tuple[Point, ...]
    value: float


class JointObjective:
    """f over the free parameters of all groups: the mean of the groups' own, by their share of the weight."""

    def __init__(self, objectives: Sequence[Objective], syntaxes: Sequence[ModelSyntax]) -> None:
        names = dict.fromkeys(name for one in syntaxes for name in one.free)
        self.free = {name: place for place, name in enumerate(names)}
        self.objectives, self.bounds = tuple(objectives), Bounds(syntaxes, self.free)
        self.places = [np.array([self.free[name] for name in one.structure.free]) for one in objectives]
        self.total = float(sum(one.total for one in objectives))
        self.complete = all(one.complete for one in objectives)
        self.share = [one.total / self.total for one in objectives]

    def at(self, theta: Array) -> JointPoint:
        """The likelihood at θ."""
        points = tuple(one.at(theta[own]) for one, own in zip(self.objectives, self.places, strict=True))
        return JointPoint(points, sum(w * point.value for w, point in zip(self.share, points, strict=True)))

    def gradient(self, theta: Array, point: JointPoint) -> Array:
        """∂f/∂θ."""
        result = np.zeros(len(self.free))
        for number, (one, own) in enumerate(zip(self.objectives, self.places, strict=True)):
            result[own] += self.share[number] * one.gradient(theta[own], point.points[number])
        return result

    def expected(self, theta: Array, point: JointPoint) -> Array:
        """Expected information of one row, q × q."""
        pairs = enumerate(zip(self.objectives, self.places, strict=True))
        return self.gathered([one.expected(theta[own], point.points[number]) for number, (one, own) in pairs])

    def observed(self, theta: Array, point: JointPoint) -> Array:
        """Second derivative of f, q × q."""
        pairs = enumerate(zip(self.objectives, self.places, strict=True))
        return self.gathered([one.observed(theta[own], point.points[number]) for number, (one, own) in pairs])

    def gathered(self, parts: Sequence[Array]) -> Array:
        """The groups' own matrices, weighted with their share, by place in θ."""
        result = np.zeros((len(self.free), len(self.free)))
        for share, own, part in zip(self.share, self.places, parts, strict=True):
            result[np.ix_(own, own)] += share * part
        return result
