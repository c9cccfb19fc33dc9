"""Tables of the cleaning step."""

from __future__ import annotations

from analysis.publish.columns import Column, TableSpec, count, percent, shares, words

CLEANING = (
    TableSpec(
        "exclusion_log",
        "03_cleaning",
        (
            words("rule", "rules"),
            words("action", "actions"),
            count("flagged"),
            count("excluded"),
            count("remaining"),
            percent("share", "share_of_raw"),
        ),
    ),
    TableSpec(
        "rule_flags",
        "03_cleaning",
        (
            words("rule", "rules"),
            Column("criterion", ("rule", "limit"), "criterion"),
            count("flagged"),
            percent("share", "flagged_share"),
            count("alone"),
        ),
    ),
    TableSpec(
        "rule_accuracy",
        "03_cleaning",
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
        "03_cleaning",
        (
            Column("measure", ("variable",), "outcome"),
            Column("everyone", ("variable", "everyone"), "outcome_level"),
            Column("kept", ("variable", "kept"), "outcome_level"),
            Column("difference", ("variable", "difference"), "outcome_change"),
            Column("interval", ("variable", "ci_low", "ci_high"), "outcome_interval"),
            Column("unflagged", ("variable", "unflagged"), "outcome_level"),
        ),
        within=(),
    ),
    TableSpec(
        "missing_data",
        "03_cleaning",
        (
            words("quantity", "quantities"),
            Column("accepted", ("quantity", "accepted"), "quantity"),
            Column("kept", ("quantity", "kept"), "quantity"),
        ),
    ),
    TableSpec(
        "missing_patterns",
        "03_cleaning",
        (
            Column("missing_items", ("items",), "item_numbers"),
            count("gaps"),
            count("interviews"),
            percent("share"),
        ),
    ),
    TableSpec(
        "item_nonresponse",
        "03_cleaning",
        (
            Column("item", ("item",), "item"),
            count("asked"),
            count("missing", "unanswered"),
            percent("rate", "missing_share"),
            shares("ci_low", "ci_high"),
        ),
    ),
)
"""In the order in which they are published."""
