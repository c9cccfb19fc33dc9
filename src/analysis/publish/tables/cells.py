"""How the cells of the usual kinds are written; a part that needs a kind of its own keeps it beside its tables."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _words(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(value) else labels.known(column.detail, str(value))


def _deviation(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    if formats.is_missing(value):
        return formats.MISSING
    return "<0.01%" if 0 <= value < 0.0001 else formats.percent(value, 2)


def _flag(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    if formats.is_missing(value):
        return formats.MISSING
    return labels.text("flags.yes" if str(value).lower() in {"true", "1", "1.0"} else "flags.no")


def _category(row: Row, column: Column, labels: Labels) -> str:
    question, code = (row[source] for source in column.sources)
    return labels.text("columns.overall") if formats.is_missing(code) else labels.category(str(question), str(code))


def _found_category(row: Row, column: Column, labels: Labels) -> str:
    return formats.MISSING if formats.is_missing(row[column.sources[1]]) else _category(row, column, labels)


def _stratum(row: Row, column: Column, labels: Labels) -> str:
    return labels.category(labels.edition.sampling.stratum or "", str(row[column.sources[0]]))


def _count(row: Row, column: Column, labels: Labels) -> str:
    return formats.count(row[column.sources[0]])


def _interval(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources)
    return formats.interval(low, high, labels.lang, decimals=int(column.detail))


def _text(row: Row, column: Column, labels: Labels) -> str:
    index = labels.lang == "en" and len(column.sources) == 2
    value = row[column.sources[int(index)]]
    return formats.MISSING if formats.is_missing(value) else str(value)


def _channel(row: Row, column: Column, labels: Labels) -> str:
    return labels.channel(str(row[column.sources[0]]))


def _percent_interval(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources)
    return formats.percent_interval(low, high, labels.lang)


def _section(row: Row, column: Column, labels: Labels) -> str:
    return f"@{row[column.sources[0]]}" if row[column.sources[0]] else formats.MISSING


def _wave(row: Row, column: Column, labels: Labels) -> str:
    return formats.wave(str(row[column.sources[0]]), labels.lang, alone=True)


TEXT = Kind(_text)
NAME = Kind(_text, names=True)
VOICE = Kind(_text, voice=True)
COUNT = Kind(_count, numeric=True)
NUMBER = Kind(lambda row, column, labels: formats.number(row[column.sources[0]], int(column.detail)), numeric=True)
SIGNED = Kind(lambda row, column, labels: formats.signed(row[column.sources[0]]), numeric=True)
PERCENT = Kind(lambda row, column, labels: formats.percent(row[column.sources[0]]), numeric=True)
POINTS = Kind(lambda row, column, labels: formats.signed(row[column.sources[0]] * 100), numeric=True)
PVALUE = Kind(lambda row, column, labels: formats.pvalue(row[column.sources[0]]), numeric=True)
POWER = Kind(lambda row, column, labels: formats.power(row[column.sources[0]]), numeric=True)
INTERVAL = Kind(_interval, numeric=True)
PERCENT_INTERVAL = Kind(_percent_interval, numeric=True)
DEVIATION = Kind(_deviation, numeric=True)
FLAG = Kind(_flag)
WORDS = Kind(_words, names=True)
CONSTRUCT = Kind(
    lambda row, column, labels: labels.construct(str(row[column.sources[0]])), names=True, same_people=True
)
ITEM = Kind(lambda row, column, labels: labels.item(str(row[column.sources[0]])), names=True, same_people=True)
ITEM_ON_SCALE = Kind(
    lambda row, column, labels: labels.item_on_scale(str(row[column.sources[0]])), names=True, same_people=True
)
QUESTION = Kind(lambda row, column, labels: labels.question(str(row[column.sources[0]])), names=True)
SCENARIO = Kind(lambda row, column, labels: labels.scenario(str(row[column.sources[0]])), names=True)
WAVE = Kind(_wave, names=True)
CATEGORY = Kind(_category, names=True)
FOUND_CATEGORY = Kind(_found_category)
"""A category that the table found, such as the largest: a result, not the name of the row."""
STRATUM = Kind(_stratum, names=True)
CHANNEL = Kind(_channel, names=True)
SECTION = Kind(_section, markup=True)
