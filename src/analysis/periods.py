"""Labels of periods (2025, 2025H1, 2025Q3, 2025-09) and their numbers, so that steps and gaps can be counted."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Literal

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Sequence

Frequency = Literal["year", "half", "quarter", "month"]

_PATTERNS: dict[Frequency, re.Pattern[str]] = {
    "year": re.compile(r"(\d{4})()\Z"),
    "half": re.compile(r"(\d{4})H([12])\Z"),
    "quarter": re.compile(r"(\d{4})Q([1-4])\Z"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z"),
}
PER_YEAR: dict[Frequency, int] = {"year": 1, "half": 2, "quarter": 4, "month": 12}


def frequency_of(labels: Sequence[str], *, what: str = "wave") -> Frequency:
    """The kind that all labels are of; raises MethodError for a label of no kind, or of another than the first."""
    kinds = [next((name for name, pattern in _PATTERNS.items() if pattern.match(label)), None) for label in labels]
    unknown = [label for label, kind in zip(labels, kinds, strict=True) if kind is None]
    if unknown or not kinds:
        raise MethodError(
            f"A {what} label is not recognised.",
            where=", ".join(unknown[:5]) or f"no {what}",
            expected="2025, 2025H1, 2025Q3 or 2025-09",
        )
    first = kinds[0]
    other = [label for label, kind in zip(labels, kinds, strict=True) if kind != first]
    if first is None or other:
        raise MethodError(
            f"The {what}s have labels of different kinds.",
            where=", ".join(other[:5]),
            expected=f"all like {labels[0]}",
        )
    return first


def number_of(label: str, frequency: Frequency, *, what: str = "wave") -> int:
    """Number of the period, counted from year 0; raises MethodError for a label of another kind."""
    found = _PATTERNS[frequency].match(label)
    if found is None:
        raise MethodError(f"A {what} label is not recognised.", where=label, expected=f"a {frequency}")
    return int(found[1]) * PER_YEAR[frequency] + (int(found[2]) - 1 if found[2] else 0)


def label_of(number: int, frequency: Frequency) -> str:
    """Label of a period by its number."""
    year, part = divmod(number, PER_YEAR[frequency])
    return {
        "year": f"{year:04d}",
        "half": f"{year:04d}H{part + 1}",
        "quarter": f"{year:04d}Q{part + 1}",
        "month": f"{year:04d}-{part + 1:02d}",
    }[frequency]


def label_at(day: dt.date, frequency: Frequency) -> str:
    """Label of the period that a day lies in."""
    return label_of(day.year * PER_YEAR[frequency] + (day.month - 1) * PER_YEAR[frequency] // 12, frequency)


def last_day(number: int, frequency: Frequency) -> dt.date:
    """Last day of a period."""
    year, part = divmod(number, PER_YEAR[frequency])
    next_month = (part + 1) * (12 // PER_YEAR[frequency])
    return dt.date(year + next_month // 12, next_month % 12 + 1, 1) - dt.timedelta(days=1)
