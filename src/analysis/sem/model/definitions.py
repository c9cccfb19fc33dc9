"""Quantities that a model defines from its labelled parameters: `indirect := a * b`.

Arithmetic over labels and quantities defined above: + - * / ^, brackets, numbers, exp, log and sqrt. It works on real
and complex numbers and on arrays of them, so that derivatives and bootstrap replicates come from the same expression.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

_OPERATIONS: dict[type[ast.AST], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_FUNCTIONS = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}


MAX_LENGTH, MAX_DEPTH = 2_000, 80
"""Characters of a definition, and operations inside one another."""


@dataclass(frozen=True)
class Definition:
    """`name := text`, on one line of the model."""

    name: str
    text: str
    line: int

    @cached_property
    def _tree(self) -> ast.expr:
        return ast.parse(self.text.replace("^", "**"), mode="eval").body

    @property
    def names(self) -> tuple[str, ...]:
        """Labels and defined quantities that it is made of.

        Raises SyntaxError when it can't be read, ValueError with the part that is no arithmetic of these, is nested too
        deeply, or has no finite value whatever the labels are.
        """
        if len(self.text) > MAX_LENGTH:
            raise ValueError(f"{len(self.text)} characters")
        return tuple(dict.fromkeys(_names(self._tree)))

    def value(self, values: Mapping[str, Any]) -> Any:
        """The quantity where its names have these values; not finite where it has none."""
        with np.errstate(all="ignore"):
            return _evaluated(self._tree, values)


def _names(node: ast.expr, depth: int = 0) -> list[str]:
    if depth > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} operations inside one another")
    found = _inner_names(node, depth + 1)
    if not found:
        with np.errstate(all="ignore"):
            if not np.isfinite(_evaluated(node, {})):
                raise ValueError(f"{ast.unparse(node)} has no finite value")
    return found


def _inner_names(node: ast.expr, depth: int) -> list[str]:
    match node:
        case ast.Name() | ast.Attribute() if name := _label(node):
            return [name]
        case ast.Constant(value=int() | float()):
            return []
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            below = _names(right, depth)
            if isinstance(op, ast.Div) and not below and _evaluated(right, {}) == 0:
                raise ValueError(f"{ast.unparse(node)} divides by zero")
            return _names(left, depth) + below
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATIONS:
            return _names(operand, depth)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _names(argument, depth)
    raise ValueError(ast.unparse(node))


def _label(node: ast.expr) -> str:
    """The label that a name, or names joined by dots, stand for; "" where it is no label."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            before = _label(value)
            return f"{before}.{name}" if before else ""
    return ""


def _evaluated(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name() | ast.Attribute():
            return np.asarray(values[_label(node)])[()]
        case ast.Constant(value=int() | float() as value):
            return np.float64(value)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_evaluated(left, values), _evaluated(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATIONS[type(op)](_evaluated(operand, values))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return _FUNCTIONS[name](_evaluated(argument, values))
    raise AssertionError(ast.dump(node))
