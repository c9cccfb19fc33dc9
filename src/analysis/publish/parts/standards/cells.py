"""Cells of the service log: durations in the clock of their step, and institutions."""

from __future__ import annotations

from analysis.publish.comparison import verdict
from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _duration(row: Row, column: Column, labels: Labels) -> str:
    """Hours with one decimal, working days as they are counted: whole."""
    value, clock = (row[source] for source in column.sources)
    if formats.is_missing(value):
        return formats.MISSING
    return labels.text(f"clocks.{clock}", value=formats.number(value, 1).removesuffix(".0"))


def institution(code: str, labels: Labels) -> str:
    """The name of a kind of institution, as the questionnaire has it."""
    return labels.category("institution_type", code)


def _against_others(row: Row, column: Column, labels: Labels) -> str:
    gap, p = (row[source] for source in column.sources)
    if formats.is_missing(gap) or formats.is_missing(p):
        return formats.MISSING
    return labels.text(f"kept.{verdict(gap, p, confidence=labels.edition.service.confidence)}")


DURATION = Kind(_duration, numeric=True)
INSTITUTION = Kind(lambda row, column, labels: institution(str(row[column.sources[0]]), labels), names=True)
AGAINST_OTHERS = Kind(_against_others)
