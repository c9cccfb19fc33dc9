"""Tables of the cleaning."""

from __future__ import annotations

from analysis.publish.parts.cleaning.cells import (
    APPLIED_COUNT,
    APPLIED_SHARE,
    CRITERION,
    ITEM_NUMBERS,
    OUTCOME,
    OUTCOME_CHANGE,
    OUTCOME_INTERVAL,
    OUTCOME_LEVEL,
    QUANTITY,
)
from analysis.publish.tables.cells import ITEM
from analysis.publish.tables.columns import count, percent, shares, words
from analysis.publish.tables.spec import Column, People, TableSpec

COMPLETENESS = [
    People(f"={column}", "quantity", column, adds=adds, alone=True, rows=("quantity", only), rests=(column,))
    for column in ("accepted", "kept")
    for adds, only in ((True, ("complete", "partial", "break_off")), (False, ("without_gaps", "broken_off")))
]
"""Interviews by how far they were answered: counts of people among other quantities."""

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "exclusion_log",
        (
            words("rule", "rules"),
            words("action", "actions"),
            Column("flagged", ("flagged", "applied"), APPLIED_COUNT),
            Column("excluded", ("excluded", "applied"), APPLIED_COUNT),
            count("remaining"),
            Column("share_of_raw", ("share", "applied"), APPLIED_SHARE),
        ),
    ),
    TableSpec(
        "rule_flags",
        (
            words("rule", "rules"),
            Column("criterion", ("rule", "limit"), CRITERION),
            count("flagged"),
            percent("share", "flagged_share"),
            count("alone"),
        ),
    ),
    TableSpec(
        "rule_accuracy",
        (
            words("rule", "rules"),
            words("target", "faults"),
            count("planted"),
            count("flagged"),
            percent("precision"),
            percent("recall"),
        ),
    ),
    TableSpec(
        "cleaning_sensitivity",
        (
            Column("measure", ("variable",), OUTCOME),
            Column("everyone", ("variable", "everyone"), OUTCOME_LEVEL),
            Column("kept", ("variable", "kept"), OUTCOME_LEVEL),
            Column("difference", ("variable", "difference"), OUTCOME_CHANGE),
            Column("interval", ("variable", "ci_low", "ci_high"), OUTCOME_INTERVAL),
            Column("unflagged", ("variable", "unflagged"), OUTCOME_LEVEL),
        ),
        people=(People(n_everyone="n_everyone"),),
    ),
    TableSpec(
        "missing_data",
        (
            words("quantity", "quantities"),
            Column("accepted", ("quantity", "accepted"), QUANTITY),
            Column("kept", ("quantity", "kept"), QUANTITY),
        ),
        people=tuple(COMPLETENESS),
    ),
    TableSpec(
        "missing_patterns",
        (
            Column("missing_items", ("items",), ITEM_NUMBERS),
            count("gaps"),
            count("interviews"),
            percent("share"),
        ),
        people=(People("=gaps", "pattern", "interviews", alone=True),),
    ),
    TableSpec(
        "item_nonresponse",
        (
            Column("item", ("item",), ITEM),
            count("asked"),
            count("missing", "unanswered"),
            percent("rate", "missing_share"),
            shares("ci_low", "ci_high"),
        ),
    ),
)
"""In the order in which they are published."""
