"""Tables of the register of relationships."""

from __future__ import annotations

from analysis.publish.parts.relationships.cells import GROUP
from analysis.publish.tables.cells import POINTS, PVALUE, WORDS
from analysis.publish.tables.columns import N, interval, number, percent, shares
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

NAMED = Column("customer_group", ("question", "category"), GROUP)

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "relationship_lifetimes",
        (
            NAMED,
            N,
            number("median", 1, "median_years"),
            interval("median_low", "median_high", 1),
            number("restricted", 1, "restricted_years"),
            number("mean", 1, "mean_years"),
            interval("mean_low", "mean_high", 1),
            number("ended_mean", 1, "ended_years"),
        ),
        people=(People("", "group"),),
    ),
    TableSpec(
        "relationship_churn",
        (
            NAMED,
            N,
            percent("lost"),
            shares("ci_low", "ci_high"),
            percent("others", "lost_others"),
            Column("lost_gap", ("difference",), POINTS),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(
            People(
                "",
                "group",
                measures=(Measure("lost", ("ci_low", "ci_high", "others", "difference", "p_adjusted"), of="churn"),),
            ),
        ),
    ),
    TableSpec(
        "relationship_stages", (Column("relationship_stage", ("stage",), WORDS, "lifecycle"), N, percent("share"))
    ),
)
"""In the order in which they are published."""
