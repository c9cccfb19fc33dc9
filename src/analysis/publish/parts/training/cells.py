"""Cells of the training: kinds of institution, and all of them."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def staff_of(category: str, labels: Labels) -> str:
    """A kind of institution, or all staff."""
    return labels.category("institution_type", category) if category else labels.text("training.all")


def _staff(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return staff_of("" if formats.is_missing(value) else str(value), labels)


def delivered(by: str, category: str, labels: Labels) -> str:
    """A quarter, a content, a mode, or how often staff were taught."""
    return (
        formats.wave(category, labels.lang) if by in {"quarter", "half"} else labels.known(f"training_{by}", category)
    )


def _delivered(row: Row, column: Column, labels: Labels) -> str:
    by, category = (row[source] for source in column.sources)
    return delivered(str(by), str(category), labels)


DELIVERED = Kind(_delivered, names=True)
STAFF = Kind(_staff, names=True)
