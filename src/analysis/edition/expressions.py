"""Expressions that derive one column from others: read into a tree that is data, never code.

age < 30                            if(age < 30, "young", age < 60, "middle", "older")
mean(q1, q2, q3, at_least=2)        recode(region, ("N", "NE"), "north", "S", "south")
`7、期望` - `7、评价`                 18 <= age < 65 and not missing(income)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator

from analysis.errors import did_you_mean

LONGEST, DEEPEST = 4000, 60
"""Characters of an expression, and brackets inside one another."""


@dataclass(frozen=True)
class Constant:
    """A number, a text, or None for no answer; `at` is its first character, counted from 1."""

    value: float | str | None
    at: int


@dataclass(frozen=True)
class Name:
    """A column of ours, else of the file; `of_file`: of the file in any case, by its name or its position from 1."""

    name: str
    at: int
    of_file: bool = False


@dataclass(frozen=True)
class Several:
    """Values in brackets, of which one is meant."""

    parts: tuple[Node, ...]
    at: int


@dataclass(frozen=True)
class Call:
    """A function or an operator of some values."""

    function: str
    parts: tuple[Node, ...]
    at: int
    options: Mapping[str, float] = field(default_factory=dict)


Node = Constant | Name | Several | Call

MANY = 10_000
FUNCTIONS: dict[str, tuple[int, int]] = {
    "if": (2, MANY),
    "recode": (3, MANY),
    **dict.fromkeys(("sum", "mean", "min", "max", "count"), (1, MANY)),
    **dict.fromkeys(("missing", "answered", "abs", "sqrt", "log", "number", "text", "column"), (1, 1)),
    **dict.fromkeys(("year", "month", "weekday", "hour"), (1, 1)),
    "round": (1, 2),
    **dict.fromkeys(("left", "contains"), (2, 2)),
}
"""Functions with the least and the most values that they take."""
AVERAGES = frozenset({"sum", "mean", "min", "max"})
"""Functions with the option `at_least`: how many of their values must be answered."""
_COMPARISONS = {"==": "==", "=": "==", "!=": "!=", "<>": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<="}
_COMPARISONS |= {">": ">", ">=": ">=", "≥": ">="}
_WORDS = frozenset({"and", "or", "not", "in"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)(?!\w)"
    r"|(?P<text>\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’)"
    r"|`(?P<quoted>[^`]+)`"
    r"|(?P<name>[^\W\d]\w*(?:\.\w+)*)"
    r"|(?P<sign><=|>=|==|!=|<>|[-+*/<>=≤≥≠(),]))"
)
_FULL_WIDTH = str.maketrans("（），＋－＊／＜＞＝", "(),+-*/<>=")


def parse(text: str) -> Node:
    """The tree of an expression; raises ValueError that names the character and what was expected there."""
    if len(text) > LONGEST:
        raise ValueError(f"an expression may have {LONGEST} characters; it has {len(text)}")
    reader = _Reader(text)
    tree = reader.either()
    if reader.kind != "end":
        raise reader.refused("an operator or the end")
    return tree


def names_in(node: Node) -> Iterator[str]:
    """Names of the columns that an expression reads, those of column(…) left out."""
    if isinstance(node, Name) and not node.of_file:
        yield node.name
    elif isinstance(node, Call | Several):
        for part in node.parts:
            yield from names_in(part)


def _checked(text: str) -> str:
    parse(text)
    return text


Expression = Annotated[str, AfterValidator(_checked)]
"""The text of an expression that can be read."""


@dataclass(frozen=True)
class _Token:
    kind: str
    said: str
    at: int


class _Reader:
    """Reads an expression token by token, each operator by its rank."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.place = text, 0, 0
        self.tokens = list(self._split())

    def _split(self) -> Iterator[_Token]:
        # within quotes nothing is replaced
        parts = re.split(r"(\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|`[^`]*`)", self.text)
        text = "".join(part if place % 2 else part.translate(_FULL_WIDTH) for place, part in enumerate(parts))
        end, length = 0, len(text.rstrip())
        while end < length:
            match = _TOKEN.match(text, end)
            if match is None:
                at = end + len(text[end:]) - len(text[end:].lstrip())
                raise ValueError(f"character {at + 1}: {text[at : at + 8]!r} can't be read in `{self.text}`")
            kind = str(match.lastgroup)
            said = match[kind]
            yield _Token(kind, said, match.start(kind) + 1)
            end = match.end()
        yield _Token("end", "", length + 1)

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    @property
    def kind(self) -> str:
        """Kind of the next token; words such as `and` are signs."""
        token = self.token
        return "sign" if token.kind == "name" and token.said.lower() in _WORDS else token.kind

    def refused(self, expected: str) -> ValueError:
        """The error of what stands where `expected` should."""
        found = f"{self.token.said!r}" if self.token.said else "the end"
        return ValueError(f"character {self.token.at}: {found} where {expected} should stand in `{self.text}`")

    def take(self, *signs: str) -> _Token | None:
        """The next token if it is one of these signs."""
        token = self.token
        if self.kind == "sign" and token.said.lower() in signs:
            self.place += 1
            return token
        return None

    def need(self, sign: str) -> None:
        if self.take(sign) is None:
            raise self.refused(f"`{sign}`")

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refused(f"no bracket: {DEEPEST} inside one another at most")
        node = self.both()
        while token := self.take("or"):
            node = Call("or", (node, self.both()), token.at)
        self.depth -= 1
        return node

    def both(self) -> Node:
        node = self.negated()
        while token := self.take("and"):
            node = Call("and", (node, self.negated()), token.at)
        return node

    def negated(self) -> Node:
        tokens = []
        while token := self.take("not"):
            tokens.append(token)
        node = self.compared()
        for token in reversed(tokens):
            node = Call("not", (node,), token.at)
        return node

    def compared(self) -> Node:
        left, found = self.added(), []
        while token := self.take(*_COMPARISONS, "in", "not"):
            if token.said.lower() in {"in", "not"}:
                if token.said.lower() == "not":
                    self.need("in")
                inside = Call("in", (left, self.several()), token.at)
                found.append(inside if token.said.lower() == "in" else Call("not", (inside,), token.at))
                break
            right = self.added()
            found.append(Call(_COMPARISONS[token.said], (left, right), token.at))
            left = right
        if not found:
            return left
        node: Node = found[0]
        for other in found[1:]:
            node = Call("and", (node, other), other.at)
        return node

    def added(self) -> Node:
        node = self.multiplied()
        while token := self.take("+", "-"):
            node = Call(token.said, (node, self.multiplied()), token.at)
        return node

    def multiplied(self) -> Node:
        node = self.signed()
        while token := self.take("*", "/"):
            node = Call(token.said, (node, self.signed()), token.at)
        return node

    def signed(self) -> Node:
        tokens = []
        while token := self.take("-", "+"):
            tokens.append(token)
        node = self.value()
        for token in reversed(tokens):
            if token.said == "-":
                node = Call("-", (Constant(0.0, token.at), node), token.at)
        return node

    def several(self) -> Several:
        """Values in brackets, or a single one."""
        at = self.token.at
        if self.take("(") is None:
            return Several((self.added(),), at)
        parts = [self.added()]
        while self.take(","):
            parts.append(self.added())
        self.need(")")
        return Several(tuple(parts), at)

    def value(self) -> Node:
        token, kind = self.token, self.kind
        if kind == "number":
            self.place += 1
            return Constant(float(token.said), token.at)
        if kind == "text":
            self.place += 1
            return Constant(token.said[1:-1], token.at)
        if kind == "quoted":
            self.place += 1
            return Name(token.said, token.at)
        if kind == "name":
            self.place += 1
            if self.token.said == "(" and self.kind == "sign":
                return self.called(token)
            return Constant(None, token.at) if token.said == "NA" else Name(token.said, token.at)
        if self.take("("):
            node = self.either()
            if self.token.said == "," and self.kind == "sign":
                raise self.refused("`)`: several values in brackets stand only behind `in` and in recode(…)")
            self.need(")")
            return node
        raise self.refused("a column, a number, a text in quotes or `(`")

    def called(self, token: _Token) -> Node:
        """The call of a function, with its brackets."""
        name = token.said.lower()
        if name == "column":
            return self._named(token)
        if name not in FUNCTIONS:
            close = did_you_mean(name, FUNCTIONS) or ""
            raise ValueError(f"character {token.at}: there is no function {token.said!r}; {close}")
        self.need("(")
        parts: list[Node] = []
        options: dict[str, float] = {}
        while not self.take(")"):
            if parts or options:
                self.need(",")
            if not self._option(name, options):
                parts.append(self._argument(name, len(parts)))
        least, most = FUNCTIONS[name]
        if not least <= len(parts) <= most:
            wanted = f"{least}" if least == most else f"{least} or more" if most == MANY else f"{least} to {most}"
            raise ValueError(f"character {token.at}: {name}(…) takes {wanted} values and has {len(parts)}")
        return Call(name, tuple(parts), token.at, options)

    def _named(self, token: _Token) -> Name:
        """A column of the file by its name in quotes, or by its position."""
        self.need("(")
        given, kind = self.token, self.kind
        if kind not in {"number", "text", "quoted"} or (kind == "number" and not given.said.isdigit()):
            raise self.refused("the name of a column in quotes, or its position")
        self.place += 1
        self.need(")")
        return Name(given.said[1:-1] if kind == "text" else given.said, token.at, of_file=True)

    def _argument(self, function: str, place: int) -> Node:
        """A value of a function; several in brackets where recode names what is to be replaced."""
        if function == "recode" and place % 2 == 1:
            start = self.place
            if self.token.said == "(":
                found = self.several()
                if self.token.said in {",", ")"}:
                    return found
                self.place = start
        return self.either()

    def _option(self, function: str, options: dict[str, float]) -> bool:
        """Read `at_least=2`."""
        ahead = self.tokens[self.place : self.place + 3]
        if function not in AVERAGES or [token.said for token in ahead[:2]] != ["at_least", "="]:
            return False
        self.place += 2
        if self.kind != "number" or not float(self.token.said).is_integer():
            raise self.refused("a whole number")
        options["at_least"] = float(self.token.said)
        self.place += 1
        return True
