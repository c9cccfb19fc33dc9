"""Tables of the process: cases and their ways, weak links, norms in minutes, perception beside operation."""

from __future__ import annotations

from analysis.publish.parts.edition.cells import LIMIT
from analysis.publish.parts.standards.cells import (
    BETWEEN,
    DAYS,
    FLOW,
    KIND,
    LEVEL,
    MEASURED,
    NAMED,
    RATED_BY,
    SHARE,
    SPAN,
    STEP,
    WAY,
)
from analysis.publish.tables.cells import SCENARIO, WORDS
from analysis.publish.tables.columns import count, interval, number, of_survey, percent
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

RATED = ("satisfied_low", "satisfied_high")
KEPT = ("ci_low", "ci_high")
LOGGED = ("base", "on_time", *KEPT)
ASKED = ("n_rated", "satisfied", *RATED, "gap", "p_adjusted")

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "service_perception",
        (
            Column("step", ("scenario", "step"), STEP, "full"),
            Column("rated_by", ("by",), RATED_BY, public=True),
            count("n_rated"),
            Column("satisfied_customers", ("satisfied", *RATED), SHARE),
            Column("benchmark", ("benchmark",), LEVEL, public=True),
            Column("on_time_share", ("on_time", *KEPT), SHARE),
        ),
        people=(
            People(
                "",
                "group",
                n="n_rated",
                adds=False,
                rests=ASKED,
                measures=(Measure("satisfied", (*RATED, "gap", "p_adjusted"), of="high {by}"),),
            ),
            People(
                "=logged_step",
                "place",
                n="base",
                adds=False,
                rests=LOGGED,
                measures=(Measure("on_time", KEPT, of="on_time"),),
            ),
        ),
    ),
    TableSpec(
        "perception_institutions",
        (
            Column("institution", ("category",), KIND),
            count("n_rated"),
            Column("satisfied_customers", ("satisfied", *RATED), SHARE),
            count("due", "cases_due"),
            Column("kept_share", ("kept", *KEPT), SHARE),
        ),
        people=(
            People(
                "=institution_type",
                "category",
                n="n_rated",
                adds=False,
                rests=("n_rated", "satisfied", *RATED, "rated_difference", "rated_p_adjusted"),
                measures=(Measure("satisfied", (*RATED, "rated_difference", "rated_p_adjusted"), of="high {by}"),),
            ),
            People(
                "=logged_institution",
                "category",
                n="due",
                rests=("due", "kept", *KEPT, "difference", "p_adjusted"),
                measures=(Measure("kept", (*KEPT, "difference", "p_adjusted"), of="promises kept"),),
            ),
        ),
    ),
    TableSpec(
        "weak_links",
        (
            Column("step", ("scenario", "step"), STEP, "full"),
            count("n", "times"),
            Column("on_time_share", ("share", *KEPT), SHARE),
            number("hours_lost", 0),
            *of_survey(percent("dissatisfaction"), number("score", 0, "weak_score")),
        ),
        people=(
            People(
                "=logged_step",
                "place",
                n="n",
                adds=False,
                measures=(Measure("share", (*KEPT, "missed", "hours_lost", "score"), of="on_time"),),
            ),
        ),
    ),
    TableSpec(
        "service_cases",
        (
            Column("scenario", ("scenario",), SCENARIO),
            count("n", "cases_logged"),
            Column("median_time", ("median",), DAYS),
            Column("p90_time", ("p90",), DAYS),
            Column("rework", ("rework", "rework_low", "rework_high"), SHARE),
            percent("waiting", "waiting_share"),
        ),
        people=(People("=logged_scenario", "scenario", n="n", adds=False),),
    ),
    TableSpec(
        "service_times",
        (
            Column("scenario", ("scenario",), SCENARIO, once=True),
            Column("step", ("scenario", "step"), STEP),
            count("n", "times"),
            percent("repeated"),
            Column("waiting_time", ("waiting",), SPAN),
            Column("working_time", ("working",), SPAN),
        ),
        people=(People("=logged_step", "key", n="n", adds=False),),
    ),
    TableSpec(
        "service_variants",
        (
            Column("scenario", ("scenario",), SCENARIO, once=True),
            Column("way", ("scenario", "path", "ways"), WAY),
            count("n", "cases_closed"),
            Column("way_share", ("share", *KEPT), SHARE),
            Column("median_time", ("median",), DAYS),
        ),
        people=(People("", "group", n="n"),),
    ),
    TableSpec(
        "service_flows",
        (
            Column("scenario", ("scenario",), SCENARIO, once=True),
            Column("flow", ("scenario", "source", "target"), FLOW),
            count("n", "times"),
            percent("share", "flow_share"),
            Column("between_time", ("hours",), SPAN),
            Column("between_p90", ("p90",), SPAN),
        ),
        people=(People("=logged_flow", "way", n="n", adds=False),),
    ),
    TableSpec(
        "service_norms",
        (
            Column("service_norm", ("norm",), WORDS, "service_norms"),
            Column("institution", ("category",), KIND),
            count("n", "times"),
            Column("measured_value", ("value", "unit"), MEASURED),
            Column("interval", ("ci_low", "ci_high", "unit"), BETWEEN),
            Column("limit", ("limit", "unit", "bound"), LIMIT, public=True),
        ),
        people=(People("=logged_norm", "category", n="n", adds=False, alone=True),),
    ),
    TableSpec(
        "service_branches",
        (
            Column("branch", ("branch",), NAMED),
            Column("institution", ("category",), KIND),
            count("n", "customers_served"),
            number("mean", 1, "waited_mean"),
            interval("ci_low", "ci_high", 1),
            percent("beyond", "waited_beyond"),
        ),
        people=(People("=logged_branch", "branch", n="n", adds=False),),
    ),
)
"""In the order in which they are published."""
