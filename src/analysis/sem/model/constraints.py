"""Constraints on labelled parameters: `a == b`, `a > 0`, `a + b < 1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.sem.model.definitions import Definition


@dataclass(frozen=True)
class Constraint:
    """`distance` = 0 where `equal`, else `distance` ≥ 0; as `text` says it, on one line of the model."""

    distance: Definition
    equal: bool
    text: str

    @property
    def line(self) -> int:
        """Line of the model."""
        return self.distance.line

    def value(self, known: Mapping[str, Any]) -> Any:
        """How far the values are from the bound."""
        return self.distance.value(known)


def constraint(left: str, op: str, right: str, line: int) -> Constraint:
    """`left op right` with == , < or > between two expressions over labels."""
    more, less = (right, left) if op == "<" else (left, right)
    return Constraint(Definition("", f"({more}) - ({less})", line), op == "==", f"{left} {op} {right}")
