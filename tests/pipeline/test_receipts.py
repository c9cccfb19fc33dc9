"""What a stage made: listed for make, dated back to its start, and looked through before it goes out."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import BookError
from analysis.pipeline.command import Call
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.project import ROOT
from analysis.publish.disclosure import published
from analysis.results import Store

STARTED = 1_700_000_000.0


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return Call(params=tmp_path / "e.yml", output=tmp_path, options=argparse.Namespace(), started=STARTED)


def test_files_and_folders_with_all_they_hold_are_listed_once(call: Call) -> None:
    inside = call.output / "report" / "zh" / "index.html"
    inside.parent.mkdir(parents=True)
    inside.write_text("x")
    single = call.output / "b.csv"
    single.write_text("x")
    save_receipt(call, "zh", [call.output / "report", single, inside, call.output / "absent"])
    assert (call.output / "made" / "zh.mk").read_text() == "MADE_zh := b.csv report/zh/index.html\n"
    assert [path.name for path in (call.output / "made").iterdir()] == ["zh.mk"]


def test_a_product_is_no_younger_than_its_stage_and_an_older_one_keeps_its_date(call: Call) -> None:
    old, new = call.output / "old", call.output / "new"
    for path in (old, new):
        path.write_text("x")
    os.utime(old, (STARTED - 60, STARTED - 60))
    save_receipt(call, "intake", [old, new])
    assert (old.stat().st_mtime, new.stat().st_mtime) == (STARTED - 60, STARTED)


def test_an_id_or_a_folder_of_this_machine_stops_what_goes_out(tmp_path: Path) -> None:
    store, folder = Store(tmp_path / "out"), tmp_path / "report"
    folder.mkdir()
    page = folder / "index.html"
    page.write_text("<p>R0012345</p>", encoding="utf-8")
    check_folder(folder, store)
    store.save_frame("intake", "responses", pd.DataFrame({"respondent_id": ["R0012345"]}))
    with pytest.raises(BookError, match="R0012345"):
        check_folder(folder, store)
    page.write_text(f"<p>{ROOT}/data</p>", encoding="utf-8")
    with pytest.raises(BookError, match="the folder"):
        check_folder(folder, store)
    page.write_text("<p>fine</p>", encoding="utf-8")
    check_folder(folder, store)


def test_what_passed_among_the_tables_is_not_read_again_in_every_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "out")
    tables, report = store.root / "tables", store.root / "report" / "en"
    for folder, files in ((tables, ["a.csv"]), (report, ["a.csv", "index.html"])):
        folder.mkdir(parents=True)
        for name in files:
            (folder / name).write_text(f"what {name} says", encoding="utf-8")
    read: list[str] = []

    def seen(path: Path) -> Iterator[str]:
        read.append(path.read_text(encoding="utf-8"))
        return iter(read[-1:])

    monkeypatch.setattr(published, "_texts", seen)
    check_folder(tables, store)
    check_folder(report, store)
    assert read == ["what a.csv says", "what index.html says"]
    (report / "a.csv").write_text("something else", encoding="utf-8")
    check_folder(report, store)
    assert read[2:] == ["something else"]
