"""Dates as people and programs write them; the order of day, month and year is told by a whole column, or given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.columns import fold
from analysis.edition.sections.data import DateOrder

_HALF = r"(?:上午|下午|凌晨|早上|中午|晚上|[ap]\.?m\.?)"
_TIME = (
    rf"(?:[t,\s]*(?P<before>{_HALF})?\s*(?P<hour>\d{{1,2}})[:时点](?P<minute>\d{{2}})分?"
    rf"(?::?(?P<second>\d{{2}}(?:\.\d{{1,9}})?)秒?)?\s*(?P<after>{_HALF})?)?"
    r"\s*(?:z|(?:gmt|utc)?\s*[+-]\d{1,2}(?::?\d{2})?|gmt|utc)?(?:\s*\([^()]*\))?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<word>{'|'.join(_MONTHS)})[a-z]*\.?"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)?"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?" + _TIME, re.ASCII
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _TIME, re.ASCII)
_THREE = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME, re.ASCII)
_WORDED = (
    re.compile(rf"(?P<day>\d{{1,2}})[- ]{_MONTH}[-, ]+(?P<year>\d{{4}}|\d{{2}})" + _TIME, re.ASCII),
    re.compile(rf"(?:[a-z]{{3,9}},?\s+)?{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})" + _TIME, re.ASCII),
)
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?", re.ASCII)
"""Days since the end of 1899, as spreadsheets store a date: 1954 to 2119."""

_ORDERS: dict[str, tuple[int, int, int]] = {"month_first": (2, 0, 1), "day_first": (2, 1, 0), "year_first": (0, 1, 2)}
"""Places of year, month and day among the three numbers."""
assert set(_ORDERS) | {"auto"} == set(get_args(DateOrder))

UNCLEAR = "is a date whose day and month can't be told apart: write the year first, or give `dates`"
NO_DATE = "is not a date such as 2025-10-31 or 2025-10-31 14:05"


def read_dates(
    written: Sequence[str], *, order: DateOrder | None = "auto"
) -> tuple[pd.Series, npt.NDArray[np.object_]]:
    """Dates of the distinct texts of a column and, for each that is none, why ("" elsewhere).

    Year first, compact, with the name of the month, with AM/PM or 下午, with an offset from UTC, or as the serial
    number of a spreadsheet. Three numbers without a year of four digits in front (`03/22/23`) are read by `order`,
    or where only one order of day, month and year fits the whole column (None: by no order).
    """
    text = pd.Series(list(written), dtype="str")
    plain = text.str.fullmatch(_ISO).to_numpy(dtype=bool)
    others = np.flatnonzero(~plain).tolist()
    folded = [fold(written[at]) for at in others]
    three = [_THREE.fullmatch(said) for said in folded]
    places = _place(three, order)
    pairs = zip(folded, three, strict=True)
    read = [_one(said) if match is None else _ordered(match, places) if places else None for said, match in pairs]
    iso = text.where(plain).astype(object)
    iso.iloc[others] = np.array(read, dtype=object)
    # the clock of the place counts, so an offset from UTC is left out rather than applied
    parsed = pd.to_datetime(iso, format="ISO8601", errors="coerce")
    parsed = parsed.astype("datetime64[us]").where(parsed.dt.year.between(1900, 2100))
    reasons = np.full(len(text), "", dtype=object)
    reasons[parsed.isna().to_numpy()] = NO_DATE
    reasons[[at for at, match in zip(others, three, strict=True) if match is not None and places is None]] = UNCLEAR
    return parsed, reasons


def _place(three: Iterable[re.Match[str] | None], order: DateOrder | None) -> tuple[int, int, int] | None:
    """Where year, month and day stand: as given, or the only order that fits all texts; None where several do."""
    if order != "auto":
        return _ORDERS[order] if order else None
    numbers = [tuple(int(match[group]) for group in (1, 3, 4)) for match in three if match]
    fitting = [
        places
        for places in _ORDERS.values()
        if all(1 <= n[places[1]] <= 12 and 1 <= n[places[2]] <= 31 and (places[0] == 2 or n[2] <= 31) for n in numbers)
    ]
    return fitting[0] if numbers and len(fitting) == 1 else None


def _ordered(match: re.Match[str], places: tuple[int, int, int]) -> str:
    parts = (match[1], match[3], match[4])
    year, month, day = (parts[place] for place in places)
    return _iso(match, year, int(month), day)


def _one(text: str) -> str | None:
    """The ISO form of a date whose order needs no other text, or None."""
    for pattern in (_YEAR_FIRST, _COMPACT):
        if match := pattern.fullmatch(text):
            return _iso(match, match["year"], int(match["month"]), match["day"])
    for pattern in _WORDED:
        if match := pattern.fullmatch(text):
            return _iso(match, match["year"], _MONTHS.index(match["word"]) + 1, match["day"])
    if _SERIAL.fullmatch(text):
        moment = pd.Timestamp("1899-12-30") + pd.to_timedelta(round(float(text) * 86400), unit="s")
        return moment.isoformat()
    return None


def _iso(match: re.Match[str], year: str, month: int, day: str) -> str:
    whole = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    hour = int(match["hour"] or 0)
    half = (match["before"] or match["after"] or "").replace(".", "")
    if half in {"pm", "下午", "晚上"} or (half == "中午" and hour < 11):
        hour += 12 if hour < 12 else 0
    elif half in {"am", "上午", "凌晨", "早上"} and hour == 12:
        hour = 0
    return (
        f"{whole:04d}-{month:02d}-{int(day):02d}T{hour:02d}:{int(match['minute'] or 0):02d}:{match['second'] or '00'}"
    )
