"""Raw files of every format and encoding come out as the same text, with the row numbers a person sees."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis.data.sources import read_raw
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

TEXT = "name,city,score\n李雷,北京,4\n韩梅梅,上海,5\n"


def _read(path: Path, **source: Any) -> list[list[str]]:
    raw = read_raw(path, TableSource(path=str(path), **source))
    assert raw.frame.columns.tolist() == list(range(len(raw.names)))
    return [list(raw.names), *raw.frame.to_numpy().tolist()]


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


EXPECTED = [["name", "city", "score"], ["李雷", "北京", "4"], ["韩梅梅", "上海", "5"]]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    assert _read(_write(tmp_path / "a.csv", TEXT.encode(encoding))) == EXPECTED


@pytest.mark.parametrize(("written", "named"), [("gb18030", "GBK"), ("big5", "big5"), ("utf-8-sig", "utf-8")])
def test_a_named_encoding_is_used(tmp_path: Path, written: str, named: str) -> None:
    data = TEXT.replace("韩", "何").encode(written)
    rows = _read(_write(tmp_path / "a.csv", data), encoding=named)
    assert rows[1] == ["李雷", "北京", "4"]
    assert rows[0][0] == "name"


def test_latin_letters_in_another_encoding_are_not_taken_for_chinese(tmp_path: Path) -> None:
    data = "name,score\nZoé,3\nRenée Müller,4\n".encode("latin-1")
    with pytest.raises(SourceError, match="encoding of the file can't be recognised"):
        _read(_write(tmp_path / "a.csv", data))
    assert _read(_write(tmp_path / "a.csv", data), encoding="latin-1")[2] == ["Renée Müller", "4"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_recognised(tmp_path: Path, delimiter: str, newline: str) -> None:
    text = TEXT.replace(",", delimiter).replace("\n", newline)
    assert _read(_write(tmp_path / "a.csv", text.encode())) == EXPECTED


def test_a_delimiter_inside_quotes_does_not_split(tmp_path: Path) -> None:
    text = 'a;b\n"1,2,3";"x;y"\n"4,5,6";"said ""no"""\n'
    assert _read(_write(tmp_path / "a.csv", text.encode()))[1:] == [["1,2,3", "x;y"], ["4,5,6", 'said "no"']]


def test_line_breaks_inside_quotes_stay_in_the_value(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", b'a,b\n1,"one\ntwo"\n2,x\n')
    raw = read_raw(path, TableSource(path=str(path)))
    assert raw.frame[1].tolist() == ["one\ntwo", "x"]
    assert raw.rows.tolist() == [2, 3]


def test_the_header_row_that_names_the_columns_can_be_any_of_the_header_rows(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", b'Q1,Q2\n"How\nwas it?",Again\n{id},{id}\n4,5\n')
    assert _read(path, header_rows=3) == [["Q1", "Q2"], ["4", "5"]]
    assert _read(path, header_rows=3, header_row=2) == [["How was it?", "Again"], ["4", "5"]]


def test_white_space_in_header_names_is_stripped(tmp_path: Path) -> None:
    data = "\ufeff a ,\u3000b\u00a0,c  d\u200b\n1,2,3\n".encode()
    assert _read(_write(tmp_path / "a.csv", data))[0] == ["a", "b", "c d"]


def test_rows_without_values_are_left_out_but_counted_in_the_row_numbers(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", b"a,b\n1,2\n\n3,4\n,\n5,6\n\n\n")
    raw = read_raw(path, TableSource(path=str(path)))
    assert raw.rows.tolist() == [2, 4, 6]
    assert raw.blank == len(raw.rows) + 1


def test_a_file_without_a_last_line_end_keeps_its_last_row(tmp_path: Path) -> None:
    assert len(_read(_write(tmp_path / "a.csv", TEXT.strip().encode()))) == len(EXPECTED)


def _workbook(path: Path, rows: list[list[Any]], title: str = "data", first: str | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if first is not None:
        sheet.title = first
        sheet = book.create_sheet()
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_cells_of_a_workbook_become_text(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["when", "whole", "half", "yes", "text", "span"],
        [dt.datetime(2025, 9, 1, 10, 30), 4.0, 0.5, True, " 好 ", dt.timedelta(seconds=95)],
        [None, 3, None, False, None, None],
        [None, None, None, None, None, None],
    ]
    path = _workbook(tmp_path / "a.xlsx", rows)
    read = _read(path)
    assert read[1] == ["2025-09-01 10:30:00", "4", "0.5", "TRUE", " 好 ", "95.0"]
    assert read[2] == ["", "3", "", "FALSE", "", ""]
    assert len(read) == 3


def test_a_sheet_is_chosen_by_name_or_by_number(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", [["a"], [1]], title="答卷", first="说明")
    assert _read(path, sheet="答卷") == _read(path, sheet=1) == [["a"], ["1"]]
    with pytest.raises(SourceError, match="sheet is empty"):
        _read(path)


def test_spss_codes_or_labels_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sat": [1.0, 5.0, float("nan")], "who": ["甲", "乙", ""]})
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"sat": {1: "不满意", 5: "满意"}})
    assert _read(path) == [["sat", "who"], ["1", "甲"], ["5", "乙"]]
    assert _read(path, value_labels="labels")[1:] == [["不满意", "甲"], ["满意", "乙"]]
    assert read_raw(path, TableSource(path=str(path))).rows.tolist() == [1, 2]


def test_spss_answers_without_a_label_stay_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"sat": [1.0, 2.0]}), str(path), variable_value_labels={"sat": {1: "低"}})
    assert _read(path, value_labels="labels")[1:] == [["低"], ["2"]]


def test_parquet_types_become_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": [1, 2],
            "x": [4.0, float("nan")],
            "when": pd.to_datetime(["2025-09-01 10:00", None]),
            "local": pd.to_datetime(["2025-09-01 10:00", None]).tz_localize("Asia/Shanghai"),
            "kind": pd.Categorical(["bank", None]),
            "ok": [True, False],
            "span": pd.to_timedelta([90, None], unit="s"),
            "many": [["a", "b"], []],
        }
    )
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    rows = _read(path)
    assert [value[:16] for value in rows[1]] == [
        *("1", "4", "2025-09-01 10:00", "2025-09-01 10:00", "bank", "TRUE", "90", "['a', 'b']")
    ]
    assert rows[2] == ["2", "", "", "", "", "FALSE", "", "[]"]


def test_a_named_format_wins_over_the_extension(tmp_path: Path) -> None:
    assert _read(_write(tmp_path / "export.dat", TEXT.encode()), format="csv") == EXPECTED
    path = _workbook(tmp_path / "b.xlsx", [["a"], [1]]).rename(tmp_path / "b.download")
    assert _read(path, format="xlsx") == [["a"], ["1"]]


def test_reading_a_workbook_warns_of_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    buffer = io.BytesIO()
    book.active.append(["a"])  # type: ignore[union-attr]
    book.active.append([1])  # type: ignore[union-attr]
    book.save(buffer)
    path = _write(tmp_path / "a.xlsx", buffer.getvalue())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _read(path) == [["a"], ["1"]]


@pytest.mark.parametrize(
    ("file", "source", "shape"),
    [
        ("exports/qualtrics_sample_tiny.csv", {"header_rows": 3}, (1, 20)),
        ("exports/kobo_customer_satisfaction_semicolon.csv", {}, (15, 20)),
        ("cfpb/cfpb_2011_2016_3186_no_narrative.csv", {}, (3186, 14)),
        ("cfpb/cfpb_sample_1000.csv", {}, (1000, 18)),
        ("zh_text/waimai_10k.csv", {}, (11987, 2)),
    ],
)
def test_real_exports_are_read_whole(shared: Path, file: str, source: dict[str, Any], shape: tuple[int, int]) -> None:
    path = shared / "data" / file
    raw = read_raw(path, TableSource(path=str(path), **source))
    assert raw.frame.shape == shape
    assert not raw.names[0].startswith("\ufeff")


def test_a_real_upload_that_was_cut_off_is_refused_at_its_last_row(shared: Path) -> None:
    path = shared / "data" / "cfpb" / "cfpb_2023_TRUNCATED_at_1MiB.csv"
    with pytest.raises(SourceError, match=r"cut off or damaged(.|\n)*TRUNCATED(.|\n)*row 2069 \(line 3302\)"):
        read_raw(path, TableSource(path=str(path)))
