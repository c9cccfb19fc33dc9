"""A model made explicit: every cell of its matrices, fixed or free.

What lavaan's `sem()` adds by itself is written out here, so that nothing depends on the defaults of a library:
the first loading of a construct is 1, every variance is free, exogenous constructs covary, final outcomes
(endogenous constructs that predict nothing) covary, a construct with one item has no residual in that item; with a
mean structure every item has an intercept and the constructs have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import combinations

from analysis.sem.model.definitions import Definition

INTERCEPT = "~1"
"""Operator of an intercept, which has no right-hand side."""


@dataclass(frozen=True)
class Parameter:
    """One cell of the model: `lhs op rhs`, either fixed at `value` or free under `name` (equal names are one).

    `label` is the name that the text gives it, `line` the line of the text that states it or brings it along.
    """

    lhs: str
    op: str
    rhs: str
    name: str | None
    value: float | None
    label: str | None = None
    line: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """As in the model."""
        return f"{self.lhs} ~ 1" if self.op == INTERCEPT else f"{self.lhs} {self.op} {self.rhs}"


@dataclass(frozen=True)
class ModelSyntax:
    """A checked model.

    `latents` and `items` in the order of the text; `endogenous` in causal order (a cause before its effect);
    `regressions` as (outcome, predictor); `parameters` complete, including all that lavaan adds by itself; `defined`
    quantities in the order of the text.
    """

    latents: tuple[str, ...]
    items: tuple[str, ...]
    endogenous: tuple[str, ...]
    exogenous: tuple[str, ...]
    regressions: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    defined: tuple[Definition, ...] = ()

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Names of the free parameters, each once; those of intercepts alone come last."""
        order = sorted(self.parameters, key=lambda parameter: parameter.op == INTERCEPT)
        return tuple(dict.fromkeys(p.name for p in order if p.name is not None))

    @property
    def means(self) -> bool:
        """Whether the model has a mean structure."""
        return any(p.op == INTERCEPT for p in self.parameters)

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
        placed = tuple(replace(p, line=lines.get(p.lhs, 0)) for p in added)
        return replace(self, parameters=self.parameters + placed)

    def without_means(self) -> ModelSyntax:
        """The covariance structure alone."""
        return replace(self, parameters=tuple(p for p in self.parameters if p.op != INTERCEPT))


@dataclass(frozen=True)
class Term:
    """One `lhs op modifier*rhs` as written, with its line; value None and label None when there is no modifier."""

    lhs: str
    op: str
    rhs: str
    label: str | None
    value: float | None
    freed: bool
    line: int


def causal_order(regressions: Iterable[tuple[str, str]]) -> list[str]:
    """Names of (outcome, predictor) pairs, causes first; raises graphlib.CycleError."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for outcome, predictor in regressions:
        sorter.add(outcome, predictor)
    return list(sorter.static_order())


def complete(terms: Sequence[Term], defined: Sequence[Definition] = ()) -> ModelSyntax:
    """Add what lavaan's `sem()` adds and name every free parameter."""
    latents = tuple(dict.fromkeys(term.lhs for term in terms if term.op == "=~"))
    items = tuple(dict.fromkeys(term.rhs for term in terms if term.op == "=~"))
    regressions = tuple((term.lhs, term.rhs) for term in terms if term.op == "~")
    outcomes = {outcome for outcome, _ in regressions}
    endogenous = tuple(name for name in causal_order(regressions) if name in outcomes)
    exogenous = tuple(name for name in latents if name not in outcomes)
    cells = _with_markers(terms)
    measured = {name: term.line for term in terms if term.op == "=~" for name in (term.lhs, term.rhs)}
    stated = {frozenset((term.lhs, term.rhs)) for term in terms if term.op == "~~"}
    for a, b in _implied_covariances(latents, items, regressions):
        if frozenset((a, b)) not in stated:
            alone = a == b and _is_only_item(a, terms)
            cells.append(Term(a, "~~", b, None, 0.0 if alone else None, False, measured[a]))
    fixed = {cell.label: cell.value for cell in cells if cell.value is not None}
    names: dict[str, str] = {}
    parameters = []
    for number, cell in enumerate(cells):
        value = cell.value if cell.label is None else fixed.get(cell.label)
        name = None if value is not None else f"p{number}"
        if name is not None and cell.label is not None:
            name = names.setdefault(cell.label, name)
        parameters.append(Parameter(cell.lhs, cell.op, cell.rhs, name, value, cell.label, cell.line))
    syntax = ModelSyntax(latents, items, endogenous, exogenous, regressions, tuple(parameters), tuple(defined))
    return syntax.with_means() if syntax.means else syntax


def _with_markers(terms: Sequence[Term]) -> list[Term]:
    """Fix the first loading of each construct at 1 unless the text frees it (NA*) or fixes it itself."""
    marked: set[str] = set()
    cells = []
    for term in terms:
        is_first = term.op == "=~" and term.lhs not in marked
        cells.append(replace(term, value=1.0) if is_first and term.value is None and not term.freed else term)
        if is_first:
            marked.add(term.lhs)
    return cells


def _implied_covariances(
    latents: Sequence[str], items: Sequence[str], regressions: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Variances of all, covariances of exogenous constructs and of final outcomes, as lavaan's `sem()` frees them."""
    outcomes, predictors = {a for a, _ in regressions}, {b for _, b in regressions}
    yield from ((name, name) for name in (*items, *latents))
    yield from combinations([name for name in latents if name not in outcomes], 2)
    yield from combinations([name for name in latents if name in outcomes - predictors], 2)


def _is_only_item(name: str, terms: Sequence[Term]) -> bool:
    """Whether `name` is the single item of a construct and measures nothing else."""
    measured = [term.lhs for term in terms if term.op == "=~" and term.rhs == name]
    return len(measured) == 1 and sum(term.op == "=~" and term.lhs == measured[0] for term in terms) == 1
