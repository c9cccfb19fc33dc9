"""What a table of the report is made of: its columns as printed, and short ways to write the usual ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a table as printed: heading in the catalogue, columns of the frame it reads, format of a cell.

    `once`: a value that repeats the one above is left blank. `detail` is what some formats need besides: decimals,
    the group of the catalogue, or the profile question.
    """

    heading: str
    sources: tuple[str, ...]
    kind: str
    detail: str = ""
    once: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One published table; `within`: columns in which categories add up (secondary suppression); None: not a base.

    `cross`: the two columns of a cross table whose rows and columns add up, a row with one of them empty a total.
    `in_book`: whether a chapter shows it; the workbook holds every table.
    """

    name: str
    step: str
    columns: tuple[Column, ...]
    within: tuple[str, ...] | None = None
    cross: tuple[str, str] | None = None
    in_book: bool = True

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns that the frame must have, in printed order."""
        return tuple(dict.fromkeys(source for column in self.columns for source in column.sources))

    @property
    def label(self) -> str:
        """Name of the table in cross-references."""
        return f"tbl-{self.name.replace('_', '-')}"


def count(name: str, heading: str = "") -> Column:
    """A whole number."""
    return Column(heading or name, (name,), "count")


def number(name: str, decimals: int, heading: str = "") -> Column:
    """A number with so many decimals."""
    return Column(heading or name, (name,), "number", str(decimals))


def percent(name: str, heading: str = "") -> Column:
    """A share of 0–1 as a percentage."""
    return Column(heading or name, (name,), "percent")


def interval(low: str, high: str, decimals: int, heading: str = "interval") -> Column:
    """Two bounds with so many decimals."""
    return Column(heading, (low, high), "interval", str(decimals))


def shares(low: str, high: str) -> Column:
    """Two bounds given as shares of 0–1."""
    return Column("interval", (low, high), "percent_interval")


def construct(name: str = "construct", heading: str = "", *, once: bool = False) -> Column:
    """The name of a construct."""
    return Column(heading or name, (name,), "construct", once=once)


def words(name: str, group: str) -> Column:
    """A code whose wording stands in a group of the catalogue."""
    return Column(name, (name,), "catalogue", group)


def local(name: str, *, once: bool = False) -> Column:
    """Text that the frame holds in both languages."""
    return Column(name, (f"{name}_zh", f"{name}_en"), "localized", once=once)


def text(name: str) -> Column:
    """Text as it is."""
    return Column(name, (name,), "text")


QUESTION = Column("question", ("question",), "question", once=True)
N = count("n")
LOADINGS = (
    construct(once=True),
    Column("item", ("item",), "item"),
    number("std", 3, "std_loading"),
    interval("std_low", "std_high", 3),
    number("estimate", 3, "unstandardised"),
    number("se", 3),
)
"""Loadings of the items on their constructs."""
