"""The model as text: lavaan syntax read, and checked against the instrument; every fault names its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError
from itertools import islice
from math import isfinite

from analysis.edition.instrument import Instrument
from analysis.errors import EditionError, Problems, SurveyReportError, did_you_mean
from analysis.sem.model.definitions import Definition
from analysis.sem.model.identification import check_identified
from analysis.sem.model.syntax import INTERCEPT, ModelSyntax, Term, causal_order, complete

_OPERATORS = {
    "=~": "is measured by",
    "~": "is regressed on",
    "~~": "covaries with",
    ":=": "is defined as",
}
_OPERATOR = re.compile(r":=|=~|~~|~(?=\s*-?[\d.])|[=~<>:|?@^\\/-]+")
_NAME = re.compile(r"[^\W\d]\w*\Z")
_LABEL = re.compile(r"[^\W\d][\w.]*\Z")
_TERM = re.compile(r"(?:(?P<modifier>[^*]+?)\s*\*\s*)?(?P<name>[^*]+)\Z")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")
_NO_LABELS = frozenset({"inf", "infinity", "nan"})
"""Names that programs read as numbers."""
MAX_STATEMENTS, MAX_TERM, MAX_FAULTS = 2_000, 200, 50
"""Statements of a model, characters of one term, and faults that are told one by one."""
_OPEN_END = ("+", "~", "*", "=", "-", "/", "^", "(")


def check_model(model: str, *, instrument: Instrument, where: str) -> ModelSyntax:
    """Read a model in lavaan syntax and check it against the instrument.

    `=~`, `~`, `~~`, intercepts (`x ~ 1`), defined quantities (`:=`); `label*x`, `1*x`, `NA*x`; equal labels are one
    parameter. `where` names the model file in messages. Constructs of the model are constructs of the instrument,
    observed variables are its items. Raises EditionError, or Problems when there are several faults, each with its
    line; a model that no data can identify is a fault.
    """
    reader = _Reader(instrument, where)
    terms = reader.read(model)
    if not reader.problems:
        reader.check(terms)
    if reader.problems:
        raise reader.problems[0] if len(reader.problems) == 1 else Problems(reader.problems)
    syntax = complete(terms, reader.defined)
    check_identified(syntax, where)
    return syntax


class _Reader:
    """Collects the faults of one model text."""

    def __init__(self, instrument: Instrument, where: str) -> None:
        self.items = set(instrument.item_keys)
        self.constructs = {construct.key for construct in instrument.constructs}
        self.where = where
        self.problems: list[SurveyReportError] = []
        self.defined: list[Definition] = []

    def fault(self, problem: str, line: int, **detail: str | None) -> None:
        self.problems.append(EditionError(problem, where=f"{self.where}, line {line}", **detail))

    def read(self, model: str) -> list[Term]:
        statements = list(islice(_statements(model), MAX_STATEMENTS + 1))
        if len(statements) > MAX_STATEMENTS:
            self.fault("The model has too many statements.", statements[-1][0], expected=f"at most {MAX_STATEMENTS}")
            return []
        terms: list[Term] = []
        for line, text in statements:
            terms += self._statement(text, line)
            if len(self.problems) >= MAX_FAULTS:
                break
        if not terms and not self.defined and not self.problems:
            self.fault("The model holds no statement.", 1, expected="lavaan syntax such as: quality =~ qual1 + qual2")
        return terms

    def _statement(self, text: str, line: int) -> Iterator[Term]:
        found = _OPERATOR.search(text)
        op = found.group() if found else ""
        if found is None or op not in _OPERATORS:
            parted = re.search(r"=\s+~|~\s+~|:\s+=", text)
            if parted:
                together = re.sub(r"\s", "", parted.group())
                problem = f"An operator of the model is parted by a space: {parted.group()!r}."
                self.fault(problem, line, expected=together, got=text[:MAX_TERM], hint=f"write it as {together}")
                return
            listed = ", ".join(f"{known} ({meaning})" for known, meaning in _OPERATORS.items())
            self.fault("The model has no such operator.", line, expected=listed, got=text[:MAX_TERM])
            return
        left, right = text[: found.start()], text[found.end() :]
        if op == ":=":
            self._definition(left.strip(), right.strip(), line)
            return
        for lhs in left.split("+"):
            for term in right.split("+"):
                parsed = self._term(lhs.strip(), op, term.strip(), line)
                if parsed is not None:
                    yield parsed

    def _term(self, lhs: str, op: str, text: str, line: int) -> Term | None:
        parts = _TERM.match(text) if len(text) <= MAX_TERM else None
        rhs = parts["name"].strip() if parts else ""
        is_intercept = op == "~" and rhs in {"0", "1"}
        for name in (lhs,) if is_intercept else (lhs, rhs):
            if not _NAME.match(name):
                expected = "names joined by +, each with one modifier at most (0.5*x, label*x, NA*x)"
                got = f"{lhs[:MAX_TERM]} {op} {text[:MAX_TERM]}".strip()
                self.fault("A statement of the model can't be read.", line, expected=expected, got=got)
                return None
        modifier = parts["modifier"] if parts else None
        if is_intercept:
            op, modifier, rhs = INTERCEPT, "0" if rhs == "0" else modifier, ""
        if modifier is None:
            return Term(lhs, op, rhs, None, None, False, line)
        if _NUMBER.match(modifier) and isfinite(float(modifier)):
            return Term(lhs, op, rhs, None, float(modifier), False, line)
        if _LABEL.match(modifier) and modifier.lower() not in _NO_LABELS:
            freed = modifier == "NA"
            return Term(lhs, op, rhs, None if freed else modifier, None, freed, line)
        self.fault("The model has an unknown modifier.", line, expected="a finite number, a label or NA", got=modifier)
        return None

    def _definition(self, name: str, text: str, line: int) -> None:
        if not _LABEL.match(name):
            self.fault("A defined quantity has no name.", line, expected="name := a*b", got=f"{name} := {text}")
            return
        definition = Definition(name, text, line)
        try:
            definition.names  # noqa: B018 - reads the expression
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            expected = "labels and numbers joined by + - * / ^, brackets, exp, log, sqrt"
            got = f"{name} := {text[:MAX_TERM]}"
            got += f" ({str(error)[:MAX_TERM]})" if isinstance(error, ValueError) else ""
            self.fault("A definition of the model can't be read.", line, expected=expected, got=got)
            return
        self.defined.append(definition)

    def check(self, terms: Sequence[Term]) -> None:
        loadings = [term for term in terms if term.op == "=~"]
        latents = {term.lhs for term in loadings}
        used = {term.rhs for term in loadings}
        if not loadings:
            self.fault("The model measures no construct.", 1, expected="at least one line such as: a =~ item1 + item2")
        self._check_measurement(loadings)
        for term in terms:
            if term.op == "~":
                self._check_latents((term.lhs, term.rhs), latents, term.line)
            elif term.op == "~~":
                self._check_covariance(term, latents, used)
            elif term.op == INTERCEPT and term.lhs not in used:
                self._check_latents((term.lhs,), latents, term.line)
        self._check_twice(terms)
        self._check_definitions({term.label for term in terms if term.label is not None})
        self._check_order([term for term in terms if term.op == "~"])

    def _check_measurement(self, loadings: Sequence[Term]) -> None:
        first: dict[str, int] = {}
        for name, line in dict.fromkeys((term.lhs, term.line) for term in loadings):
            if first.setdefault(name, line) != line:
                got, hint = f"first on line {first[name]}", "put all its items on one line"
                self.fault(f"The construct {name!r} is defined twice.", line, got=got, hint=hint)
        for term in loadings:
            if term.rhs in self.constructs:
                self.fault(
                    f"{term.rhs!r} is a construct, not an item.", term.line, expected="items of the instrument after =~"
                )
            elif term.rhs not in self.items:
                self._unknown(term.rhs, "item", self.items, term.line)
        for name, line in first.items():
            if name in self.items:
                self.fault(f"{name!r} is the name of an item and of a construct.", line, hint="rename one of them")
            elif name not in self.constructs:
                self._unknown(name, "construct", self.constructs, line)

    def _check_latents(self, names: Iterable[str], latents: set[str], line: int) -> None:
        for name in names:
            if name in latents:
                continue
            if name in self.constructs:
                self.fault(
                    f"The construct {name!r} has no items in the model.", line, hint=f"add a line: {name} =~ its items"
                )
            elif name in self.items:
                self.fault(
                    f"{name!r} is an item, but the structural part relates constructs.",
                    line,
                    hint="give the instrument a construct with this one item",
                )
            else:
                self._unknown(name, "construct", latents, line)

    def _check_covariance(self, term: Term, latents: set[str], used: set[str]) -> None:
        kinds = [name in latents or name in self.constructs for name in (term.lhs, term.rhs)]
        if any(kinds) != all(kinds):
            self.fault(
                "A covariance joins a construct and an item.",
                term.line,
                expected="two constructs or two items",
                got=f"{term.lhs} ~~ {term.rhs}",
            )
        elif all(kinds):
            self._check_latents((term.lhs, term.rhs), latents, term.line)
        else:
            for name in {term.lhs: None, term.rhs: None}:
                if name not in used:
                    self._unknown(name, "item of this model", used, term.line)

    def _check_definitions(self, labels: set[str]) -> None:
        known = set(labels)
        for definition in self.defined:
            if definition.name in known:
                self.fault(f"{definition.name!r} is the name of a label or of another definition.", definition.line)
            for name in definition.names:
                if name not in known:
                    later = any(other.name == name for other in self.defined)
                    hint = "define it on a line above" if later else did_you_mean(name, known)
                    problem = f"{name!r} is not a label of the model."
                    self.fault(problem, definition.line, expected="a label (label*x) or a definition above", hint=hint)
            known.add(definition.name)

    def _check_twice(self, terms: Sequence[Term]) -> None:
        first: dict[tuple[str, ...], int] = {}
        for term in terms:
            pair = sorted((term.lhs, term.rhs)) if term.op == "~~" else (term.lhs, term.rhs)
            key = (term.op, *pair)
            if key in first:
                text = f"{term.lhs} ~ 1" if term.op == INTERCEPT else f"{term.lhs} {term.op} {term.rhs}"
                self.fault(f"The model states {text!r} twice.", term.line, got=f"first on line {first[key]}")
            first.setdefault(key, term.line)

    def _check_order(self, regressions: Sequence[Term]) -> None:
        try:
            causal_order((term.lhs, term.rhs) for term in regressions)
        except CycleError as error:
            circle = error.args[1]
            line = next(t.line for t in regressions if {t.lhs, t.rhs} <= set(circle))
            self.fault(
                "Constructs of the model cause each other in a circle.",
                line,
                got=" → ".join(circle),
                hint="drop a path",
            )

    def _unknown(self, name: str, kind: str, known: Iterable[str], line: int) -> None:
        article = "an" if kind.startswith("item") else "a"
        self.fault(f"{name!r} is not the name of {article} {kind}.", line, hint=did_you_mean(name, known))


def _statements(model: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, statement): comments cut off, `;` separates, a line may go on after or before an operator."""
    pending, start = "", 0
    for number, raw in enumerate(model.splitlines(), start=1):
        for piece in re.split(r"[#!]", raw, maxsplit=1)[0].split(";"):
            text = piece.strip()
            if not text:
                continue
            if pending and (pending.endswith(_OPEN_END) or text.startswith(("+", "*", "/", "^"))):
                pending = f"{pending} {text}"
                continue
            if pending:
                yield start, pending
            pending, start = text, number
    if pending:
        yield start, pending
