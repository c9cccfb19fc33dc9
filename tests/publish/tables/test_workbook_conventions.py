"""The workbook by the conventions of official statistics: cover, contents, notes, one marked table to a sheet."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.workbook import Workbook

from analysis.edition import load_edition
from analysis.publish.parts import all_parts
from analysis.publish.tables.sheet import in_all
from analysis.publish.tables.workbook import write_workbook
from analysis.publish.words.labels import Labels
from analysis.results import Store

SCORES = {"csi": 80.0, "se": 1.0, "ci_low": 79.0, "ci_high": 81.0, "n": 300.0, "n_eff": 250.0, "deff": 1.2}
SHARES = {"csat": 0.8, "csat_se": 0.1, "csat_low": 0.7, "csat_high": 0.9}


@pytest.fixture(scope="module")
def book(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    store = Store(tmp_path_factory.mktemp("workbook"))
    shown = {"segment": "region", "category": "east", **SCORES, **SHARES, "suppressed": None}
    hidden = shown | dict.fromkeys({**SCORES, **SHARES}, None) | {"category": "west", "suppressed": "withheld"}
    store.save_table("csi_segments", pd.DataFrame([shown, hidden]).astype({"n": float, "csi": float}))
    lines = pd.DataFrame([{"package": "=cmd", "version": "1"}, {"package": "numpy", "version": None}])
    store.save_table("software", lines)
    return openpyxl.load_workbook(write_workbook(load_edition(root / "params" / "2025.yml"), store, all_parts()))


def test_cover_contents_and_notes_come_first_and_every_sheet_is_linked(book: Workbook) -> None:
    assert book.sheetnames[:3] == ["cover", "contents", "notes"]
    links = {row[0].value: row[0].hyperlink for row in book["contents"].iter_rows(min_row=4)}
    assert list(links) == book.sheetnames[3:]
    assert all(link is not None and link.location == f"'{name}'!A1" for name, link in links.items())
    back = [cell for row in book["software"].iter_rows(max_row=4) for cell in row if cell.hyperlink]
    assert [cell.hyperlink.location for cell in back] == ["'contents'!A1"]


def test_every_sheet_has_its_title_in_a1_and_one_marked_table_without_gaps(book: Workbook) -> None:
    for sheet in book:
        assert isinstance(sheet["A1"].value, str)
        assert not sheet.merged_cells.ranges
        (table,) = sheet.tables.values()
        top, bottom = (int(re.sub(r"[A-Z]", "", end)) for end in table.ref.split(":"))
        assert bottom == sheet.max_row, sheet.title
        for row in sheet.iter_rows(min_row=1, max_row=top - 1):
            assert [cell.value for cell in row if cell.value is not None] == [row[0].value], sheet.title
        header = [cell.value for cell in sheet[top]]
        assert len(set(header)) == len(header)
        assert all(header), sheet.title
        for row in sheet.iter_rows(min_row=top):
            assert all(cell.value is not None for cell in row), sheet.title
            assert all(cell.data_type != "f" for cell in row)


def test_what_is_withheld_and_what_is_missing_have_their_shorthand(book: Workbook) -> None:
    rows = {row[1].value: [cell.value for cell in row] for row in book["csi_segments"].iter_rows()}
    assert set(rows["west"][2:]) == {"[c]"}
    assert rows["east"][2] == 80.0
    assert [cell.value for cell in list(book["software"].iter_rows())[-1]] == ["numpy", "[x]"]
    assert [row[0].value for row in book["notes"].iter_rows(min_row=4)] == ["[c]", "[x]", "[z]"]


def test_a_heading_names_both_ends_of_an_interval_in_both_languages(book: Workbook) -> None:
    header = next(row for row in book["csi_segments"].iter_rows(values_only=True) if "类别 / Category" in row)
    assert "95% 区间，下限 / 95% interval, lower bound" in header
    assert not any("suppressed" in str(text) for text in header)


def test_a_text_that_is_the_same_in_all_languages_stands_once(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    languages = [Labels(edition, "zh"), Labels(edition, "en")]
    assert in_all(languages, ["n", "n"]) == "n"
    assert in_all(languages, ["均值", "Mean"]) == "均值 / Mean"
