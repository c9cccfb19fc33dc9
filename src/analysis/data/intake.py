"""The way of a raw file into the project: read, columns picked, filtered, judged by its contract, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.choices import spread_choices, with_options
from analysis.data.columns import Contract, Field
from analysis.data.contracts import contract_as_written, contract_for
from analysis.data.derived import with_days, with_derived, with_expressions
from analysis.data.events import steps_of_events
from analysis.data.filtering import filter_rows
from analysis.data.lookalikes import look_alike_notes
from analysis.data.picking import pick_columns
from analysis.data.quarantine import Fault, Judged, check_refused, judge_rows
from analysis.data.rawtable import RawTable
from analysis.data.routing import mark_declined, mark_not_asked
from analysis.data.service_contracts import has_events, log_of_steps
from analysis.data.soundness import check_header, check_responses, check_whole, margin_faults
from analysis.data.sources import read_raw
from analysis.data.used_keys import UsedKeys
from analysis.data.values import Mapped, missing_codes
from analysis.data.waves import Reading, as_asked, split_waves, stacked
from analysis.edition import Edition
from analysis.edition.sections.data import (
    EARLIER,
    EVERY,
    REASONS,
    SIMULATED,
    TABLES,
    TAKEN,
    WAVE,
    TableSource,
    one_of_waves,
)
from analysis.errors import EditionError, Problems, SurveyReportError, did_you_mean, listing
from analysis.files import hash_of_all
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
    the hash of the file as it was read, `faults` why rows were refused, `lost` why optional values were left out of
    rows that stayed, `filled` how many values stayed in such columns, `notes` what else the reader should know,
    `paired` the events of a log that became part of another one's step or of none, and the rows of joined categories
    that were added to another's. `wave`: label of the edition's own wave, where these are the interviews before it.
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
    lost: tuple[Fault, ...] = ()
    filled: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    wave: str = ""

    @property
    def accepted(self) -> int:
        """Number of rows in `frame`."""
        return len(self.frame)

    @property
    def quarantined(self) -> int:
        """Number of rows in `quarantine`."""
        return len(self.quarantine)


def table_source(edition: Edition, name: str) -> TableSource | None:
    """Where the table `name` of the edition lies; None when the edition does not have it.

    Of responses in several waves it is the file of the edition's own one.
    """
    if name not in TABLES:
        raise EditionError(f"There is no table {name!r}.", expected=", ".join(TABLES), hint=did_you_mean(name, TABLES))
    if edition.simulated:
        if name not in SIMULATED:
            return None
        return TableSource(path=f"data/raw/{edition.name}/{name}.csv")
    return next((source.own for table, source in edition.data.tables.items() if table == name), None)


def load_table(edition: Edition, name: str) -> Intake | None:
    """Read one table of the edition; None when the edition does not have it.

    Of responses in several waves these are those of the edition's own one, and `earlier_waves` are all before it.
    Raises SourceError (the file can't be read), ContractError (it lacks a column, or no row meets the contract) or
    EditionError (the params name columns that the table does not have).
    """
    if name == EARLIER:
        return _earlier_waves(edition)
    source = table_source(edition, name)
    if source is None:
        return None
    contract = contract_as_written(contract_for(edition, name), source)
    check_names(edition, source, contract)
    reading = read_rows(edition, read_raw(from_root(source.path), source), source, contract)
    if WAVE in source.columns:
        *_, reading = split_waves(reading, source).values()
        contract = replace(contract, fields=(*contract.fields, Field(WAVE, "category", required=True, filled=True)))
    return judge_reading(edition, name, reading, source, contract)


def _earlier_waves(edition: Edition) -> Intake | None:
    """The interviews of all waves before the edition's own, each judged by itself."""
    source = edition.data.tables.get("responses")
    if source is None or not source.of_waves:
        return None
    if source.waves:
        taken, own = _waves_of_files(edition, source), source.order[one_of_waves(source.wave, source.order)]
    else:
        strict = contract_as_written(contract_for(edition, "responses"), source)
        reading = read_rows(edition, read_raw(from_root(source.path), source), source, strict)
        *before, (own, _) = split_waves(reading, source).items()
        taken = {label: judge_reading(edition, EARLIER, part.asked(), source, strict) for label, part in before}
    if not taken:
        return None
    whole = replace(_together(taken), wave=own)
    whole = replace(whole, notes=(*whole.notes, f"{own} is the edition's own wave: the table responses"))
    check_whole(whole.frame, edition, EARLIER, from_root(source.own.path))
    return whole


def _waves_of_files(edition: Edition, source: TableSource) -> dict[str, Intake]:
    files, taken = source.earlier, {}
    by_position = any(isinstance(theirs, int) for one in files.values() for theirs in one.columns.values())
    own = read_raw(from_root(source.own.path), source.own) if by_position else None
    for label, one in files.items():
        lenient, strict = (contract_as_written(contract_for(edition, table), one) for table in (EARLIER, "responses"))
        check_names(edition, one, strict)
        raw = read_raw(from_root(one.path), one)
        known = as_asked(raw, one, own=own)
        taken[label] = judge_reading(edition, EARLIER, read_rows(edition, raw, known, lenient).asked(), known, strict)
    return taken


def _together(taken: Mapping[str, Intake]) -> Intake:
    """Several waves as one table."""
    parts = list(taken.values())
    total = {name: sum(getattr(part, name) for part in parts) for name in ("read", "filtered", "blank", "paired")}
    notes = [f"{label}: {part.accepted} interviews" for label, part in taken.items()]
    notes += [f"{label}: {note}" for label, part in taken.items() for note in part.notes]
    return Intake(
        name=EARLIER,
        frame=stacked({label: part.frame for label, part in taken.items()}),
        quarantine=stacked({label: part.quarantine for label, part in taken.items()}),
        source=", ".join(dict.fromkeys(part.source for part in parts)),
        sha256=hash_of_all(list(dict.fromkeys(part.sha256 for part in parts))),
        faults=tuple(fault for part in parts for fault in part.faults),
        lost=tuple(fault for part in parts for fault in part.lost),
        notes=tuple(notes),
        **total,
    )


def read_rows(
    edition: Edition, raw: RawTable, source: TableSource, contract: Contract, *, some: bool = False
) -> Reading:
    """The columns of a file, with those made of others, and the rows that the filters keep: of `some`, perhaps none."""
    answers = _answer_maps(edition, source, contract)
    found = _find_columns(edition, raw, source, contract, answers)
    raw, columns = found.raw, found.columns
    kept = filter_rows(raw, source=source, contract=contract, columns=columns, values=answers, may_leave_none=some)
    return Reading(raw, kept, columns, answers, found.ignored, found.notes)


def judge_reading(
    edition: Edition, name: str, reading: Reading, source: TableSource, contract: Contract, used: UsedKeys | None = None
) -> Intake:
    """What the contract makes of the rows; of some rows of a file, `used` holds the keys of those before them."""
    raw, kept, columns = reading.raw, reading.kept, reading.columns
    judged = judge_rows(
        kept,
        contract=contract,
        columns=columns,
        values=reading.answers,
        missing=missing_codes(source.missing_of(EVERY)),
        used=used,
    )
    if used is None:
        check_refused(raw.path, contract, judged, most=edition.data.max_refused_share)
    frame = _whole_frame(edition, name, contract, kept, judged, columns, source)
    if contract.table == "responses":
        frame = frame.drop(columns=WAVE, errors="ignore")
    check_whole(frame, edition, contract.table, raw.path)
    return Intake(
        name=name,
        frame=frame,
        quarantine=judged.quarantine,
        read=len(raw.frame),
        filtered=len(raw.frame) - len(kept.frame),
        source=source.path,
        ignored=reading.ignored,
        blank=raw.blank,
        sha256=raw.sha256,
        faults=judged.faults,
        lost=judged.lost,
        filled=judged.filled,
        notes=(
            *judged.notes,
            *reading.notes,
            *(look_alike_notes(frame, contract) if used is None else ()),
            *(_not_asked(edition, columns) if name == EARLIER else ()),
        ),
        paired=len(judged.frame) - len(frame),
    )


@dataclass(frozen=True)
class _Found:
    """A file with a column for each of ours that is made of others, where ours stand, and what nothing reads."""

    raw: RawTable
    columns: dict[str, int]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]


def _find_columns(
    edition: Edition, raw: RawTable, source: TableSource, contract: Contract, answers: Mapping[str, Mapped]
) -> _Found:
    """Find our columns in the file, and make those that are made of others."""
    raw = with_derived(raw, source)
    choices = [question.key for question in edition.instrument.multiple] if contract.table == "responses" else []
    asking = [q.key for q in edition.instrument.profile if q.option] if contract.table == "responses" else []
    mapped = pick_columns(raw, source, contract, also=choices, made={*source.derive, *asking})
    raw = with_days(raw, source, contract, mapped)
    check_header(raw, contract=contract, columns=mapped, values=answers)
    spread, columns = _with_choices(raw, edition, source, contract, mapped, answers)
    made, columns, read = with_expressions(spread, columns, source=source, contract=contract, values=answers)
    used = {*mapped.values(), *read}
    ignored = tuple(column for i, column in enumerate(raw.names) if i not in used and column)
    return _Found(made, columns, ignored, (*made.notes, *_used_twice(raw, mapped)))


def _with_choices(
    raw: RawTable,
    edition: Edition,
    source: TableSource,
    contract: Contract,
    columns: dict[str, int],
    answers: Mapping[str, Mapped],
) -> tuple[RawTable, dict[str, int]]:
    """The file with a column for every answer to a question of several choices, and for questions that ask for one."""
    questions = edition.instrument.multiple
    if contract.table != "responses" or not questions:
        return raw, columns
    missing = {question.key: source.missing_of(question.key) for question in questions}
    raw, columns = spread_choices(raw, columns, questions=questions, values=answers, missing=missing)
    fields = {field.name: field for field in contract.fields}
    return with_options(raw, columns, questions=edition.instrument.profile, fields=fields, values=answers)


def _whole_frame(
    edition: Edition,
    name: str,
    contract: Contract,
    kept: RawTable,
    judged: Judged,
    columns: Mapping[str, int],
    source: TableSource,
) -> pd.DataFrame:
    """The accepted rows with every column of the contract that a step looks for."""
    if name == "service_log" and has_events(edition):
        return _complete(steps_of_events(judged.frame), log_of_steps(edition), kept, judged.quarantine)
    frame = _complete(judged.frame, contract, kept, judged.quarantine)
    if contract.adds and frame.duplicated(list(contract.unique)).any():
        frame = frame.groupby(list(contract.unique), sort=False, as_index=False)[[contract.adds]].sum()
    if name != "responses":
        return frame
    accepted = ~np.isin(kept.rows, judged.quarantine["row"].to_numpy())
    texts = kept.frame[accepted].reset_index(drop=True)
    instrument, codes = edition.instrument, source.not_asked
    frame = mark_not_asked(frame, texts, instrument=instrument, columns=columns, codes=codes)
    return mark_declined(frame, texts, instrument=instrument, columns=columns, source=source)


def _used_twice(raw: RawTable, columns: Mapping[str, int]) -> tuple[str, ...]:
    """A note for every column of the file that several of ours are read from."""
    owners: dict[int, list[str]] = {}
    for name, position in columns.items():
        owners.setdefault(position, []).append(name)
    shared = {position: names for position, names in owners.items() if len(names) > 1}
    return tuple(f"column {at + 1}, {raw.names[at]!r}, is read as {', '.join(names)}" for at, names in shared.items())


def _not_asked(edition: Edition, columns: Mapping[str, int]) -> tuple[str, ...]:
    """A note on the questions that the file of an earlier wave does not have."""
    asked = [*edition.instrument.item_keys, *edition.instrument.profile_keys]
    absent = [key for key in asked if key not in columns]
    return (f"not asked in this wave: {listing(absent, most=8)}",) if absent else ()


def check_tables(edition: Edition) -> tuple[dict[str, Intake], list[SurveyReportError]]:
    """The edition's tables that can be read, but responses in partitions, and every problem of them; files of a
    simulated edition may be absent.
    """
    problems: list[SurveyReportError] = []
    tables: dict[str, Intake] = {}
    for name in TAKEN:
        source = table_source(edition, name if name in TABLES else "responses")
        parted = name == "responses" and edition.data.partitions is not None
        if parted or source is None or (edition.simulated and not from_root(source.path).exists()):
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


def check_names(edition: Edition, source: TableSource, contract: Contract) -> None:
    """Names in the keys of a source must be columns of the table, or a misspelt one would do nothing, silently."""
    stars = {"values", "missing", "dates", "decimal", *REASONS}
    questions = {question.key for question in edition.instrument.multiple} if contract.table == "responses" else set()
    days = {field.name for field in contract.fields if field.kind == "datetime"}
    waves = {WAVE} if contract.table == "responses" else set()
    for key, named in source.named.items():
        known = days if key == "ago" else {*contract.names, *questions, *waves} | ({EVERY} if key in stars else set())
        known |= source.helpers if key in {"derive", "filters"} else set()
        for name in named:
            if name not in known:
                raise EditionError(
                    f"{name!r} is not a column of the table {contract.table!r}.",
                    where=f"{edition.path}: data.tables.{contract.table}.{key}.{name}",
                    expected="our name of a column: a key of the instrument, or a column of its own of the table",
                    hint=did_you_mean(name, known),
                )


def _answer_maps(edition: Edition, source: TableSource, contract: Contract) -> dict[str, Mapped]:
    """Answer texts and their codes per column; those under "*" hold for every rated item."""
    answers = source.values  # noqa: PD011 - a key of the params
    rated = answers.get(EVERY, {})
    maps: dict[str, Mapped] = {question.key: answers.get(question.key, {}) for question in edition.instrument.multiple}
    maps[WAVE] = answers.get(WAVE, {})
    for field in contract.fields:
        rated_as_written = field.answer and field.kind == "number" and field.name not in source.derive
        shared = rated if rated_as_written else {}
        maps[field.name] = {**shared, **answers.get(field.name, {})}
    return maps


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
