"""Tables of the register of measures."""

from __future__ import annotations

from analysis.publish.tables.cells import TEXT, WORDS
from analysis.publish.tables.columns import local, number
from analysis.publish.tables.spec import Column, Kind, Row, TableSpec
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels


def _day(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return formats.MISSING if formats.is_missing(value) else formats.date(value.date(), labels.lang)


def _next(row: Row, column: Column, labels: Labels) -> str:
    return labels.text(f"next_steps.{row[column.sources[0]]}")


TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "action_register",
        (
            Column("action_measure", ("measure_zh", "measure_en"), TEXT),
            local("indicator"),
            number("baseline", 1),
            number("target", 1, "action_target"),
            number("actual", 1),
            Column("due", ("due",), Kind(_day)),
            Column("action_verdict", ("verdict",), WORDS, "action_verdicts"),
            Column("next_step", ("verdict",), Kind(_next)),
        ),
    ),
)
"""In the order in which they are published."""
