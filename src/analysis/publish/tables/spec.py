"""What a table of the report is made of: its columns as printed, how their cells are written, what adds up in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
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
    not to be escaped. voice: what somebody wrote, which may be in another language than the page.
    """

    write: Cell
    numeric: bool = False
    names: bool = False
    same_people: bool = False
    markup: bool = False
    voice: bool = False


@dataclass(frozen=True)
class Column:
    """One column of a table as printed: heading among the words, columns of the frame it reads, kind of its cells.

    `once`: a value that repeats the one above is left blank. `detail` is what some kinds need besides: decimals, the
    group of words, or the profile question. `public`: does not come from the interviews, so that it is never withheld.
    `of_survey`: there is nothing to print in it where nobody was interviewed. It is not printed where it says in
    every row what the column `unlike` of the frame does, or that number, nor, if `optional`, where it holds nothing.
    """

    heading: str
    sources: tuple[str, ...]
    kind: Kind
    detail: str = ""
    once: bool = False
    public: bool = False
    of_survey: bool = False
    unlike: str | float = ""
    optional: bool = False


@dataclass(frozen=True)
class Measure:
    """A result whose value can tell the answers of each: a share of people, or a mean where all answer alike.

    value: its column. beside: its error and the like, which go with it where it is withheld and are as coarse as it is.
    tells: other columns from which it follows, which go with it too. of: what was measured, so that the same
    result in two tables is one: `{construct}` stands for that column. top: largest value a mean can have; 1 is a share.
    top_of: column of the largest value of numbers without one of their own, which may be below 0. follows: has no
    cell of its own and goes with what `of` names. held: columns of the share of the total that lies with its one, and
    two, largest. shares_out: columns in which rows agree whose shares add up to all. digits: rounded to significant
    digits, as amounts are. gap: columns of its distance from a public value, and of that value. percent: a column and
    its values, in which rows the value is a share of people, in percent.
    """

    value: str
    beside: tuple[str, ...] = ()
    of: str = ""
    top: float = 1.0
    top_of: str = ""
    follows: bool = False
    held: tuple[str, ...] = ()
    shares_out: tuple[str, ...] = ()
    digits: bool = False
    gap: tuple[str, str] = ("", "")
    tells: tuple[str, ...] = ()
    percent: tuple[str, tuple[str, ...]] = ("", ())


@dataclass(frozen=True)
class People:
    """Whose interviews the figures of a row rest on, as columns of the frame.

    question and category name the group: `question` is a column, or `=channel` for a question that is the same in every
    row; "" where `category` spells the groups out (region=east; age=60+ | …). Without `category` the row rests on all
    who answered the question, or on all. n: their number; "" where another table tells it. n_everyone: the number of
    those whom they are part of, with a result beside theirs. adds: the categories add up to all. every: rests on every
    category of the question, so that it goes with any of them. alone: the groups are of this table alone. rows: a
    column and its values, where only these rows are meant. rests: columns that are withheld with the group; empty: all
    that neither name the row nor are public. bare: nothing is told of them but how many they are. whole: column of the
    name of all whom the categories add up to; a row without a category tells of them.
    """

    question: str = ""
    category: str = ""
    n: str = "n"
    n_everyone: str = ""
    adds: bool = True
    every: bool = False
    alone: bool = False
    rows: tuple[str, tuple[str, ...]] = ("", ())
    rests: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    bare: bool = False
    whole: str = ""


@dataclass(frozen=True)
class TableSpec:
    """One published table; `people`: on whom its figures rest, empty where they rest on no interviews of few.

    `rounded`: whose results stand here as another table has them, which says what is withheld: as coarse as there.
    `unless_withheld`: tables, and questions as `=stratum`, of which nothing may be withheld, since this table would
    tell it: else it is left out. `in_book`: whether a chapter shows it; the workbook holds every table. `placeholders`:
    values of its note that depend on the table itself. `noted`: names of the notes that hold for this table, where it
    has several. `settle`: what else of the table goes where something was withheld.
    `laid_out`: nobody prints its rows one by one: its part lays them out for chapters and workbook.
    """

    name: str
    columns: tuple[Column, ...]
    people: tuple[People, ...] = ()
    rounded: tuple[People, ...] = ()
    unless_withheld: tuple[str, ...] = ()
    in_book: bool = True
    placeholders: Callable[[pd.DataFrame], Values] | None = None
    noted: Callable[[pd.DataFrame], tuple[str, ...]] | None = None
    settle: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    laid_out: bool = False

    @property
    def of_records(self) -> TableSpec:
        """The table without the columns of a survey."""
        return replace(self, columns=tuple(column for column in self.columns if not column.of_survey))

    def only(self, headings: Collection[str]) -> TableSpec:
        """The table with these columns alone."""
        return replace(self, columns=tuple(column for column in self.columns if column.heading in headings))

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
        groups = {name for one in self.people if not one.rests for name in (one.question, one.category)}
        return frozenset(named | {name for name in groups if name and not name.startswith("=")})

    @property
    def public(self) -> frozenset[str]:
        """Columns of the frame that do not come from the interviews."""
        return frozenset(source for column in self.columns if column.public for source in column.sources)

    @property
    def same_people(self) -> frozenset[str]:
        """Keys that do not divide the interviews: what differs in them alone has almost the same base."""
        return frozenset(source for column in self.columns if column.kind.same_people for source in column.sources)
