"""Tables of what moved since the last edition."""

from __future__ import annotations

from analysis.publish.parts.moved.cells import KEY, MEASURED_IN, PARAM, PART, WORDING
from analysis.publish.tables.cells import CONSTRUCT, PVALUE, SIGNED, WORDS
from analysis.publish.tables.columns import count, interval, number
from analysis.publish.tables.spec import Column, Measure, People, TableSpec
from analysis.waves.editions import PARTS

MOVED = ("difference", "se", "ci_low", "ci_high", "p_adjusted")

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "headline_changes",
        (
            Column("measure", ("measure",), MEASURED_IN),
            number("before", 1, "moved_before"),
            number("after", 1, "moved_after"),
            Column("difference", ("difference",), SIGNED),
            interval("ci_low", "ci_high", 1),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            count("n_before", "moved_n_before"),
            count("n_after", "moved_n_after"),
        ),
        people=(
            People(
                n="n_before",
                alone=True,
                measures=(Measure("before", ("before_low", "before_high"), "", 100),),
                rests=("before", "before_low", "before_high", *MOVED),
            ),
            People(n="n_after", alone=True, measures=(Measure("after", MOVED, "", 100),), rests=("after", *MOVED)),
        ),
    ),
    TableSpec(
        "change_parts",
        (
            Column("measure", ("measure",), MEASURED_IN),
            Column("difference", ("difference",), SIGNED),
            *(Column(f"moved_{part}", (part, f"{part}_low", f"{part}_high"), PART) for part in PARTS),
        ),
        people=(People(alone=True),),
        unless_withheld=("headline_changes",),
    ),
    TableSpec(
        "instrument_changes",
        (
            Column("construct", ("construct",), CONSTRUCT, once=True),
            Column("moved_change", ("change",), WORDS, "moved_changes"),
            Column("moved_then", ("before_zh", "before_en"), WORDING, public=True),
            Column("moved_now", ("after_zh", "after_en"), WORDING, public=True),
        ),
    ),
    TableSpec(
        "param_changes",
        (
            Column("moved_section", ("section",), WORDS, "moved_sections", once=True),
            Column("moved_key", ("section", "key"), KEY),
            Column("moved_then", ("before",), PARAM, public=True),
            Column("moved_now", ("after",), PARAM, public=True),
        ),
    ),
)
"""In the order in which they are published."""
