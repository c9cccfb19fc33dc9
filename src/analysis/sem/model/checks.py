"""Faults of a model that was read: names that nothing has, statements that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from analysis.errors import did_you_mean
from analysis.sem.model.completion import PRODUCT, Parts
from analysis.sem.model.constraints import Constraint
from analysis.sem.model.definitions import Definition
from analysis.sem.model.syntax import INTERCEPT, OF_ORDERED, THRESHOLD, Term
from analysis.sem.model.variables import Variables

_ALIKE = 0.75
"""Share of the letters in which a name of a construct is taken for a misspelt one of the instrument."""


@dataclass(frozen=True)
class Fault:
    """What is wrong on a line."""

    problem: str
    line: int
    expected: str | None = None
    got: str | None = None
    hint: str | None = None


def find_faults(
    terms: Sequence[Term], defined: Sequence[Definition], constraints: Sequence[Constraint], variables: Variables
) -> list[Fault]:
    """Every fault, in the order of the checks."""
    parts, labels = Parts(terms), {said.label for term in terms for said in term.modifiers if said.label}
    found: list[Fault] = []
    if not any(term.op in {"=~", "~"} for term in terms):
        found.append(Fault("The model measures and explains nothing.", 1, "a line such as: a =~ item1 + item2"))
    found += _measurement(parts, variables)
    for term in terms:
        names = (term.lhs, term.rhs) if term.rhs and term.op != THRESHOLD else (term.lhs,)
        if term.op == "=~":
            continue
        if term.op == "~":
            found += _structural(term, names, parts, variables)
        else:
            found += _within(term, names, parts, variables)
    found += _twice(terms)
    found += _definitions(defined, constraints, labels)
    return found


def _measurement(parts: Parts, variables: Variables) -> Iterator[Fault]:
    first: dict[str, int] = {}
    loadings = [term for term in parts.terms if term.op == "=~"]
    for name, line in dict.fromkeys((term.lhs, term.line) for term in loadings):
        if first.setdefault(name, line) != line:
            got, hint = f"first on line {first[name]}", "put all its items on one line"
            yield Fault(f"The construct {name!r} is defined twice.", line, got=got, hint=hint)
    for term in loadings:
        if term.rhs == term.lhs:
            yield Fault(f"The construct {term.lhs!r} measures itself.", term.line)
        elif term.rhs in parts.latents or variables.is_observed(term.rhs):
            continue
        elif term.rhs in variables.constructs:
            yield _without_items(term.rhs, term.line)
        else:
            yield _unknown(term.rhs, "item", variables.known, term.line)
    unmeasured = variables.constructs - set(parts.latents)
    for name, line in first.items():
        if name in variables.items or name in variables.questions:
            yield Fault(f"{name!r} is the name of an item and of a construct.", line, hint="rename one of them")
        elif name not in variables.constructs and _is_like(name, unmeasured):
            yield _unknown(name, "construct", unmeasured, line)


def _is_like(name: str, others: frozenset[str] | set[str]) -> bool:
    """Whether a construct that the instrument does not have is rather one of these, misspelt."""
    return bool(get_close_matches(name.lower(), [other.lower() for other in others], n=1, cutoff=_ALIKE))


def _structural(term: Term, names: Sequence[str], parts: Parts, variables: Variables) -> Iterator[Fault]:
    if term.lhs == term.rhs:
        yield Fault(f"{term.lhs!r} causes itself.", term.line, got=f"{term.lhs} ~ {term.rhs}", hint="drop the path")
        return
    for name in names:
        if name in parts.latents or variables.is_observed(name):
            if PRODUCT in name and name == term.lhs:
                yield Fault("A product of variables can't be explained.", term.line, got=name)
        elif name in variables.constructs:
            yield _without_items(name, term.line)
        elif PRODUCT in name and any(factor in parts.latents for factor in name.split(PRODUCT)):
            expected = "a product of observed variables, such as age:income"
            yield Fault("A product with a construct can't be estimated.", term.line, expected=expected, got=name)
        elif name in variables.questions:
            hint = f"as an outcome, name one answer: {', '.join(variables.dummies(name))}"
            yield Fault(f"The question {name!r} has categories and no one value.", term.line, hint=hint)
        else:
            known = (*parts.latents, *parts.items, *variables.constructs)
            known = tuple(n for n in known if n in parts.latents or n in variables.constructs)
            kind = "construct, an item or a background question"
            yield _unknown(name, kind, known or variables.known, term.line)


def _within(term: Term, names: Sequence[str], parts: Parts, variables: Variables) -> Iterator[Fault]:
    """Covariances and intercepts are of what the model has by its other statements."""
    standing = {*parts.latents, *parts.measures, *parts.outcomes, *parts.predictors}
    if term.op in OF_ORDERED:
        standing = set(parts.items) - set(parts.covariates)
    for name in dict.fromkeys(names):
        if name in standing:
            continue
        if name in variables.constructs and term.op not in OF_ORDERED:
            yield _without_items(name, term.line)
        elif term.op == INTERCEPT:
            yield _unknown(name, "construct or an item of this model", sorted(standing), term.line)
        else:
            yield _unknown(name, "item of this model", sorted(standing), term.line)


def _twice(terms: Sequence[Term]) -> Iterator[Fault]:
    first: dict[tuple[str, ...], int] = {}
    for term in terms:
        pair = sorted((term.lhs, term.rhs)) if term.op == "~~" else (term.lhs, term.rhs)
        key = (term.op, *pair)
        if key in first:
            text = f"{term.lhs} ~ 1" if term.op == INTERCEPT else f"{term.lhs} {term.op} {term.rhs}"
            yield Fault(f"The model states {text!r} twice.", term.line, got=f"first on line {first[key]}")
        first.setdefault(key, term.line)


def _definitions(defined: Sequence[Definition], constraints: Sequence[Constraint], labels: set[str]) -> Iterator[Fault]:
    known = set(labels)
    for definition in defined:
        if definition.name in known:
            yield Fault(f"{definition.name!r} is the name of a label or of another definition.", definition.line)
        yield from _labels(definition, known, defined)
        known.add(definition.name)
    for constraint in constraints:
        yield from _labels(constraint.distance, known, ())
    said: set[str] = set()
    for constraint in constraints:
        if constraint.text in said:
            yield Fault("A constraint is stated twice.", constraint.line, got=constraint.text)
        said.add(constraint.text)


def _labels(definition: Definition, known: set[str], defined: Sequence[Definition]) -> Iterator[Fault]:
    for name in definition.names:
        if name not in known:
            later = any(other.name == name for other in defined)
            hint = "define it on a line above" if later else did_you_mean(name, known)
            problem, expected = f"{name!r} is not a label of the model.", "a label (label*x) or a definition above"
            yield Fault(problem, definition.line, expected=expected, hint=hint)


def _without_items(name: str, line: int) -> Fault:
    return Fault(f"The construct {name!r} has no items in the model.", line, hint=f"add a line: {name} =~ its items")


def _unknown(name: str, kind: str, known: Sequence[str] | frozenset[str] | set[str], line: int) -> Fault:
    article = "an" if kind.startswith("item") else "a"
    return Fault(f"{name!r} is not the name of {article} {kind}.", line, hint=did_you_mean(name, known))
