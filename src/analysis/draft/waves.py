"""Several files as waves of a survey: what each is called, and whether they are waves at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.data.columns import Field
from analysis.data.values import convert, missing_codes
from analysis.draft.kinds import sort_columns
from analysis.draft.sheet import Sheet, read_sheet
from analysis.draft.wave_column import in_order
from analysis.errors import SourceError, listing
from analysis.periods import read_label

SHARED = 0.7
"""Share of the columns of the smaller file that the larger one has too, from which both are waves of one survey."""


@dataclass(frozen=True)
class WaveFiles:
    """Files by the label of their wave, the earliest first; `evidence` is what a reader should judge this by."""

    files: dict[str, Path]
    evidence: tuple[str, ...]

    @property
    def latest(self) -> Path:
        """The file of the latest wave."""
        return list(self.files.values())[-1]


def waves_of_files(paths: Sequence[Path]) -> WaveFiles:
    """Which wave each of several files is of: by their names, else by their time stamps, else in the order given.

    Raises SourceError for files with different columns, which are parts of a survey and no waves.
    """
    sheets = [read_sheet(path) for path in paths]
    for sheet in sheets[1:]:
        _check_same(sheets[0], sheet)
    names, months = [_label_in(path.stem) for path in paths], [_month(sheet) for sheet in sheets]
    files = {f"W{number}": path for number, path in enumerate(paths, start=1)}
    said = "here they stand in the order given"
    for labels, source in ((months, "the time stamps"), (names, "the names of the files")):
        order = in_order(labels)
        if order:
            files, said = {label: paths[labels.index(label)] for label in order}, f"these labels come from {source}"
    person = _person(sheets)
    asked = f"does {person!r} say who answered? It repeats over the waves. Then: columns: {{respondent_id: {person}}}"
    return WaveFiles(files, (f"which wave is each file of? {said}", *([asked] if person else [])))


def _person(sheets: Sequence[Sheet]) -> str:
    """A column that tells interviews apart, does not number them, and has values that come back in other files."""
    for column in sheets[-1].columns:
        same = [[other for other in sheet.columns if other.name == column.name] for sheet in sheets]
        if not column.name or any(len(found) != 1 for found in same):
            continue
        values = [found[0].text for found in same]
        single = all((text != "").all() and text.is_unique for text in values)
        shared = any(values[-1].isin(list(text)).any() for text in values[:-1])
        numbered = column.numeric and column.whole and column.numbers.max() <= 2 * sheets[-1].rows
        if single and shared and not numbered:
            return column.name
    return ""


def _check_same(one: Sheet, other: Sheet) -> None:
    columns = [{column.name for column in sheet.columns if column.name} for sheet in (one, other)]
    shared = columns[0] & columns[1]
    if len(shared) >= SHARED * min(map(len, columns)):
        return
    raise SourceError(
        "The files have different columns: they are parts of a survey, and no waves of it.",
        where=f"{one.path.name}, {other.path.name}",
        expected="the same questions in every file",
        got=f"{len(shared)} columns in common" + f": {listing(sorted(shared), most=5)}" * bool(shared),
        hint="join parts into one file with a row for each interview, or draft an edition from each file",
    )


def _label_in(stem: str) -> str:
    """The wave in the name of a file: the longest part of it that is a label."""
    parts = [stem[a:b] for a in range(len(stem)) for b in range(a + 1, len(stem) + 1)]
    return next((found for part in sorted(parts, key=len, reverse=True) if (found := read_label(part))), "")


def _month(sheet: Sheet) -> str:
    """The month in which half of the interviews had come in."""
    column = sort_columns(sheet).named.get("submitted_at")
    if column is None:
        return ""
    read = convert(column.text, field=Field("at", "datetime"), values={}, missing=missing_codes(())).typed.dropna()
    return f"{pd.Timestamp(read.median()):%Y-%m}" if len(read) else ""
