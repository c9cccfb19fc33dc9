"""Cells of the register of relationships: groups of customers."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels, catalogue


def group_name(question: str, category: str, labels: Labels) -> str:
    """A kind of institution or customer as the questionnaire names it; a value tier by a word of ours."""
    if question == "value_tier":
        return labels.text(f"tiers.{category}") if f"tiers.{category}" in catalogue() else category
    return labels.category(question, category)


def _group(row: Row, column: Column, labels: Labels) -> str:
    question, category = (row[source] for source in column.sources)
    if formats.is_missing(category):
        return labels.text("relationships.all")
    return group_name(str(question), str(category), labels)


GROUP = Kind(_group, names=True)
