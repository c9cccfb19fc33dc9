"""Where the tables of the survey lie, and how their files are laid out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import Annotated, Literal, TypeGuard, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from analysis.edition.expressions import Expression, names_in, parse
from analysis.edition.params import Code, Codes, Day, Once, Params, as_tuple, merge
from analysis.edition.sections import Section
from analysis.errors import MethodError
from analysis.periods import read_label, read_waves

TableName = Literal[
    "responses",
    "population",
    "dispositions",
    "waves",
    "feedback",
    "service_log",
    "training",
    "customers",
    "actions",
    "frame",
    "indicators",
    "promises",
    "labels",
]
TABLES: tuple[TableName, ...] = get_args(TableName)
"""Tables an edition may have: answers to a questionnaire, records of the service, or both."""
SIMULATED: tuple[TableName, ...] = tuple(table for table in TABLES if table != "labels")
"""Tables that a simulated edition has: what a person says of its texts is never made up."""
EARLIER = "earlier_waves"
"""The interviews of earlier waves, which the params name with the responses."""
TAKEN: tuple[str, ...] = (*TABLES, EARLIER)
"""Tables as the intake takes them in."""
WAVE = "wave"
"""Our name of the column of the responses that says which wave an interview is of."""


MISSING = ("", "NA", "N/A", "#N/A", "#NULL!", "(空)", "(跳过)")
"""Texts that mean "no answer" in the exports of the usual programs."""
NOT_ASKED = ("(跳过)",)
"""Texts that mean "not asked": the question was skipped because of an earlier answer."""
Reason = Literal["refused", "dont_know"]
REASONS: tuple[Reason, ...] = ("refused", "dont_know")
"""Why there is no answer to a question that was asked."""
EVERY = "*"
"""In place of the name of a column: all that have no entry of their own."""

DateOrder = Literal["auto", "year_first", "month_first", "day_first"]
Decimal = Literal["auto", "point", "comma"]
CodeList = Annotated[tuple[Code, ...], BeforeValidator(as_tuple)]


HeaderRow = Annotated[int, Field(ge=1, le=10)]


class Filter(Params):
    """Rows that belong to the survey: those whose value is one of `keep`, or none of `drop`, or from `min` to `max`.

    `column` is a column of the file, by name or position, as it is written there; `key` one of ours, as it is read:
    mapped, in classes, joined. `min` and `max` belong to the range; a value that is no number lies outside.
    """

    column: str | int | None = None
    key: str | None = None
    keep: CodeList = ()
    drop: CodeList = ()
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Filter:
        ranged = self.min is not None or self.max is not None
        if (self.column is None) == (self.key is None):
            raise ValueError("a filter needs either `column`, of the file, or `key`, of ours")
        if bool(self.keep) + bool(self.drop) + ranged != 1:
            raise ValueError("a filter needs one of `keep`, `drop` and a range of `min` and `max`")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min ({self.min:g}) is above max ({self.max:g})")
        return self

    def __str__(self) -> str:
        """The rule as one reads it."""
        said = [f"{name} {', '.join(codes)}" for name, codes in (("keep", self.keep), ("drop", self.drop)) if codes]
        said += [f"{name} {limit:g}" for name, limit in (("min", self.min), ("max", self.max)) if limit is not None]
        return f"{self.key if self.column is None else self.column}: {' '.join(said)}"


def _is_day(value: object) -> TypeGuard[dt.date]:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


class Ago(Params):
    """A day that lies as many `unit` before `day` as the file's `column` says: a tenure of 34 months, say.

    Months and years have their mean length, so that spans stay in proportion.
    """

    column: str
    unit: Literal["days", "weeks", "months", "years"]
    day: Day


Answer = Annotated[Code | int | float, BeforeValidator(lambda value: value.isoformat() if _is_day(value) else value)]
"""What an answer stands for: a code, a number, or a day."""


def _named(value: object) -> object:
    """A wave as it was called: YAML reads 2015 as a number and 2015-03-01 as a day."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.isoformat() if _is_day(value) else value


WaveName = Annotated[str, BeforeValidator(_named)]


def _of_column(codes: tuple[str, ...] | dict[str, tuple[str, ...]], column: str, default: Codes) -> Codes:
    return codes.get(column, codes.get(EVERY, default)) if isinstance(codes, dict) else codes


class TableSource(Params):
    """Where one table lies and how its file is laid out.

    `columns` maps our column name to the file's (name, or 1-based position as a whole number, which also tells
    apart columns of the same name); a column not named keeps its own name. `values` maps, per column of ours (or
    "*" for all items), the text of an answer to its code (of a column of days: to a day, or "" for none). `missing`
    lists the codes or texts that mean "no answer", for all columns or for each ("*": those not named), `not_asked`
    those of questions that were skipped because of an earlier answer; `dont_know` and `refused` are codes for no answer
    that say why there is none, for all columns or for each. `header_row` is the row of the header with the
    names, or several whose texts are put together. `dates` and `decimal` say how dates and numbers are written where a
    column does not show it, for all or for each. `constant` gives columns of ours that the file lacks and that have one
    value throughout, `ago` days that the file tells as a time up to a day, `derive` those that an expression makes of
    others (`edition.expressions`), or columns of no table that another expression or a filter reads. `layout`: events
    for a service log of one row per event (case_id, step, at, perhaps lifecycle), steps for one row per step.

    Responses of several waves lie in a file for each (`waves`, by what the wave is called: its path, or its path and
    the keys in which it differs from the others), or in one file with a column for the wave (`columns.wave`). `wave`
    is the edition's own one; without it the latest is. Those before it are its earlier waves.
    """

    path: str = ""
    format: Literal["auto", "csv", "xlsx", "sav", "parquet"] = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | int = 0
    header_rows: Annotated[int, Field(ge=1, le=10)] = 1
    header_row: HeaderRow | Annotated[tuple[HeaderRow, ...], Field(min_length=1), Once] = 1
    columns: dict[str, str | int] = {}
    values: dict[str, dict[Code, Answer]] = {}
    missing: CodeList | dict[str, CodeList] = MISSING
    not_asked: CodeList = NOT_ASKED
    dont_know: CodeList | dict[str, CodeList] = ()
    refused: CodeList | dict[str, CodeList] = ()
    dates: DateOrder | dict[str, DateOrder] = "auto"
    decimal: Decimal | dict[str, Decimal] = "auto"
    value_labels: Literal["codes", "labels"] = "codes"
    filters: Annotated[tuple[Filter, ...], BeforeValidator(as_tuple)] = ()
    constant: dict[str, Code] = {}
    derive: dict[str, Expression] = {}
    ago: dict[str, Ago] = {}
    layout: Literal["steps", "events"] = "steps"
    waves: dict[WaveName, TableSource] = {}
    wave: WaveName | None = None

    _rows_of_header = field_validator("header_row", mode="before")(as_tuple)

    @property
    def name_rows(self) -> tuple[int, ...]:
        """Rows of the header that hold the names, counted from 1."""
        return (self.header_row,) if isinstance(self.header_row, int) else self.header_row

    def missing_of(self, column: str) -> tuple[str, ...]:
        """Codes of one of our columns that mean "no answer", those of questions not asked or declined among them."""
        declined = (code for reason in REASONS for code in self.declined_of(column, reason))
        return (*_of_column(self.missing, column, MISSING), *self.not_asked, *declined)

    def declined_of(self, column: str, reason: Reason) -> tuple[str, ...]:
        """Codes of one of our columns by which respondents gave no answer, for one reason."""
        return _of_column(self.dont_know if reason == "dont_know" else self.refused, column, ())

    def dates_of(self, column: str) -> DateOrder:
        """How the dates of one of our columns are written."""
        return self.dates if isinstance(self.dates, str) else self.dates.get(column, self.dates.get(EVERY, "auto"))

    def decimal_of(self, column: str) -> Decimal:
        """How the numbers of one of our columns are written."""
        said = self.decimal
        return said if isinstance(said, str) else said.get(column, said.get(EVERY, "auto"))

    @property
    def named(self) -> dict[str, tuple[str, ...]]:
        """Columns of ours that each key of the source names."""
        keys = {
            name: getattr(self, name)
            for name in (
                "columns",
                "values",
                "constant",
                "derive",
                "ago",
                "missing",
                "dont_know",
                "refused",
                "dates",
                "decimal",
            )
        }
        return {name: tuple(entries) for name, entries in keys.items() if isinstance(entries, dict)} | {
            "filters": tuple(rule.key for rule in self.filters if rule.key is not None)
        }

    @property
    def helpers(self) -> set[str]:
        """Derived columns that another expression or a filter reads, so that they need not be columns of the table."""
        read = {name for own, text in self.derive.items() for name in names_in(parse(text)) if name != own}
        named = {str(name) for rule in self.filters for name in (rule.key, rule.column) if name is not None}
        return (read | named) & set(self.derive)

    @field_validator("waves", mode="before")
    @classmethod
    def _path_alone(cls, value: object) -> object:
        """A wave of which only the path is told."""
        if not isinstance(value, dict):
            return value
        return {name: {"path": told} if isinstance(told, str) else told for name, told in value.items()}

    @property
    def of_waves(self) -> bool:
        """Whether it holds several waves."""
        return bool(self.waves) or WAVE in self.columns

    @property
    def order(self) -> dict[str, str]:
        """Label of every wave with a file of its own, by its name, the earliest first."""
        return read_waves(list(self.waves)) if self.waves else {}

    @property
    def own(self) -> TableSource:
        """The source of the edition's own wave; itself where the waves have no files of their own."""
        return self.of_wave(one_of_waves(self.wave, self.order)) if self.waves else self

    @property
    def earlier(self) -> dict[str, TableSource]:
        """Sources of the waves before the edition's own one that have files of their own, by label."""
        names = list(self.order)
        before = names[: names.index(one_of_waves(self.wave, self.order))] if names else []
        return {self.order[name]: self.of_wave(name) for name in before}

    def of_wave(self, name: str) -> TableSource:
        """The source of one wave: what is said for all, and for this one."""
        shared = {key: getattr(self, key) for key in self.model_fields_set - {"waves", "wave"}}
        own = {key: getattr(self.waves[name], key) for key in self.waves[name].model_fields_set}
        return TableSource.model_validate(merge(shared, own))

    @model_validator(mode="after")
    def _waves(self) -> TableSource:
        if bool(self.path) == bool(self.waves):
            raise ValueError("a table needs the `path` of its file" + ", or `waves`, not both" * bool(self.waves))
        if self.waves and WAVE in self.columns:
            raise ValueError("waves are told apart either by their files (`waves`) or by a column (`columns.wave`)")
        if any(one.waves or one.wave for one in self.waves.values()):
            raise ValueError("a wave has no waves of its own")
        if self.wave is not None and not self.of_waves:
            raise ValueError("`wave` names one of several: give them by `waves`, or by `columns.wave`")
        if self.waves:
            order = _in_order(self.waves)
            twice = [name for name, label in order.items() if list(order.values()).count(label) > 1]
            if twice:
                raise ValueError(f"two files are of one wave: {', '.join(twice)}")
            one_of_waves(self.wave, order)
        return self

    @model_validator(mode="after")
    def _once(self) -> TableSource:
        named: dict[str, Collection[str]] = {
            "columns": self.columns,
            "constant": self.constant,
            "ago": self.ago,
            "derive": self.derive,
        }
        for one, other in combinations(named, 2):
            both = sorted(set(named[one]) & set(named[other]))
            if both:
                raise ValueError(f"{both[0]} is given in both `{one}` and `{other}`")
        return self

    @model_validator(mode="after")
    def _header(self) -> TableSource:
        if max(self.name_rows) > self.header_rows:
            raise ValueError(f"header_row ({max(self.name_rows)}) is not among the {self.header_rows} header_rows")
        return self


class Joined(Params):
    """Categories that are counted as one, and its name where it is none of theirs; a list is `of` alone."""

    of: Annotated[Codes, Field(min_length=1)]
    zh: str = ""
    en: str = ""
    plural: str = ""


def _of(given: object) -> object:
    return {"of": given} if isinstance(given, list | tuple) else given


class Partitions(Params):
    """Responses that are taken in `rows` at a time; `in_memory`: most interviews that notebooks may hold at once."""

    rows: Annotated[int, Field(ge=1)] = 500_000
    in_memory: Annotated[int, Field(ge=1)] = 2_000_000


def _rows_alone(given: object) -> object:
    return {"rows": given} if isinstance(given, int) and not isinstance(given, bool) else given


Merges = dict[str, dict[Code, Annotated[Joined, BeforeValidator(_of)]]]


def _in_order(names: Iterable[str]) -> dict[str, str]:
    """Label of each wave by its name, the earliest first; raises ValueError for a name that is none."""
    try:
        return read_waves(list(names))
    except MethodError as error:
        raise ValueError(f"{error.problem[:-1]}: {error.where} ({error.expected})") from None


def one_of_waves(wanted: str | None, order: Mapping[str, str]) -> str:
    """The name, among those of `order` (label by name, the earliest first), of the wave that is wanted, or the latest.

    Raises ValueError for one that is none of them.
    """
    if wanted is None:
        return list(order)[-1]
    found = [name for name, label in order.items() if wanted in {name, label} or read_label(wanted) == label]
    if not found:
        raise ValueError(f"the wave {wanted!r} is none of those there are: {', '.join(order)}")
    return found[0]


class Data(Section):
    """Simulated, or read from files under the project's root (or from absolute paths).

    `merge`: categories of background questions that this edition counts as one, by question and category.

    A table of which more than `max_refused_share` of the rows break their contract stops the run (1: none does).
    `partitions`: the file of the responses is never whole in memory (None: it is).
    """

    source: Literal["simulated", "files"]
    max_refused_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    tables: dict[TableName, TableSource] = {}
    merge: Merges = {}
    partitions: Annotated[Partitions, BeforeValidator(_rows_alone)] | None = None

    @model_validator(mode="after")
    def _tables(self) -> Data:
        if self.source == "files" and not self.tables:
            raise ValueError(
                "data.tables names no table, and there is nothing to report on: give responses, or records of the"
                " service (service_log, feedback, training, customers, …)"
            )
        events = [name for name, table in self.tables.items() if table.layout == "events" and name != "service_log"]
        if events:
            raise ValueError(f"data.tables.{events[0]}.layout: only a service_log may be laid out in events")
        several = [name for name, table in self.tables.items() if table.of_waves and name != "responses"]
        if several:
            raise ValueError(f"data.tables.{several[0]}: only the responses may have waves")
        if "waves" in self.tables and "responses" in self.tables and self.tables["responses"].of_waves:
            raise ValueError("the tracking series comes from the waves of the responses, or from the table `waves`")
        if self.source == "simulated" and self.tables:
            raise ValueError("data.tables can't be given when data.source is 'simulated': its files are made")
        return self

    @model_validator(mode="after")
    def _row_by_row(self) -> Data:
        source = self.tables.get("responses")
        whole = [name for name in ("derive", "waves") if source is not None and getattr(source, name)]
        whole += ["columns.wave"] if source is not None and WAVE in source.columns else []
        if self.partitions and whole:
            raise ValueError(
                f"data.tables.responses.{whole[0]} needs all rows of the file at once: leave data.partitions out"
            )
        return self

    @property
    def interviewed(self) -> bool:
        """Whether there are answers to a questionnaire."""
        return self.source == "simulated" or "responses" in self.tables
