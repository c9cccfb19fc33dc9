"""Tables of the design of the sample."""

from __future__ import annotations

from analysis.publish.parts.sampling.cells import QUANTITY
from analysis.publish.tables.cells import CATEGORY, FLAG, POWER, QUESTION, STRATUM
from analysis.publish.tables.columns import count, interval, number, percent, words
from analysis.publish.tables.spec import Column, TableSpec

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "sample_size",
        (
            words("quantity", "quantities"),
            Column("target_index", ("quantity", "index"), QUANTITY),
            Column("target_of_share", ("quantity", "share"), QUANTITY),
            Column("target_item", ("quantity", "item"), QUANTITY),
        ),
    ),
    TableSpec(
        "allocation",
        (
            Column("stratum", ("category",), STRATUM),
            count("population"),
            percent("share", "population_share"),
            count("n", "planned_n"),
            count("invitations"),
            number("margin", 2, "expected_margin"),
        ),
    ),
    TableSpec(
        "allocation_rules",
        (
            words("rule", "allocations"),
            count("n", "planned_n"),
            count("smallest"),
            count("largest"),
            number("margin", 2, "overall_margin"),
            number("width", 1, "widest"),
            count("cost"),
        ),
    ),
    TableSpec(
        "domain_precision",
        (
            Column("question", ("question",), QUESTION, once=True),
            Column("category", ("question", "category"), CATEGORY),
            percent("share", "population_share"),
            count("expected_n"),
            count("needed_n"),
            number("width", 1),
            Column("rule_met", ("met",), FLAG),
        ),
    ),
    TableSpec(
        "selection",
        (
            Column("stratum", ("category",), STRATUM),
            count("units"),
            count("selected_units"),
            count("cases"),
            interval("weight_low", "weight_high", 0, "base_weight"),
            count("customers", "listed"),
            count("estimate", "listed_estimate"),
        ),
    ),
    TableSpec(
        "rmsea_power",
        (
            words("test", "fit_tests"),
            number("null", 2, "rmsea_null"),
            number("alternative", 2, "rmsea_alternative"),
            count("needed_n", "needed_cases"),
            Column("power", ("power",), POWER),
            Column("power_met", ("met",), FLAG),
        ),
    ),
)
"""In the order in which they are published."""
