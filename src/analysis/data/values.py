"""Texts of one column into typed values: numbers, categories, dates and durations, each refusal with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import Field, fold

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII)
_CLOCK = re.compile(r"(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)", re.ASCII)
_SPAN = re.compile(
    r"(?:(\d+)\s*(?:小时|时|hours?|hrs?|h)\s*)?"
    r"(?:(\d+)\s*(?:分钟|分|minutes?|mins?|m)\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:秒钟|秒|seconds?|secs?|s))?",
    re.ASCII,
)
_TIME = r"(?:[t ]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?\s*(?:z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}:\d{2})?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?" + _TIME, re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME, re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _TIME, re.ASCII)

_SHEET_ERRORS = frozenset(
    {"#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#n/a", "#spill!", "#calc!", "#getting_data"}
)
"""What a formula of a spreadsheet leaves where it fails, folded."""

LONGEST_NUMBER = 100
"""Characters of a number or a duration."""

Mapped = Mapping[str, str | int | float]
Reasons = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Missing:
    """Codes that mean "no answer": `texts` hold anywhere, `numbers` only where no genuine number is hidden by them."""

    texts: frozenset[str]
    numbers: frozenset[float]


@dataclass(frozen=True)
class Converted:
    """One column, `typed` (missing where there is no value) and, per row, why it was refused ("" if it was not)."""

    typed: pd.Series
    reasons: Reasons | None


def as_number(text: str) -> float | None:
    """The number a text holds, or None; NaN and infinity are no numbers here."""
    folded = fold(text).replace("\u2212", "-")
    number = float(folded) if len(folded) <= LONGEST_NUMBER and _NUMBER.fullmatch(folded) else np.nan
    return number if np.isfinite(number) else None


def missing_codes(codes: Iterable[str]) -> Missing:
    """Missing codes of the params, told apart into texts and numbers; an empty cell is always missing."""
    numbers = {code: as_number(code) for code in codes}
    return Missing(
        texts=frozenset({"", *(fold(code) for code, number in numbers.items() if number is None)}),
        numbers=frozenset(number for number in numbers.values() if number is not None),
    )


def convert(text: pd.Series, *, field: Field, values: Mapped, missing: Missing) -> Converted:
    """Type one text column by its field; every distinct text is judged once, so that long columns stay cheap."""
    if field.kind in {"id", "text"}:
        return _texts(text, field, missing)
    positions, distinct = pd.factorize(text)
    written = [str(value) for value in distinct]
    if field.kind == "datetime":
        typed, reasons = _dates(written, missing)
    else:
        mapping = {fold(key): value for key, value in values.items()}
        judged = [_judge(value, field, mapping, missing) for value in written]
        reasons = np.array([reason for _, reason in judged], dtype=object)
        found = [value for value, _ in judged]
        if field.kind == "category":
            typed = pd.Series(found, dtype="str")
        else:
            typed = pd.Series([np.nan if v is None else v for v in found], dtype="float64")
    if field.filled:
        reasons[(typed.isna().to_numpy() & (reasons == ""))] = "has no value"
    taken = typed.take(positions).reset_index(drop=True)
    return Converted(taken, reasons[positions] if (reasons != "").any() else None)


def _texts(text: pd.Series, field: Field, missing: Missing) -> Converted:
    stripped = text.str.strip().reset_index(drop=True)
    longest = max(len(code) for code in missing.texts)
    short = stripped[stripped.str.len() <= max(longest, 12) + 4]
    codes = [value for value in short.unique() if fold(value) in missing.texts]
    empty = stripped.isin(codes)
    values = stripped.mask(empty)
    reasons = np.full(len(values), "", dtype=object)
    if field.filled:
        reasons[empty.to_numpy()] = "has no value"
    if field.kind == "id":
        broken = [value for value in short.unique() if fold(value) in _SHEET_ERRORS - missing.texts]
        reasons[stripped.isin(broken).to_numpy()] = "is the error of a formula"
    return Converted(values, reasons if (reasons != "").any() else None)


def _judge(text: str, field: Field, mapping: Mapped, missing: Missing) -> tuple[float | str | None, str]:
    """Value and reason of one distinct text: missing code, then mapped answer, then code or number, then label."""
    folded = fold(text)
    if _is_missing(folded, field, missing):
        return None, ""
    mapped = mapping.get(folded, mapping.get(_whole_text(folded)))
    if mapped is not None:
        folded = fold(str(mapped))
        if _is_missing(folded, field, missing):
            return None, ""
    if folded in _SHEET_ERRORS:
        return None, "is the error of a formula"
    return (
        _category(text if mapped is None else str(mapped), field)
        if field.kind == "category"
        else _numeric(folded, field)
    )


def _is_missing(folded: str, field: Field, missing: Missing) -> bool:
    if folded in missing.texts:
        return True
    number = as_number(folded)
    if number is None or number not in missing.numbers:
        return False
    return field.answer or field.kind == "category" or bool(_range_fault(number, field))


def _whole_text(text: str) -> str:
    """A whole number without its decimals ("2.0" becomes "2"), any other text as it is."""
    number = as_number(text)
    return str(int(number)) if number is not None and number.is_integer() and abs(number) < 1e15 else text


def _category(text: str, field: Field) -> tuple[str | None, str]:
    written = text.strip()
    if field.pattern:
        written = field.labels.get(fold(written), written)
        matches = re.fullmatch(field.pattern, written) is not None
        return (written, "") if matches else (None, f"is not {field.expected}")
    if not field.categories:
        return _whole_text(written) if "." in written else written, ""
    for form in (written, _whole_text(written)):
        if form in field.categories:
            return form, ""
    code = field.labels.get(fold(written))
    if code is not None:
        return code, ""
    shown = ", ".join(field.categories[:8]) + (", …" if len(field.categories) > 8 else "")
    return None, f"is not one of {shown}"


def _numeric(folded: str, field: Field) -> tuple[float | None, str]:
    number = as_number(folded)
    if number is None and folded in field.labels:
        number = float(field.labels[folded])
    if number is None and field.kind == "duration":
        number = _seconds(folded)
    if number is None:
        kind = (
            "a duration (123, 123秒, 2 min 3 s, 0:02:03)" if field.kind == "duration" else "a number or a known label"
        )
        return None, f"is not {kind}"
    fault = _range_fault(number, field)
    if fault:
        return None, fault
    return (field.reverse_sum - number if field.reverse_sum is not None else number), ""


def _range_fault(number: float, field: Field) -> str:
    if field.low is not None and (number < field.low or (field.above and number == field.low)):
        if field.high is None:
            return f"is not above {field.low:g}" if field.above else f"is below {field.low:g}"
        return f"is outside {field.low:g} to {field.high:g}"
    if field.high is not None and number > field.high:
        return f"is above {field.high:g}" if field.low is None else f"is outside {field.low:g} to {field.high:g}"
    return "is not a whole number" if field.whole and not number.is_integer() else ""


def _seconds(folded: str) -> float | None:
    match = (_CLOCK.fullmatch(folded) or _SPAN.fullmatch(folded)) if len(folded) <= LONGEST_NUMBER else None
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _dates(written: list[str], missing: Missing) -> tuple[pd.Series, Reasons]:
    """Dates of distinct texts. Day and month first are read only where the column as a whole tells which is which."""
    folded = [fold(text) for text in written]
    empty = [text in missing.texts or (bool(missing.numbers) and as_number(text) in missing.numbers) for text in folded]
    year_last = [_YEAR_LAST.fullmatch(text) for text in folded]
    first = max((int(m[1]) for m in year_last if m), default=0)
    second = max((int(m[2]) for m in year_last if m), default=0)
    order = (3, 2, 1) if first > 12 >= second else (3, 1, 2) if second > 12 >= first else None
    iso: list[Any] = []
    for text, late in zip(folded, year_last, strict=True):
        if _ISO.fullmatch(text):
            iso.append(text)
        elif match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
            iso.append(_iso(match, (1, 2, 3)))
        else:
            iso.append(_iso(late, order) if late and order else None)
    # the clock of the place counts, so an offset from UTC is left out rather than applied
    parsed = pd.to_datetime(pd.Series(iso, dtype="object"), format="ISO8601", errors="coerce")
    parsed = parsed.astype("datetime64[us]").where(parsed.dt.year.between(1900, 2100))
    reasons = np.full(len(written), "", dtype=object)
    for i in np.flatnonzero(parsed.isna().to_numpy()):
        if not empty[i]:
            unclear = year_last[i] is not None and order is None
            reasons[i] = (
                "is a date whose day and month can't be told apart: write the year first"
                if unclear
                else "is not a date such as 2025-10-31 or 2025-10-31 14:05"
            )
    return parsed, reasons


def _iso(match: re.Match[str], order: tuple[int, int, int]) -> str:
    year, month, day = (int(match[i]) for i in order)
    hour, minute, second = int(match[4] or 0), int(match[5] or 0), match[6] or "00"
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second}"
