"""Where the tables of the survey lie, and how their files are laid out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import combinations
from typing import Annotated, Literal, TypeGuard, get_args

from pydantic import BeforeValidator, Field, model_validator

from analysis.edition.params import Code, Params, as_tuple
from analysis.edition.sections import Section

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


MISSING = ("", "NA", "N/A", "#N/A", "#NULL!", "(跳过)")
"""Texts that mean "no answer" in the exports of the usual programs."""


class Filter(Params):
    """Keep only the rows whose raw `column` is one of `keep` (or is none of `drop`)."""

    column: str
    keep: Annotated[tuple[Code, ...], BeforeValidator(as_tuple)] = ()
    drop: Annotated[tuple[Code, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Filter:
        if bool(self.keep) == bool(self.drop):
            raise ValueError("a filter needs either `keep` or `drop`")
        return self


def _is_day(value: object) -> TypeGuard[dt.date]:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


class Ago(Params):
    """A day that lies as many `unit` before `day` as the file's `column` says: a tenure of 34 months, say.

    Months and years have their mean length, so that spans stay in proportion.
    """

    column: str
    unit: Literal["days", "weeks", "months", "years"]
    day: dt.date


Answer = Annotated[Code | int | float, BeforeValidator(lambda value: value.isoformat() if _is_day(value) else value)]
"""What an answer stands for: a code, a number, or a day."""


class TableSource(Params):
    """Where one table lies and how its file is laid out.

    `columns` maps our column name to the file's (name, or 1-based position as a whole number, which also tells
    apart columns of the same name); a column not named keeps its own name. `values` maps, per column of ours (or
    "*" for all items), the text of an answer to its code (of a column of days: to a day, or "" for none).
    `missing` lists the codes or texts that mean "no answer". `constant` gives columns of ours that the file lacks and
    that have one value throughout, `ago` days that the file tells as a time up to a day. `layout`: events for a
    service log of one row per event (case_id, step, at, perhaps lifecycle), steps for one row per step.
    """

    path: str
    format: Literal["auto", "csv", "xlsx", "sav", "parquet"] = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | int = 0
    header_rows: Annotated[int, Field(ge=1, le=10)] = 1
    header_row: Annotated[int, Field(ge=1, le=10)] = 1
    columns: dict[str, str | int] = {}
    values: dict[str, dict[Code, Answer]] = {}
    missing: Annotated[tuple[Code, ...], BeforeValidator(as_tuple)] = MISSING
    value_labels: Literal["codes", "labels"] = "codes"
    filters: Annotated[tuple[Filter, ...], BeforeValidator(as_tuple)] = ()
    constant: dict[str, Code] = {}
    ago: dict[str, Ago] = {}
    layout: Literal["steps", "events"] = "steps"

    @model_validator(mode="after")
    def _once(self) -> TableSource:
        named: dict[str, Collection[str]] = {"columns": self.columns, "constant": self.constant, "ago": self.ago}
        for one, other in combinations(named, 2):
            both = sorted(set(named[one]) & set(named[other]))
            if both:
                raise ValueError(f"{both[0]} is given in both `{one}` and `{other}`")
        return self

    @model_validator(mode="after")
    def _header(self) -> TableSource:
        if self.header_row > self.header_rows:
            raise ValueError(f"header_row ({self.header_row}) is not among the {self.header_rows} header_rows")
        return self


class Data(Section):
    """Simulated, or read from files under the project's root (or from absolute paths).

    A table of which more than `max_refused_share` of the rows break their contract stops the run (1: none does).
    """

    source: Literal["simulated", "files"]
    max_refused_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    tables: dict[TableName, TableSource] = {}

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
        if self.source == "simulated" and self.tables:
            raise ValueError("data.tables can't be given when data.source is 'simulated': its files are made")
        return self

    @property
    def interviewed(self) -> bool:
        """Whether there are answers to a questionnaire."""
        return self.source == "simulated" or "responses" in self.tables
