"""Tables of the structural step."""

from __future__ import annotations

from analysis.publish.columns import (
    LOADINGS,
    Column,
    N,
    TableSpec,
    construct,
    interval,
    number,
    percent,
    shares,
    text,
    words,
)

_INFERENCE = (
    number("std", 3),
    interval("std_low", "std_high", 3),
    number("estimate", 3, "unstandardised"),
    number("se", 3),
    Column("pvalue", ("pvalue",), "pvalue"),
)
_ENDS = Column("ends", ("predictor", "outcome"), "ends", once=True)

STRUCTURAL: tuple[TableSpec, ...] = (
    TableSpec("paths", "07_structural", (construct("outcome", once=True), construct("predictor"), *_INFERENCE)),
    TableSpec(
        "path_equality",
        "07_structural",
        (
            construct("outcome", once=True),
            construct("predictor"),
            Column("lowest_path", ("question", "lowest_category"), "category"),
            number("lowest", 2, "std"),
            Column("highest_path", ("question", "highest_category"), "category"),
            number("highest", 2, "std"),
            Column("p_adjusted", ("p_adjusted",), "pvalue"),
        ),
    ),
    TableSpec(
        "paths_by_group",
        "07_structural",
        (
            construct("outcome", once=True),
            construct("predictor", once=True),
            Column("category", ("question", "category"), "category"),
            N,
            number("std", 3),
            interval("std_low", "std_high", 3),
        ),
    ),
    TableSpec(
        "effects",
        "07_structural",
        (
            construct("outcome", once=True),
            construct("predictor", once=True),
            words("effect", "effects"),
            *_INFERENCE,
        ),
    ),
    TableSpec(
        "mediation",
        "07_structural",
        (
            _ENDS,
            Column("route", ("route",), "route"),
            number("std", 3, "effect"),
            interval("std_low", "std_high", 3),
            percent("share", "share_of_total"),
        ),
    ),
    TableSpec(
        "mediators",
        "07_structural",
        (
            _ENDS,
            construct("mediator"),
            number("std", 3, "effect"),
            interval("std_low", "std_high", 3),
            percent("share", "share_of_total"),
            shares("share_low", "share_high"),
        ),
    ),
    TableSpec(
        "fit",
        "07_structural",
        (
            words("index", "indices"),
            Column("value", ("index", "value"), "fit"),
            interval("low", "high", 3, "interval90"),
            Column("threshold", ("index", "threshold"), "threshold"),
            Column("met", ("met",), "flag"),
        ),
    ),
    TableSpec(
        "loadings",
        "07_structural",
        LOADINGS,
    ),
    TableSpec(
        "effects_bootstrap",
        "07_structural",
        (
            construct("outcome", once=True),
            construct("predictor", once=True),
            words("effect", "effects"),
            number("std", 3),
            interval("percentile_low", "percentile_high", 3, "percentile_interval"),
            interval("bca_low", "bca_high", 3, "bca_interval"),
        ),
    ),
    TableSpec(
        "modification",
        "07_structural",
        (
            Column("parameter", ("lhs", "op", "rhs"), "parameter"),
            number("index", 1, "modification_index"),
            number("change", 3, "expected_change"),
        ),
    ),
    TableSpec(
        "residuals",
        "07_structural",
        (
            Column("item", ("item",), "item"),
            Column("other_item", ("other",), "item"),
            number("observed", 3, "observed_correlation"),
            number("implied", 3, "implied_correlation"),
            number("residual", 3),
        ),
    ),
    TableSpec(
        "mediation_bootstrap",
        "07_structural",
        (
            _ENDS,
            Column("route", ("route",), "route"),
            number("std", 3, "effect"),
            interval("percentile_low", "percentile_high", 3, "percentile_interval"),
            interval("bca_low", "bca_high", 3, "bca_interval"),
        ),
    ),
    TableSpec(
        "recovery",
        "07_structural",
        (
            construct("outcome", once=True),
            construct("predictor"),
            number("planted", 3, "planted_path"),
            number("population", 3, "population_path"),
            number("std", 3, "estimate"),
            interval("std_low", "std_high", 3),
            Column("inside", ("inside",), "flag"),
        ),
    ),
    TableSpec(
        "defined",
        "07_structural",
        (
            text("quantity"),
            text("formula"),
            number("est", 3, "estimate"),
            interval("ci_low", "ci_high", 3),
            Column("pvalue", ("pvalue",), "pvalue"),
            interval("bca_low", "bca_high", 3, "bca_interval"),
        ),
    ),
    TableSpec(
        "parameters",
        "07_structural",
        (
            Column("parameter", ("lhs", "op", "rhs"), "parameter"),
            number("est", 3, "estimate"),
            number("se", 3),
            interval("ci_low", "ci_high", 3),
            Column("pvalue", ("pvalue",), "pvalue"),
            number("std_all", 3, "std"),
            number("std_se", 3, "std_error"),
        ),
        in_book=False,
    ),
    TableSpec("r_squared", "07_structural", (construct("construct", "endogenous"), number("r_squared", 3))),
)
