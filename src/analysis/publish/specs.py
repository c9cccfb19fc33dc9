"""What each published table holds: its step, its columns, and which of them stand in the book."""

from __future__ import annotations

from analysis.publish.cleaning_specs import CLEANING
from analysis.publish.columns import QUESTION as _QUESTION
from analysis.publish.columns import Column, TableSpec
from analysis.publish.columns import N as _N
from analysis.publish.columns import construct as _construct
from analysis.publish.columns import count as _count
from analysis.publish.columns import interval as _interval
from analysis.publish.columns import local as _local
from analysis.publish.columns import number as _number
from analysis.publish.columns import percent as _percent
from analysis.publish.columns import shares as _shares
from analysis.publish.columns import text as _text
from analysis.publish.columns import words as _words
from analysis.publish.design_specs import DESIGN_TABLES
from analysis.publish.measurement_specs import MEASUREMENT
from analysis.publish.structural_specs import STRUCTURAL

__all__ = ["EDITION", "STEPS", "TABLES", "Column", "TableSpec"]

STEPS = (
    "01_sampling",
    "02_fieldwork",
    "03_cleaning",
    "04_weighting",
    "05_satisfaction",
    "06_measurement",
    "07_structural",
    "09_trend",
)
EDITION = "edition"
"""Stands for a step where a table comes from the params or the run, not from a notebook."""

_SEGMENT = Column("segment", ("segment",), "question", once=True)

_SAMPLE = (
    TableSpec(
        "intake",
        EDITION,
        (
            _words("table", "raw_tables"),
            _count("read"),
            _count("filtered"),
            _count("quarantined"),
            _count("accepted"),
        ),
    ),
    *CLEANING,
    TableSpec(
        "sample_profile",
        "04_weighting",
        (
            _QUESTION,
            Column("category", ("question", "category"), "category"),
            _N,
            _percent("share", "sample_share"),
            _percent("weighted_share"),
        ),
        within=("question",),
    ),
    TableSpec(
        "weighting_margins",
        "04_weighting",
        (
            Column("question", ("margin",), "question", once=True),
            Column("category", ("margin", "category"), "category"),
            _N,
            _percent("target_share"),
            _percent("sample_share", "base_share"),
            _percent("weighted_share"),
        ),
        within=("margin",),
    ),
    TableSpec(
        "nonresponse_classes",
        "04_weighting",
        (
            Column("response_class", ("category",), "class"),
            _count("cases", "eligible_cases"),
            _count("n", "kept_interviews"),
            _percent("response_rate"),
            _number("factor", 2),
        ),
        within=(),
    ),
    TableSpec(
        "weighting_diagnostics",
        "04_weighting",
        (
            _words("stage", "stages"),
            _interval("min", "max", 2, "weight_range"),
            _number("cv", 3),
            _number("deff", 3),
            _count("n_eff"),
            _count("iterations"),
            Column("max_deviation", ("max_deviation",), "deviation"),
            Column("converged", ("converged",), "flag"),
        ),
    ),
)

_SATISFACTION = (
    TableSpec(
        "csi_overall",
        "05_satisfaction",
        (
            _words("measure", "measures"),
            Column("estimate", ("measure", "estimate"), "measure"),
            Column("interval", ("measure", "ci_low", "ci_high"), "measure_interval"),
            Column("se", ("measure", "se"), "measure_error"),
            _N,
            _count("n_eff"),
            _number("deff", 2),
        ),
        within=(),
    ),
    TableSpec(
        "csi_dimensions",
        "05_satisfaction",
        (
            _construct(heading="dimension"),
            _number("score", 1),
            _interval("ci_low", "ci_high", 1),
            _percent("satisfied_share"),
            _shares("satisfied_low", "satisfied_high"),
            _N,
            _count("n_eff"),
        ),
        within=(),
    ),
    TableSpec(
        "csi_items",
        "05_satisfaction",
        (
            _construct(once=True),
            Column("item", ("item",), "item"),
            _number("mean", 2),
            _interval("ci_low", "ci_high", 2),
            _percent("satisfied_share"),
            _N,
            _percent("missing_share"),
        ),
        within=(),
    ),
    TableSpec(
        "csi_segments",
        "05_satisfaction",
        (
            _SEGMENT,
            Column("category", ("segment", "category"), "category"),
            _number("csi", 1),
            _interval("ci_low", "ci_high", 1),
            _percent("csat"),
            _shares("csat_low", "csat_high"),
            _N,
            _count("n_eff"),
        ),
        within=("segment",),
    ),
    TableSpec(
        "associations",
        "05_satisfaction",
        (
            Column("characteristic", ("segment",), "question"),
            _number("cramers_v", 3),
            _number("f", 2),
            Column("p_adjusted", ("p_adjusted",), "pvalue"),
            _N,
        ),
        within=(),
    ),
    TableSpec(
        "construct_levels",
        "05_satisfaction",
        (
            _construct(once=True),
            Column("category", ("segment", "category"), "category"),
            _number("score", 1),
            _interval("ci_low", "ci_high", 1),
            _percent("high_share"),
            _shares("high_low", "high_high"),
            _N,
        ),
        within=("construct", "segment"),
    ),
    TableSpec(
        "segment_dimensions",
        "05_satisfaction",
        (
            Column("category", ("segment", "category"), "category", once=True),
            _construct(heading="dimension"),
            _number("score", 1),
            _interval("ci_low", "ci_high", 1),
            _N,
        ),
        within=("segment", "construct"),
    ),
)

_TREND = (
    TableSpec(
        "waves",
        "09_trend",
        (
            Column("wave", ("wave",), "wave"),
            _number("csi", 1),
            _interval("ci_low", "ci_high", 1),
            _number("se", 2),
            _N,
            _words("source", "sources"),
        ),
        within=(),
    ),
    TableSpec(
        "forecast",
        "09_trend",
        (
            Column("wave", ("wave",), "wave"),
            _number("estimate", 1, "forecast"),
            _interval("ci_low", "ci_high", 1, "prediction_interval"),
        ),
    ),
    TableSpec(
        "arima_candidates",
        "09_trend",
        (
            Column("order", ("order",), "order"),
            _count("parameters"),
            _number("loglik", 2),
            _number("aicc", 2),
            _number("delta", 2),
            Column("chosen", ("chosen",), "flag"),
        ),
    ),
)

_EDITION = (
    TableSpec(
        "standards",
        EDITION,
        (
            Column("scenario", ("scenario",), "scenario", once=True),
            _local("step"),
            _local("owner"),
            _local("rule"),
            Column("limit", ("limit", "unit", "bound"), "limit"),
        ),
    ),
    TableSpec(
        "benchmarks",
        EDITION,
        (
            _local("benchmark"),
            Column("value", ("value", "unit"), "amount"),
            Column("year", ("year",), "text"),
            _text("section"),
            _local("disagrees"),
        ),
    ),
    TableSpec(
        "benchmark_comparison",
        EDITION,
        (
            _local("measured"),
            Column("benchmark", ("benchmark", "unit"), "amount"),
            Column("year", ("year",), "text"),
            Column("this_edition", ("value", "unit"), "amount"),
            _interval("ci_low", "ci_high", 1),
            _N,
            Column("gap", ("gap",), "signed"),
            _words("verdict", "verdicts"),
        ),
    ),
    TableSpec(
        "instrument",
        EDITION,
        (_construct(), _words("role", "roles"), _local("definition"), _count("items", "item_count")),
    ),
    TableSpec(
        "questionnaire",
        EDITION,
        (_construct(once=True), Column("number", ("number",), "text"), _local("wording")),
    ),
    TableSpec("profile_questions", EDITION, (_local("topic"), _local("wording"), _local("answers"))),
    TableSpec(
        "disclosure",
        EDITION,
        (
            Column("disclosure_item", ("item",), "catalogue", "aapor_items"),
            _local("statement"),
            Column("see", ("section",), "section"),
        ),
    ),
    TableSpec(
        "iso_items",
        EDITION,
        (
            _words("iso_item", "iso_items"),
            Column("found_in", ("section",), "section"),
            _words("status", "iso_statuses"),
        ),
    ),
    TableSpec("software", EDITION, (_text("package"), _text("version"))),
    TableSpec("run_steps", EDITION, (_text("step"), _words("title", "steps"), _text("sections"))),
)

TABLES: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (*DESIGN_TABLES, *_SAMPLE, *_SATISFACTION, *MEASUREMENT, *STRUCTURAL, *_TREND, *_EDITION)
}
"""Every table of the report by name, in the order in which they are published."""
