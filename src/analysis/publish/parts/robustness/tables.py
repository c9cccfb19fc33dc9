"""Tables of the robustness."""

from __future__ import annotations

from analysis.publish.parts.robustness.cells import (
    FOUND_DRIVER,
    LEVEL,
    OPTION,
    OPTION_OF_CHOICE,
    SHIFT,
    SHIFTS,
)
from analysis.publish.tables.cells import FLAG, FOUND_CATEGORY, WORDS
from analysis.publish.tables.columns import N, count, interval, number, percent
from analysis.publish.tables.spec import Column, Measure, People, TableSpec


def _options(*choices: str) -> tuple[Column, ...]:
    return tuple(Column(f"robust_{choice}", (choice,), OPTION, choice) for choice in choices)


PEOPLE = (People(n_everyone="n_everyone", alone=True),)
RANKED = tuple(People("segment", end, "", rests=(end, "order_kept")) for end in ("first", "last"))
"""A group that other tables withhold is not named as the best or the worst either."""
LEVEL_OF_ALL = Measure("estimate", ("ci_low", "ci_high"), top=100, percent=("scoring", ("high",)))
"""The index under a specification, and the share of high ratings, as coarse as the published one."""

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "specification_choices",
        (
            Column("robust_choice", ("choice",), WORDS, "robust_choices", once=True),
            Column("robust_option", ("choice", "option"), OPTION_OF_CHOICE),
            Column("robust_shift", ("shift",), SHIFT),
            Column("robust_shifts", ("shift_low", "shift_high"), SHIFTS),
            percent("first_kept"),
            percent("last_kept"),
            percent("driver_kept"),
            count("specifications"),
        ),
        unless_withheld=("specifications", "driver_specifications"),
    ),
    TableSpec(
        "specifications",
        (
            count("specification"),
            *_options("cleaning", "weighting", "missing", "scoring"),
            Column("estimate", ("estimate",), LEVEL),
            interval("ci_low", "ci_high", 1),
            N,
            Column("ranked_first", ("segment", "first"), FOUND_CATEGORY),
            Column("ranked_last", ("segment", "last"), FOUND_CATEGORY),
            percent("order_kept"),
            Column("as_published", ("published",), FLAG),
        ),
        people=(*PEOPLE, *RANKED),
        rounded=(People(n="n_everyone", measures=(LEVEL_OF_ALL,)),),
        in_book=False,
    ),
    TableSpec(
        "driver_specifications",
        (
            *_options("cleaning", "weighting", "missing", "driven"),
            Column("strongest", ("first",), FOUND_DRIVER),
            number("strength", 2),
            interval("ci_low", "ci_high", 2),
            N,
            Column("as_published", ("published",), FLAG),
        ),
        people=PEOPLE,
        in_book=False,
    ),
)
"""In the order in which they are published."""
