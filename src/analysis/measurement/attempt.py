"""A method that the data may not be able to carry: its result, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from analysis.errors import MethodError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Attempt(Generic[Result]):
    """`result` of a method, or None and the `reason`."""

    result: Result | None
    reason: str

    def part(self, name: str) -> Any:
        """One table or number of the result; None where there is no result."""
        return None if self.result is None else getattr(self.result, name)

    def shown(self, name: str) -> Any:
        """One table or number of the result; the reason where there is no result."""
        return self.reason if self.result is None else getattr(self.result, name)

    def record(self) -> dict[str, Any]:
        """The plain values of the result with `available`, or the reason."""
        found: Any = self.result
        if found is None:
            return {"available": False, "reason": self.reason}
        return {"available": True, **(found.record() if hasattr(found, "record") else {})}


def attempt(method: Callable[..., Result], *data: Any, **options: Any) -> Attempt[Result]:
    """Call `method`; a MethodError becomes the reason."""
    try:
        return Attempt(method(*data, **options), "")
    except MethodError as error:
        return Attempt(None, str(error))
