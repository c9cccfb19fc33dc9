"""What lavaan's `sem()` adds to the terms of a text: markers, variances, covariances, moments of covariates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from analysis.sem.model.constraints import Constraint
from analysis.sem.model.definitions import Definition
from analysis.sem.model.syntax import INTERCEPT, LOCATIONS, OF_SAMPLE, ModelSyntax, Modifier, Parameter, Term, in_order

PRODUCT = ":"
"""Joins the factors of an interaction of observed variables."""


@dataclass(frozen=True)
class Parts:
    """What the terms of a text are about."""

    terms: Sequence[Term]

    @cached_property
    def latents(self) -> tuple[str, ...]:
        """What is measured, in the order of the text."""
        return tuple(dict.fromkeys(term.lhs for term in self.terms if term.op == "=~"))

    @cached_property
    def measures(self) -> frozenset[str]:
        """What measures a construct."""
        return frozenset(term.rhs for term in self.terms if term.op == "=~")

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Whatever is observed: what measures, is explained, explains, covaries."""
        named = [term.rhs for term in self.terms if term.op == "=~"]
        for op in ("~", "~~"):
            named += [name for term in self.terms if term.op == op for name in (term.lhs, term.rhs)]
        constructs = set(self.latents)
        return tuple(dict.fromkeys(name for name in named if name not in constructs))

    @cached_property
    def regressions(self) -> tuple[tuple[str, str], ...]:
        """Outcome and predictor of every path."""
        return tuple((term.lhs, term.rhs) for term in self.terms if term.op == "~")

    @cached_property
    def outcomes(self) -> frozenset[str]:
        """What is explained."""
        return frozenset(outcome for outcome, _ in self.regressions)

    @cached_property
    def predictors(self) -> frozenset[str]:
        """What explains."""
        return frozenset(predictor for _, predictor in self.regressions)

    @cached_property
    def observed(self) -> tuple[str, ...]:
        """Items of the structural part, and those that covary with something in it."""
        within = set(self.latents) | self.outcomes | self.predictors
        pairs = [(term.lhs, term.rhs) for term in self.terms if term.op == "~~" and term.lhs != term.rhs]
        before = -1
        while len(within) > before:
            before = len(within)
            within |= {name for pair in pairs if within & set(pair) for name in pair}
        return tuple(name for name in self.items if name in within)

    @cached_property
    def covariates(self) -> tuple[str, ...]:
        """Items that explain, are not explained, measure nothing, and of whose moments the text says nothing.

        A product with something that is explained is no covariate.
        """
        spoken_of = {name for t in self.terms if t.op in {"~~", INTERCEPT} for name in (t.lhs, t.rhs)}
        kept = (self.predictors & set(self.items)) - self.outcomes - self.measures - spoken_of
        return tuple(
            name for name in self.items if name in kept and not set(name.split(PRODUCT)) & self.outcomes - {name}
        )


def complete(
    terms: Sequence[Term],
    defined: Sequence[Definition] = (),
    constraints: Sequence[Constraint] = (),
    *,
    group: int | None = None,
    names: dict[str, str] | None = None,
) -> ModelSyntax:
    """Add what lavaan's `sem()` adds and name every free parameter.

    `group`: which modifiers count, and part of the names, so that those of several groups differ; `names` of labels,
    which are one for all groups that are given the same.
    """
    parts, names = Parts(terms), {} if names is None else names
    cells = [*_with_markers(terms, group or 0), *_implied(parts)]
    fixed = {said.label: said.value for _, said in cells if said.value is not None and said.label}
    parameters = []
    for number, (cell, said) in enumerate(cells):
        value = said.value if said.label is None else fixed.get(said.label)
        name = None if value is not None else f"p{number}" + ("" if group is None else f".{group}")
        if name is not None and said.label is not None:
            name = names.setdefault(said.label, name)
        parameters.append(Parameter(cell.lhs, cell.op, cell.rhs, name, value, said.label, said.start, cell.line))
    syntax = ModelSyntax(
        latents=parts.latents,
        items=parts.items,
        endogenous=in_order(parts.regressions),
        exogenous=tuple(name for name in (*parts.latents, *parts.observed) if name not in parts.outcomes),
        regressions=parts.regressions,
        parameters=tuple(parameters),
        defined=tuple(defined),
        observed=parts.observed,
        covariates=parts.covariates,
        constraints=tuple(constraints),
    )
    return syntax.with_means() if any(p.op in LOCATIONS for p in parameters) else syntax


def _with_markers(terms: Sequence[Term], group: int) -> Iterator[tuple[Term, Modifier]]:
    """Every term and what is said of it; the first loading of a construct is 1 unless the text frees or fixes it."""
    marked: set[str] = set()
    for term in terms:
        said = term.of(group)
        is_first = term.op == "=~" and term.lhs not in marked
        yield term, replace(said, value=1.0) if is_first and said.value is None and not said.freed else said
        if is_first:
            marked.add(term.lhs)


def _implied(parts: Parts) -> Iterator[tuple[Term, Modifier]]:
    """Variances of all, covariances of exogenous constructs and of final outcomes, and the moments of covariates."""
    lines = {name: t.line for t in parts.terms if t.op in {"~", "~~"} for name in (t.lhs, t.rhs)}
    lines |= {name: t.line for t in parts.terms if t.op == "=~" for name in (t.lhs, t.rhs)}
    stated = {frozenset((term.lhs, term.rhs)) for term in parts.terms if term.op == "~~"}
    own = set(parts.covariates)
    free = [name for name in (*parts.items, *parts.latents) if name not in own]
    last = parts.outcomes - parts.predictors - parts.measures
    pairs = [(name, name) for name in free]
    pairs += combinations([n for n in parts.latents if n not in parts.outcomes | parts.measures], 2)
    pairs += combinations([n for n in (*parts.latents, *parts.items) if n in last], 2)
    for a, b in pairs:
        if frozenset((a, b)) not in stated:
            alone = a == b and _is_only_item(a, parts.terms)
            yield Term(a, "~~", b, lines[a]), Modifier(value=0.0 if alone else None)
    for number, name in enumerate(parts.covariates):
        for other in parts.covariates[number:]:
            yield Term(name, "~~", other, lines[name]), Modifier(value=OF_SAMPLE)


def _is_only_item(name: str, terms: Sequence[Term]) -> bool:
    """Whether `name` is the single item of a construct and measures nothing else."""
    measured = [term.lhs for term in terms if term.op == "=~" and term.rhs == name]
    return len(measured) == 1 and sum(term.op == "=~" and term.lhs == measured[0] for term in terms) == 1
