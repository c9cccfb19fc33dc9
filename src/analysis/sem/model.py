"""The model as text: lavaan syntax read, checked against the instrument and made explicit.

What lavaan's `sem()` adds by itself is written out here, so that nothing depends on the defaults of a library:
the first loading of a construct is 1, every variance is free, exogenous constructs covary, final outcomes
(endogenous constructs that predict nothing) covary, a construct with one item has no residual in that item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from analysis.errors import EditionError, Problems, SurveyReportError, did_you_mean
from analysis.instrument import Instrument

_OPERATORS = {"=~": "is measured by", "~": "is regressed on", "~~": "covaries with"}
_OPERATOR = re.compile(r"[=~<>:|?@^\\/-]+")
_NAME = re.compile(r"[^\W\d]\w*\Z")
_TERM = re.compile(r"(?:(?P<modifier>[^*]+?)\s*\*\s*)?(?P<name>[^*]+)\Z")
_OPEN_END = ("+", "~", "*", "=")


@dataclass(frozen=True)
class Parameter:
    """One cell of the model: `lhs op rhs`, either fixed at `value` or free under `name` (equal names are one)."""

    lhs: str
    op: str
    rhs: str
    name: str | None
    value: float | None


@dataclass(frozen=True)
class ModelSyntax:
    """A checked model.

    `latents` and `items` in the order of the text; `endogenous` in causal order (a cause before its effect);
    `regressions` as (outcome, predictor); `parameters` complete, including all that lavaan adds by itself.
    """

    latents: tuple[str, ...]
    items: tuple[str, ...]
    endogenous: tuple[str, ...]
    exogenous: tuple[str, ...]
    regressions: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the free parameters, each once."""
        return tuple(dict.fromkeys(p.name for p in self.parameters if p.name is not None))

    @property
    def text(self) -> str:
        """The model with every parameter fixed or named, one per line."""
        lines = (f"{p.lhs} {p.op} {p.value if p.name is None else p.name}*{p.rhs}" for p in self.parameters)
        return "\n".join(lines)


@dataclass(frozen=True)
class _Term:
    """One `lhs op modifier*rhs` as written, with its line; value None and label None when there is no modifier."""

    lhs: str
    op: str
    rhs: str
    label: str | None
    value: float | None
    freed: bool
    line: int


def check_model(model: str, *, instrument: Instrument, where: str) -> ModelSyntax:
    """Read a model in lavaan syntax (`=~`, `~`, `~~`, `label*x`, `1*x`, `NA*x`) and check it against the instrument.

    `where` names the model file in messages. Constructs of the model are constructs of the instrument, observed
    variables are its items. Raises EditionError, or Problems when there are several faults, each with its line.
    """
    reader = _Reader(instrument, where)
    terms = reader.read(model)
    if not reader.problems:
        reader.check(terms)
    if reader.problems:
        raise reader.problems[0] if len(reader.problems) == 1 else Problems(reader.problems)
    return _complete(terms, where)


class _Reader:
    """Collects the faults of one model text."""

    def __init__(self, instrument: Instrument, where: str) -> None:
        self.items = set(instrument.item_keys)
        self.constructs = {construct.key for construct in instrument.constructs}
        self.where = where
        self.problems: list[SurveyReportError] = []

    def fault(self, problem: str, line: int, **detail: str | None) -> None:
        self.problems.append(EditionError(problem, where=f"{self.where}, line {line}", **detail))

    def read(self, model: str) -> list[_Term]:
        terms = [term for line, text in _statements(model) for term in self._statement(text, line)]
        if not terms and not self.problems:
            self.fault("The model holds no statement.", 1, expected="lavaan syntax such as: quality =~ qual1 + qual2")
        return terms

    def _statement(self, text: str, line: int) -> Iterator[_Term]:
        found = _OPERATOR.search(text)
        op = found.group() if found else ""
        if found is None or op not in _OPERATORS:
            listed = ", ".join(f"{known} ({meaning})" for known, meaning in _OPERATORS.items())
            hint = "indirect and total effects are computed without a definition" if op == ":=" else None
            self.fault("The model has no such operator.", line, expected=listed, got=text, hint=hint)
            return
        left, right = text[: found.start()], text[found.end() :]
        for lhs in left.split("+"):
            for term in right.split("+"):
                parsed = self._term(lhs.strip(), op, term.strip(), line)
                if parsed is not None:
                    yield parsed

    def _term(self, lhs: str, op: str, text: str, line: int) -> _Term | None:
        parts = _TERM.match(text)
        rhs = parts["name"].strip() if parts else ""
        if op == "~" and rhs in {"0", "1"}:
            self.fault("The model has no intercepts.", line, got=f"{lhs} ~ {text}", hint="remove the line")
            return None
        for name in (lhs, rhs):
            if not _NAME.match(name):
                expected = "names joined by +, each with one modifier at most (0.5*x, label*x, NA*x)"
                got = f"{lhs} {op} {text}".strip()
                self.fault("A statement of the model can't be read.", line, expected=expected, got=got)
                return None
        modifier = parts["modifier"] if parts else None
        if modifier is None:
            return _Term(lhs, op, rhs, None, None, False, line)
        try:
            return _Term(lhs, op, rhs, None, float(modifier), False, line)
        except ValueError:
            if _NAME.match(modifier):
                freed = modifier == "NA"
                return _Term(lhs, op, rhs, None if freed else modifier, None, freed, line)
        self.fault("The model has an unknown modifier.", line, expected="a number, a label or NA", got=modifier)
        return None

    def check(self, terms: Sequence[_Term]) -> None:
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
        self._check_twice(terms)
        self._check_order([term for term in terms if term.op == "~"])

    def _check_measurement(self, loadings: Sequence[_Term]) -> None:
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

    def _check_covariance(self, term: _Term, latents: set[str], used: set[str]) -> None:
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

    def _check_twice(self, terms: Sequence[_Term]) -> None:
        first: dict[tuple[str, ...], int] = {}
        for term in terms:
            pair = sorted((term.lhs, term.rhs)) if term.op == "~~" else (term.lhs, term.rhs)
            key = (term.op, *pair)
            if key in first:
                text = f"{term.lhs} {term.op} {term.rhs}"
                self.fault(f"The model states {text!r} twice.", term.line, got=f"first on line {first[key]}")
            first.setdefault(key, term.line)

    def _check_order(self, regressions: Sequence[_Term]) -> None:
        try:
            _causal_order((term.lhs, term.rhs) for term in regressions)
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
    """Yield (line number, statement): comments cut off, `;` separates, a line may go on after or before a `+`."""
    pending, start = "", 0
    for number, raw in enumerate(model.splitlines(), start=1):
        for piece in re.split(r"[#!]", raw, maxsplit=1)[0].split(";"):
            text = piece.strip()
            if not text:
                continue
            if pending and (pending.endswith(_OPEN_END) or text.startswith(("+", "*"))):
                pending = f"{pending} {text}"
                continue
            if pending:
                yield start, pending
            pending, start = text, number
    if pending:
        yield start, pending


def _causal_order(regressions: Iterable[tuple[str, str]]) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for outcome, predictor in regressions:
        sorter.add(outcome, predictor)
    return list(sorter.static_order())


def _complete(terms: Sequence[_Term], where: str) -> ModelSyntax:
    """Add what lavaan's `sem()` adds and name every free parameter."""
    latents = tuple(dict.fromkeys(term.lhs for term in terms if term.op == "=~"))
    items = tuple(dict.fromkeys(term.rhs for term in terms if term.op == "=~"))
    regressions = tuple((term.lhs, term.rhs) for term in terms if term.op == "~")
    outcomes = {outcome for outcome, _ in regressions}
    endogenous = tuple(name for name in _causal_order(regressions) if name in outcomes)
    exogenous = tuple(name for name in latents if name not in outcomes)
    cells = _with_markers(terms)
    stated = {frozenset((term.lhs, term.rhs)) for term in terms if term.op == "~~"}
    for a, b in _implied_covariances(latents, items, regressions):
        if frozenset((a, b)) not in stated:
            alone = a == b and _is_only_item(a, terms)
            cells.append(_Term(a, "~~", b, None, 0.0 if alone else None, False, 0))
    names: dict[str, str] = {}
    parameters = []
    for number, cell in enumerate(cells):
        name = None if cell.value is not None else f"p{number}"
        if name is not None and cell.label is not None:
            name = names.setdefault(cell.label, name)
        parameters.append(Parameter(cell.lhs, cell.op, cell.rhs, name, cell.value))
    syntax = ModelSyntax(latents, items, endogenous, exogenous, regressions, tuple(parameters))
    moments = len(items) * (len(items) + 1) // 2
    if len(syntax.free) > moments:
        raise EditionError(
            "The model has more parameters than the data can tell apart.",
            where=where,
            expected=f"at most {moments} free parameters for {len(items)} items",
            got=str(len(syntax.free)),
            hint="measure a construct by more items or fix parameters",
        )
    return syntax


def _with_markers(terms: Sequence[_Term]) -> list[_Term]:
    """Fix the first loading of each construct at 1 unless the text frees it (NA*) or fixes it itself."""
    marked: set[str] = set()
    cells = []
    for term in terms:
        is_first = term.op == "=~" and term.lhs not in marked
        if is_first and term.value is None and not term.freed:
            cells.append(_Term(term.lhs, term.op, term.rhs, None, 1.0, False, term.line))
        else:
            cells.append(term)
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


def _is_only_item(name: str, terms: Sequence[_Term]) -> bool:
    """Whether `name` is the single item of a construct and measures nothing else."""
    measured = [term.lhs for term in terms if term.op == "=~" and term.rhs == name]
    return len(measured) == 1 and sum(term.op == "=~" and term.lhs == measured[0] for term in terms) == 1
