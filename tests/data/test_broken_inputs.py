"""Broken data files end with one clear error: the file, what was expected, what came, what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis.errors import ContractError, EditionError, SourceError, SurveyReportError

GOOD = "respondent_id,kind,q1,q2,s1\na,bank,1,2,3\nb,fund,2,3,4\nc,bank,5,5,5\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RUBBISH = bytes((i * 97 + i // 7 * 31) % 256 for i in range(5000))


def _xlsx(rows: list[list[Any]] | None = None) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "答卷"  # type: ignore[union-attr]
    for row in rows if rows is not None else [line.split(",") for line in GOOD.split()]:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(buffer)
    return buffer.getvalue()


def _zip(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pd.read_csv(io.StringIO(GOOD)).to_parquet(buffer)
    return buffer.getvalue()


def _without_rows() -> bytes:
    buffer = io.BytesIO()
    pd.read_csv(io.StringIO(GOOD)).iloc[:0].to_parquet(buffer)
    return buffer.getvalue()


def _sav(survey: Any) -> bytes:
    path = survey.folder / "made.sav"
    pyreadstat.write_sav(pd.read_csv(io.StringIO(GOOD)), str(path))
    content: bytes = path.read_bytes()
    return content


@dataclass(frozen=True)
class Case:
    """One broken input, and the words its error must hold."""

    name: str
    content: str | bytes | Callable[[Any], bytes] | None
    words: tuple[str, ...]
    error: type[SurveyReportError] = SourceError
    file: str = "responses.csv"
    source: dict[str, Any] = field(default_factory=dict)
    table: str = "responses"
    names_file: bool = True


CASES = [
    # files that are not what they should be
    Case("missing", None, ("does not exist", "no such file"), file="gone.csv"),
    Case("no such folder", None, ("does not exist", "no such folder"), file="deep/gone.csv"),
    Case("empty", b"", ("empty", "0 bytes")),
    Case("blank lines only", b"\n\n  \n", ("empty", "blank lines")),
    Case("bom only", b"\xef\xbb\xbf", ("empty",)),
    Case("only a header", GOOD.split("\n", maxsplit=1)[0], ("a header and no rows",)),
    Case("header and blank rows", "respondent_id,q1,q2,s1\n,,,\n\n", ("a header and no rows",)),
    Case("too few header rows", "q1,q2,s1\n", ("fewer rows than its header", "header_rows"), source={"header_rows": 3}),
    Case("blank header row", "x,y\n,\n1,2\n", ("names no column", "row 2"), source={"header_rows": 2, "header_row": 2}),
    Case("unknown extension", GOOD, (".dat", "set `format`"), file="responses.dat"),
    Case("no extension", GOOD, ("no extension", "set `format`"), file="responses"),
    Case("workbook named csv", _xlsx(), ("delimited text", "an Excel workbook", "format: xlsx")),
    Case("csv named xlsx", GOOD, ("an Excel workbook", "delimited text", "format: csv"), file="r.xlsx"),
    Case("web page named xls", b"<html><table><tr><td>q1", ("web page",), file="r.xls"),
    Case("web page named csv", b"\xef\xbb\xbf<!DOCTYPE html>", ("web page",)),
    Case("old workbook", OLE + b"Workbook" * 99, ("old Excel workbook (.xls)", "save it as .xlsx"), file="r.xls"),
    Case("old workbook named xlsx", OLE + b"x" * 999, ("old Excel workbook",), file="r.xlsx"),
    Case(
        "workbook with a password",
        OLE + bytes(512) + "EncryptedPackage".encode("utf-16-le"),
        ("password-protected", "remove the password"),
        file="r.xlsx",
    ),
    Case("archive named xlsx", _zip("data.csv", GOOD), ("a zip archive",), file="r.xlsx"),
    Case("archive named csv", _zip("data.csv", GOOD), ("delimited text", "a zip archive")),
    Case("pdf named csv", b"%PDF-1.7\n...", ("a PDF document",)),
    Case("json named csv", b'{"q1": 1}', ("JSON",)),
    Case("workbook cut off", _xlsx()[:-400], ("workbook is damaged",), file="r.xlsx"),
    Case("workbook with broken sheet", _zip("xl/workbook.xml", "<x"), ("workbook is damaged",), file="r.xlsx"),
    Case("empty sheet", _xlsx([]), ("sheet is empty", "`sheet`"), file="r.xlsx"),
    Case("no such sheet", _xlsx(), ("no sheet '答券表'", "known: 答卷"), file="r.xlsx", source={"sheet": "答券表"}),
    Case("no such sheet number", _xlsx(), ("no sheet 3", "答卷"), file="r.xlsx", source={"sheet": 3}),
    Case("parquet cut off", _parquet()[:-40], ("a Parquet file", "cut off"), file="r.parquet"),
    Case("parquet without rows", _without_rows(), ("a header and no rows",), file="r.parquet"),
    Case("csv named parquet", GOOD, ("a Parquet file", "delimited text"), file="r.parquet"),
    Case("spss file cut off", lambda survey: _sav(survey)[:300], ("an SPSS file", "cut off"), file="r.sav"),
    Case("parquet named sav", _parquet(), ("an SPSS file", "a Parquet file"), file="r.sav"),
    Case("rubbish named sav", RUBBISH, ("an SPSS file", "bytes of no known format"), file="r.sav"),
    Case("binary rubbish", RUBBISH, ("binary",)),
    # encodings
    Case(
        "wrong encoding named",
        GOOD.replace("bank", "银行").encode("gb18030"),
        ("'utf-8'", "line 2"),
        source={"encoding": "utf-8"},
    ),
    Case("unknown encoding", GOOD, ("'utf-9' is not known", "encoding: auto"), source={"encoding": "utf-9"}),
    Case("western letters", "q1,q2,s1\nné,2,3\n".encode("latin-1"), ("can't be recognised", "latin-1")),
    Case(
        "western letters that happen to decode as Chinese",
        "word,q1\ntéléphone,2\nélève,3\n".encode("latin-1"),
        ("can't be recognised", "latin-1"),
    ),
    Case("cut off inside a character", (GOOD + "d,基金").encode()[:-1], ("cut off", "middle of a character", "line 5")),
    # rows and quotes
    Case("last row cut off", GOOD + "d,bank,1", ("last row is not complete", "row 5 (line 5)", "5 values")),
    Case("ragged row", GOOD.replace("b,fund", "b,fund,x"), ("row of the file is damaged", "row 3", "6 value(s)")),
    Case("quote never closed", GOOD.replace("c,bank", 'c,"bank'), ("never closed", "row 4 (line 4)")),
    Case("quote never closed at the end", GOOD + 'd,bank,1,1,"', ("last row is not complete", "row 5")),
    Case(
        "quotes that swallow a row",
        'q1,q2,s1,comment\n1,1,1,"good\n2,2,2,"bad"\n3,3,3,x\n',
        ("quote", "row 2"),
    ),
    Case(
        "two open quotes that swallow a row",
        'q1,q2,s1,comment\n1,1,1,"good\n2,2,2,"bad\n3,3,3,x\n',
        ("a quote in the middle of a value", "row 2"),
    ),
    Case(
        "line counted behind a value of two lines",
        'q1,q2,s1,comment\n1,1,1,"a\nb"\n1,1\n1,1,1,x\n',
        ("row 3 (line 4)", "2 value(s)"),
    ),
    Case("rows wider than the header", "q1,q2,s1\n1,1,1,1\n2,2,2,2\n", ("row 2", "3 values", "4 value(s)")),
    # columns
    Case("wrong delimiter named", GOOD, ("no usable column", "check `delimiter`"), source={"delimiter": ";"}),
    Case("delimiter of two characters", GOOD, ("not one plain character", "'||'"), source={"delimiter": "||"}),
    Case("no usable column", "x;y\n1;2\n", ("no usable column", "x, y")),
    Case("same name twice", "q1,q1,q2,s1\n1,1,1,1\n", ("2 columns named 'q1'", "columns 1, 2", "columns.q1: 1")),
    Case(
        "mapped name twice",
        "评价,评价,q2,s1\n1,1,1,1\n",
        ("2 columns named '评价'", "columns.q1"),
        source={"columns": {"q1": "评价"}},
    ),
    Case(
        "item missing", "q1,q2,s_1\n1,1,1\n", ("lacks 1 column(s): s1", "did you mean 's_1'", "columns"), ContractError
    ),
    Case(
        "item under its wording",
        "q1,q2,3、总体满意\n1,1,1\n",
        ("s1 may be column 3, '3、总体满意'", "data.tables.responses.columns"),
        ContractError,
    ),
    Case("mapped column missing", GOOD, ("'城'", "columns.city"), ContractError, source={"columns": {"city": "城"}}),
    Case(
        "mapped column misspelt",
        GOOD,
        ("no column 'knd'", "did you mean 'kind'"),
        ContractError,
        source={"columns": {"kind": "knd"}},
    ),
    Case("position too high", GOOD, ("number 9", "1 to 5"), ContractError, source={"columns": {"q1": 9}}),
    Case("position zero", GOOD, ("number 0", "1 to 5"), ContractError, source={"columns": {"q1": 0}}),
    Case("one column for two", GOOD, ("same column",), ContractError, source={"columns": {"q1": "q1", "q2": 3}}),
    Case(
        "key of columns misspelt",
        GOOD,
        ("'respondant_id'", "did you mean 'respondent_id'"),
        EditionError,
        source={"columns": {"respondant_id": "kind"}},
        names_file=False,
    ),
    Case(
        "key of values misspelt",
        GOOD,
        ("'kinds'", "did you mean 'kind'"),
        EditionError,
        source={"values": {"kinds": {"B": "bank"}}},
        names_file=False,
    ),
    Case(
        "filter of an unknown column",
        GOOD,
        ("'Status'", "filters"),
        ContractError,
        source={"filters": [{"column": "Status", "keep": [0]}]},
    ),
    Case(
        "filter that leaves nothing",
        GOOD,
        ("none of the 3 rows", "kind"),
        ContractError,
        source={"filters": [{"column": "kind", "keep": ["shop"]}]},
    ),
    # contents
    Case(
        "another scale",
        "q1,q2,s1\n9,9,9\n8,9,9\n10,9,9\n",
        ("Not one of the 3 rows", "q1 is outside 1 to 5 (3 rows, such as row 2: '9')", "responses.values"),
        ContractError,
    ),
    Case("answers as unknown words", "q1,q2,s1\n好,好,好\n", ("'好'", "known label"), ContractError),
    Case(
        "waves of different kinds",
        "wave,date,csi\n2025Q1,2025-03-31,80\n2025Q2,2025-06-30,80\n2026,2026-03-31,80\n",
        ("different kinds", "waves.csv, column wave: 2026", "all like 2025Q1"),
        ContractError,
        file="waves.csv",
        table="waves",
    ),
    Case("waves without dates", "wave,csi\na,80\n", ("lacks 1 column(s): date",), ContractError, table="waves"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_input_ends_with_one_clear_error(survey: Any, case: Case) -> None:
    content = case.content(survey) if callable(case.content) else case.content
    with pytest.raises(SurveyReportError) as caught:
        survey.load(content, file=case.file, table=case.table, **case.source)
    error, text = caught.value, str(caught.value)
    assert type(error) is case.error, text
    for word in case.words:
        assert word in text, text
    assert str(survey.folder / (case.file if case.names_file else "edition.yml")) in text
    assert error.expected, text
    assert error.hint, text


def test_a_folder_in_place_of_a_file_is_refused(survey: Any) -> None:
    (survey.folder / "responses.csv").mkdir()
    with pytest.raises(SourceError, match=r"is a folder(.|\n)*responses\.csv"):
        survey.load(None, file="responses.csv")


def test_the_input_that_the_broken_ones_are_made_from_is_sound(survey: Any) -> None:
    assert survey.load(GOOD).accepted == 3
    assert survey.load(_xlsx(), file="r.xlsx").accepted == 3
    assert survey.load(_parquet(), file="r.parquet").accepted == 3
    assert survey.load(_sav(survey), file="r.sav").accepted == 3


def test_there_are_enough_broken_inputs() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 30
