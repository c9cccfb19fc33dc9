"""What a file is read into: names without invisible characters, rows numbered as a spreadsheet shows them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.data.rawtable import clean_name, finish, header_names, unreadable
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

PATH = Path("answers.csv")


def _source(**options: object) -> TableSource:
    return TableSource.model_validate({"path": "answers.csv"} | options)


def _frame(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=pd.RangeIndex(len(rows[0])), dtype="str")


@pytest.mark.parametrize(("written", "name"), [("\ufeffq1", "q1"), (" a\n b ", "a b"), ("x\u200b", "x"), (3, "3")])
def test_a_name_is_cleaned(written: object, name: str) -> None:
    assert clean_name(written) == name


def test_names_come_from_the_row_that_the_source_points_at() -> None:
    header = [["Survey", ""], ["q1", " q2 "]]
    assert header_names(PATH, header, _source(header_rows=2, header_row=2)) == ("q1", "q2")
    assert header_names(PATH, header, _source(header_rows=2, header_row=1)) == ("Survey", "")


def test_a_header_that_is_short_or_blank_is_refused() -> None:
    with pytest.raises(SourceError, match="fewer rows"):
        header_names(PATH, [["q1"]], _source(header_rows=2))
    with pytest.raises(SourceError, match="names no column"):
        header_names(PATH, [["", "\u200b"]], _source())


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers() -> None:
    raw = finish(PATH, ("a", "b"), _frame(("1", ""), ("", "  "), ("", "2")), header=[["a", "b"]], source=_source())
    assert raw.rows.tolist() == [2, 4]
    assert raw.blank == 1
    assert raw.frame[1].tolist() == ["", "2"]


def test_a_file_of_blank_rows_has_no_rows() -> None:
    with pytest.raises(SourceError, match="no rows"):
        finish(PATH, ("a",), _frame(("",), (" ",)), header=[["a"]], source=_source())


def test_the_error_names_the_file_and_where_it_is_known_the_row() -> None:
    assert "answers.csv, row 7" in str(unreadable(PATH, "It is wrong.", row="row 7"))
    assert "answers.csv," not in str(unreadable(PATH, "It is wrong."))
