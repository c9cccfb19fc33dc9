"""Wordings and answers that some target would take for commands go out as text, in every file."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hostile_texts import HOSTILE
from lxml import etree, html
from made_up_answers import answers, release
from mixed_survey import mixed_edition, mixed_instrument
from small_survey import Survey

from analysis.outgoing.codebook import codebook_page, summaries
from analysis.outgoing.datafiles import sav_bytes, write_parquet
from analysis.outgoing.ddi import ddi_bytes
from analysis.outgoing.paper import write_paper
from analysis.outgoing.xlsform import write_xlsform
from analysis.publish.words.escape import plain

SHARP = (*HOSTILE, "${q1}", "tab\tand\nline", "\u202ereversed", "control\x07", "</labl>", '"quoted\\', "%s {name} {0}")
TEXTS = tuple(
    dict.fromkeys(text for text in SHARP if text.strip() and not any("\ud800" <= sign <= "\udfff" for sign in text))
)
"""Halves of surrogate pairs can't stand in a params file."""


def _instrument() -> dict[str, Any]:
    """Every text is the wording of an item; every one is a category."""
    sharp = mixed_instrument()
    sharp["constructs"][0]["items"] += [
        {"key": f"h{number}", "zh": text, "en": text, "asked_if": {"kind": ["bank"]}}
        for number, text in enumerate(TEXTS)
    ]
    sharp["profile"][2]["categories"] = [
        {"code": text, "zh": f"{text} {n}", "en": f"{text} {n}"} for n, text in enumerate(TEXTS)
    ]
    return sharp


def _answers() -> pd.DataFrame:
    frame = answers()
    frame["city"] = [TEXTS[place % 3] for place in range(len(frame))]
    return frame.assign(**{f"h{number}": 3.0 for number in range(len(TEXTS))})


def test_the_form_holds_them_as_labels(survey: Survey) -> None:
    pyxform = pytest.importorskip("pyxform.xls2xform")
    form = write_xlsform(mixed_edition(survey, instrument=_instrument()))
    rows = list(openpyxl.load_workbook(io.BytesIO(form))["survey"].iter_rows())
    assert not [cell.value for row in rows for cell in row if cell.data_type == "f"]
    made = pyxform.convert(xlsform=io.BytesIO(form), file_type=".xlsx", validate=False)
    assert len(etree.fromstring(made.xform.encode()).findall(".//{http://www.w3.org/2002/xforms}select1")) > len(TEXTS)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_paper_is_set(survey: Survey, lang: str) -> None:
    assert write_paper(mixed_edition(survey, instrument=_instrument()), lang).startswith(b"%PDF")


def test_metadata_codebook_and_data_hold_them_as_text(survey: Survey, tmp_path: Path) -> None:
    edition, made = release(survey, _answers(), instrument=_instrument(), data_release={"max_withheld": 0.9})
    found = summaries(made)
    root = etree.fromstring(ddi_bytes(made, found, edition, ["responses.csv"]))
    labels = {one.text for one in root.iterfind(".//{ddi:codebook:2_5}labl")}
    assert {plain(text) for text in TEXTS} <= labels
    page = html.fromstring(codebook_page(made, found, edition, "en"))
    assert not page.xpath("//script | //img | //a[not(starts-with(@href, '#'))]")
    (tmp_path / "x.sav").write_bytes(sav_bytes(made, "en", title="x", day=dt.date(2025, 1, 1)))
    _, read = pyreadstat.read_sav(tmp_path / "x.sav", metadataonly=True)
    assert read.column_names_to_labels["h0"] == TEXTS[0]
    write_parquet(made, tmp_path / "x.parquet", title="x")
    assert set(pd.read_parquet(tmp_path / "x.parquet")["city"].dropna()) == set(made.frame["city"].dropna())
