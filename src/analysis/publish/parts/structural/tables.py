"""Tables of the structural model."""

from __future__ import annotations

from analysis.publish.parts.structural.cells import ENDS, FIT, PARAMETER, ROUTE, THRESHOLD
from analysis.publish.tables.cells import CATEGORY, FLAG, FOUND_CATEGORY, ITEM, PVALUE
from analysis.publish.tables.columns import N, construct, interval, loadings, number, percent, shares, text, words
from analysis.publish.tables.spec import Column, People, TableSpec

INFERENCE = (
    number("std", 3),
    interval("std_low", "std_high", 3),
    number("estimate", 3, "unstandardised"),
    number("se", 3),
    Column("pvalue", ("pvalue",), PVALUE),
)
BETWEEN = Column("ends", ("predictor", "outcome"), ENDS, once=True)
CELL = ("lhs", "op", "rhs")
ESTIMATED = (
    number("est", 3, "estimate"),
    number("se", 3),
    interval("ci_low", "ci_high", 3),
    Column("pvalue", ("pvalue",), PVALUE),
    number("std_all", 3, "std"),
)
INDICES = (
    words("index", "indices"),
    Column("value", ("index", "value"), FIT),
    interval("low", "high", 3, "interval90"),
    Column("threshold", ("index", "threshold"), THRESHOLD),
    Column("met", ("met",), FLAG),
)

TABLES: tuple[TableSpec, ...] = (
    TableSpec("paths", (construct("outcome", once=True), construct("predictor"), *INFERENCE)),
    TableSpec(
        "path_equality",
        (
            construct("outcome", once=True),
            construct("predictor"),
            Column("lowest_path", ("question", "lowest_category"), FOUND_CATEGORY),
            number("lowest", 2, "std"),
            Column("highest_path", ("question", "highest_category"), FOUND_CATEGORY),
            number("highest", 2, "std"),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=tuple(
            People("question", f"{end}_category", "", rests=(f"{end}_category", end)) for end in ("lowest", "highest")
        ),
    ),
    TableSpec(
        "paths_by_group",
        (
            construct("outcome", once=True),
            construct("predictor", once=True),
            Column("category", ("question", "category"), CATEGORY),
            N,
            number("std", 3),
            interval("std_low", "std_high", 3),
        ),
        people=(People("question", "category"),),
    ),
    TableSpec(
        "effects",
        (
            construct("outcome", once=True),
            construct("predictor", once=True),
            words("effect", "effects"),
            *INFERENCE,
        ),
    ),
    TableSpec(
        "mediation",
        (
            BETWEEN,
            Column("route", ("route",), ROUTE),
            number("std", 3, "effect"),
            interval("std_low", "std_high", 3),
            percent("share", "share_of_total"),
        ),
    ),
    TableSpec(
        "mediators",
        (
            BETWEEN,
            construct("mediator"),
            number("std", 3, "effect"),
            interval("std_low", "std_high", 3),
            percent("share", "share_of_total"),
            shares("share_low", "share_high"),
        ),
    ),
    TableSpec("fit", INDICES),
    TableSpec("loadings", loadings()),
    TableSpec(
        "effects_bootstrap",
        (
            construct("outcome", once=True),
            construct("predictor", once=True),
            words("effect", "effects"),
            number("std", 3),
            interval("percentile_low", "percentile_high", 3, "percentile_interval"),
            interval("bca_low", "bca_high", 3, "bca_interval"),
        ),
        people=(People(),),
    ),
    TableSpec(
        "modification",
        (
            Column("parameter", CELL, PARAMETER),
            number("index", 1, "modification_index"),
            number("change", 3, "expected_change"),
        ),
    ),
    TableSpec(
        "residuals",
        (
            Column("item", ("item",), ITEM),
            Column("other_item", ("other",), ITEM),
            number("observed", 3, "observed_correlation"),
            number("implied", 3, "implied_correlation"),
            number("residual", 3),
        ),
    ),
    TableSpec(
        "mediation_bootstrap",
        (
            BETWEEN,
            Column("route", ("route",), ROUTE),
            number("std", 3, "effect"),
            interval("percentile_low", "percentile_high", 3, "percentile_interval"),
            interval("bca_low", "bca_high", 3, "bca_interval"),
        ),
    ),
    TableSpec(
        "recovery",
        (
            construct("outcome", once=True),
            construct("predictor"),
            number("planted", 3, "planted_path"),
            number("population", 3, "population_path"),
            number("std", 3, "estimate"),
            interval("std_low", "std_high", 3),
            Column("inside", ("inside",), FLAG),
        ),
    ),
    TableSpec(
        "defined",
        (
            text("quantity"),
            text("formula"),
            number("est", 3, "estimate"),
            interval("ci_low", "ci_high", 3),
            Column("pvalue", ("pvalue",), PVALUE),
            interval("bca_low", "bca_high", 3, "bca_interval"),
        ),
    ),
    TableSpec(
        "parameters",
        (Column("model_parameter", CELL, PARAMETER), *ESTIMATED, number("std_se", 3, "std_error")),
        in_book=False,
    ),
    TableSpec(
        "group_relations",
        (
            Column("model_parameter", CELL, PARAMETER, once=True),
            Column("category", ("question", "category"), CATEGORY),
            N,
            *ESTIMATED,
            Column("shared", ("shared",), FLAG),
        ),
        people=(People("question", "category"),),
    ),
    TableSpec(
        "group_defined",
        (
            text("quantity"),
            text("formula"),
            number("est", 3, "estimate"),
            interval("ci_low", "ci_high", 3),
            Column("pvalue", ("pvalue",), PVALUE),
        ),
        people=(People("question", n="", every=True),),
    ),
    TableSpec("group_fit", INDICES),
    TableSpec(
        "group_parameters",
        (
            Column("model_parameter", CELL, PARAMETER, once=True),
            Column("category", ("question", "category"), CATEGORY),
            N,
            *ESTIMATED,
        ),
        people=(People("question", "category"),),
        in_book=False,
    ),
    TableSpec("r_squared", (construct("construct", "endogenous"), number("r_squared", 3))),
)
"""In the order in which they are published."""
