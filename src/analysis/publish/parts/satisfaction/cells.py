"""Cells of the index: points for CSI, percent for CSAT."""

from __future__ import annotations

from analysis.publish.comparison import verdict
from analysis.publish.tables.cells import QUESTION
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _measure(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[1]]
    return formats.percent(value) if row["measure"] == "csat" else formats.number(value, 1)


def _measure_interval(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources[1:])
    write = formats.percent_interval if row["measure"] == "csat" else formats.interval
    return write(low, high, labels.lang)


def _measure_error(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[1]]
    if formats.is_missing(value) or row["measure"] != "csat":
        return formats.number(value, 2)
    return labels.text("units.points", value=formats.number(value * 100, 2))


def _asked(row: Row, column: Column, labels: Labels) -> str:
    return formats.MISSING if formats.is_missing(row[column.sources[0]]) else QUESTION.write(row, column, labels)


def _answered(row: Row, column: Column, labels: Labels) -> str:
    question, code = (row[source] for source in column.sources)
    return formats.MISSING if formats.is_missing(code) else labels.category(str(question), str(code))


def _compared(row: Row, column: Column, labels: Labels) -> str:
    name = str(row[column.sources[0]])
    return labels.text(f"measures.{name}") if name in {"csi", "csat"} else labels.construct(name)


def _verdict(row: Row, column: Column, labels: Labels) -> str:
    difference, p = (row[source] for source in column.sources)
    if formats.is_missing(difference) or formats.is_missing(p):
        return formats.MISSING
    return labels.text(f"against.{verdict(difference, p, confidence=labels.edition.index.confidence)}")


COMPARED = Kind(_compared, names=True, same_people=True)
AGAINST = Kind(_verdict)
MEASURE = Kind(_measure, numeric=True)
MEASURE_INTERVAL = Kind(_measure_interval, numeric=True)
MEASURE_ERROR = Kind(_measure_error, numeric=True)
ASKED = Kind(_asked, names=True, same_people=True)
"""A question of several in one table: its answers are counted among themselves."""
ANSWERED = Kind(_answered, names=True)
