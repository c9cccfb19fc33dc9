"""Typed files and workbooks as text: whole numbers, dates, truth and gaps, and what would lose a value."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from analysis.data.rawtable import RawTable
from analysis.data.typed import read_typed
from analysis.data.workbook import read_workbook
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

PATH = Path("answers")


def _parquet(**columns: object) -> RawTable:
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return read_typed(PATH, buffer.getvalue(), TableSource(path="answers.parquet"), "parquet")


def test_a_parquet_column_becomes_the_text_that_a_person_would_type() -> None:
    stamp = pd.Timestamp("2025-03-03 09:30", tz="Asia/Shanghai")
    table = _parquet(
        whole=pa.array([1, None, 3]),
        decimal=pa.array([5.0, float("nan"), 2.5]),
        truth=pa.array([True, False, None]),
        day=pa.array([pd.Timestamp("2025-03-03").date(), None, None]),
        at=pa.array([stamp, None, None], pa.timestamp("us", "Asia/Shanghai")),
        took=pa.array([pd.Timedelta(minutes=2), None, None], pa.duration("us")),
        kind=pa.array(["a", "b", None]).dictionary_encode(),
        several=pa.array([["x", "y"], [], None]),
    )
    first = [str(table.frame.iloc[0, place]) for place in range(8)]
    assert first[0] == "1"
    assert float(first[1]) == 5.0
    assert first[2:4] == ["TRUE", "2025-03-03"]
    assert first[4].startswith("2025-03-03 09:30"), "the clock of the place where it was written"
    assert float(first[5]) == 120.0
    assert first[6:] == ["a", "['x', 'y']"]
    assert table.frame.iloc[2, [2, 3, 4, 5, 6]].tolist() == [""] * 5
    assert table.frame.iloc[1, 1] == ""


def test_a_file_without_rows_or_cut_off_is_refused() -> None:
    with pytest.raises(SourceError):
        _parquet(a=pa.array([], pa.int64()))
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"a": [1, 2]}), buffer)
    with pytest.raises(SourceError, match="can't be read"):
        read_typed(PATH, buffer.getvalue()[:-20], TableSource(path="answers.parquet"), "parquet")
    with pytest.raises(SourceError, match="can't be read"):
        read_typed(PATH, b"$FL2" + b"\0" * 100, TableSource(path="answers.sav"), "sav")


def _workbook(rows: list[list[object]], *, merge: str = "", **source: object) -> RawTable:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, column, value)
    if merge:
        sheet.merge_cells(merge)
    book.save(buffer)
    return read_workbook(PATH, buffer.getvalue(), TableSource.model_validate({"path": "answers.xlsx", **source}))


def test_cells_of_a_sheet_are_texts_and_gaps_are_empty() -> None:
    table = _workbook([["q1", "q2", "q3"], [1, "NA", None], [None, 2.5, "x"]])
    assert table.names == ("q1", "q2", "q3")
    assert table.frame.to_numpy().tolist() == [["1", "NA", ""], ["", "2.5", "x"]]


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([["q1"], ["=1+1"]], {}, "no calculated value"),
        ([["q1", "q2"], [1, 2], [3, 4]], {"merge": "A2:A3"}, "one value for several cells"),
        ([["q1"], [1], *[[] for _ in range(10_100)], [2]], {}, "far away"),
        ([["q1"], [1]], {"sheet": "Shet"}, "no sheet 'Shet'"),
        ([["q1"]], {}, "row"),
        ([], {}, "empty"),
    ],
)
def test_what_would_lose_a_value_is_refused(rows: list[list[object]], options: dict[str, str], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        _workbook(rows, **options)


def test_what_is_no_workbook_is_told() -> None:
    with pytest.raises(SourceError, match="damaged"):
        read_workbook(PATH, b"PK\x03\x04 rubbish", TableSource(path="answers.xlsx"))
