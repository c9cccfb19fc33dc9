"""Cells of the register of relationships: groups of customers."""

from __future__ import annotations

from analysis.publish.tables.spec import Column, Kind, Row
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import Labels, catalogue


def group_name(question: str, category: str, labels: Labels) -> str:
    """A kind of institution or customer as the questionnaire names it; a value tier by a word of ours.

    A category of a further column of the register is told with the name of the column.
    """
    if question == "value_tier":
        return labels.text(f"tiers.{category}") if f"tiers.{category}" in catalogue() else category
    if question in labels.edition.relationships.covariates and question not in labels.edition.instrument.profile_keys:
        return labels.text("relationships.with_trait", name=labels.known("traits", question), category=plain(category))
    return labels.category(question, category)


def _group(row: Row, column: Column, labels: Labels) -> str:
    question, category = (row[source] for source in column.sources)
    if formats.is_missing(category):
        return labels.text("relationships.all")
    return group_name(str(question), str(category), labels)


def trait_name(question: str, category: str, labels: Labels) -> str:
    """A group of customers, or one more of a number in the register."""
    return group_name(question, category, labels) if category else labels.known("traits", question)


def _trait(row: Row, column: Column, labels: Labels) -> str:
    question, category = (row[source] for source in column.sources)
    return trait_name(str(question), "" if formats.is_missing(category) else str(category), labels)


def stage_name(key: str, labels: Labels) -> str:
    """A stage of the customer journey as the instrument names it."""
    journey = labels.edition.instrument.journey
    return plain(next((stage.name[labels.lang] for stage in journey if stage.key == key), key))


TRAIT = Kind(_trait, names=True)
STAGE = Kind(lambda row, column, labels: stage_name(str(row[column.sources[0]]), labels), names=True, same_people=True)
GROUP = Kind(_group, names=True)
