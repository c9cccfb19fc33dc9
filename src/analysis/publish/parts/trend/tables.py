"""Tables of the trend."""

from __future__ import annotations

from analysis.publish.parts.trend.cells import ORDER
from analysis.publish.tables.cells import FLAG, WAVE, WORDS
from analysis.publish.tables.columns import N, count, interval, number
from analysis.publish.tables.spec import Column, People, TableSpec

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
        people=(People(),),
    ),
    TableSpec(
        "forecast",
        (
            Column("wave", ("wave",), WAVE),
            number("estimate", 1, "forecast"),
            interval("ci_low", "ci_high", 1, "prediction_interval"),
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
