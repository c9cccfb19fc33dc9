"""Several hundred broken data files: each is read as it is meant, or ends in a clear error; nothing is lost unseen."""

from __future__ import annotations

import gzip
import io
import itertools
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from hostile import Tally
from pyarrow import parquet
from small_survey import Survey

from analysis.data.intake import Intake, check_tables
from analysis.edition import Edition
from analysis.edition.sections.data import Data
from analysis.errors import Problems

ROWS = 60
HEADER = ["respondent_id", "kind", "q1", "q2", "s1", "city", "comment"]
CITIES = ("北京", "上海", "广州")


def _rows() -> list[list[str]]:
    return [
        [
            f"r{i}",
            "bank" if i % 3 else "fund",
            str(i % 5 + 1),
            str(i % 4 + 1),
            str((i + 2) % 5 + 1),
            CITIES[i % 3],
            "好",
        ]
        for i in range(ROWS)
    ]


def _csv(rows: list[list[str]] | None = None, header: list[str] | None = None) -> str:
    lines = [HEADER if header is None else header, *(_rows() if rows is None else rows)]
    return "".join(",".join(row) + "\n" for row in lines)


def _with(changes: dict[tuple[int, str], str]) -> str:
    rows = _rows()
    for (row, column), text in changes.items():
        rows[row][HEADER.index(column)] = text
    return _csv(rows)


def _workbook(change: Callable[[Any], object] | None = None, rows: list[list[Any]] | None = None) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in [HEADER, *(rows if rows is not None else _typed())]:
        sheet.append(row)  # type: ignore[union-attr]
    if change:
        change(sheet)
    book.save(buffer)
    return buffer.getvalue()


def _typed() -> list[list[Any]]:
    return [[int(text) if text.isdigit() else text for text in row] for row in _rows()]


def _frame() -> pd.DataFrame:
    return pd.DataFrame(_typed(), columns=HEADER)


def _parquet(frame: pd.DataFrame | None = None) -> bytes:
    buffer = io.BytesIO()
    (_frame() if frame is None else frame).to_parquet(buffer)
    return buffer.getvalue()


def _wide(columns: int) -> bytes:
    """A table of one row, without the notes of pandas, which would describe every column."""
    buffer, ones = io.BytesIO(), pa.array([1])
    parquet.write_table(pa.table([ones] * columns, names=[f"c{i}" for i in range(columns)]), buffer)
    return buffer.getvalue()


def _sav(folder: Path) -> bytes:
    pyreadstat.write_sav(_frame(), str(folder / "made.sav"))
    return (folder / "made.sav").read_bytes()


@dataclass
class File:
    """A file, how the params describe it, and whether it must be refused (None: either way, but never silently)."""

    name: str
    content: bytes
    suffix: str = "csv"
    refused: bool | None = True
    source: dict[str, Any] = field(default_factory=dict)
    left_out: int = 0


def _good() -> Iterator[File]:
    """Files that say the same in other forms: all must be read, and all alike."""
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"):
        for end in ("\n", "\r\n", "\r"):
            text = _csv().replace("\n", end)
            yield File(f"{encoding} {end!r}", text.encode(encoding), refused=None if end == "\r" else False)
    for delimiter in (";", "\t", "|"):
        yield File(f"delimiter {delimiter!r}", _csv().replace(",", delimiter).encode(), refused=False)
    for char in ('"{}"', " {} ", "\u3000{}"):
        rows = [[char.format(text) for text in row] for row in _rows()]
        yield File(f"written {char}", _csv(rows).encode(), refused=False)
    names = {"1": "Very dissatisfied", "2": "不满意", "3": "neutral", "4": " 满意 ", "5": "VERY SATISFIED"}
    for column in ("q1", "q2", "s1"):
        place = HEADER.index(column)
        rows = [[names[text] if i == place else text for i, text in enumerate(row)] for row in _rows()]
        yield File(f"labels in {column}", _csv(rows).encode(), refused=False)
        for form in ("{}.0", "０{}", "+{}", "{}e0"):
            rows = [[form.format(text) if i == place else text for i, text in enumerate(row)] for row in _rows()]
            yield File(f"{column} as {form}", _csv(rows).encode(), refused=False)
    yield File("long text", _with({(5, "comment"): "长" * 200_000}).encode(), refused=False)
    yield File("text of several lines", _with({(5, "comment"): '"a\nb, c\nd"'}).encode(), refused=False)
    yield File("doubled quotes", _with({(5, "comment"): '"a ""b"" c"'}).encode(), refused=False)
    yield File("blank lines", (_csv() + "\n\n,,,,,,\n").encode(), refused=False)
    yield File("workbook", _workbook(), "xlsx", refused=False)
    yield File("workbook of texts", _workbook(rows=_rows()), "xlsx", refused=False)
    yield File("workbook with formats far away", _workbook(_far_format), "xlsx", refused=False)
    yield File("merged title", _workbook(_title), "xlsx", refused=False, source={"header_rows": 2, "header_row": 2})
    yield File("parquet", _parquet(), "parquet", refused=False)


def _far_format(sheet: Any) -> None:
    sheet["XFD9999"].font = openpyxl.styles.Font(bold=True)


def _title(sheet: Any) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = "Survey"
    sheet.merge_cells("A1:G1")


def _encodings() -> Iterator[File]:
    places = {
        "cp949": ("서울", "부산", "대구"),
        "euc-jp": ("東京", "大阪", "京都"),
        "shift_jis": ("東京都", "とても", "男性"),
        "big5": ("台北", "高雄", "臺中"),
        "cp1251": ("Москва", "Казань", "Тула"),
        "tis-620": ("กรุงเทพ", "ภูเก็ต", "พัทยา"),
        "cp1256": ("دبي", "مكة", "جدة"),
        "iso2022_jp": ("東京", "大阪", "京都"),
        "latin-1": ("Besançon", "Mâcon", "Nîmes"),
    }
    for encoding, names in places.items():
        for distinct in (1, 2, 3):
            rows = [[*row[:5], names[i % distinct], ""] for i, row in enumerate(_rows())]
            if encoding != "iso2022_jp":
                yield File(f"{encoding}, {distinct} places", _csv(rows).encode(encoding))
    lines = _csv().splitlines(keepends=True)
    for at in (2, 10, 30, 59):
        mixed = "".join(lines[:at]).encode() + "".join(lines[at:]).encode("gb18030")
        yield File(f"UTF-8, then GB18030 from line {at}", mixed)
        mixed = "".join(lines[:at]).encode("gb18030") + "".join(lines[at:]).encode()
        yield File(f"GB18030, then UTF-8 from line {at}", mixed)


def _quotes() -> Iterator[File]:
    for first, last in ((3, 4), (3, 10), (5, 45), (10, 11), (20, 59), (0, 1), (30, 31), (0, 59)):
        for column in ("respondent_id", "q1", "comment"):
            at = HEADER.index(column)
            rows = _rows()
            rows[first][at] = '"' + rows[first][at]
            rows[last][at] += '"'
            yield File(f"quotes at {first} and {last} in {column}", _csv(rows).encode(), refused=None)
        yield File(f"one quote at {first}", _with({(first, "q1"): '"1'}).encode())
    text = _csv().encode()
    for cut in range(60, len(text) - 40, 47):
        yield File(f"cut at {cut}", text[:cut], refused=None, left_out=ROWS)
    yield File("a value too many", _with({(7, "city"): "北京,上海"}).encode())
    yield File("a value too few", _csv([*_rows()[:9], ["r99", "bank", "1"]]).encode())


def _answers() -> Iterator[File]:
    odd = (
        "满意!",
        "6",
        "0",
        "-1",
        "1.5",
        "99",
        "yes",
        "TRUE",
        "#REF!",
        "#DIV/0!",
        "1:30",
        "1/2",
        "inf",
        "nan",
        "1e9",
        "½",
    )
    for text, column in itertools.product(odd, ("q1", "s1")):
        every = {(i, column): text for i in range(0, ROWS, 2)}
        yield File(f"{column} {text} in every other row", _with(every).encode())
        yield File(f"{column} {text} once", _with({(8, column): text}).encode(), refused=False, left_out=1)
    for text in ("#NULL!", "NA", "#N/A", ""):
        yield File(
            f"q1 {text!r} in every other row",
            _with({(i, "q1"): text for i in range(0, ROWS, 2)}).encode(),
            refused=None,
        )
    for text in ("bnak", "银 行", "bank;fund", "A┋B", "1"):
        yield File(f"kind {text} everywhere", _with({(i, "kind"): text for i in range(ROWS)}).encode())
    yield File("one number for all", _with({(i, "respondent_id"): "r1" for i in range(ROWS)}).encode())
    alike = {(i, column): "3" for i in range(ROWS) for column in ("q1", "q2", "s1")}
    yield File("all alike", _with(alike).encode())
    for column in ("q1", "q2", "s1"):
        yield File(f"nobody answers {column}", _with({(i, column): "" for i in range(ROWS)}).encode())
    for weight in ("0", "-1", "inf", "nan", "", "x", "1e999"):
        yield File(f"weights {weight!r}", _csv([[*row, weight] for row in _rows()], [*HEADER, "weight"]).encode())
    for count in (0, 1, 2, 5, 25, 29):
        yield File(f"{count} interviews", _csv(_rows()[:count]).encode())
    for rows in range(2, 11):
        yield File(f"header_rows: {rows}", _csv().encode(), source={"header_rows": rows})
        yield File(f"workbook, header_rows: {rows}", _workbook(), "xlsx", source={"header_rows": rows})
    yield File("header twice", (_csv(header=[*HEADER[:5], "q1", "comment"])).encode())
    yield File("no header", "".join(_csv().splitlines(keepends=True)[1:]).encode())
    for missing in ("q1", "q2", "s1"):
        yield File(f"without {missing}", _csv(header=[name if name != missing else "x" for name in HEADER]).encode())


def _cells() -> Iterator[File]:
    def put(cell: str, value: object) -> Callable[[Any], object]:
        return lambda sheet: sheet.__setitem__(cell, value)

    for cell in ("C5", "D20", "E61", "B9", "A3", "G8"):
        yield File(f"formula in {cell}", _workbook(put(cell, "=1+1")), "xlsx")
    for cells in ("F2:F20", "C4:C5", "B10:C10", "A60:A61", "F2:G2", "C2:E30"):
        yield File(f"merged {cells}", _workbook(lambda sheet, cells=cells: sheet.merge_cells(cells)), "xlsx")
    for cell in ("XFD1048576", "A1048576", "XFD3", "ZZ500000", "A20000", "BXX2"):
        yield File(f"stray {cell}", _workbook(put(cell, "x")), "xlsx")
    for value in (True, False):
        rows = [[*row[:2], value, *row[3:]] for row in _typed()]
        yield File(f"switches {value} in q1", _workbook(rows=rows), "xlsx")
        yield File(f"parquet switches {value}", _parquet(_frame().assign(q1=value)), "parquet")
    for error in ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!"):
        rows = [[*row[:2], error if i % 2 else row[2], *row[3:]] for i, row in enumerate(_typed())]
        yield File(f"errors {error}", _workbook(rows=rows), "xlsx")
    yield File("sheet that is not there", _workbook(), "xlsx", source={"sheet": "x"})
    yield File("sheet 7", _workbook(), "xlsx", source={"sheet": 7})
    yield File("no cell", _workbook(lambda sheet: sheet.delete_rows(1, 99)), "xlsx")


def _damage(folder: Path) -> Iterator[File]:
    whole = {"xlsx": _workbook(), "parquet": _parquet(), "sav": _sav(folder)}
    dice = random.Random(9)
    for suffix, content in whole.items():
        for share in (0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99):
            yield File(f"{suffix} cut at {share:.0%}", content[: int(len(content) * share)], suffix)
        yield File(f"{suffix} with a tail cut by a byte", content[:-1], suffix)
        yield File(f"{suffix} turned round", content[::-1], suffix)
        yield File(f"{suffix} of zeros", bytes(len(content)), suffix)
    for number in range(30):
        broken = bytearray(whole["xlsx"])
        for _ in range(3):
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        yield File(f"xlsx with three bits turned ({number})", bytes(broken), "xlsx", refused=None)
    others = {
        "PDF": b"%PDF-1.7\n" + bytes(range(256)) * 4,
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "gzip": gzip.compress(_csv().encode()),
        "HTML": b"<html><table><tr><td>1</td></tr></table></html>",
        "JSON": b'{"q1": [1, 2]}',
        "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "archive": _zip({"a.csv": _csv().encode()}),
        "empty archive": _zip({}),
        "nothing": b"",
        "spaces": b"  \n \n",
        "zero bytes": bytes(500),
        "noise": dice.randbytes(3000),
        "noise again": dice.randbytes(50),
    }
    for (name, content), suffix in itertools.product(others.items(), ("csv", "xlsx", "parquet", "sav")):
        yield File(f"{name} called .{suffix}", content, suffix)
    for suffix in ("docx", "", "json", "xlsb", "ods"):
        yield File(f"called .{suffix}", _csv().encode(), suffix)
    yield File("bomb", _bomb(), "xlsx")
    yield File("a million columns", b"," * 1_000_000 + b"\n1,2\n")
    yield File("5 MB of delimiters", b";" * 5_000_000)
    yield File("one line of 5 MB", b"x" * 5_000_000)
    yield File("a million empty lines", _csv().encode() + b"\n" * 1_000_000, refused=False)
    yield File("30,000 columns", _wide(30_000), "parquet")
    for encoding in ("utf-9", "hex", "rot13", "idna", "ascii", "utf-16", "cp037", "", "a\x00b", "base64"):
        yield File(f"encoding {encoding!r}", _csv().encode(), source={"encoding": encoding})
    for delimiter in ("", ",,", '"', "\n", "，", "x"):
        yield File(f"delimiter {delimiter!r}", _csv().encode(), source={"delimiter": delimiter})


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _bomb() -> bytes:
    """A workbook whose sheet claims 3 GB."""
    data = bytearray(_workbook())
    at = data.rindex(b"PK\x01\x02")
    while b"sheet1.xml" not in data[at : at + 120]:
        at = data.rindex(b"PK\x01\x02", 0, at)
    data[at + 24 : at + 28] = (3 << 30).to_bytes(4, "little")
    return bytes(data)


def _same(intake: Intake, left_out: int) -> bool:
    """Whether the accepted rows say what was written, and all others are told."""
    wanted = pd.DataFrame(_rows(), columns=HEADER).set_index("respondent_id")
    frame = intake.frame.set_index("respondent_id")
    expected = wanted.loc[frame.index]
    told = intake.quarantined == len(intake.quarantine) and intake.accepted + intake.quarantined + left_out >= ROWS
    q2 = 6 - expected["q2"].astype(float)  # a reverse item
    return (
        told
        and bool((frame["kind"] == expected["kind"]).all())
        and bool((frame["q2"] == q2).all())
        and all(bool((frame[name] == expected[name].astype(float)).all()) for name in ("s1",))
        and bool(
            frame["q1"].isna().all()
            or (frame["q1"].dropna() == expected["q1"].astype(float)[frame["q1"].notna()]).all()
        )
        and bool((frame["city"] == expected["city"]).all())
    )


@pytest.fixture
def edition(survey: Survey) -> Edition:
    return survey.edition({}, refused=0.05, disclosure={"min_base": 30})


def _read(edition: Edition, folder: Path, file: File) -> Intake:
    path = folder / (f"responses.{file.suffix}" if file.suffix else "responses")
    path.write_bytes(file.content)
    content = {"source": "files", "tables": {"responses": {"path": str(path)} | file.source}}
    changed = edition.model_copy(update={"data": Data.model_validate(content)})
    tables, problems = check_tables(changed)
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return tables["responses"]


def test_every_file_is_read_right_or_refused(
    edition: Edition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally, wrong = Tally(), []
    files = [*_good(), *_encodings(), *_quotes(), *_answers(), *_cells(), *_damage(tmp_path)]
    for file in files:
        outcome = tally.judge(
            file.name,
            lambda file=file: _read(edition, tmp_path, file),
            right=lambda intake, file=file: isinstance(intake, Intake) and _same(intake, file.left_out),
        )
        if file.refused is not None and outcome != ("clear error" if file.refused else "accepted right"):
            wrong.append(f"{file.name} → {outcome}")
    with capsys.disabled():
        print(f"\n{len(files)} files: {tally}")
    assert not tally.faults, "\n".join(tally.faults)
    assert not wrong, "\n".join(wrong)
    assert len(files) - sum(1 for _ in _good()) >= 300
