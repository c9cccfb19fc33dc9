"""Which tables an edition asks for: the classic book of every question by the banner, and those of the author."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.edition.sections.tabulation import MOST_COLUMNS, asked_of

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.tabulation import Banner, TabulatedTable, Tabulation


@dataclass(frozen=True)
class PlannedTable:
    """One table: its key, the questions in it, its columns, and what the author said of it (none: of the classic book).

    chapter: whether it stands in the book.
    """

    key: str
    questions: tuple[str, ...]
    banner: Banner
    chapter: bool
    asked: TabulatedTable | None = None


def plan_tables(tabulation: Tabulation, instrument: Instrument) -> tuple[PlannedTable, ...]:
    """Tables in their order: those of the author first, then a table for each question of the banner book.

    A survey that rates no dimension, for which nothing is stated, has its background questions as banner.
    """
    own, alone = not instrument.dimensions, not tabulation.model_fields_set
    usual = tuple((q.key,) for q in instrument.profile if 1 != len(q.categories) <= MOST_COLUMNS)
    banner = tabulation.banner or (usual if own and alone else ())
    tables = [
        PlannedTable(table.key, table.questions, table.banner or banner, table.chapter, table)
        for table in tabulation.tables
    ]
    if banner:
        questions = tuple(asked_of(instrument)) if tabulation.questions is None else tabulation.questions
        chapter = own if tabulation.chapter is None else tabulation.chapter
        tables += [PlannedTable(key, (key,), banner, chapter) for key in questions]
    return tuple(tables)


def columns_of(table: PlannedTable, question: str) -> Banner:
    """The banner of a question in its table: a background question is not crossed with itself."""
    return tuple(crossing for crossing in table.banner if question not in crossing)
