"""Tables of the trend."""

from __future__ import annotations

from analysis.publish.parts.trend.cells import EVENT, FEATURE, MEASURED, ORDER
from analysis.publish.tables.cells import CONSTRUCT, FLAG, POINTS, PVALUE, SIGNED, WAVE, WORDS
from analysis.publish.tables.columns import N, count, interval, number, percent, shares
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

SPREAD = ("se", "ci_low", "ci_high")
MOVED = ("before", "difference", *SPREAD, "p_adjusted")
SCORE_CHANGED = (
    number("before", 1, "index_then"),
    number("after", 1, "index_now"),
    Column("difference", ("difference",), SIGNED),
    interval("ci_low", "ci_high", 1),
    Column("p_adjusted", ("p_adjusted",), PVALUE),
    N,
)
SHARE_CHANGED = (
    percent("before", "index_then"),
    percent("after", "index_now"),
    Column("change_points", ("difference",), POINTS),
    shares("ci_low", "ci_high"),
    Column("p_adjusted", ("p_adjusted",), PVALUE),
    N,
)
"""What is told of a change of a score, and of a share, with the smaller of the two bases."""
SCORES_MOVED = People(
    measures=(Measure("after", MOVED, "{measure} in {wave}", 100), Measure("before", (), "{measure} in {against}", 100))
)
SHARES_MOVED = People(
    measures=(Measure("after", MOVED, "{measure} in {wave}"), Measure("before", (), "{measure} in {against}"))
)

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "waves",
        (
            Column("wave", ("wave",), WAVE),
            number("csi", 1),
            interval("ci_low", "ci_high", 1),
            number("se", 2),
            N,
            Column("source", ("source",), WORDS, "sources", public=True),
        ),
        people=(People(measures=(Measure("csi", SPREAD, "csi in {wave}", 100),)),),
    ),
    TableSpec(
        "changes",
        (
            Column("change", ("change",), WORDS, "changes"),
            Column("against", ("against",), WAVE),
            number("before", 1, "index_then"),
            Column("difference", ("difference",), SIGNED),
            interval("ci_low", "ci_high", 1),
        ),
        unless_withheld=("waves",),
    ),
    TableSpec(
        "wave_steps",
        (Column("wave", ("wave",), WAVE), Column("against", ("against",), WAVE), *SCORE_CHANGED),
        people=(SCORES_MOVED,),
    ),
    TableSpec(
        "wave_parts",
        (
            Column("construct", ("measure",), CONSTRUCT, once=True),
            Column("against", ("against",), WAVE),
            *SCORE_CHANGED,
        ),
        people=(SCORES_MOVED,),
    ),
    TableSpec(
        "wave_share_steps",
        (Column("wave", ("wave",), WAVE), Column("against", ("against",), WAVE), *SHARE_CHANGED),
        people=(SHARES_MOVED,),
    ),
    TableSpec(
        "wave_levels",
        (
            Column("measure", ("measure",), MEASURED, once=True),
            Column("wave", ("wave",), WAVE),
            number("estimate", 1),
            interval("ci_low", "ci_high", 1),
            number("se", 2),
            N,
            count("n_eff"),
        ),
        people=(People(measures=(Measure("estimate", SPREAD, "{measure} in {wave}", 100),)),),
    ),
    TableSpec(
        "wave_shares",
        (
            Column("wave", ("wave",), WAVE),
            percent("estimate", "satisfied_share"),
            shares("ci_low", "ci_high"),
            N,
            count("n_eff"),
        ),
        people=(People(measures=(Measure("estimate", SPREAD, "{measure} in {wave}"),)),),
    ),
    TableSpec(
        "wave_samples",
        (
            Column("wave", ("wave",), WAVE),
            count("accepted"),
            N,
            Column("wave_base", ("base",), WORDS, "wave_bases"),
            Column("wave_margins", ("margins",), FLAG),
            count("items", "wave_items"),
            count("shared", "wave_shared"),
        ),
        people=(People(bare=True),),
    ),
    TableSpec(
        "events",
        (
            Column("from_wave", ("wave",), WAVE),
            Column("event", ("event",), EVENT),
            Column("event_size", ("size",), SIGNED),
            interval("ci_low", "ci_high", 1),
            percent("probability", "event_probability"),
        ),
        unless_withheld=("waves",),
    ),
    TableSpec(
        "course",
        (
            Column("feature", ("feature", "name", "period"), FEATURE),
            number("estimate", 2),
            interval("ci_low", "ci_high", 2),
        ),
    ),
    TableSpec(
        "course_recovery",
        (
            Column("feature", ("feature", "name", "period"), FEATURE),
            number("planted", 2, "planted_value"),
            number("estimate", 2),
            interval("ci_low", "ci_high", 2),
            Column("inside", ("inside",), FLAG),
        ),
    ),
    TableSpec(
        "forecast",
        (
            Column("wave", ("wave",), WAVE),
            number("estimate", 1, "forecast"),
            interval("ci_low", "ci_high", 1, "prediction_interval"),
            percent("above"),
        ),
    ),
    TableSpec(
        "forecast_steps",
        (
            count("ahead"),
            number("mae", 2, "forecast_error"),
            number("naive_mae", 2, "naive_error"),
            percent("coverage", "interval_held"),
            count("tested"),
        ),
    ),
    TableSpec(
        "forecast_candidates",
        (
            Column("candidate", ("candidate",), WORDS, "candidates"),
            number("mase", 2),
            number("score", 2, "interval_score"),
            percent("coverage", "interval_held"),
            percent("weight", "forecast_weight"),
        ),
    ),
    TableSpec(
        "arima_candidates",
        (
            Column("order", ("order",), ORDER),
            count("parameters"),
            number("loglik", 2),
            number("aicc", 2),
            number("delta", 2),
            Column("chosen", ("chosen",), FLAG),
        ),
    ),
)
"""In the order in which they are published."""
