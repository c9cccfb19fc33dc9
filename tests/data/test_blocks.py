"""A file is cut behind whole records only, wherever its bytes are read in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import files
from analysis.data import blocks
from analysis.data.blocks import tables_of
from analysis.edition.sections.data import TableSource
from analysis.errors import SourceError

TEXT = 'a,b\n1,"x\ny"\n\n2,"p ""q"", r"\n,\n3,终\n4,z'


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_records_are_whole_and_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, rows: int
) -> None:
    (tmp_path / "a.csv").write_text(TEXT, encoding="utf-8")
    source = TableSource(path="a.csv", delimiter="comma")
    monkeypatch.setattr(files, "_CHUNK", piece)
    found = list(tables_of(tmp_path / "a.csv", source, rows=rows))
    assert [row for raw in found for row in raw.rows.tolist()] == [2, 4, 6, 7]
    cells = [tuple(cells) for raw in found for cells in raw.frame.to_numpy().tolist()]
    assert cells == [("1", "x\ny"), ("2", 'p "q", r'), ("3", "终"), ("4", "z")]
    assert sum(raw.blank for raw in found) == 2
    assert found[-1].sha256 == files.hash_of(tmp_path / "a.csv")
    assert max(len(raw.frame) for raw in found) <= rows


@pytest.mark.parametrize("content", ["", "a,b", "a,b\n", "a,b\n\n,\n"])
def test_a_file_without_rows_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"no rows|fewer rows|empty"):
        list(tables_of(tmp_path / "a.csv", TableSource(path="a.csv", delimiter="comma"), rows=2))


def test_a_quote_that_is_never_closed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text('a,b\n1,"2\n' + "3,4\n" * 100, encoding="utf-8")
    source = TableSource(path="a.csv", delimiter="comma")
    with pytest.raises(SourceError, match="damaged"):
        list(tables_of(tmp_path / "a.csv", source, rows=2))
    monkeypatch.setattr(blocks, "MAX_FIELD", 50)
    with pytest.raises(SourceError, match="does not end"):
        list(tables_of(tmp_path / "a.csv", source, rows=2))
