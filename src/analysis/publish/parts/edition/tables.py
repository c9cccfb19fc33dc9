"""Tables of the edition itself: its params, its instrument and the run."""

from __future__ import annotations

from analysis.publish.parts.edition.cells import AGAINST, AMOUNT, AMOUNT_INTERVAL, CHANGE, LIMIT, REMARK
from analysis.publish.tables.cells import NAME, SCENARIO, SECTION, TEXT, WORDS
from analysis.publish.tables.columns import N, construct, count, local, text, words
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

BESIDE = ("ci_low", "ci_high", "gap", "p", "p_adjusted", "n_eff")
"""What goes with a level that is withheld beside its benchmark."""

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "intake",
        (
            words("table", "raw_tables"),
            count("read"),
            count("filtered"),
            count("quarantined"),
            count("accepted"),
        ),
    ),
    TableSpec(
        "standards",
        (
            Column("scenario", ("scenario",), SCENARIO, once=True),
            local("step"),
            local("owner"),
            local("rule"),
            Column("limit", ("limit", "unit", "bound"), LIMIT),
        ),
    ),
    TableSpec(
        "benchmarks",
        (
            local("benchmark"),
            Column("value", ("value", "unit"), AMOUNT),
            Column("year", ("year",), TEXT),
            text("section"),
            Column("remark", ("note_zh", "note_en", "disagrees_zh", "disagrees_en"), REMARK),
        ),
    ),
    TableSpec(
        "benchmark_comparison",
        (
            Column("measured", ("measured_zh", "measured_en"), NAME, public=True),
            Column("benchmark", ("benchmark", "unit"), AMOUNT, public=True),
            Column("year", ("year",), TEXT, public=True),
            Column("this_edition", ("value", "unit"), AMOUNT),
            Column("interval", ("ci_low", "ci_high", "unit"), AMOUNT_INTERVAL),
            N,
            Column("gap", ("gap", "gap_unit"), CHANGE),
            Column("verdict", ("gap", "p_adjusted"), AGAINST),
        ),
        people=(
            People(
                "question",
                "category",
                adds=False,
                rests=("value", *BESIDE, "n"),
                measures=(
                    Measure(
                        "value",
                        BESIDE,
                        "{quantity}",
                        100,
                        gap=("gap", "benchmark"),
                        percent=("unit", ("percent",)),
                    ),
                ),
            ),
        ),
    ),
    TableSpec("instrument", (construct(), words("role", "roles"), local("definition"), count("items", "item_count"))),
    TableSpec(
        "questionnaire",
        (construct(once=True), Column("number", ("number",), TEXT), local("wording"), local("remark")),
    ),
    TableSpec("profile_questions", (local("topic"), local("wording"), local("answers"))),
    TableSpec("other_questions", (words("question_kind", "question_kinds"), local("wording"), local("answers"))),
    TableSpec(
        "disclosure",
        (
            Column("disclosure_item", ("item",), WORDS, "aapor_items"),
            local("statement"),
            Column("see", ("section",), SECTION),
        ),
    ),
    TableSpec(
        "iso_items",
        (
            words("iso_item", "iso_items"),
            Column("found_in", ("section",), SECTION),
            words("status", "iso_statuses"),
        ),
    ),
    TableSpec("software", (text("package"), text("version"))),
    TableSpec("run_steps", (text("step"), words("title", "steps"), text("sections"))),
    TableSpec("glossary", (local("glossary_term"), local("other_language"), local("meaning"))),
)
"""In the order in which they are published."""
