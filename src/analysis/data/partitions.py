"""The intake of responses that are never whole in memory: part after part of the file, into one Parquet file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.data.contracts import contract_as_written, contract_for
from analysis.data.filtering import none_left
from analysis.data.intake import Intake, check_names, judge_reading, read_rows, table_source
from analysis.data.lookalikes import look_alike_notes
from analysis.data.quarantine import Fault, check_refused
from analysis.data.soundness import check_responses, margin_faults
from analysis.data.sources import read_by_rows
from analysis.data.used_keys import UsedKeys
from analysis.edition.instrument import NOT_ASKED, UNANSWERED
from analysis.errors import EditionError, Problems, SurveyReportError
from analysis.project import from_root

if TYPE_CHECKING:
    from analysis.data.columns import Contract
    from analysis.edition import Edition
    from analysis.edition.sections.data import Partitions, TableSource


@dataclass(frozen=True)
class PartedIntake(Intake):
    """Responses that were taken in by partitions, `rows` of them accepted and written to a file.

    `frame` holds a few of them by which all are judged: the first, and those with the least and the largest answer to
    every item.
    """

    rows: int = 0

    @property
    def accepted(self) -> int:
        """Number of rows that were written."""
        return self.rows


def load_partitions(edition: Edition, rule: Partitions, target: Path) -> PartedIntake:
    """Write the accepted responses to the Parquet file `target`, a row group for each partition of the raw file.

    Every partition is read, picked, filtered and judged by itself, as `load_table` does with all rows, and comes to the
    same rows, quarantine and counts: identifiers are unique in the whole file, and shares of refused rows and values
    are those of the whole. What only a whole column shows is not looked for: dates such as 01/02/23 and commas in
    numbers need `dates` and `decimal`, and a numbering used twice is an identifier used twice. Raises as `load_table`.
    """
    source = table_source(edition, "responses")
    if source is None:
        raise EditionError("There are no responses to take in by partitions.", where=f"{edition.path}: data.partitions")
    contract = _told(contract_as_written(contract_for(edition, "responses"), source))
    check_names(edition, source, contract)
    path = from_root(source.path)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".partitions") as folder:
        judged = list(_judged_parts(edition, source, contract, rule.rows, Path(folder)))
        whole = _together(judged, edition.instrument.item_keys, keep=edition.disclosure.min_base)
        if whole.filtered == whole.read:
            raise none_left(whole.read, source, f"{path}, data.tables.responses.filters")
        check_refused(path, contract, whole, most=edition.data.max_refused_share)
        _join([Path(folder) / f"{number}" for number, part in enumerate(judged) if part.accepted], target, contract)
    check_responses(whole.frame, edition, path)
    unlisted = [f.name for f in contract.fields if f.kind == "category" and not f.categories and not f.pattern]
    return replace(whole, notes=(*whole.notes, *look_alike_notes(columns_of(target, unlisted), contract)))


def check_partitions(
    edition: Edition, rule: Partitions, population: Intake | None
) -> tuple[PartedIntake | None, pd.DataFrame, list[SurveyReportError]]:
    """What the partitions come to, the answers of all interviews to background questions, and every problem.

    Nothing is kept. More interviews than the notebooks may hold are a problem.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            taken = load_partitions(edition, rule, Path(folder) / "responses")
        except SurveyReportError as error:
            return None, pd.DataFrame(), list(error.problems) if isinstance(error, Problems) else [error]
        profile = columns_of(Path(folder) / "responses", edition.instrument.profile_keys)
    problems: list[SurveyReportError] = []
    if population is not None:
        problems += margin_faults(profile, population.frame, edition=edition, path=from_root(population.source))
    try:
        check_room(taken.accepted, rule, edition)
    except EditionError as error:
        problems.append(error)
    return taken, profile, problems


def check_room(rows: int, rule: Partitions, edition: Edition) -> None:
    """Raise EditionError for more interviews than the notebooks may hold in memory, which they do from cleaning on."""
    if rows > rule.in_memory:
        raise EditionError(
            "There are more interviews than the notebooks may hold in memory.",
            where=f"{edition.path}: data.partitions.in_memory",
            expected=f"at most {rule.in_memory:,} interviews: only the intake works by partitions; of 40 items and 200"
            " replicates cleaning (03) to the models (07) hold one to two kilobytes an interview, notebooks after them"
            " more",
            got=f"{rows:,}",
            hint="leave rows out by data.tables.responses.filters, or raise data.partitions.in_memory where the"
            " machine has the memory",
        )


def columns_of(path: Path, names: Sequence[str]) -> pd.DataFrame:
    """Those of the columns `names` that a Parquet file has, all rows; repeated texts are held once."""
    from pyarrow import parquet

    there = [name for name in names if name in parquet.read_schema(path).names]
    table = parquet.read_table(path, columns=there, read_dictionary=there)
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    return frame


def _told(contract: Contract) -> Contract:
    """The contract without what is told from a whole column."""
    fields = (
        replace(
            field,
            dates=None if field.dates == "auto" else field.dates,
            decimal=None if field.decimal == "auto" else field.decimal,
        )
        for field in contract.fields
    )
    return replace(contract, fields=tuple(fields))


def _judged_parts(
    edition: Edition, source: TableSource, contract: Contract, rows: int, folder: Path
) -> Iterator[PartedIntake]:
    """Each partition of the raw file, judged; its accepted rows lie in the folder under its number."""
    items, base, used = edition.instrument.item_keys, edition.disclosure.min_base, UsedKeys()
    for number, raw in enumerate(read_by_rows(from_root(source.path), source, rows=rows)):
        reading = read_rows(edition, raw, source, contract, some=True)
        part = judge_reading(edition, "responses", reading, source, contract, used)
        if len(part.frame):
            part.frame.to_parquet(folder / f"{number}", index=False)
        telling = _telling(part.frame, items, keep=base)
        taken = PartedIntake(**{**vars(part), "frame": telling}, rows=len(part.frame))
        del raw, reading, part  # before the next partition is read
        yield taken


def _telling(frame: pd.DataFrame, items: Sequence[str], *, keep: int) -> pd.DataFrame:
    """The first `keep` rows, and for every item one with its least and one with its largest answer."""
    places = set(range(min(keep, len(frame))))
    for item in items:
        answers = frame[item].reset_index(drop=True)
        if answers.notna().any():
            places |= {int(answers.argmin()), int(answers.argmax())}
    return frame.iloc[sorted(places)].reset_index(drop=True)


def _together(parts: Sequence[PartedIntake], items: Sequence[str], *, keep: int) -> PartedIntake:
    """The partitions as one table."""
    total: dict[str, Any] = {
        name: sum(getattr(part, name) for part in parts) for name in ("read", "filtered", "blank", "rows")
    }
    filled: dict[str, int] = {}
    for column, count in (pair for part in parts for pair in part.filled):
        filled[column] = filled.get(column, 0) + count
    return PartedIntake(
        name="responses",
        frame=_telling(pd.concat([part.frame for part in parts], ignore_index=True), items, keep=keep),
        quarantine=pd.concat([part.quarantine for part in parts], ignore_index=True),
        source=parts[0].source,
        ignored=parts[0].ignored,
        sha256=parts[-1].sha256,
        faults=_added([fault for part in parts for fault in part.faults]),
        lost=_added([fault for part in parts for fault in part.lost]),
        filled=tuple(filled.items()),
        notes=parts[0].notes,
        **total,
    )


def _added(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults of all partitions, each reason once with its first case, the most frequent first."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        first = found.setdefault((fault.column, fault.reason), replace(fault, count=0))
        found[fault.column, fault.reason] = replace(first, count=first.count + fault.count)
    return tuple(sorted(found.values(), key=lambda fault: -fault.count))


def _join(files: Sequence[Path], target: Path, contract: Contract) -> None:
    """The files of the partitions as one with a row group for each; what one lacks nobody in it left open."""
    import pyarrow as pa
    from pyarrow import parquet

    there = {name for file in files for name in parquet.read_schema(file).names}
    names = [name for name in (*contract.names, NOT_ASKED, UNANSWERED) if name in there]
    with ExitStack() as stack:
        writer = None
        for file in files:
            frame = pd.read_parquet(file)
            absent = {name: pd.Series("", index=frame.index, dtype="str") for name in names if name not in frame}
            table = pa.Table.from_pandas(frame.assign(**absent)[names], preserve_index=False)
            if writer is None:
                writer = stack.enter_context(parquet.ParquetWriter(target, table.schema))
            writer.write_table(table, row_group_size=len(table))
