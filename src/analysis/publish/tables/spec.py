"""What a table of the report is made of: its columns as printed, how their cells are written, what adds up in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels

Row = Mapping[str, Any]
Cell = Callable[[Row, "Column", "Labels"], str]
Values = Mapping[str, str]
"""What the placeholders of headings and notes stand for."""


@dataclass(frozen=True)
class Kind:
    """How cells of one kind are written.

    numeric: set flush right. names: tells which row it is, so that it stays where the row's figures are withheld.
    same_people: what differs in it alone was answered by the same people (constructs, items). markup: markdown that is
    not to be escaped.
    """

    write: Cell
    numeric: bool = False
    names: bool = False
    same_people: bool = False
    markup: bool = False


@dataclass(frozen=True)
class Column:
    """One column of a table as printed: heading among the words, columns of the frame it reads, kind of its cells.

    `once`: a value that repeats the one above is left blank. `detail` is what some kinds need besides: decimals, the
    group of words, or the profile question. `public`: does not come from the interviews, so that it is never withheld.
    """

    heading: str
    sources: tuple[str, ...]
    kind: Kind
    detail: str = ""
    once: bool = False
    public: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One published table; `within`: columns in which categories add up (secondary suppression); None: not a base.

    `cross`: the two columns of a cross table whose rows and columns add up, a row with one of them empty a total.
    `in_book`: whether a chapter shows it; the workbook holds every table. `placeholders`: values of its note that
    depend on the table itself.
    """

    name: str
    columns: tuple[Column, ...]
    within: tuple[str, ...] | None = None
    cross: tuple[str, str] | None = None
    in_book: bool = True
    placeholders: Callable[[pd.DataFrame], Values] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns that the frame must have, in printed order."""
        return tuple(dict.fromkeys(source for column in self.columns for source in column.sources))

    @property
    def label(self) -> str:
        """Name of the table in cross-references."""
        return f"tbl-{self.name.replace('_', '-')}"

    @property
    def keys(self) -> frozenset[str]:
        """Columns of the frame that tell which row it is."""
        named = {source for column in self.columns if column.kind.names for source in column.sources}
        return frozenset(named | set(self.within or ()) | set(self.cross or ()))

    @property
    def public(self) -> frozenset[str]:
        """Columns of the frame that do not come from the interviews."""
        return frozenset(source for column in self.columns if column.public for source in column.sources)

    @property
    def same_people(self) -> frozenset[str]:
        """Keys that do not divide the interviews: what differs in them alone has almost the same base."""
        return frozenset(source for column in self.columns if column.kind.same_people for source in column.sources)
