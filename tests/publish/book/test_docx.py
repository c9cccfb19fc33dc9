"""The book for Word: real styles, fields, native tables, pictures with words, the text of the pages, the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from book_sample import pipe_table, sample_content, stage_sample, tables
from hostile_texts import HOSTILE
from office import DRAWN, W, faults, fields, parts_of, seen, text_of, tree
from test_text_everywhere import book_of

from analysis.publish.book.embedded.chapters import converted
from analysis.publish.book.embedded.docx import PAPER_UNITS, write_docx
from analysis.publish.book.embedded.pictures import draw_pictures
from analysis.publish.book.embedded.project import read_project
from analysis.publish.words.escape import plain


def docx_of(book: Path, folder: Path) -> Path:
    project = read_project(book)
    folder.mkdir(exist_ok=True)
    return write_docx(project, draw_pictures(project, folder / "pictures"), folder)


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, lang: str) -> Path:
    return stage_sample(tmp_path_factory.mktemp(f"docx-{lang}"), lang)


@pytest.fixture(scope="module")
def file(book: Path) -> Path:
    return docx_of(book, book.parent)


@pytest.fixture(scope="module")
def parts(file: Path) -> dict[str, bytes]:
    return parts_of(file)


@pytest.fixture(scope="module")
def document(parts: dict[str, bytes]) -> Any:
    return tree(parts, "word/document.xml")


def paragraphs(document: Any, style: str) -> list[Any]:
    return [one for one in document.iter(f"{W}p") if style_of(one) == style]


def style_of(paragraph: Any) -> str:
    named = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if named is None else str(named.get(f"{W}val"))


def test_no_part_and_no_relationship_is_broken(parts: dict[str, bytes]) -> None:
    assert faults(parts) == []


def test_every_style_that_is_used_is_defined(parts: dict[str, bytes], document: Any) -> None:
    defined = {one.get(f"{W}styleId") for one in tree(parts, "word/styles.xml").iter(f"{W}style")}
    used = {one.get(f"{W}val") for tag in ("pStyle", "rStyle", "tblStyle") for one in document.iter(f"{W}{tag}")}
    assert used <= defined
    assert {
        "Title",
        "Heading1",
        "Heading2",
        "TableCaption",
        "ImageCaption",
        "TableText",
        "CalloutTitle",
        "TOC1",
    } <= used


def test_the_fonts_are_those_of_word_with_others_in_their_place(parts: dict[str, bytes], lang: str) -> None:
    fonts = tree(parts, "word/styles.xml").find(f".//{W}rPrDefault//{W}rFonts")
    assert fonts.get(f"{W}eastAsia") == "Microsoft YaHei"
    assert fonts.get(f"{W}ascii") == ("Microsoft YaHei" if lang == "zh" else "Calibri")
    known = {one.get(f"{W}name"): one for one in tree(parts, "word/fontTable.xml")}
    assert "PingFang SC" in known["Microsoft YaHei"].find(f"{W}altName").get(f"{W}val")


def test_letters_and_digits_are_broken_by_western_rules(parts: dict[str, bytes], lang: str) -> None:
    styles = tree(parts, "word/styles.xml")
    language = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    western = "en-US" if lang == "zh" else "en-GB"
    assert (language.get(f"{W}val"), language.get(f"{W}eastAsia")) == (western, "zh-CN")


def test_chapters_are_numbered_by_word_and_appendices_by_letters(
    parts: dict[str, bytes], document: Any, lang: str
) -> None:
    wording = {one.get(f"{W}val") for one in tree(parts, "word/numbering.xml").iter(f"{W}lvlText")}
    assert ({"第 %1 章", "附录 %1"} if lang == "zh" else {"Chapter %1", "Appendix %1"}) <= wording
    numbers = [one.find(f"{W}pPr/{W}numPr/{W}numId") for one in paragraphs(document, "Heading1")]
    assert ["chapter" if one is None else one.get(f"{W}val") for one in numbers] == [
        "0",
        "chapter",
        "chapter",
        "0",
        "2",
    ]


def test_captions_count_by_fields_and_references_point_to_them(document: Any, lang: str) -> None:
    found = list(fields(document))
    label = {"zh": ("图", "表"), "en": ("Figure", "Table")}[lang]
    assert (f"SEQ {label[0]} \\* ARABIC \\r 1", "1") in found
    (caption,) = paragraphs(document, "ImageCaption")
    assert text_of(caption).startswith(f"{label[0]} 1.1")
    assert ("STYLEREF 1 \\s", "1") in list(fields(caption))
    names = {one.get(f"{W}name") for one in document.iter(f"{W}bookmarkStart")}
    pointed = [(code.split()[1], code, shown) for code, shown in found if code.startswith("REF ")]
    assert {name for name, _, _ in pointed} <= names
    shown = {shown for _, _, shown in pointed}
    expected = (
        {"图 1.1", "表 1.1", "第 1 章", "附录 A", "1.1"} if lang == "zh" else {"Figure 1.1", "Chapter 1", "Appendix A"}
    )
    assert expected <= shown
    ids = [one.get(f"{W}id") for one in document.iter(f"{W}bookmarkStart")]
    assert len(ids) == len(set(ids))


def test_the_contents_are_a_field_whose_entries_lead_to_the_headings(document: Any) -> None:
    (contents,) = [shown for code, shown in fields(document) if code.startswith("TOC")]
    headings = [text_of(one) for level in (1, 2) for one in paragraphs(document, f"Heading{level}")]
    assert all(one in seen(contents) for one in headings)
    names = {one.get(f"{W}name") for one in document.iter(f"{W}bookmarkStart")}
    anchors = {one.get(f"{W}anchor") for one in document.iter(f"{W}hyperlink")} - {None}
    assert anchors <= names
    assert len(anchors) >= len(headings)


def test_tables_are_native_with_widths_repeated_heads_and_numbers_to_the_right(document: Any) -> None:
    shown = [one for one in document.iter(f"{W}tbl") if one.find(f"{W}tblPr/{W}tblStyle").get(f"{W}val") == "Table"]
    assert len(shown) == 3
    for one in shown:
        widths = [int(column.get(f"{W}w")) for column in one.iter(f"{W}gridCol")]
        assert sum(widths) <= PAPER_UNITS + len(widths)
        first, *rest = one.findall(f"{W}tr")
        assert first.find(f"{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in (first, *rest))
    sides = {text_of(cell): cell.find(f".//{W}jc").get(f"{W}val") for cell in shown[0].iter(f"{W}tc")}
    assert sides["2,410"] == "right"
    assert sides["n"] == "right"


def test_a_wide_table_is_set_smaller_and_keeps_its_numbers_whole(document: Any) -> None:
    wide = next(one for one in document.iter(f"{W}tbl") if "C11" in text_of(one))
    assert {style_of(one) for one in wide.iter(f"{W}p")} == {"TableText7"}
    assert "84.2\u00a0±\u00a01.1" in "".join(one.text for one in wide.iter(f"{W}t"))


def test_every_figure_is_a_picture_with_words(parts: dict[str, bytes], document: Any, lang: str) -> None:
    (shape,) = document.iter(f"{DRAWN}docPr")
    assert shape.get("descr") == ("条形图" if lang == "zh" else "Bars")
    (picture,) = [content for name, content in parts.items() if name.startswith("word/media/")]
    assert picture.startswith(b"\x89PNG")


def test_head_and_foot_tell_title_chapter_page_and_notice(parts: dict[str, bytes], lang: str) -> None:
    content = sample_content(Path(), lang)
    head, foot = tree(parts, "word/header.xml"), tree(parts, "word/footer.xml")
    assert text_of(head) == content.title
    assert [code for code, _ in fields(head)] == ["STYLEREF 1"]
    assert text_of(foot).startswith(content.notice or "")
    assert [code for code, _ in fields(foot)] == ["PAGE", "NUMPAGES"]
    section = tree(parts, "word/document.xml").find(f"{W}body/{W}sectPr")
    assert section.find(f"{W}pgSz").get(f"{W}w") == "11906"


def test_equations_are_words_own_and_carry_their_number(document: Any) -> None:
    math = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
    (frame,) = [
        one for one in document.iter(f"{W}tbl") if one.find(f"{W}tblPr/{W}tblStyle").get(f"{W}val") == "EquationTable"
    ]
    assert next(frame.iter(math)) is not None
    assert text_of(frame) == "(2.1)"


def test_the_text_is_that_of_the_pages(book: Path, parts: dict[str, bytes], document: Any) -> None:
    """Cell by cell for tables, and every paragraph: the numbers of one are those of the other."""
    made = "\n".join(converted(read_project(book)).pages.values())
    pages = lxml.html.fragment_fromstring(made, create_parent="div")
    cells = [seen(one.text_content()) for one in pages.iter("th", "td")]
    shown = [one for one in document.iter(f"{W}tbl") if one.find(f"{W}tblPr/{W}tblStyle").get(f"{W}val") == "Table"]
    assert [text_of(cell) for one in shown for cell in one.iter(f"{W}tc")] == cells
    whole = [one for part in (document, tree(parts, "word/footnotes.xml")) for one in part.iter(f"{W}p")]
    written = {re.sub(r"\s", "", text_of(one)) for one in whole}
    for note in pages.xpath("//*[@class='footnote-ref' or @class='footnote-back']"):
        note.drop_tree()
    plainly = [one.text_content() for one in pages.xpath("//p[not(.//math)]")]  # formulas have no text in common
    said = {re.sub(r"\s", "", text) for text in plainly if text.strip()}
    assert len(said) > 6
    assert said <= written


def test_it_says_what_it_is_and_nothing_of_the_machine(parts: dict[str, bytes], book: Path, lang: str) -> None:
    core = parts["docProps/core.xml"].decode()
    assert sample_content(Path(), lang).title in core
    assert "2025-12-31T00:00:00Z" in core
    assert f"<dc:language>{'zh-CN' if lang == 'zh' else 'en-GB'}" in core
    assert not [name for name, content in parts.items() if str(book.parent).encode() in content or b"/tmp" in content]


def test_two_documents_are_the_same_bytes(book: Path, file: Path, tmp_path: Path) -> None:
    assert docx_of(book, tmp_path).read_bytes() == file.read_bytes()


def test_hostile_texts_read_back_as_themselves(tmp_path: Path) -> None:
    book = book_of(tmp_path, list(HOSTILE))
    parts = parts_of(docx_of(book, tmp_path / "out"))
    assert faults(parts) == []
    document = tree(parts, "word/document.xml")
    headings = [text_of(one) for one in paragraphs(document, "Heading2")]
    expected = [seen(f"{plain(text)} within") for text in HOSTILE]
    assert [one for one in headings if one in expected] == [one for one in expected if one in headings] == expected
    grid = next(one for one in document.iter(f"{W}tbl") if len(one.findall(f"{W}tr")) == len(HOSTILE) + 1)
    rows = [[text_of(cell) for cell in row.findall(f"{W}tc")] for row in grid.findall(f"{W}tr")[1:]]
    assert rows == [[seen(plain(text)), seen(f"x{plain(text).strip(' ')}")] for text in HOSTILE]
    assert text_of(tree(parts, "word/header.xml")) == seen(plain(HOSTILE[0]))
    assert {shape.get("descr") for shape in document.iter(f"{DRAWN}docPr")} >= {"x<img src=x onerror=alert(1)>x"}


def test_a_book_without_figures_or_appendices_is_written_too(tmp_path: Path) -> None:
    stage_sample(tmp_path, "en")
    for name in ("01-overview", "a-questionnaire"):
        (tmp_path / "en" / "chapters" / f"{name}.qmd").write_text(f"# {name} {{#sec-overview}}\n\nText.\n")
    (tmp_path / "en" / "chapters" / "02-measures.qmd").unlink()
    (tmp_path / "en" / "index.qmd").write_text("# Summary {.unnumbered}\n\nText.\n", encoding="utf-8")
    (tmp_path / "en" / "chapters" / "a-questionnaire.qmd").unlink()
    content = replace(sample_content(tmp_path, "en"), figures={})
    book = stage_sample(tmp_path, "en", figures=content.figures)
    assert faults(parts_of(docx_of(book, tmp_path / "out"))) == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_counts_as_we_do(file: Path, tmp_path: Path, lang: str) -> None:
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", tmp_path, file], check=True, capture_output=True, timeout=300)
    from pypdf import PdfReader

    text = seen(" ".join(page.extract_text() for page in PdfReader(tmp_path / f"{file.stem}.pdf").pages))
    assert "图 1.1" in text if lang == "zh" else "Table 2.1" in text


def test_a_long_table_may_break_and_a_short_one_may_not(tmp_path: Path) -> None:
    short = pipe_table([["a", "n"], ["x", "1"], ["y", "2"]], caption="Short {#tbl-profile}", align="lr")
    book = stage_sample(tmp_path, "en", tables={**tables("en"), "profile": short})
    document = tree(parts_of(docx_of(book, tmp_path / "out")), "word/document.xml")
    held = {
        text_of(grid)[:5]: [row.find(f".//{W}keepNext") is not None for row in grid.findall(f"{W}tr")]
        for grid in document.iter(f"{W}tbl")
    }
    assert next(rows for text, rows in held.items() if text.startswith("anx1")) == [True, True, False]
    items = next(rows for rows in held.values() if len(rows) == 61)
    assert not any(items[2:])
