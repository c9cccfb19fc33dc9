"""Cells of the robustness: options of a choice, levels in points or percent, what a specification found."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.robustness.scoring import HIGH


def option(choice: str, code: str, labels: Labels) -> str:
    """An option of a choice in words."""
    return labels.text(f"robust_options.{choice}.{code}")


def _option(row: Row, column: Column, labels: Labels) -> str:
    code = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(code) else option(column.detail, str(code), labels)


def _of_choice(row: Row, column: Column, labels: Labels) -> str:
    choice, code = (str(row[source]) for source in column.sources)
    return option(choice, code, labels)


def _level(row: Row, column: Column, labels: Labels) -> str:
    value = formats.number(row[column.sources[0]], 1)
    return f"{value}%" if row["scoring"] == HIGH and value != formats.MISSING else value


def _range(row: Row, column: Column, labels: Labels) -> str:
    low, high = (row[source] for source in column.sources)
    return formats.interval(low, high, labels.lang, decimals=2)


def _found(row: Row, column: Column, labels: Labels) -> str:
    code = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(code) else labels.construct(str(code))


OPTION = Kind(_option, names=True, same_people=True)
OPTION_OF_CHOICE = Kind(_of_choice, names=True, same_people=True)
LEVEL = Kind(_level, numeric=True)
SHIFT = Kind(lambda row, column, labels: formats.signed(row[column.sources[0]], 2), numeric=True)
SHIFTS = Kind(_range, numeric=True)
FOUND_DRIVER = Kind(_found)
"""A construct that the specification found to be the strongest: a result, not the name of the row."""
