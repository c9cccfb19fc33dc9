"""Personal data where a category was asked for: nothing of it is in a page or in the PDF that go out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from book_sample import pipe_table, sample_content, stage_sample, write_sources
from personal_texts import CORPUS
from pypdf import PdfReader

from analysis.edition.sections.disclosure import Disclosure
from analysis.publish.book.render import render_book
from analysis.publish.disclosure.published import KINDS, exposed, exposed_in
from analysis.publish.parts import all_parts
from analysis.publish.release import release
from analysis.publish.words.escape import as_markdown

TEXTS = [text for kind, texts in CORPUS.items() if kind in KINDS for text in texts]


def _released() -> list[str]:
    """The texts as categories of a segment, after the one gate."""
    row = {"csi": 80.0, "se": 0.5, "ci_low": 79.0, "ci_high": 81.0, "csat": 0.8, "csat_low": 0.7, "csat_high": 0.9}
    frame = pd.DataFrame([{"segment": "grade", "category": text, **row, "n": 300.0, "n_eff": 300.0} for text in TEXTS])
    shown = release({"csi_segments": frame}, all_parts(), rules=Disclosure())["csi_segments"]
    return list(shown["category"])


def _report(folder: Path, categories: list[str]) -> Path:
    """A book that names them in a table, in prose and in a heading, as pages and as PDF."""
    write_sources(folder, "en")
    written = [as_markdown(one) for one in categories]
    prose = "".join(f"## {one}\n\nSaid by {one}, among others.\n\n" for one in written)
    chapter = "# Texts {#sec-texts}\n\n{{< include ../tables/_texts.md >}}\n\n" + prose
    (folder / "en" / "chapters" / "03-texts.qmd").write_text(chapter, encoding="utf-8")
    rows = [[one, str(place)] for place, one in enumerate(written)]
    table = pipe_table([["category", "n"], *rows], caption="Categories {#tbl-texts}", align="lr")
    book = stage_sample(folder, "en", tables={**sample_content(folder, "en").tables, "texts": table})
    render_book(book, folder / "out", renderer="embedded")
    return folder / "out"


def _text(report: Path) -> str:
    """The text of both volumes."""
    pages = [page for pdf in sorted(report.glob("*.pdf")) for page in PdfReader(pdf).pages]
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_pages_and_pdf_hold_nothing_of_what_passed_the_gate(tmp_path: Path) -> None:
    report = _report(tmp_path, _released())
    assert exposed(report) == []
    text = _text(report)
    assert "■■■" in text
    assert exposed_in(text) == []


def test_in_what_did_not_pass_it_every_form_is_found(tmp_path: Path) -> None:
    """Pages and the text of a PDF are searched by one function, and it is not blind in either."""
    report = _report(tmp_path, TEXTS)
    page = (report / "chapters" / "03-texts.html").read_text(encoding="utf-8")
    for text in (_text(report), page):
        found = exposed_in(text)
        assert {line.split()[0] for line in found} == KINDS
        assert len(found) >= 3 * len(TEXTS) - 6, "a few of the forms are two of a kind in one text"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_that_is_looked_for_stands_in_the_corpus(kind: str) -> None:
    assert len(CORPUS[kind]) >= 3
