"""Delimited text: what is recognised without being told, and where a damaged row is."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.data.delimited import read_delimited
from analysis.data.rawtable import RawTable
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

PATH = Path("answers.csv")


def _read(data: str | bytes, **options: object) -> RawTable:
    source = TableSource.model_validate({"path": "answers.csv"} | options)
    return read_delimited(PATH, data if isinstance(data, bytes) else data.encode("utf-8"), source)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_chinese_text_is_read_in_whatever_it_was_saved(encoding: str) -> None:
    raw = _read("姓名,评价\n甲,满意\n乙,不满意\n".encode(encoding))
    assert raw.names == ("姓名", "评价")
    assert raw.frame[1].tolist() == ["满意", "不满意"]


def test_a_name_of_chinese_encodings_stands_for_the_largest_of_them() -> None:
    """GBK files may hold characters that only GB18030 has."""
    assert _read("姓名\n䶮\n".encode("gb18030"), encoding="gb2312").frame[0].tolist() == ["䶮"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_splits_the_rows_evenly(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (("a", "b", "c"), ("1,5;x", "2", "3"), ("4", "5", "6")))
    raw = _read(text.replace("1,5;x", "1" if delimiter in ",;" else "1,5;x"))
    assert raw.names == ("a", "b", "c")


def test_quotes_keep_delimiters_line_ends_and_quotes_of_their_own() -> None:
    raw = _read('a,b\n"1,2","x\ny"\n"say ""hi""",3\n')
    assert raw.frame[0].tolist() == ["1,2", 'say "hi"']
    assert raw.frame[1].tolist() == ["x\ny", "3"]


def test_texts_that_look_like_missing_values_are_texts() -> None:
    assert _read("a,b\nNA,null\n,None\n").frame.to_numpy().tolist() == [["NA", "null"], ["", "None"]]


@pytest.mark.parametrize(
    ("data", "options", "told"),
    [
        ("a,b\n1,2\n3\n4,5\n", {}, r"row 3 \(line 3\)[\s\S]*1 value"),
        ("a,b\n1,2\n3\n", {}, "cut off or damaged"),
        ('a,b\n1,"2\n3,4\n', {}, "never closed"),
        (" \n \n", {}, "empty"),
        ("a,b\n", {}, "a header and no rows"),
        ("a,b\n1,2\n", {"delimiter": "::"}, "not one plain character"),
        ("a,b\n1,2\n", {"encoding": "klingon"}, "is not known"),
        ("a\n中\n".encode("gb18030"), {"encoding": "utf-8"}, "line 2"),
        ("a,b\n中文,满意".encode()[:-1], {}, "in the middle of a character"),
        (b"PK\x03\x04" + bytes(range(256)) * 4, {}, "binary"),
    ],
)
def test_a_file_that_is_no_table_says_why_and_where(data: str | bytes, options: dict[str, str], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        _read(data, **options)
