"""The text of a model taken apart: statements with their lines, sums of terms, modifiers.

Knows nothing of what the names stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite

from analysis.sem.model.syntax import Modifier

OPERATORS = {
    "=~": "is measured by",
    "~": "is regressed on",
    "~~": "covaries with",
    "|": "has the threshold",
    "~*~": "has the scale",
    ":=": "is defined as",
    "==": "equals",
    "<": "is less than",
    ">": "is greater than",
}
OPERATOR = re.compile(r":=|~\*~|=~|~~|~(?=\s*-?[\d.])|[=~<>|?@^\\/-]+|:(?!\s*[^\W\d])")
COMPARISON = re.compile(r"(?<![=~<>:-])(==|[<>](?![-=~<>]))")
PARTED = re.compile(r"=\s+~|~\s+~|:\s+=|=\s+=")
NAME = re.compile(r"[^\W\d][\w.]*(?:\s*:\s*[^\W\d][\w.]*)*\Z")
EDGE = re.compile(r"t[1-9]\d?\Z")
LABEL = re.compile(r"[^\W\d][\w.]*\Z")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")
_CALL = re.compile(r"(?P<function>c|start)\s*\((?P<inside>.*)\)\Z", re.DOTALL)
_NO_LABELS = frozenset({"inf", "infinity", "nan"})
"""Names that programs read as numbers."""
_OPEN_END = ("+", "~", "*", "=", "-", "/", "^", "(", "<", ">", ",")
_GOES_ON = ("+", "*", "/", "^", ")", ",")


def statements(model: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, statement): comments cut off, `;` separates, a line may go on after or before an operator."""
    pending, start = "", 0
    for number, raw in enumerate(model.splitlines(), start=1):
        for piece in re.split(r"[#!]", raw, maxsplit=1)[0].split(";"):
            text = piece.strip()
            if not text:
                continue
            if pending and (pending.endswith(_OPEN_END) or text.startswith(_GOES_ON)):
                pending = f"{pending} {text}"
                continue
            if pending:
                yield start, pending
            pending, start = text, number
    if pending:
        yield start, pending


def parted(text: str, by: str) -> list[str]:
    """The text cut at every `by` (one character) that stands in no brackets."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == by and depth <= 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*parts, text[start:])]


def modifiers_of(text: str) -> tuple[Modifier, ...]:
    """What one modifier says: of all groups (one), or of each (c(…)); raises ValueError for what it can't be."""
    called = _CALL.match(text)
    if called is None:
        return (_modifier(text),)
    inside = parted(called["inside"], ",")
    if called["function"] == "start":
        return tuple(_start(one) for one in _listed(inside))
    return tuple(_modifier(one) for one in inside)


def _listed(inside: list[str]) -> list[str]:
    """The numbers of start(0.5) or start(c(0.5, 0.7))."""
    called = _CALL.match(inside[0]) if len(inside) == 1 else None
    return parted(called["inside"], ",") if called and called["function"] == "c" else inside


def _start(text: str) -> Modifier:
    if not _NUMBER.match(text):
        raise ValueError(text)
    return Modifier(start=float(text))


def _modifier(text: str) -> Modifier:
    text = text.strip("\"'") if len(text) > 2 else text
    if _NUMBER.match(text) and isfinite(float(text)):
        return Modifier(value=float(text))
    if text == "NA":
        return Modifier(freed=True)
    if LABEL.match(text) and text.lower() not in _NO_LABELS:
        return Modifier(label=text)
    raise ValueError(text)


def joined(one: tuple[Modifier, ...], other: tuple[Modifier, ...]) -> tuple[Modifier, ...]:
    """Two modifiers of one term as one; raises ValueError where both say a thing of one kind, or differ in groups."""
    count = max(len(one), len(other))
    if {len(one), len(other)} - {1, count}:
        raise ValueError("c(…) of different lengths")
    pairs = zip(one * (count // len(one)), other * (count // len(other)), strict=True)
    return tuple(_both(a, b) for a, b in pairs)


def _both(a: Modifier, b: Modifier) -> Modifier:
    if (a.label and b.label) or (a.start is not None and b.start is not None):
        raise ValueError("two of a kind")
    if sum(m.value is not None or m.freed for m in (a, b)) > 1:
        raise ValueError("two of a kind")
    value = b.value if a.value is None else a.value
    return Modifier(a.label or b.label, value, a.freed or b.freed, b.start if a.start is None else a.start)
