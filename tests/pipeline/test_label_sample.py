"""The sheet to be labelled: texts stay texts, codes stand beside, and what was filled in comes back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.edition import load_edition
from analysis.pipeline.label_sample import write_sheet
from analysis.project import ROOT
from analysis.text.labelling import SHEET_COLUMNS, draw_for_labelling


def test_the_sheet_holds_texts_as_texts_and_the_codes(tmp_path: Path) -> None:
    edition = load_edition(ROOT / "params" / "2025.yml")
    texts = pd.DataFrame({"text_id": [f"T{i}" for i in range(40)], "tone": "negative", "triage_class": "urgent"})
    texts["text"] = ["=1+1", "+86", "@x", "#N/A"] * 10
    sheet = draw_for_labelling({"tickets": texts}, size=30, seed=1)
    path = write_sheet(sheet, edition, tmp_path / "labels" / "sample.xlsx")
    found = pd.read_excel(path, keep_default_na=False, na_values=[""])
    assert tuple(found.columns) == SHEET_COLUMNS
    assert len(found) == 30
    assert set(found["text"]) <= {"=1+1", "+86", "@x", "#N/A"}
    assert found["probability"].eq(0.75).all()
    assert found["tone"].isna().all()
    codes = pd.read_excel(path, sheet_name="codes")
    assert set(codes.loc[codes["column"] == "tone", "code"]) == {"positive", "negative", "neutral"}
    assert {one.key for one in edition.dictionary.themes} <= set(codes["code"])
