"""Numbers, intervals, dates and lists as readers of each language expect them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

MISSING = "—"
TRUE_DIGITS = 10
"""Decimals of a figure that are more than noise of the arithmetic: 100 × 0.145 is 14.499999999999998."""
_HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP)
_MINUS = "−"
_JOINED = " "
"""No-break space: keeps an interval with a negative bound on one line."""
_LOCALES = {"zh": "zh_CN", "en": "en_GB"}
_WAVES = {
    "year": re.compile(r"(\d{4})()\Z"),
    "half": re.compile(r"(\d{4})H([12])\Z"),
    "quarter": re.compile(r"(\d{4})Q([1-4])\Z"),
    "month": re.compile(r"(\d{4})-(\d{2})\Z"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LATIN_START = re.compile(r"[A-Za-z]|\d[\d,.–]*\s")
_LATIN_END = re.compile(r"[A-Za-z0-9%]\Z")
_NUMBERED = re.compile(r"W(\d+)\Z")


def is_missing(value: object) -> bool:
    """Whether `value` is None, NaN, NaT, NA or empty text."""
    if value is None or value == "":
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return type(value).__name__ in {"NaTType", "NAType"}


def number(value: float | None, decimals: int = 1) -> str:
    """`value` with thousands separators, a true minus sign and never a negative zero.

    A half is rounded away from zero, as a spreadsheet shows it: 86.5 is 87, and 81.25 is 81.3.
    """
    if value is None or is_missing(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    told = Decimal(repr(round(float(value), TRUE_DIGITS))).quantize(Decimal(1).scaleb(-decimals), context=_HALF_UP)
    text = f"{told:,f}"
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.,") else _MINUS + text[1:]
    return text


def signed(value: float | None, decimals: int = 1) -> str:
    """`value` with its sign, as differences are written."""
    text = number(value, decimals)
    return text if text == MISSING or text.startswith(_MINUS) or not text.strip("0.,") else f"+{text}"


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return number(value, 0)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of 0–1 as a percentage."""
    return MISSING if share is None or is_missing(share) else f"{number(share * 100, decimals)}%"


def level(confidence: float) -> str:
    """A confidence level: 95%, 99.5%."""
    return f"{number(confidence * 100, 1).removesuffix('.0')}%"


def interval(low: float | None, high: float | None, lang: str, *, decimals: int = 1) -> str:
    """Bounds as 84.1–85.1; with a negative bound the dash would read as a minus, so a word stands between."""
    if low is None or high is None or is_missing(low) or is_missing(high):
        return MISSING
    return _between(number(low, decimals), number(high, decimals), lang)


def decimals_of_gain(value: float) -> int:
    """Decimals of points that a change is expected to bring: two, and one from ten on."""
    return 1 if abs(value) >= 10 else 2


def gained(value: float) -> str:
    """Points that a change is expected to bring."""
    return number(value, 2 if is_missing(value) else decimals_of_gain(value))


def gained_interval(value: float, low: float, high: float, lang: str) -> str:
    """Their interval, with as many decimals as the points themselves."""
    return interval(low, high, lang, decimals=2 if is_missing(value) else decimals_of_gain(value))


def percent_interval(low: float | None, high: float | None, lang: str, *, decimals: int = 1) -> str:
    """Bounds given as shares of 0–1, written as percentages."""
    if low is None or high is None or is_missing(low) or is_missing(high):
        return MISSING
    if low < 0:
        return _between(percent(low, decimals), percent(high, decimals), lang)
    return f"{number(low * 100, decimals)}–{percent(high, decimals)}"


def bracketed(value: str, bounds: str, lang: str) -> str:
    """A value with its interval behind it, in the brackets of the language."""
    return f"{value}（{bounds}）" if lang == "zh" else f"{value} ({bounds})"


def _between(low: str, high: str, lang: str) -> str:
    if not low.startswith(_MINUS):
        return f"{low}–{high}"
    return f"{low}{_JOINED}{'至' if lang == 'zh' else 'to'}{_JOINED}{high}"


def pvalue(value: float | None) -> str:
    """A p-value with three decimals, <0.001 below that."""
    if value is None or is_missing(value):
        return MISSING
    return "<0.001" if value < 0.0005 else number(value, 3)


def power(value: float | None) -> str:
    """The power of a test with three decimals, >0.999 above that."""
    if value is None or is_missing(value):
        return MISSING
    return ">0.999" if value > 0.9995 else number(value, 3)


def date(value: dt.date, lang: str) -> str:
    """2025年9月1日 or 1 September 2025."""
    return _date(value, "y年M月d日" if lang == "zh" else "d MMMM y", lang)


def _date(value: dt.date, pattern: str, lang: str) -> str:
    """A day or a part of it by a pattern of CLDR; strftime would follow the locale of the machine."""
    from babel.dates import format_date

    return format_date(value, pattern, locale=_LOCALES[lang])


def period(start: dt.date, end: dt.date, lang: str) -> str:
    """First to last day, the parts they share said once."""
    if start == end:
        return date(start, lang)
    if lang == "zh":
        tail = _date(end, "M月d日", lang) if start.year == end.year else date(end, lang)
        return f"{date(start, lang)}至{tail}"
    first = _date(start, "d MMMM", lang) if start.year == end.year else date(start, lang)
    if (start.year, start.month) == (end.year, end.month):
        first = str(start.day)
    return f"{first} to {date(end, lang)}"


def wave(label: str, lang: str, *, alone: bool = False) -> str:
    """A wave label such as 2025Q3, 2025H1, 2025-09, 2025, 2025-09-30 or W3 in words; any other label as it is.

    `alone`: in a cell or beside an axis, not in a sentence.
    """
    day, number = _DAY.match(label), _NUMBERED.match(label)
    if day:
        told = date(dt.date.fromisoformat(label), lang)
        return told if alone or lang == "zh" else f"the wave of {told}"
    if number:
        return f"第{number[1]}期" if lang == "zh" else f"Wave {number[1]}"
    for kind, pattern in _WAVES.items():
        match = pattern.match(label)
        if match:
            return _wave(kind, match[1], match[2], lang)
    return label


def _wave(kind: str, year: str, part: str, lang: str) -> str:
    if lang == "zh":
        endings = {"year": "年", "half": f"年{'上' if part == '1' else '下'}半年", "quarter": f"年第{part}季度"}
        return f"{year}{endings.get(kind, f'年{int(part or 0)}月')}"
    starts = {"year": year, "half": f"H{part} {year}", "quarter": f"Q{part} {year}"}
    return starts[kind] if kind in starts else _date(dt.date(int(year), int(part), 1), "MMMM y", lang)


def listed(words: Sequence[str], lang: str) -> str:
    """Words as a list in a sentence: 甲、乙和丙; A, B and C. In Chinese the last 和 keeps apart from Latin letters."""
    from babel.lists import format_list

    if lang != "zh" or len(words) < 2:
        return format_list(words, "standard", locale=_LOCALES[lang])
    *first, last = words
    before = " " if _LATIN_END.search(first[-1]) else ""
    after = " " if spaced(last) else ""
    return f"{'、'.join(first)}{before}和{after}{last}"


def spaced(text: str) -> bool:
    """Whether Chinese before `text` keeps a space: before Latin letters, or a number that is itself set off."""
    return bool(_LATIN_START.match(text))


def semicolons(phrases: Sequence[str], lang: str) -> str:
    """Phrases with commas in them as a list: 甲；乙 or A; B."""
    return ("；" if lang == "zh" else "; ").join(phrases)


def inside(name: str, lang: str) -> str:
    """A name as it stands inside a sentence: small initial in English, abbreviations as they are."""
    return name if lang == "zh" or name[:2].isupper() else name[:1].lower() + name[1:]


def either(parts: Sequence[str], lang: str) -> str:
    """A, B or C; empty for nothing."""
    from babel.lists import format_list

    return format_list(list(parts), "or", locale=_LOCALES[lang]) if parts else ""


def clauses(parts: Sequence[str], lang: str) -> str:
    """Clauses of one sentence, each with a verb of its own in Chinese: 甲如何，乙如何; A, B and C."""
    return "，".join(parts) if lang == "zh" else listed(parts, lang)


def joined(sentences: Sequence[str], lang: str) -> str:
    """Sentences as one paragraph: Chinese ones follow each other directly, English ones after a space."""
    return ("" if lang == "zh" else " ").join(sentence for sentence in sentences if sentence)
