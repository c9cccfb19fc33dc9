"""Tables of the satisfaction index."""

from __future__ import annotations

from analysis.publish.parts.satisfaction.cells import MEASURE, MEASURE_ERROR, MEASURE_INTERVAL
from analysis.publish.tables.cells import CATEGORY, ITEM, PVALUE, QUESTION, SIGNED
from analysis.publish.tables.columns import N, construct, count, interval, number, percent, shares, words
from analysis.publish.tables.spec import Column, TableSpec

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "csi_overall",
        (
            words("measure", "measures"),
            Column("estimate", ("measure", "estimate"), MEASURE),
            Column("interval", ("measure", "ci_low", "ci_high"), MEASURE_INTERVAL),
            Column("se", ("measure", "se"), MEASURE_ERROR),
            N,
            count("n_eff"),
            number("deff", 2),
        ),
        within=(),
    ),
    TableSpec(
        "csi_dimensions",
        (
            construct(heading="dimension"),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            percent("satisfied_share"),
            shares("satisfied_low", "satisfied_high"),
            N,
            count("n_eff"),
        ),
        within=(),
    ),
    TableSpec(
        "csi_items",
        (
            construct(once=True),
            Column("item", ("item",), ITEM),
            number("mean", 2),
            interval("ci_low", "ci_high", 2),
            percent("satisfied_share"),
            N,
            percent("missing_share"),
        ),
        within=(),
    ),
    TableSpec(
        "csi_segments",
        (
            Column("segment", ("segment",), QUESTION, once=True),
            Column("category", ("segment", "category"), CATEGORY),
            number("csi", 1),
            interval("ci_low", "ci_high", 1),
            percent("csat"),
            shares("csat_low", "csat_high"),
            N,
            count("n_eff"),
        ),
        within=("segment",),
    ),
    TableSpec(
        "csi_outside",
        (
            Column("category", ("segment", "category"), CATEGORY),
            number("csi", 1),
            interval("ci_low", "ci_high", 1),
            Column("against_customers", ("difference",), SIGNED),
            interval("difference_low", "difference_high", 1, "against_customers_interval"),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        within=("segment",),
    ),
    TableSpec(
        "associations",
        (
            Column("characteristic", ("segment",), QUESTION),
            number("cramers_v", 3),
            number("f", 2),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        within=(),
    ),
    TableSpec(
        "construct_levels",
        (
            construct(once=True),
            Column("category", ("segment", "category"), CATEGORY),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            percent("high_share"),
            shares("high_low", "high_high"),
            N,
        ),
        within=("construct", "segment"),
    ),
    TableSpec(
        "segment_dimensions",
        (
            Column("category", ("segment", "category"), CATEGORY, once=True),
            construct(heading="dimension"),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            N,
        ),
        within=("segment", "construct"),
    ),
)
"""In the order in which they are published."""
