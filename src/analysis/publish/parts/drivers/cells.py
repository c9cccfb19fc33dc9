"""Cells of the drivers: outcomes of every kind, and the terms of a regression."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels

NAMED = {"csi": "measures.csi", "satisfied": "measures.csat"}
"""Outcomes that are neither constructs nor items, and their wording."""


def outcome_name(key: str, labels: Labels) -> str:
    """Name of an outcome: the index, the share of satisfied customers, a construct or an item."""
    if key in NAMED:
        return labels.text(NAMED[key])
    return labels.construct(key) if _is_construct(key, labels) else labels.item(key)


def term_name(key: str, labels: Labels) -> str:
    """Name of what explains an outcome: a construct or a background question."""
    return labels.construct(key) if _is_construct(key, labels) else labels.question(key)


def _is_construct(key: str, labels: Labels) -> bool:
    return any(construct.key == key for construct in labels.edition.instrument.constructs)


def _outcome(row: Row, column: Column, labels: Labels) -> str:
    return outcome_name(str(row[column.sources[0]]), labels)


def _term(row: Row, column: Column, labels: Labels) -> str:
    """A term with its category, and with the other one where it is an interaction."""
    sources = column.sources
    parts = []
    for term, category in zip(sources[::2], sources[1::2], strict=True):
        if not formats.is_missing(row[term]):
            name, code = term_name(str(row[term]), labels), row[category]
            answer = "" if formats.is_missing(code) else labels.category(str(row[term]), str(code))
            parts.append(labels.text("text.answer", name=name, answer=answer) if answer else name)
    return " × ".join(parts)


def _term_alone(row: Row, column: Column, labels: Labels) -> str:
    return term_name(str(row[column.sources[0]]), labels)


OUTCOME = Kind(_outcome, names=True, same_people=True)
TERM = Kind(_term, names=True)
TERM_ALONE = Kind(_term_alone, names=True, same_people=True)
