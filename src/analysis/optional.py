"""What an edition may not have: a value, or the reason why there is none.

An edition without a population, a tracking series or a model, and data that a method can't be applied to, are no errors
of the run: the step goes on with what there is, and the report says what is missing and why.

>>> given(9, "no number").then(divmod, 2).value
(4, 1)
>>> given(None, "no number").then(divmod, 2).shown()
'no number'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from analysis.errors import MethodError

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Optional(Generic[Value]):
    """A `value`, or None and the `reason`; true where there is a value."""

    value: Value | None
    reason: str = ""

    def __bool__(self) -> bool:
        return self.value is not None

    def then(self, function: Callable[..., Other], *data: Any, **options: Any) -> Optional[Other]:
        """`function` of the value, whose errors are raised; still absent where there is none."""
        return absent(self.reason) if self.value is None else Optional(function(self.value, *data, **options))

    def get(self, part: str) -> Any:
        """One attribute of the value (of a method what it returns); None where there is no value."""
        return None if self.value is None else _part(self.value, part)

    def shown(self, part: str = "") -> Any:
        """The value, or one attribute of it, for a notebook to display; the reason where there is none."""
        if self.value is None:
            return self.reason
        return _part(self.value, part) if part else self.value

    def record(self) -> dict[str, Any]:
        """Plain values for the store: `available` with the value's own record, or the reason."""
        if self.value is None:
            return {"available": False, "reason": self.reason}
        return {"available": True, **(_part(self.value, "record") if hasattr(self.value, "record") else {})}


def absent(reason: str) -> Optional[Any]:
    """Nothing, and why."""
    return Optional(None, reason)


def given(value: Value | None, reason: str) -> Optional[Value]:
    """A value that may be None, and why it then is."""
    return Optional(value, "" if value is not None else reason)


def attempt(function: Callable[..., Value], *data: Any, **options: Any) -> Optional[Value]:
    """Call `function` with the values of all arguments that are optional themselves.

    The reason of the first that is absent, or the text of a MethodError, becomes the reason of the result. Every other
    error is raised: it is a fault, not a property of the edition.
    """
    missing = [one for one in (*data, *options.values()) if isinstance(one, Optional) and not one]
    if missing:
        return absent(missing[0].reason)
    try:
        return Optional(function(*map(_bare, data), **{name: _bare(option) for name, option in options.items()}))
    except MethodError as error:
        return absent(str(error))


def _bare(argument: Any) -> Any:
    return argument.value if isinstance(argument, Optional) else argument


def _part(value: Any, name: str) -> Any:
    part = getattr(value, name)
    return part() if callable(part) else part
