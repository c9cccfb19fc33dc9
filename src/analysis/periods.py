"""Labels of waves and periods, as people write them and as they are kept, and their numbers for steps and gaps.

Kept are 2025, 2025H1, 2025Q3, 2025-09, 2025-09-30 and, for waves that are only numbered, W3.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Frequency = Literal["year", "half", "quarter", "month", "day", "number"]

_PATTERNS: dict[Frequency, re.Pattern[str]] = {
    "year": re.compile(r"(\d{4})()()\Z"),
    "half": re.compile(r"(\d{4})H([12])()\Z"),
    "quarter": re.compile(r"(\d{4})Q([1-4])()\Z"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])()\Z"),
    "day": re.compile(r"(\d{4})-(0[1-9]|1[0-2])-([0-3]\d)\Z"),
    "number": re.compile(r"W(\d{1,3})()()\Z"),
}
PER_YEAR: dict[Frequency, int] = {"year": 1, "half": 2, "quarter": 4, "month": 12}
"""Kinds of which a year is a whole number."""

PERIODS: tuple[Frequency, ...] = tuple(PER_YEAR)
WAVES: tuple[Frequency, ...] = tuple(_PATTERNS)
"""Kinds of which periods, and waves, have labels."""
_EXAMPLES: dict[Frequency, str] = {
    "year": "2025", "half": "2025H1", "quarter": "2025Q3", "month": "2025-09", "day": "2025-09-30", "number": "W3",
}  # fmt: skip
_CHINESE = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
_NUMERAL = r"(\d{1,3}|[一二三四五六七八九十]{1,3})"
_YEAR = r"((?:19|20)\d\d)"
_GAP = r"[\s_.·/-]*"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_FORMS: dict[str, Frequency] = {
    rf"(?:fy)?{_YEAR}(?:\.0)?\s*(?:年度?|财年)?": "year",
    rf"{_YEAR}年?{_GAP}(?:h|s)([12])": "half",
    rf"(?:h|s)([12]){_GAP}(?P<y>{_YEAR})": "half",
    rf"{_YEAR}年?\s*([上下])半年(?:度)?": "half",
    rf"{_YEAR}年?{_GAP}q([1-4])": "quarter",
    rf"q([1-4]){_GAP}(?P<y>{_YEAR})": "quarter",
    rf"([1-4])q{_GAP}(?P<y>{_YEAR})": "quarter",
    rf"{_YEAR}年?\s*第?\s*([1-4一二三四])\s*季度?": "quarter",
    rf"{_YEAR}(?:[-/]|{_GAP}m)(0?[1-9]|1[0-2])": "month",
    rf"{_YEAR}[\s_.]?(0[1-9]|1[0-2])": "month",
    rf"{_YEAR}年\s*(0?[1-9]|1[0-2])月份?": "month",
    rf"(?P<m>{'|'.join(_MONTHS)})[a-z]*\.?{_GAP}(?P<y>{_YEAR})": "month",
    rf"{_YEAR}{_GAP}(?P<m>{'|'.join(_MONTHS)})[a-z]*\.?": "month",
    rf"{_YEAR}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])(?:[\st]+00:00(?::00(?:\.0+)?)?)?": "day",
    rf"{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])": "day",
    rf"{_YEAR}年\s*(0?[1-9]|1[0-2])月\s*(0?[1-9]|[12]\d|3[01])日": "day",
    rf"(?:w|wave|round|r|t|波次|期次?|轮次?){_GAP}{_NUMERAL}": "number",
    rf"第?\s*{_NUMERAL}\s*[期波次轮](?:调查|次)?": "number",
    r"0*(\d{1,3})(?:\.0)?": "number",
}
"""How people write a wave, width and case aside; the first that fits tells."""
_WRITTEN = tuple((kind, re.compile(pattern + r"\Z")) for pattern, kind in _FORMS.items())


def read_label(text: str) -> str:
    """The label that is kept of a wave as somebody wrote it: 2015q1, 2015-Q1, 2015年第一季度 are 2015Q1, Wave 2 is W2.

    Empty where the text names no wave.
    """
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    for kind, pattern in _WRITTEN:
        found = pattern.match(folded)
        if found:
            return _kept(kind, found)
    return ""


def _kept(kind: Frequency, found: re.Match[str]) -> str:
    """A label from the parts of a text: the year, and what of it or which in order."""
    named = {name: value for name, value in found.groupdict().items() if value}
    parts = [part for part in found.groups() if part is not None]
    if kind == "number":
        return f"W{_number(parts[0])}"
    year = named.get("y", parts[0])
    rest = [part for part in dict.fromkeys(parts) if part != year]
    if kind == "year":
        return year
    if kind == "half":
        return f"{year}H{ {'上': 1, '下': 2}.get(rest[0], rest[0]) }"
    if kind == "quarter":
        return f"{year}Q{_number(rest[0])}"
    month = _MONTHS.index(named["m"]) + 1 if "m" in named else int(rest[0])
    if kind == "month":
        return f"{year}-{month:02d}"
    return f"{year}-{month:02d}-{int(parts[2]):02d}" if _is_day(int(year), month, int(parts[2])) else ""


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _number(text: str) -> int:
    """A numeral of digits, or a Chinese one up to 99."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (10 * _CHINESE.get(tens, 1) if ten else 0) + _CHINESE.get(ones, 0)


def read_waves(texts: Sequence[str]) -> dict[str, str]:
    """Label of every wave by what it was called, the earliest first.

    Days that are all the first, or all the last, of their months are months. Raises MethodError for a text that names
    no wave, and for waves that are named in different ways.
    """
    read = {text: read_label(text) for text in dict.fromkeys(texts)}
    strange = [text for text, label in read.items() if not label]
    if strange or not read:
        raise MethodError(
            "A wave label is not recognised.",
            where=", ".join(strange[:5]) or "no wave",
            expected=_one_of(WAVES),
            hint="2025q3, 2025年第三季度, Sep 2025, 2025年9月, Wave 3 and 第3期 are understood as well",
        )
    kind = frequency_of(list(read.values()), kinds=WAVES, written=list(read))
    if kind == "day" and len(read) > 1:
        days = {text: dt.date.fromisoformat(label) for text, label in read.items()}
        ends = ({day.day for day in days.values()} == {1}, all(_next(day).day == 1 for day in days.values()))
        if any(ends):
            read, kind = {text: f"{day:%Y-%m}" for text, day in days.items()}, "month"
    return dict(sorted(read.items(), key=lambda item: number_of(item[1], kind)))


def _next(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def _one_of(kinds: Sequence[Frequency]) -> str:
    *first, last = (_EXAMPLES[kind] for kind in kinds)
    return f"{', '.join(first)} or {last}"


def frequency_of(
    labels: Sequence[str],
    *,
    what: str = "wave",
    kinds: Sequence[Frequency] = PERIODS,
    written: Sequence[str] | None = None,
) -> Frequency:
    """The kind that all labels are of; raises MethodError for a label of none of `kinds`, or of another than the first.

    `written`: what each label was called, for the error.
    """
    found = [next((kind for kind in kinds if _PATTERNS[kind].match(label)), None) for label in labels]
    called = list(labels if written is None else written)
    unknown = [label for label, kind in zip(called, found, strict=True) if kind is None]
    if unknown or not found:
        raise MethodError(
            f"A {what} label is not recognised.",
            where=", ".join(unknown[:5]) or f"no {what}",
            expected=_one_of(kinds),
        )
    first = found[0]
    other = [label for label, kind in zip(called, found, strict=True) if kind != first]
    if first is None or other:
        raise MethodError(
            f"The {what}s have labels of different kinds.",
            where=", ".join(other[:5]),
            expected=f"all like {called[0]}",
        )
    return first


def number_of(label: str, frequency: Frequency, *, what: str = "wave") -> int:
    """Number of the period, counted from year 0, day 0 or wave 0; raises MethodError for a label of another kind."""
    found = _PATTERNS[frequency].match(label)
    if found is None:
        raise MethodError(f"A {what} label is not recognised.", where=label, expected=f"a {frequency}")
    if frequency == "day":
        return dt.date.fromisoformat(label).toordinal()
    if frequency == "number":
        return int(found[1])
    return int(found[1]) * PER_YEAR[frequency] + (int(found[2]) - 1 if found[2] else 0)


def label_of(number: int, frequency: Frequency) -> str:
    """Label of a period by its number."""
    if frequency == "day":
        return dt.date.fromordinal(number).isoformat()
    if frequency == "number":
        return f"W{number}"
    year, part = divmod(number, PER_YEAR[frequency])
    labels: Mapping[Frequency, str] = {
        "year": f"{year:04d}",
        "half": f"{year:04d}H{part + 1}",
        "quarter": f"{year:04d}Q{part + 1}",
        "month": f"{year:04d}-{part + 1:02d}",
    }
    return labels[frequency]


def label_at(day: dt.date, frequency: Frequency) -> str:
    """Label of the period that a day lies in."""
    return label_of(day.year * PER_YEAR[frequency] + (day.month - 1) * PER_YEAR[frequency] // 12, frequency)


def last_day(number: int, frequency: Frequency) -> dt.date:
    """Last day of a period; of a day itself."""
    if frequency == "day":
        return dt.date.fromordinal(number)
    year, part = divmod(number, PER_YEAR[frequency])
    next_month = (part + 1) * (12 // PER_YEAR[frequency])
    return dt.date(year + next_month // 12, next_month % 12 + 1, 1) - dt.timedelta(days=1)
