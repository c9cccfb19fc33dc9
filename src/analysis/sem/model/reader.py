"""The model as text: lavaan syntax read, and checked against the instrument; every fault names its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from analysis.edition.instrument import Instrument
from analysis.errors import EditionError, Problems, SurveyReportError
from analysis.sem.model import terms as text_of
from analysis.sem.model.checks import find_faults
from analysis.sem.model.completion import complete
from analysis.sem.model.constraints import Constraint, constraint
from analysis.sem.model.definitions import Definition
from analysis.sem.model.identification import check_identified
from analysis.sem.model.syntax import INTERCEPT, SCALE, THRESHOLD, ModelSyntax, Modifier, Term
from analysis.sem.model.variables import Variables

MAX_STATEMENTS, MAX_TERM, MAX_FAULTS = 2_000, 200, 50
"""Statements of a model, characters of one term, and faults that are told one by one."""


@dataclass(frozen=True)
class ReadModel:
    """A model text without faults: its terms, definitions and constraints."""

    terms: tuple[Term, ...]
    defined: tuple[Definition, ...]
    constraints: tuple[Constraint, ...]

    def pooled(self) -> ReadModel:
        """The model of all groups as one: what `c(…)` says of them differently is left free.

        Quantities and constraints over labels that are gone then go with them.
        """
        terms = [replace(term, modifiers=_of_all(term.modifiers)) for term in self.terms]
        known = {term.modifiers[0].label for term in terms}
        defined = []
        for one in self.defined:
            if known.issuperset(one.names):
                defined.append(one)
                known.add(one.name)
        constraints = (one for one in self.constraints if known.issuperset(one.distance.names))
        return ReadModel(tuple(terms), tuple(defined), tuple(constraints))


def _of_all(modifiers: tuple[Modifier, ...]) -> tuple[Modifier, ...]:
    """What is said of all groups alike; nothing where that differs."""
    return modifiers[:1] if len(set(modifiers)) == 1 else (Modifier(),)


def check_model(model: str, *, instrument: Instrument, where: str, pooled: bool = False) -> ModelSyntax:
    """Read a model in lavaan syntax and check it against the instrument.

    `=~` (items, or constructs of the model), `~`, `~~`, intercepts (`x ~ 1`), thresholds of ordered items (`x | t1`)
    and their scales (`x ~*~ x`), defined quantities (`:=`), constraints
    (`==`, `<`, `>`); `label*x`, `1*x`, `NA*x`, `start(1)*x`, several of them; equal labels are one parameter. `where`
    names the model file in messages; `pooled` reads a model of several groups as one of them all. What is observed are
    items of the instrument, its background questions (one with categories stands for their dummies, `question.code` for
    one of them) and products of these (`a:b`). Raises EditionError, or Problems when there are several faults, each
    with its line; a model that no data can identify is a fault.
    """
    read = read_model(model, instrument=instrument, where=where)
    read = read.pooled() if pooled else read
    grouped = next((term for term in read.terms if len(term.modifiers) > 1), None)
    if grouped is not None:
        raise EditionError(
            "A modifier says something for each of several groups, but the model has one.",
            where=f"{where}, line {grouped.line}",
            got=f"c(…) with {len(grouped.modifiers)} entries",
            hint="name the question that makes the groups in structural.group",
        )
    syntax = complete(read.terms, read.defined, read.constraints)
    check_identified([syntax], where)
    return syntax


def read_model(model: str, *, instrument: Instrument, where: str) -> ReadModel:
    """Read and check a model text, for one group or for several."""
    reader = _Reader(Variables.of(instrument), where)
    terms = reader.read(model)
    if not reader.problems:
        found = find_faults(terms, reader.defined, reader.constraints, reader.variables)
        for fault in found:
            reader.fault(fault.problem, fault.line, expected=fault.expected, got=fault.got, hint=fault.hint)
    if reader.problems:
        raise reader.problems[0] if len(reader.problems) == 1 else Problems(reader.problems)
    return ReadModel(tuple(terms), tuple(reader.defined), tuple(reader.constraints))


class _Reader:
    """Collects the faults of one model text."""

    def __init__(self, variables: Variables, where: str) -> None:
        self.variables, self.where = variables, where
        self.problems: list[SurveyReportError] = []
        self.defined: list[Definition] = []
        self.constraints: list[Constraint] = []

    def fault(self, problem: str, line: int, **detail: str | None) -> None:
        self.problems.append(EditionError(problem, where=f"{self.where}, line {line}", **detail))

    def read(self, model: str) -> list[Term]:
        statements = list(islice(text_of.statements(model), MAX_STATEMENTS + 1))
        if len(statements) > MAX_STATEMENTS:
            self.fault("The model has too many statements.", statements[-1][0], expected=f"at most {MAX_STATEMENTS}")
            return []
        terms: list[Term] = []
        for line, text in statements:
            terms += self._merged(list(self._statement(text, line)))
            if len(self.problems) >= MAX_FAULTS:
                break
        if not terms and not self.defined and not self.problems:
            self.fault("The model holds no statement.", 1, expected="lavaan syntax such as: quality =~ qual1 + qual2")
        return terms

    def _statement(self, text: str, line: int) -> Iterator[Term]:
        compared = None if "~" in text or ":=" in text else text_of.COMPARISON.search(text)
        found = compared or text_of.OPERATOR.search(text)
        op = found.group() if found else ""
        if found is None or op not in text_of.OPERATORS:
            self._no_operator(text, line)
            return
        left, right = text[: found.start()].strip(), text[found.end() :].strip()
        if op == ":=":
            self._definition(left, right, line)
        elif compared is not None:
            self._constraint(left, op, right, line)
        else:
            for lhs in text_of.parted(left, "+"):
                for term in text_of.parted(right, "+"):
                    yield from self._term(lhs, op, term, line)

    def _no_operator(self, text: str, line: int) -> None:
        shown, apart = text[:MAX_TERM], text_of.PARTED.search(text)
        if apart:
            together = re.sub(r"\s", "", apart.group())
            problem = f"An operator of the model is parted by a space: {apart.group()!r}."
            self.fault(problem, line, expected=together, got=shown, hint=f"write it as {together}")
            return
        listed = ", ".join(f"{known} ({meaning})" for known, meaning in text_of.OPERATORS.items())
        hint = "a construct that its items make, instead of showing in them (<~), can't be estimated here"
        self.fault(
            "The model has no such operator.", line, expected=listed, got=shown, hint=hint if "<~" in text else None
        )

    def _term(self, lhs: str, op: str, text: str, line: int) -> Iterator[Term]:
        *said, rhs = text_of.parted(text, "*") if len(text) <= MAX_TERM else [""]
        is_intercept = op == "~" and rhs in {"0", "1"}
        readable = all(map(text_of.NAME.match, (lhs,) if is_intercept else (lhs, rhs)))
        if not readable or "" in said:
            expected = "names joined by +, each with its modifiers (0.5*x, label*x, NA*x, start(0.5)*x)"
            got = f"{lhs[:MAX_TERM]} {op} {text[:MAX_TERM]}".strip()
            self.fault("A statement of the model can't be read.", line, expected=expected, got=got)
            return
        modifiers: tuple[Modifier, ...] = (Modifier(),)
        for one in said:
            try:
                modifiers = text_of.joined(modifiers, text_of.modifiers_of(one))
            except ValueError:
                expected = "a finite number, a label, NA, start(number), or c(…) with one of these for each group"
                self.fault("The model has an unknown modifier.", line, expected=expected, got="*".join(said))
                return
        lhs, rhs = ("".join(name.split()) for name in (lhs, rhs))
        if (op == THRESHOLD and not text_of.EDGE.match(rhs)) or (op == SCALE and lhs != rhs):
            expected = {THRESHOLD: f"{lhs} | t1, t2, … from the lowest answer up", SCALE: f"{lhs} ~*~ {lhs}"}[op]
            self.fault("A statement of the model can't be read.", line, expected=expected, got=f"{lhs} {op} {text}")
            return
        if is_intercept:
            yield Term(lhs, INTERCEPT, "", line, (Modifier(value=0.0),) if rhs == "0" else modifiers)
            return
        names = self.variables.dummies(rhs) if op == "~" else (rhs,)
        if len(names) > 1 and said:
            expected = f"one of them: {', '.join(names)}"
            self.fault(f"The question {rhs!r} stands for several variables.", line, expected=expected, got=text)
            return
        yield from (Term(lhs, op, name, line, modifiers) for name in names)

    def _merged(self, terms: list[Term]) -> list[Term]:
        """The terms of a statement; one that is repeated to say more of it is one."""
        result: dict[tuple[str, str, str], Term] = {}
        again: list[Term] = []
        for term in terms:
            key = (term.lhs, term.op, term.rhs)
            before = result.get(key)
            if before is None:
                result[key] = term
            elif before.modifiers == (Modifier(),) or term.modifiers == (Modifier(),):
                again.append(term)
            else:
                try:
                    result[key] = replace(term, modifiers=text_of.joined(before.modifiers, term.modifiers))
                except ValueError:
                    again.append(term)
        return [*result.values(), *again]

    def _definition(self, name: str, text: str, line: int) -> None:
        if not text_of.LABEL.match(name):
            self.fault("A defined quantity has no name.", line, expected="name := a*b", got=f"{name} := {text}")
            return
        if self._is_arithmetic(definition := Definition(name, text, line), f"{name} := {text}", "A definition"):
            self.defined.append(definition)

    def _constraint(self, left: str, op: str, right: str, line: int) -> None:
        if not left or not right or text_of.COMPARISON.search(right):
            expected = "two expressions over labels, such as a == b or a > 0"
            self.fault("A constraint of the model can't be read.", line, expected=expected, got=f"{left} {op} {right}")
            return
        found = constraint(left, op, right, line)
        if self._is_arithmetic(found.distance, found.text, "A constraint"):
            if found.distance.names:
                self.constraints.append(found)
            else:
                self.fault("A constraint of the model binds no parameter.", line, got=found.text)

    def _is_arithmetic(self, definition: Definition, shown: str, kind: str) -> bool:
        try:
            definition.names  # noqa: B018 - reads the expression
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            expected = "labels and numbers joined by + - * / ^, brackets, exp, log, sqrt"
            got = shown[:MAX_TERM] + (f" ({str(error)[:MAX_TERM]})" if isinstance(error, ValueError) else "")
            self.fault(f"{kind} of the model can't be read.", definition.line, expected=expected, got=got)
            return False
        return True
