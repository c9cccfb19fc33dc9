"""Tables of the service log: steps and institutions against the limits."""

from __future__ import annotations

from analysis.publish.parts.edition.cells import LIMIT
from analysis.publish.parts.standards.cells import AGAINST_OTHERS, DURATION, INSTITUTION
from analysis.publish.tables.cells import NAME, POINTS, SCENARIO
from analysis.publish.tables.columns import count, percent, shares
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

KEPT = (
    Measure(
        "kept",
        ("ci_low", "ci_high", "others", "difference", "difference_low", "difference_high", "p", "p_adjusted"),
        of="promises kept",
    ),
)
OF_INSTITUTIONS = (
    count("due", "cases_due"),
    percent("kept", "kept_share"),
    shares("ci_low", "ci_high"),
    percent("others", "kept_others"),
    Column("kept_gap", ("difference",), POINTS),
    Column("kept_verdict", ("difference", "p_adjusted"), AGAINST_OTHERS),
)

ON_TIME = Measure("on_time", ("ci_low", "ci_high"), "on_time", tells=("missed", "late_hours", "lost_hours"))

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "service_steps",
        (
            Column("scenario", ("scenario",), SCENARIO, once=True),
            Column("step", ("step_zh", "step_en"), NAME),
            Column("limit", ("limit", "unit", "bound"), LIMIT, public=True),
            count("base", "times"),
            percent("on_time", "on_time_share"),
            shares("ci_low", "ci_high"),
            Column("median_time", ("median", "clock"), DURATION),
            Column("p90_time", ("p90", "clock"), DURATION),
        ),
        people=(
            People(
                "=logged_step",
                "place",
                n="base",
                adds=False,
                measures=(ON_TIME,),
            ),
        ),
    ),
    TableSpec(
        "service_institutions",
        (Column("institution", ("category",), INSTITUTION), *OF_INSTITUTIONS),
        people=(People("=logged_institution", "category", n="due", measures=KEPT),),
    ),
    TableSpec(
        "service_institution_scenarios",
        (
            Column("scenario", ("scenario",), SCENARIO, once=True),
            Column("institution", ("category",), INSTITUTION),
            *OF_INSTITUTIONS,
        ),
        people=(People("", "group", n="due", measures=KEPT),),
    ),
)
"""In the order in which they are published."""
