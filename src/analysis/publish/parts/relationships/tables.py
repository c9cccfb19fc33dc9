"""Tables of the register of relationships."""

from __future__ import annotations

from analysis.publish.parts.relationships.cells import GROUP, STAGE, TRAIT
from analysis.publish.tables.cells import PERCENT_INTERVAL, POINTS, PVALUE, SIGNED, WORDS
from analysis.publish.tables.columns import N, count, interval, number, of_survey, percent, shares
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

NAMED = Column("customer_group", ("question", "category"), GROUP)

LOST = Measure(
    "lost",
    ("ci_low", "ci_high", "others", "difference", "p_adjusted"),
    of="churn",
    tells=("revenue_lost", "revenue_low", "revenue_high"),
)
"""The share that left: where nobody did, no revenue went either."""

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
                measures=(LOST,),
            ),
        ),
    ),
    TableSpec(
        "relationship_stages",
        (
            Column("relationship_stage", ("stage",), WORDS, "lifecycle"),
            N,
            percent("share"),
            *of_survey(
                count("joined", "interviewed"),
                number("csi", 1, "stage_index"),
                interval("ci_low", "ci_high", 1),
                Column("against_established", ("difference",), SIGNED),
                Column("p_adjusted", ("p_adjusted",), PVALUE),
            ),
        ),
        people=(
            People("", "group", n="joined", rests=("csi", "ci_low", "ci_high", "difference", "p_adjusted", "joined")),
        ),
    ),
    TableSpec(
        "churn_hazards",
        (
            Column("customer_group", ("question", "category"), TRAIT),
            N,
            count("ended", "n_ended"),
            number("ratio", 2, "hazard_ratio"),
            interval("ci_low", "ci_high", 2),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(People(),),
    ),
    TableSpec(
        "churn_calibration",
        (
            Column("risk_band", ("band",), WORDS, "risk_bands"),
            N,
            percent("expected", "foretold"),
            percent("observed", "came"),
            shares("ci_low", "ci_high"),
        ),
        people=(People(measures=(Measure("observed", ("ci_low", "ci_high"), of="left in a year"),)),),
        in_book=False,
    ),
    TableSpec(
        "churn_quality",
        (
            N,
            count("ended", "n_ended"),
            number("concordance", 3),
            number("brier", 4),
            number("brier_plain", 4),
            count("expected", "foretold_lost"),
            count("observed", "came_lost"),
        ),
        people=(People(),),
        in_book=False,
    ),
    TableSpec(
        "revenue_at_risk",
        (
            NAMED,
            N,
            percent("expected", "expected_lost"),
            Column("expected_interval", ("expected_low", "expected_high"), PERCENT_INTERVAL),
            percent("revenue", "revenue_share"),
            shares("revenue_low", "revenue_high"),
            percent("of_revenue"),
            Column("of_revenue_interval", ("of_revenue_low", "of_revenue_high"), PERCENT_INTERVAL),
        ),
        people=(People("", "group"),),
        in_book=False,
    ),
    TableSpec(
        "loyalty_levels",
        (Column("loyalty_level", ("level",), WORDS, "loyalty"), N, percent("share"), shares("ci_low", "ci_high")),
        people=(People(measures=(Measure("share", ("ci_low", "ci_high", "p"), of="loyalty {level}"),)),),
        in_book=False,
    ),
    TableSpec(
        "value_loyalty",
        (
            Column("customer_group", ("question", "category"), GROUP, once=True),
            Column("loyalty_level", ("level",), WORDS, "loyalty"),
            N,
            percent("share"),
            shares("ci_low", "ci_high"),
            Column("loyalty_action", ("action",), WORDS, "loyalty_actions"),
        ),
        people=(People("", "group", measures=(Measure("share", ("ci_low", "ci_high", "p"), of="loyalty {level}"),)),),
    ),
    TableSpec(
        "journey",
        (
            Column("journey_stage", ("stage",), STAGE),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            percent("share", "satisfied_share"),
            Column("journey_step", ("step",), SIGNED),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        people=(People(),),
        in_book=False,
    ),
    TableSpec(
        "journey_modes",
        (
            Column("journey_stage", ("stage",), STAGE, once=True),
            Column("journey_mode", ("mode",), WORDS, "journey_modes"),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            Column("treatment_gap", ("difference",), SIGNED),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        people=(People("", "group"),),
        in_book=False,
    ),
)
"""In the order in which they are published."""
