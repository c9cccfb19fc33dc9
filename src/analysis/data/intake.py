"""The way of a raw file into the project: read, columns picked, filtered, judged by its contract, counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.columns import Contract, Field, fold
from analysis.data.contracts import contract_for
from analysis.data.service_contracts import has_events, log_of_steps
from analysis.data.derived import with_days, with_derived
from analysis.data.events import steps_of_events
from analysis.data.quarantine import Fault, judge_rows
from analysis.data.rawtable import RawTable, clean_name
from analysis.data.soundness import check_header, check_responses, check_whole, margin_faults
from analysis.data.sources import read_raw
from analysis.data.values import Mapped, as_number, missing_codes
from analysis.edition import Edition
from analysis.edition.sections.data import SIMULATED, TABLES, Filter, TableSource
from analysis.errors import ContractError, EditionError, Problems, SourceError, SurveyReportError, did_you_mean
from analysis.project import from_root

_DTYPES: dict[str, Any] = {
    "id": "str",
    "text": "str",
    "category": "str",
    "number": "float64",
    "duration": "float64",
    "datetime": "datetime64[us]",
}


@dataclass(frozen=True)
class Intake:
    """One table as it came in: read = accepted (rows of `frame`) + quarantined + filtered + paired.

    `frame` holds the typed columns of the contract, `quarantine` the refused rows (row, column, value, reason, raw
    cells), `filtered` the number of rows left out by the params, `source` the path in the params, `ignored` the
    file's columns that were not used, `blank` the rows without any value, which are not counted as read; `sha256` is
    the hash of the file as it was read, `faults` why rows were refused, `paired` the events of a log that became part
    of another one's step or of none.
    """

    name: str
    frame: pd.DataFrame
    quarantine: pd.DataFrame
    read: int
    filtered: int
    source: str
    ignored: tuple[str, ...] = ()
    blank: int = 0
    sha256: str = ""
    faults: tuple[Fault, ...] = ()
    paired: int = 0

    @property
    def accepted(self) -> int:
        """Number of rows in `frame`."""
        return len(self.frame)

    @property
    def quarantined(self) -> int:
        """Number of rows in `quarantine`."""
        return len(self.quarantine)


def table_source(edition: Edition, name: str) -> TableSource | None:
    """Where the table `name` of the edition lies; None when the edition does not have it."""
    if name not in TABLES:
        raise EditionError(f"There is no table {name!r}.", expected=", ".join(TABLES), hint=did_you_mean(name, TABLES))
    if edition.simulated:
        if name not in SIMULATED:
            return None
        return TableSource(path=f"data/raw/{edition.name}/{name}.csv")
    return next((source for table, source in edition.data.tables.items() if table == name), None)


def load_table(edition: Edition, name: str) -> Intake | None:
    """Read one table of the edition; None when the edition does not have it.

    Raises SourceError (the file can't be read), ContractError (it lacks a column, or no row meets the contract) or
    EditionError (the params name columns that the table does not have).
    """
    source = table_source(edition, name)
    if source is None:
        return None
    contract = contract_for(edition, name)
    _check_names(edition, source, contract)
    raw = with_derived(read_raw(from_root(source.path), source), source)
    columns = _pick_columns(raw, source, contract)
    raw = with_days(raw, source, contract, columns)
    kept = _filter_rows(raw, source, contract)
    answers = _answer_maps(source, contract)
    check_header(raw, contract=contract, columns=columns, values=answers)
    judged = judge_rows(
        kept,
        contract=contract,
        columns=columns,
        values=answers,
        missing=missing_codes(source.missing),
        max_refused_share=edition.data.max_refused_share,
    )
    if name == "service_log" and has_events(edition):
        frame = _complete(steps_of_events(judged.frame), log_of_steps(edition), kept, judged.quarantine)
    else:
        frame = _complete(judged.frame, contract, kept, judged.quarantine)
    check_whole(frame, edition, name, raw.path)
    used = set(columns.values())
    return Intake(
        name=name,
        frame=frame,
        quarantine=judged.quarantine,
        read=len(raw.frame),
        filtered=len(raw.frame) - len(kept.frame),
        source=source.path,
        ignored=tuple(column for i, column in enumerate(raw.names) if i not in used and column),
        blank=raw.blank,
        sha256=raw.sha256,
        faults=judged.faults,
        paired=len(judged.frame) - len(frame),
    )


def check_tables(edition: Edition) -> tuple[dict[str, Intake], list[SurveyReportError]]:
    """The edition's tables that can be read, and every problem of them; files of a simulated edition may be absent."""
    problems: list[SurveyReportError] = []
    tables: dict[str, Intake] = {}
    for name in TABLES:
        source = table_source(edition, name)
        if source is None or (edition.simulated and not from_root(source.path).exists()):
            continue
        try:
            found = load_table(edition, name)
            tables |= {name: found} if found else {}
            if found and name == "responses":
                check_responses(found.frame, edition, from_root(source.path))
        except SurveyReportError as error:
            problems.extend(error.problems if isinstance(error, Problems) else [error])
    if {"responses", "population"} <= set(tables):
        population = tables["population"]
        where = from_root(population.source)
        problems += margin_faults(tables["responses"].frame, population.frame, edition=edition, path=where)
    return tables, problems


def _check_names(edition: Edition, source: TableSource, contract: Contract) -> None:
    """Names in `columns` and `values` must be columns of the table, or a misspelt one would do nothing, silently."""
    stars = {"*"} if contract.table == "responses" else set()
    answers = source.values  # noqa: PD011 - a key of the params
    for key, named, known in (
        ("columns", source.columns, set(contract.names)),
        ("values", answers, {*contract.names, *stars}),
        ("constant", source.constant, set(contract.names)),
        ("ago", source.ago, {field.name for field in contract.fields if field.kind == "datetime"}),
    ):
        for name in named:
            if name not in known:
                raise EditionError(
                    f"{name!r} is not a column of the table {contract.table!r}.",
                    where=f"{edition.path}: data.tables.{contract.table}.{key}.{name}",
                    expected="our name of a column: a key of the instrument, or a column of its own of the table",
                    hint=did_you_mean(name, known),
                )


def _answer_maps(source: TableSource, contract: Contract) -> dict[str, Mapped]:
    """Answer texts and their codes per column; those under "*" hold for every rated item."""
    answers = source.values  # noqa: PD011 - a key of the params
    rated = answers.get("*", {})
    maps: dict[str, Mapped] = {}
    for field in contract.fields:
        shared = rated if field.answer and field.kind == "number" else {}
        maps[field.name] = {**shared, **answers.get(field.name, {})}
    return maps


def _pick_columns(raw: RawTable, source: TableSource, contract: Contract) -> dict[str, int]:
    """Position in the file of each of our columns: as the params map them, otherwise by our own name."""
    picked = {name: _mapped_position(raw, contract, name, wanted) for name, wanted in source.columns.items()}
    _refuse_shared(raw, contract, picked)
    claimed = set(picked.values())
    for field in contract.fields:
        if field.name in picked:
            continue
        found = [i for i, name in enumerate(raw.names) if name == field.name and i not in claimed]
        if len(found) > 1:
            raise _same_name(raw, contract, field.name, field.name, found)
        if found:
            picked[field.name] = found[0]
    if not picked:
        raise _nothing_usable(raw, contract)
    lacking = [field for field in contract.fields if field.required and field.name not in picked]
    if lacking:
        raise _lacks_columns(raw, contract, lacking)
    return picked


def _mapped_position(raw: RawTable, contract: Contract, name: str, wanted: str | int) -> int:
    where = f"{raw.path}, data.tables.{contract.table}.columns.{name}"
    if isinstance(wanted, int):
        if 1 <= wanted <= len(raw.names):
            return wanted - 1
        raise ContractError(
            f"The file has no column number {wanted} for {name!r}.",
            where=where,
            expected=f"a position from 1 to {len(raw.names)}",
            got=str(wanted),
            hint="count the columns of the header from 1, or give the column's name",
        )
    found = [i for i, column in enumerate(raw.names) if column == clean_name(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise _same_name(raw, contract, name, wanted, found)
    raise ContractError(
        f"The file has no column {wanted!r} for {name!r}.",
        where=where,
        expected="the name of a column in the file's header, or its position",
        got=_shown(raw.names),
        hint=did_you_mean(clean_name(wanted), [column for column in raw.names if column]),
    )


def _refuse_shared(raw: RawTable, contract: Contract, picked: Mapping[str, int]) -> None:
    owner: dict[int, str] = {}
    for name, position in picked.items():
        if position in owner:
            raise ContractError(
                f"The columns {owner[position]!r} and {name!r} are mapped to the same column of the file.",
                where=f"{raw.path}, data.tables.{contract.table}.columns",
                expected="a column of its own for each",
                got=f"column {position + 1}, {raw.names[position]!r}",
                hint="correct one of the two",
            )
        owner[position] = name


def _same_name(raw: RawTable, contract: Contract, name: str, wanted: str, found: Iterable[int]) -> SourceError:
    positions = [i + 1 for i in found]
    return SourceError(
        f"The file has {len(positions)} columns named {wanted!r}.",
        where=str(raw.path),
        expected="one column of that name",
        got=f"columns {', '.join(map(str, positions))}",
        hint=f"give the position instead: data.tables.{contract.table}.columns.{name}: {positions[0]}",
    )


def _nothing_usable(raw: RawTable, contract: Contract) -> SourceError:
    alone = len(raw.names) == 1
    return SourceError(
        f"The file has no usable column for the table {contract.table!r}.",
        where=str(raw.path),
        expected=", ".join(contract.names[:8]),
        got=_shown(raw.names) + (" (one column only)" if alone else ""),
        hint="check `delimiter`: the header was not split"
        if alone
        else f"map the columns in data.tables.{contract.table}.columns, or check `header_row` and `header_rows`",
    )


def _lacks_columns(raw: RawTable, contract: Contract, lacking: list[Field]) -> ContractError:
    names = ", ".join(field.name for field in lacking)
    hints = [hint for field in lacking[:3] if (hint := _likely_column(raw, field))]
    return ContractError(
        f"The table {contract.table!r} lacks {len(lacking)} column(s): {names}.",
        where=str(raw.path),
        expected="a column of that name, or one mapped to it",
        got=_shown(raw.names),
        hint="; ".join([*hints, f"map each in data.tables.{contract.table}.columns"]),
    )


def _likely_column(raw: RawTable, field: Field) -> str:
    """A hint at the file's column that holds the question's wording, or whose name is close."""
    wordings = [fold(clean_name(wording)) for wording in field.wordings]
    for position, name in enumerate(raw.names, start=1):
        if name and any(wording in fold(name) for wording in wordings):
            return f"{field.name} may be column {position}, {name!r}"
    close = did_you_mean(field.name, [name for name in raw.names if name])
    return f"{field.name}: {close}" if close and close.startswith("did") else ""


def _shown(names: tuple[str, ...]) -> str:
    listed = ", ".join(name if len(name) <= 40 else name[:39] + "…" for name in names[:12] if name)
    return f"{listed}, … ({len(names)} columns)" if len(names) > 12 else listed


def _filter_rows(raw: RawTable, source: TableSource, contract: Contract) -> RawTable:
    """Rows that every filter keeps; raises ContractError for an unknown column or when no row is left."""
    keep = np.ones(len(raw.frame), dtype=bool)
    where = f"{raw.path}, data.tables.{contract.table}.filters"
    for rule in source.filters:
        found = [i for i, name in enumerate(raw.names) if name == clean_name(rule.column)]
        if len(found) != 1:
            raise ContractError(
                f"A filter names the column {rule.column!r}, which the file has {len(found)} times.",
                where=where,
                expected="the name of exactly one column of the file",
                got=_shown(raw.names),
                hint=did_you_mean(clean_name(rule.column), [name for name in raw.names if name]),
            )
        keep &= _kept_by(rule, raw.frame[found[0]])
    if keep.all():
        return raw
    if not keep.any():
        raise ContractError(
            f"The filters leave none of the {len(keep)} rows.",
            where=where,
            expected="at least one row",
            got="; ".join(f"{rule.column}: keep {rule.keep} drop {rule.drop}" for rule in source.filters),
            hint="compare the codes of the filters with the values in the file",
        )
    return replace(raw, frame=raw.frame[keep].reset_index(drop=True), rows=raw.rows[keep])


def _kept_by(rule: Filter, text: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each value is one of the rule's codes, as text or as the same number."""
    codes = rule.keep or rule.drop
    texts = {fold(code) for code in codes}
    numbers = {number for code in codes if (number := as_number(code)) is not None}
    positions, distinct = pd.factorize(text)
    named = np.array([fold(value) in texts or as_number(value) in numbers for value in distinct], dtype=bool)
    chosen = named[positions]
    return chosen if rule.keep else ~chosen


def _complete(frame: pd.DataFrame, contract: Contract, kept: RawTable, quarantine: pd.DataFrame) -> pd.DataFrame:
    """Columns in the contract's order, ids made from row numbers where the file has none.

    Columns that the file lacks are left out of the responses, where they are questions that were not asked; in the
    other tables they are there without a value, so that a step finds every column.
    """
    rows = kept.rows[~np.isin(kept.rows, quarantine["row"].to_numpy())]
    for field in contract.fields:
        if field.name in frame:
            continue
        if field.numbered:
            frame = frame.assign(**{field.name: pd.Series(rows).astype("str")})
        elif contract.table != "responses":
            frame = frame.assign(**{field.name: pd.Series(index=frame.index, dtype=_DTYPES[field.kind])})
    if contract.table == "waves":
        frame = frame.sort_values("date", kind="stable").reset_index(drop=True)
    return frame[[name for name in contract.names if name in frame]]
