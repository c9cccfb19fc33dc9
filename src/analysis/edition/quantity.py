"""Numbers with their units: what may be subtracted from and compared with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analysis.errors import MethodError

Unit = Literal[
    "percent", "score", "points", "minutes", "hours", "working_days", "days", "months", "years", "count", "ratio"
]
"""percent: a share of 0–100 %; score: 0–100; points: difference of two percentages."""


@dataclass(frozen=True)
class Quantity:
    """A value and its unit. Two of unlike units are neither subtracted nor compared: that raises MethodError."""

    value: float
    unit: Unit

    def __sub__(self, other: Quantity) -> Quantity:
        self._check(other)
        return Quantity(self.value - other.value, "points" if self.unit == "percent" else self.unit)

    def __lt__(self, other: Quantity) -> bool:
        self._check(other)
        return self.value < other.value

    def __gt__(self, other: Quantity) -> bool:
        self._check(other)
        return self.value > other.value

    def _check(self, other: Quantity) -> None:
        if self.unit != other.unit:
            raise MethodError(
                "Quantities of unlike units can't be compared.",
                expected=f"two of one unit, such as {self.unit}",
                got=f"{self.unit} and {other.unit}",
                hint="compare a share with a share and a score with a score",
            )
