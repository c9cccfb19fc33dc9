"""Short ways to write the usual columns."""

from __future__ import annotations

from dataclasses import replace

from analysis.publish.tables.cells import (
    CONSTRUCT,
    COUNT,
    INTERVAL,
    ITEM,
    NUMBER,
    PERCENT,
    PERCENT_INTERVAL,
    TEXT,
    WORDS,
)
from analysis.publish.tables.spec import Column

EFFECTIVE = Column("n_eff", ("n_eff",), COUNT, unlike="n")
"""The effective number, where it is not simply the number."""


def count(name: str, heading: str = "") -> Column:
    """A whole number."""
    return Column(heading or name, (name,), COUNT)


def number(name: str, decimals: int, heading: str = "") -> Column:
    """A number with so many decimals."""
    return Column(heading or name, (name,), NUMBER, str(decimals))


def percent(name: str, heading: str = "") -> Column:
    """A share of 0–1 as a percentage."""
    return Column(heading or name, (name,), PERCENT)


def interval(low: str, high: str, decimals: int, heading: str = "interval") -> Column:
    """Two bounds with so many decimals."""
    return Column(heading, (low, high), INTERVAL, str(decimals))


def shares(low: str, high: str) -> Column:
    """Two bounds given as shares of 0–1."""
    return Column("interval", (low, high), PERCENT_INTERVAL)


def construct(name: str = "construct", heading: str = "", *, once: bool = False) -> Column:
    """The name of a construct."""
    return Column(heading or name, (name,), CONSTRUCT, once=once)


def words(name: str, group: str) -> Column:
    """A code whose wording stands in a group of the words."""
    return Column(name, (name,), WORDS, group)


def local(name: str, *, once: bool = False) -> Column:
    """Text that the frame holds in both languages."""
    return Column(name, (f"{name}_zh", f"{name}_en"), TEXT, once=once)


def text(name: str) -> Column:
    """Text as it is."""
    return Column(name, (name,), TEXT)


N = count("n")


def of_survey(*columns: Column) -> tuple[Column, ...]:
    """Columns that come from interviews: a table of records alone is printed without them."""
    return tuple(replace(column, of_survey=True) for column in columns)


def loadings() -> tuple[Column, ...]:
    """Columns of the loadings of the items on their constructs."""
    return (
        construct(once=True),
        Column("item", ("item",), ITEM),
        number("std", 3, "std_loading"),
        interval("std_low", "std_high", 3),
        number("estimate", 3, "unstandardised"),
        number("se", 3),
    )
