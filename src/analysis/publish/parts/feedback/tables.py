"""Tables of the tickets' clocks."""

from __future__ import annotations

from analysis.publish.parts.feedback.cells import TICKETS
from analysis.publish.tables.cells import NUMBER, POINTS, PVALUE, TEXT, WORDS
from analysis.publish.tables.columns import N, count, interval, number, percent, shares
from analysis.publish.tables.spec import Column, Kind, Measure, People, TableSpec

CLOCK = Kind(WORDS.write, names=True, same_people=True)
NAMED = Column("tickets_of", ("question", "category"), TICKETS)

CLOCK_TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "ticket_shares",
        (
            Column("ticket_clock", ("clock",), CLOCK, "ticket_clocks", once=True),
            Column(
                "limit_hours",
                ("limit",),
                NUMBER,
                "0",
                public=True,
            ),
            NAMED,
            N,
            percent("on_time", "on_time_share"),
            shares("ci_low", "ci_high"),
            Column("ticket_gap", ("difference",), POINTS),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(
            People(
                "",
                "group",
                measures=(
                    Measure("on_time", ("ci_low", "ci_high", "others", "difference", "p_adjusted"), of="{clock}"),
                ),
            ),
        ),
    ),
    TableSpec(
        "ticket_closing",
        (
            NAMED,
            N,
            number("median", 1, "median_days"),
            interval("median_low", "median_high", 1),
            number("mean", 1, "mean_days"),
            interval("mean_low", "mean_high", 1),
            number("p90", 1, "p90_days"),
        ),
        people=(People("", "group"),),
    ),
    TableSpec(
        "ticket_backlog",
        (
            Column("week", ("week",), Kind(TEXT.write, names=True)),
            count("received"),
            count("closed"),
            count("open", "left_open"),
        ),
        in_book=False,
    ),
)
"""Tables of the clocks, in the order in which they are published."""
