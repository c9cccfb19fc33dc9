"""A model made explicit: every cell of its matrices, fixed or free.

What lavaan's `sem()` adds by itself is written out here, so that nothing depends on the defaults of a library:
the first loading of a construct is 1, every variance is free, exogenous constructs covary, final outcomes (what is
explained and explains nothing) covary, a construct with one item has no residual in that item; with a mean structure
every item has an intercept and the constructs have none. Items that only explain are covariates: their moments are
those of the sample and no parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.model.constraints import Constraint
from analysis.sem.model.definitions import Definition

INTERCEPT = "~1"
"""Operator of an intercept, which has no right-hand side."""
THRESHOLD = "|"
"""Operator of a threshold of an ordered item: `x | t1`."""
SCALE = "~*~"
"""Operator of the scale of a latent response: one over its standard deviation, given the covariates."""
OF_ORDERED = frozenset({THRESHOLD, SCALE})
"""Operators of parameters that only ordered items have."""
LOCATIONS = frozenset({INTERCEPT, THRESHOLD})
"""Operators of parameters that move no covariance."""
OF_SAMPLE = float("nan")
"""Value of a moment of covariates until a sample gives it."""


@dataclass(frozen=True)
class Parameter:
    """One cell of the model: `lhs op rhs`, either fixed at `value` or free under `name` (equal names are one).

    `label` is the name that the text gives it, `start` where the text wants it to begin, `line` the line of the text
    that states it or brings it along.
    """

    lhs: str
    op: str
    rhs: str
    name: str | None
    value: float | None
    label: str | None = None
    start: float | None = None
    line: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """As in the model."""
        return f"{self.lhs} ~ 1" if self.op == INTERCEPT else f"{self.lhs} {self.op} {self.rhs}"


@dataclass(frozen=True)
class ModelSyntax:
    """A checked model.

    `latents` (constructs) and `items` (whatever is observed) in the order of the text; `endogenous` in causal order (a
    cause before its effect; in the order of the text where there is a circle); `regressions` as (outcome, predictor);
    `parameters` complete, including all that lavaan adds by itself; `defined` quantities in the order of the text;
    `observed` are the items that stand in the structural part themselves, `covariates` those of them that only explain
    and have the moments of the sample (lavaan's `fixed.x`); `constraints` bind labelled parameters.
    """

    latents: tuple[str, ...]
    items: tuple[str, ...]
    endogenous: tuple[str, ...]
    exogenous: tuple[str, ...]
    regressions: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    defined: tuple[Definition, ...] = ()
    observed: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Names of the free parameters, each once; those of intercepts and thresholds alone come last."""
        order = sorted(self.parameters, key=lambda parameter: parameter.op in LOCATIONS)
        return tuple(dict.fromkeys(p.name for p in order if p.name is not None))

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """What the structural part relates: the constructs, then the items that stand in it themselves."""
        return (*self.latents, *self.observed)

    @cached_property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Effect and cause of every path: regressions, and what constructs of a higher order are measured by."""
        within = set(self.nodes)
        measured = ((p.rhs, p.lhs) for p in self.parameters if p.op == "=~" and p.rhs in within)
        return (*self.regressions, *measured)

    @property
    def means(self) -> bool:
        """Whether the model has a mean structure."""
        return any(p.op == INTERCEPT for p in self.parameters)

    @property
    def moments(self) -> int:
        """Moments that the parameters have to explain: those of covariates are not among them."""
        p, c = len(self.items), len(self.covariates)
        return p * (p + 1) // 2 - c * (c + 1) // 2 + (p - c) * self.means

    @property
    def correlations(self) -> int:
        """Correlations that items which have nothing in common but the covariates leave unexplained."""
        p, c = len(self.items), len(self.covariates)
        return p * (p - 1) // 2 - c * (c - 1) // 2

    @property
    def placed_covariates(self) -> list[int]:
        """Positions of the covariates among the items."""
        return [self.items.index(name) for name in self.covariates]

    @property
    def is_factor_model(self) -> bool:
        """Whether constructs with items and paths between them, without a circle, are all that there is."""
        return not self.observed and not self.constraints and len(self.edges) == len(self.regressions) and self._ordered

    @property
    def _ordered(self) -> bool:
        try:
            causal_order(self.regressions)
        except CycleError:
            return False
        return True

    @property
    def text(self) -> str:
        """The model with every parameter fixed or named, one per line."""
        lines = (f"{p.lhs} {p.op} {p.value if p.name is None else p.name}*{p.rhs}" for p in self.parameters)
        return "\n".join(lines)

    def with_means(self, *, latent: bool = False) -> ModelSyntax:
        """The model with an intercept for every item and every construct; those of constructs are 0, or free."""
        stated = {p.lhs for p in self.parameters if p.op == INTERCEPT}
        lines = {p.lhs: p.line for p in self.parameters}
        added = [
            Parameter(name, INTERCEPT, "", f"{INTERCEPT}{name}" if is_free else None, None if is_free else 0.0)
            for names, is_free in ((self.items, True), (self.latents, latent))
            for name in names
            if name not in stated
        ]
        own = set(self.covariates)
        added = [replace(p, name=None, value=OF_SAMPLE) if p.lhs in own else p for p in added]
        placed = tuple(replace(p, line=lines.get(p.lhs, 0)) for p in added)
        return replace(self, parameters=self.parameters + placed)

    def without_means(self) -> ModelSyntax:
        """The covariance structure alone."""
        return replace(self, parameters=tuple(p for p in self.parameters if p.op not in LOCATIONS))

    def of_numbers(self) -> ModelSyntax:
        """The model as it is of items taken as numbers."""
        return replace(self, parameters=tuple(p for p in self.parameters if p.op not in OF_ORDERED))

    def given(self, mean: NDArray[Any], covariance: NDArray[Any]) -> ModelSyntax:
        """The model with the covariates' moments of a sample: means (p) and covariance (p × p) of the items."""
        if not self.covariates:
            return self
        place, own = {name: i for i, name in enumerate(self.items)}, set(self.covariates)

        def known(p: Parameter) -> Parameter:
            if p.name is not None or p.lhs not in own or p.op not in {"~~", INTERCEPT}:
                return p
            i = place[p.lhs]
            return replace(p, value=float(mean[i] if p.op == INTERCEPT else covariance[i, place[p.rhs]]))

        return replace(self, parameters=tuple(map(known, self.parameters)))

    def label_values(self, theta: Mapping[str, Any]) -> dict[str, Any]:
        """Value of every label where the free parameters have these; of equal labels the first cell counts."""
        known: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.label:
                known.setdefault(parameter.label, theta[parameter.name] if parameter.name else parameter.value)
        return known


@dataclass(frozen=True)
class Modifier:
    """What the text says of a parameter: a label, a fixed value, that it is free, where it begins."""

    label: str | None = None
    value: float | None = None
    freed: bool = False
    start: float | None = None


@dataclass(frozen=True)
class Term:
    """One `lhs op modifier*rhs` as written, with its line; one modifier for each group, or one for all."""

    lhs: str
    op: str
    rhs: str
    line: int
    modifiers: tuple[Modifier, ...] = (Modifier(),)

    def of(self, group: int) -> Modifier:
        """What is said of the parameter in a group."""
        return self.modifiers[group if len(self.modifiers) > 1 else 0]


def causal_order(regressions: Iterable[tuple[str, str]]) -> list[str]:
    """Names of (outcome, predictor) pairs, causes first; raises graphlib.CycleError."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for outcome, predictor in regressions:
        sorter.add(outcome, predictor)
    return list(sorter.static_order())


def in_order(regressions: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The outcomes, a cause before its effect; as they come where something causes itself in a circle."""
    outcomes = dict.fromkeys(outcome for outcome, _ in regressions)
    try:
        return tuple(name for name in causal_order(regressions) if name in outcomes)
    except CycleError:
        return tuple(outcomes)


def generic_moments(syntax: ModelSyntax) -> ModelSyntax:
    """The model with moments of covariates that hold no equation between each other."""
    p = len(syntax.items)
    random = np.random.default_rng(7).uniform(-0.3, 0.3, (p, p))
    return syntax.given(random[0], np.eye(p) + (random + random.T) / 2)
