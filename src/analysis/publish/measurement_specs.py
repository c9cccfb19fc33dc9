"""Tables of the measurement step."""

from __future__ import annotations

from analysis.publish.columns import LOADINGS, Column, TableSpec, construct, count, interval, number, words

MEASUREMENT: tuple[TableSpec, ...] = (
    TableSpec(
        "reliability",
        "06_measurement",
        (
            construct(),
            count("n"),
            number("alpha", 3),
            interval("alpha_low", "alpha_high", 3, "alpha_interval"),
            number("alpha_std", 3),
            number("omega", 3),
            interval("omega_low", "omega_high", 3, "omega_interval"),
        ),
    ),
    TableSpec(
        "validity",
        "06_measurement",
        (
            construct(),
            number("cr", 3),
            number("ave", 3),
            interval("ave_low", "ave_high", 3, "ave_interval"),
            number("root_ave", 3),
            number("correlation", 3, "largest_correlation"),
            number("htmt", 3, "largest_htmt"),
        ),
    ),
    TableSpec(
        "construct_verdicts",
        "06_measurement",
        (
            construct(),
            Column("reliable", ("reliable",), "flag"),
            Column("convergent", ("convergent",), "flag"),
            Column("fornell_larcker", ("fornell_larcker",), "flag"),
            Column("htmt_met", ("htmt_met",), "flag"),
            Column("verdict", ("verdict",), "catalogue", "construct_verdicts"),
        ),
    ),
    TableSpec(
        "construct_pairs",
        "06_measurement",
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
        "06_measurement",
        (
            construct(once=True),
            Column("item", ("item",), "item"),
            number("mean", 2),
            number("sd", 2),
            number("item_rest", 3),
            number("alpha_without", 3),
            number("msa", 3),
        ),
    ),
    TableSpec(
        "eigenvalues",
        "06_measurement",
        (
            count("number", "factor_number"),
            number("eigenvalue", 3),
            number("reference", 3, "random_eigenvalue"),
            Column("retained", ("retained",), "flag"),
        ),
    ),
    TableSpec(
        "factor_loadings",
        "06_measurement",
        (
            construct(once=True),
            Column("item", ("item",), "item"),
            number("own", 2, "own_loading"),
            number("cross", 2, "cross_loading"),
            construct("factor", "carried_by"),
            number("communality", 2),
        ),
    ),
    TableSpec(
        "measurement_loadings",
        "06_measurement",
        LOADINGS,
    ),
    TableSpec(
        "measurement_fit",
        "06_measurement",
        (
            words("model", "measurement_models"),
            number("chi2", 1),
            count("df"),
            number("cfi", 3),
            number("rmsea", 3),
            interval("rmsea_low", "rmsea_high", 3, "interval90"),
            number("srmr", 3),
        ),
    ),
    TableSpec(
        "invariance",
        "06_measurement",
        (
            words("level", "invariance_levels"),
            number("chi2_scaled", 1),
            count("df"),
            Column("difference_pvalue", ("pvalue",), "pvalue"),
            number("cfi", 3),
            number("cfi_loss", 4),
            Column("holds", ("holds",), "flag"),
        ),
    ),
)
