"""Tables of what moves customers."""

from __future__ import annotations

from analysis.publish.tables.columns import construct, count, number, percent, shares
from analysis.publish.tables.spec import TableSpec

IMPORTANCE: tuple[TableSpec, ...] = (
    TableSpec(
        "importance",
        (
            construct("outcome", once=True),
            construct("predictor", "driver"),
            percent("share", "share_explained"),
            shares("share_low", "share_high"),
            percent("first", "probability_first"),
            percent("leading", "probability_leading"),
        ),
    ),
    TableSpec(
        "importance_measures",
        (
            construct("outcome", once=True),
            construct("predictor", "driver"),
            number("lmg", 3),
            number("johnson", 3),
            number("pratt", 3),
            number("zero_order", 3),
            number("r_squared", 3),
        ),
    ),
    TableSpec(
        "importance_ranks",
        (
            construct("outcome", once=True),
            construct("predictor", "driver", once=True),
            count("rank"),
            percent("probability"),
        ),
        in_book=False,
    ),
)

TABLES: tuple[TableSpec, ...] = IMPORTANCE
"""In the order in which they are published."""
