"""Tables of the survey's design and fieldwork: what steps 01 and 02 publish."""

from __future__ import annotations

from analysis.publish.columns import QUESTION, Column, N, TableSpec, count, interval, number, percent, shares, words

DESIGN_TABLES = (
    TableSpec(
        "sample_size",
        "01_sampling",
        (
            words("quantity", "quantities"),
            Column("target_index", ("quantity", "index"), "quantity"),
            Column("target_of_share", ("quantity", "share"), "quantity"),
            Column("target_item", ("quantity", "item"), "quantity"),
        ),
    ),
    TableSpec(
        "allocation",
        "01_sampling",
        (
            Column("stratum", ("category",), "stratum"),
            count("population"),
            percent("share", "population_share"),
            count("n", "planned_n"),
            count("invitations"),
            number("margin", 2, "expected_margin"),
        ),
    ),
    TableSpec(
        "allocation_rules",
        "01_sampling",
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
        "01_sampling",
        (
            QUESTION,
            Column("category", ("question", "category"), "category"),
            percent("share", "population_share"),
            count("expected_n"),
            count("needed_n"),
            number("width", 1),
            Column("rule_met", ("met",), "flag"),
        ),
    ),
    TableSpec(
        "selection",
        "01_sampling",
        (
            Column("stratum", ("category",), "stratum"),
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
        "01_sampling",
        (
            words("test", "fit_tests"),
            number("null", 2, "rmsea_null"),
            number("alternative", 2, "rmsea_alternative"),
            count("needed_n", "needed_cases"),
            Column("power", ("power",), "power"),
            Column("power_met", ("met",), "flag"),
        ),
    ),
    TableSpec(
        "frame_coverage",
        "02_fieldwork",
        (
            Column("stratum", ("category",), "stratum"),
            count("listed"),
            count("population"),
            percent("coverage"),
        ),
    ),
    TableSpec(
        "outcomes",
        "02_fieldwork",
        (
            Column("disposition", ("outcome",), "catalogue", "outcomes"),
            count("approaches"),
            count("customers"),
            percent("share"),
        ),
    ),
    TableSpec(
        "response_rates",
        "02_fieldwork",
        (
            words("rate", "rates"),
            percent("value", "rate_value"),
            shares("ci_low", "ci_high"),
            count("base"),
            percent("weighted", "weighted_rate"),
        ),
    ),
    *(
        TableSpec(
            name,
            "02_fieldwork",
            (
                Column(heading, ("category",), heading),
                count("n", "cases"),
                percent("rr1"),
                shares("ci_low", "ci_high"),
                percent("cooperation_rate"),
                percent("refusal_rate"),
                percent("contact_rate"),
            ),
            within=(),
        )
        for name, heading in (("response_channels", "channel"), ("response_strata", "stratum"))
    ),
    TableSpec(
        "channel_norms",
        "02_fieldwork",
        (
            words("norm", "norms"),
            Column("required", ("norm", "required"), "norm_required"),
            Column("norm_value", ("norm", "value"), "norm"),
            shares("ci_low", "ci_high"),
            count("n", "customers"),
            words("verdict", "norm_verdicts"),
        ),
    ),
    TableSpec(
        "representativity",
        "02_fieldwork",
        (
            words("variable", "layers"),
            number("unconditional", 3),
            number("conditional", 3),
            Column("lowest_rate", ("variable", "low_category", "low_rate"), "layer"),
            Column("highest_rate", ("variable", "high_category", "high_rate"), "layer"),
        ),
    ),
    TableSpec(
        "margin_gaps",
        "02_fieldwork",
        (
            QUESTION,
            percent("dissimilarity"),
            Column("over", ("question", "over_category"), "category"),
            Column("gap_points", ("over_gap",), "points"),
            Column("under", ("question", "under_category"), "category"),
            Column("gap_points", ("under_gap",), "points"),
            N,
        ),
        within=(),
    ),
    TableSpec(
        "mode_index",
        "02_fieldwork",
        (
            Column("channel", ("category",), "channel"),
            N,
            number("estimate", 1, "raw_index"),
            interval("ci_low", "ci_high", 1),
            number("adjusted", 1, "adjusted_index"),
            interval("adjusted_low", "adjusted_high", 1),
        ),
        within=(),
    ),
)
"""In the order in which they are published."""
