"""Texts of one column into typed values: numbers, categories, dates and durations, each refusal with its reason."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import Field, fold
from analysis.data.dates import read_dates
from analysis.data.lookalikes import likely

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII)
_DIGITS = r"^-?\d{1,50}(?:\.\d{1,40})?$"
"""Numbers that need no second look."""
_CLOCK = re.compile(r"(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)", re.ASCII)
_SPAN = re.compile(
    r"(?:(\d+)\s*(?:小时|时|hours?|hrs?|h)\s*)?"
    r"(?:(\d+)\s*(?:分钟|分|minutes?|mins?|m)\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:秒钟|秒|seconds?|secs?|s))?",
    re.ASCII,
)
SCORED = re.compile(r"([+-]?\d+(?:\.\d+)?)\.?\s*[^\d\s.,][^\d]*|[^\d]*[(\[]\s*([+-]?\d+)\s*分?[)\]]", re.ASCII)
"""A score with its wording: `9 - best`, `5分`, `1. very bad`, `very good (5)`."""
_GROUPED = re.compile(r"[+-]?\d[\d.,]*", re.ASCII)
SEVERAL = "┋"
"""What 问卷星 joins the answers to a question of several choices with."""

_SHEET_ERRORS = frozenset(
    {"#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#n/a", "#spill!", "#calc!", "#getting_data"}
)
"""What a formula of a spreadsheet leaves where it fails, folded."""

SPSS_MISSING = "#null!"
"""What SPSS writes into a spreadsheet where a value is missing."""
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


def is_one_of(text: pd.Series, codes: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Whether each cell is one of `codes`, as text or as the same number."""
    named = list(codes)
    texts = {fold(code) for code in named}
    numbers = {number for code in named if (number := as_number(code)) is not None}
    positions, distinct = pd.factorize(text)
    known = [fold(str(value)) in texts or as_number(str(value)) in numbers for value in distinct]
    return np.asarray(np.array(known, dtype=bool)[positions])


def missing_codes(codes: Iterable[str]) -> Missing:
    """Missing codes of the params, told apart into texts and numbers; an empty cell and SPSS's #NULL! always are."""
    numbers = {code: as_number(code) for code in codes}
    return Missing(
        texts=frozenset({"", SPSS_MISSING, *(fold(code) for code, number in numbers.items() if number is None)}),
        numbers=frozenset(number for number in numbers.values() if number is not None),
    )


def convert(text: pd.Series, *, field: Field, values: Mapped, missing: Missing) -> Converted:
    """Type one text column by its field; every distinct text is judged once, so that long columns stay cheap."""
    if field.kind in {"id", "text"}:
        return _texts(text, field, missing)
    positions, distinct = pd.factorize(text)
    if field.kind == "datetime":
        written = distinct.to_numpy(dtype=object).tolist()
        typed, reasons = read_dates(written, order=field.dates)
        for at in np.flatnonzero(reasons != ""):
            reasons[at] = "" if _is_absent(written[at], missing) else reasons[at]
    else:
        mapping = {fold(key): value for key, value in values.items()}
        make = _categories if field.kind == "category" else _numbers
        typed, reasons = make(distinct, field, mapping, missing)
    if field.filled:
        reasons[(typed.isna().to_numpy() & (reasons == ""))] = "has no value"
    taken = typed.take(positions).reset_index(drop=True)
    return Converted(taken, reasons[positions] if (reasons != "").any() else None)


def _categories(distinct: pd.Index, field: Field, mapping: Mapped, missing: Missing) -> tuple[pd.Series, Reasons]:
    judged = [_judge(str(value), field, mapping, missing, {}) for value in distinct]
    reasons = np.array([reason for _, reason in judged], dtype=object)
    return pd.Series([value for value, _ in judged], dtype="str"), reasons


def _numbers(distinct: pd.Index, field: Field, mapping: Mapped, missing: Missing) -> tuple[pd.Series, Reasons]:
    """Numbers of distinct texts: those written plainly at once, the others one by one."""
    typed, reasons = _plain_numbers(distinct, field, mapping, missing), np.full(len(distinct), "", dtype=object)
    others = np.flatnonzero(np.isnan(typed))
    written = distinct[others].to_numpy(dtype=object).tolist()
    commas = _decimal_points(written, field, points=bool(distinct.str.contains(".", regex=False).any()))
    for at, text in zip(others, written, strict=True):
        value, reasons[at] = _judge(text, field, mapping, missing, commas)
        typed[at] = np.nan if value is None else value
    return pd.Series(typed), reasons


def _plain_numbers(distinct: pd.Index, field: Field, mapping: Mapped, missing: Missing) -> npt.NDArray[np.float64]:
    """Numbers of digits and a point that are answers and nothing else; NaN for every other text."""
    import pyarrow as pa
    from pyarrow import compute

    typed = np.full(len(distinct), np.nan)
    texts = pa.array(distinct, type=pa.string())
    plain = compute.match_substring_regex(texts, _DIGITS).to_numpy(zero_copy_only=False)
    numbers = texts.filter(pa.array(plain)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    mapped = [number for key in mapping if (number := as_number(key)) is not None]
    usable = ~np.isin(numbers, [*missing.numbers, *mapped])
    low, high = (-np.inf if field.low is None else field.low), (np.inf if field.high is None else field.high)
    usable &= (numbers > low if field.above else numbers >= low) & (numbers <= high)
    if field.whole:
        usable &= numbers == np.floor(numbers)
    if field.reverse_sum is not None:
        numbers = field.reverse_sum - numbers
    typed[plain] = np.where(usable, numbers, np.nan)
    return typed


def _matching(stripped: pd.Series, codes: frozenset[str]) -> npt.NDArray[np.bool_]:
    """Cells that are one of `codes`, folded; only texts that are no longer than these are looked at one by one."""
    found = stripped.str.lower().isin(codes).to_numpy(dtype=bool)
    odd = stripped[~stripped.str.isascii() & (stripped.str.len() <= max(map(len, codes), default=0) + 4)]
    others = [text for text in odd.unique() if fold(text) in codes]
    return found | stripped.isin(others).to_numpy(dtype=bool) if others else found


def _texts(text: pd.Series, field: Field, missing: Missing) -> Converted:
    stripped = text.str.strip().reset_index(drop=True)
    empty = _matching(stripped, missing.texts)
    values = stripped.mask(empty)
    reasons = np.full(len(values), "", dtype=object)
    if field.filled:
        reasons[empty] = "has no value"
    if field.kind == "id":
        reasons[_matching(stripped, _SHEET_ERRORS - missing.texts)] = "is the error of a formula"
    return Converted(values, reasons if (reasons != "").any() else None)


def _is_absent(text: str, missing: Missing) -> bool:
    folded = fold(text)
    return folded in missing.texts or (bool(missing.numbers) and as_number(folded) in missing.numbers)


def _decimal_points(written: Iterable[str], field: Field, *, points: bool) -> dict[str, str]:
    """Numbers with commas, folded, as numbers without; a comma is what `decimal` says, or what the column shows.

    `points`: whether the column holds numbers with a point. Not given and not to be told (every comma stands before
    three digits, and no point is there) it is left as it is.
    """
    found = [text for value in written if "," in value and _GROUPED.fullmatch(text := fold(value))]
    if not found:
        return {}
    decimal = field.decimal
    if decimal == "auto":
        both = [text for text in found if "." in text]
        lone = [text for text in found if "." not in text]
        if both:
            decimal = "comma" if both[0].rfind(",") > both[0].rfind(".") else "point"
        elif any(not re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+", text) for text in lone):
            decimal = "comma"
        else:
            decimal = "point" if field.whole or points else "auto"
    if decimal in {"auto", None}:
        return {}
    if decimal == "comma":
        return {text: text.replace(".", "").replace(",", ".") for text in found}
    return {text: text.replace(",", "") for text in found}


def _judge(
    text: str, field: Field, mapping: Mapped, missing: Missing, plain: Mapping[str, str]
) -> tuple[float | str | None, str]:
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
    if field.kind == "category":
        return _category(text if mapped is None else str(mapped), field)
    folded = plain.get(folded, folded)
    if field.answer and folded not in field.labels and (scored := SCORED.fullmatch(folded)):
        folded = scored[1] or scored[2]
        if _is_missing(folded, field, missing):
            return None, ""
    return _numeric(folded, field)


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
    if SEVERAL in written:
        return None, f"holds several answers joined by {SEVERAL}: name the question under `multiple` in the instrument"
    if field.bounds:
        return _class_of(written, field)
    if not field.categories:
        return _whole_text(written) if "." in written else written, ""
    known = [form for form in (written, _whole_text(written)) if form in field.categories]
    code = known[0] if known else field.labels.get(fold(written))
    if code is not None:
        return code, ""
    shown = ", ".join(field.categories[:8]) + (", …" if len(field.categories) > 8 else "")
    meant = likely(written, field.labels)
    return None, f"is not one of {shown}" + f" ({written[:40]!r} may be {meant}: map it in values)" * bool(meant)


def _class_of(written: str, field: Field) -> tuple[str | None, str]:
    """The class of a number, or a class as it is named."""
    code = field.labels.get(fold(written))
    if code is not None:
        return code, ""
    number = as_number(written)
    if number is None:
        return None, "is not a number or one of the classes"
    place = bisect_right(field.bounds, number)
    return (field.categories[place - 1], "") if place else (None, f"is below {field.bounds[0]:g}, the first class")


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
        if "," in folded and _GROUPED.fullmatch(folded):
            return None, "has a comma that may part decimals or thousands: give `decimal`"
        return None, f"is not {field.expected or kind}"
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
