"""Tables of the measurement."""

from __future__ import annotations

from analysis.publish.tables.cells import FLAG, ITEM, ITEM_ON_SCALE, PVALUE, WORDS
from analysis.publish.tables.columns import construct, count, interval, loadings, number, words
from analysis.publish.tables.spec import Column, People, TableSpec

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "reliability",
        (
            construct(),
            count("n"),
            number("alpha", 3),
            interval("alpha_low", "alpha_high", 3, "alpha_interval"),
            number("alpha_std", 3),
            number("omega", 3),
            interval("omega_low", "omega_high", 3, "omega_interval"),
        ),
        people=(People(),),
    ),
    TableSpec(
        "validity",
        (
            construct(),
            number("cr", 3),
            number("ave", 3),
            interval("ave_low", "ave_high", 3, "ave_interval"),
            number("root_ave", 3),
            number("correlation", 3, "largest_correlation"),
            number("htmt", 3, "largest_htmt"),
        ),
        people=(People(),),
    ),
    TableSpec(
        "construct_verdicts",
        (
            construct(),
            Column("reliable", ("reliable",), FLAG),
            Column("convergent", ("convergent",), FLAG),
            Column("fornell_larcker", ("fornell_larcker",), FLAG),
            Column("htmt_met", ("htmt_met",), FLAG),
            Column("verdict", ("verdict",), WORDS, "construct_verdicts"),
        ),
        people=(People(),),
    ),
    TableSpec(
        "construct_pairs",
        (
            construct(once=True),
            construct("other"),
            number("correlation", 3, "latent_correlation"),
            interval("corr_low", "corr_high", 3, "correlation_interval"),
            number("htmt", 3),
            interval("htmt_low", "htmt_high", 3, "htmt_interval"),
        ),
    ),
    TableSpec(
        "item_statistics",
        (
            construct(once=True),
            Column("item", ("item",), ITEM_ON_SCALE),
            number("mean", 2),
            number("sd", 2),
            number("item_rest", 3),
            number("alpha_without", 3),
            number("msa", 3),
        ),
        people=(People(),),
    ),
    TableSpec(
        "eigenvalues",
        (
            count("number", "factor_number"),
            number("eigenvalue", 3),
            number("reference", 3, "random_eigenvalue"),
            Column("retained", ("retained",), FLAG),
        ),
    ),
    TableSpec(
        "factor_loadings",
        (
            construct(once=True),
            Column("item", ("item",), ITEM),
            number("own", 2, "own_loading"),
            number("cross", 2, "cross_loading"),
            construct("factor", "carried_by"),
            number("communality", 2),
        ),
    ),
    TableSpec("measurement_loadings", loadings()),
    TableSpec(
        "measurement_fit",
        (
            words("model", "measurement_models"),
            number("chi2", 1),
            count("df"),
            number("cfi", 3),
            number("rmsea", 3),
            interval("rmsea_low", "rmsea_high", 3, "interval90"),
            number("srmr", 3),
        ),
        people=(People(),),
    ),
    TableSpec(
        "invariance",
        (
            words("level", "invariance_levels"),
            number("chi2_scaled", 1),
            count("df"),
            Column("difference_pvalue", ("pvalue",), PVALUE),
            number("cfi", 3),
            number("cfi_loss", 4),
            Column("holds", ("holds",), FLAG),
        ),
    ),
)
"""In the order in which they are published."""
