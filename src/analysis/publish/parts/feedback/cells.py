"""Cells of the tickets: channels and kinds of institution, and all tickets."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def tickets_of(question: str, category: str, labels: Labels) -> str:
    """The tickets of one channel, under the channel's own word where there is one, or of one kind of institution."""
    if question == "channel":
        return labels.known("ticket_channels", category)
    return labels.category(question, category)


def _tickets(row: Row, column: Column, labels: Labels) -> str:
    question, category = (row[source] for source in column.sources)
    if formats.is_missing(category):
        return labels.text("tickets.all")
    return tickets_of(str(question), str(category), labels)


TICKETS = Kind(_tickets, names=True)
