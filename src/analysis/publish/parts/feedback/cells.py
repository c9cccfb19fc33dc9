"""Cells of tickets and texts: whose tickets, which class and theme, and shares that nothing corrected, marked."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import Labels

UNCORRECTED = "†"


def tickets_of(question: str, category: str, labels: Labels) -> str:
    """The tickets of one channel, under its own word where there is one, of a class or kind of institution."""
    if question == "channel":
        return labels.known("ticket_channels", category)
    if question == "triage_class":
        return triage_class(category, labels)
    return labels.category(question, category)


def triage_class(key: str, labels: Labels) -> str:
    """Name of a class of tickets."""
    found = next((one.name[labels.lang] for one in labels.edition.dictionary.classes if one.key == key), None)
    return plain(found) if found is not None else labels.known("text_classes", key)


def theme(key: str, labels: Labels) -> str:
    """Name of a theme of the dictionary."""
    found = next((one.name[labels.lang] for one in labels.edition.dictionary.themes if one.key == key), None)
    return plain(found) if found is not None else labels.known("text_themes", key)


def _tickets(row: Row, column: Column, labels: Labels) -> str:
    question, category = (row[source] for source in column.sources)
    if formats.is_missing(category):
        return labels.text("tickets.all")
    return tickets_of(str(question), str(category), labels)


def _aspect(row: Row, column: Column, labels: Labels) -> str:
    key = str(row[column.sources[0]])
    known = any(construct.key == key for construct in labels.edition.instrument.constructs)
    return labels.construct(key) if known else labels.known("text_themes", key)


def _dimension(row: Row, column: Column, labels: Labels) -> str:
    key = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(key) else labels.construct(str(key))


def _share(row: Row, column: Column, labels: Labels) -> str:
    share, corrected = (row[source] for source in column.sources)
    text = formats.percent(share)
    sure = str(corrected).lower() in {"true", "1", "1.0"}
    return text if formats.is_missing(share) or sure else f"{text}{UNCORRECTED}"


def _where_from(row: Row, column: Column, labels: Labels) -> str:
    kind = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(kind) else labels.category("institution_type", str(kind))


def _judged(row: Row, column: Column, labels: Labels) -> str:
    what, category = (row[source] for source in column.sources)
    if formats.is_missing(category):
        return labels.text("text_quality.macro_f1")
    names = {"triage_class": triage_class, "theme": theme}
    if what in names:
        return names[str(what)](str(category), labels)
    return labels.known("text_tones", str(category))


TICKETS = Kind(_tickets, names=True)
CLASS = Kind(lambda row, column, labels: triage_class(str(row[column.sources[0]]), labels), names=True)
THEME = Kind(lambda row, column, labels: theme(str(row[column.sources[0]]), labels), names=True)
ASPECT = Kind(_aspect, names=True)
DIMENSION = Kind(_dimension)
SHARE = Kind(_share, numeric=True)
WHERE_FROM = Kind(_where_from)
JUDGED = Kind(_judged, names=True)
