"""Cells of standards and benchmarks: values with their units."""

from __future__ import annotations

from analysis.publish.comparison import verdict
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels, catalogue


def _amount(row: Row, column: Column, labels: Labels) -> str:
    return amount(row[column.sources[0]], str(row["unit"]), labels)


def limit(row: Row, labels: Labels) -> str:
    """The limit of a step with its bound and unit, or the mark of a missing value."""
    if formats.is_missing(row["limit"]):
        return formats.MISSING
    sign = labels.text(f"bounds.{row['bound']}")
    text = f"{sign} {amount(row['limit'], str(row['unit']), labels)}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def amount(value: float | None, unit: str, labels: Labels) -> str:
    """A value with its unit; whole numbers without decimals unless they are scores or percentages."""
    if value is None or formats.is_missing(value):
        return formats.MISSING
    if unit == "percent":
        return f"{formats.number(value, 1).removesuffix('.0')}%"
    decimals = 0 if float(value).is_integer() and unit != "score" else 1
    key = f"units.{unit}" if abs(value) != 1 or f"units.{unit}_one" not in catalogue() else f"units.{unit}_one"
    return labels.text(key, value=formats.number(value, decimals))


def _change(row: Row, column: Column, labels: Labels) -> str:
    value, unit = (row[source] for source in column.sources)
    text = amount(value, str(unit), labels)
    return text if text == formats.MISSING or value <= 0 else f"+{text}"


def _amount_interval(row: Row, column: Column, labels: Labels) -> str:
    low, high, unit = (row[source] for source in column.sources)
    if unit == "percent" and not formats.is_missing(low):
        return formats.percent_interval(low / 100, high / 100, labels.lang)
    return formats.interval(low, high, labels.lang)


def _against(row: Row, column: Column, labels: Labels) -> str:
    gap, p = (row[source] for source in column.sources)
    if formats.is_missing(gap) or formats.is_missing(p):
        return formats.MISSING
    return labels.text(f"verdicts.{verdict(gap, p, confidence=labels.edition.index.confidence)}")


def _remark(row: Row, column: Column, labels: Labels) -> str:
    note, other = row[f"note_{labels.lang}"], row[f"disagrees_{labels.lang}"]
    disagrees = "" if formats.is_missing(other) else labels.text("text.disagrees", name=other)
    return formats.semicolons([text for text in (note, disagrees) if text], labels.lang) or formats.MISSING


AMOUNT = Kind(_amount, numeric=True)
AMOUNT_INTERVAL = Kind(_amount_interval, numeric=True)
CHANGE = Kind(_change, numeric=True)
AGAINST = Kind(_against)
REMARK = Kind(_remark)
LIMIT = Kind(lambda row, column, labels: limit(row, labels), numeric=True)
