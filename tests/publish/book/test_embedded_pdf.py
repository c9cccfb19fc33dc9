"""The PDF of the embedded renderer: fonts, text, bookmarks, notice on every page, tables across pages."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from book_sample import LONG_ZH, pipe_table, sample_content, stage_sample, tables, write_sources
from pypdf import PdfReader

from analysis.errors import BookError
from analysis.publish.book.embedded.chapters import converted
from analysis.publish.book.embedded.pdf import write_pdf
from analysis.publish.book.embedded.project import TECHNICAL, Project, read_project

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def pdf_of(project: Project, folder: Path) -> Path:
    return write_pdf(project, converted(project).typst, folder)


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory, lang: str) -> Path:
    folder = tmp_path_factory.mktemp(f"pdf-{lang}")
    return pdf_of(read_project(stage_sample(folder, lang)), folder)


@pytest.fixture(scope="module")
def technical(tmp_path_factory: pytest.TempPathFactory, lang: str) -> Path:
    folder = tmp_path_factory.mktemp(f"technical-{lang}")
    project = read_project(stage_sample(folder, lang))
    return write_pdf(project, converted(project).technical, folder, volume=TECHNICAL)


def pages(pdf: Path) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_only_the_chinese_face_and_the_mathematics_face_are_embedded(pdf: Path) -> None:
    names: set[str] = set()
    for page in PdfReader(pdf).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            names.add(font.get_object()["/BaseFont"].split("+")[-1])
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
    assert {name for name in names if "Math" not in name} == {"NotoSansSC-Regular", "NotoSansSC-Bold"}


@needs_poppler
def test_the_text_can_be_searched_and_copied(pdf: Path, lang: str) -> None:
    text = squeezed("".join(pages(pdf)))
    chinese = ("银行、证券、基金、保险", "脚注的正文", "怎样读区间")
    for phrase in chinese if lang == "zh" else ("bluewhale", "Thetextofthenote"):
        assert phrase in text


@needs_poppler
def test_every_page_says_that_the_data_are_simulated(pdf: Path, lang: str) -> None:
    notice = "本报告使用模拟数据。" if lang == "zh" else "This report uses simulated data."
    assert all(squeezed(notice) in squeezed(page) for page in pages(pdf))


@needs_poppler
def test_the_cover_names_title_author_and_date(pdf: Path, lang: str) -> None:
    cover = squeezed(pages(pdf)[0])
    for part in (
        ["客户满意度调查报告", "2025年版", "研究组", "2025年12月31日"]
        if lang == "zh"
        else ["CustomerSatisfactionReport", "ResearchGroup", "31December2025"]
    ):
        assert part in cover


@needs_poppler
def test_no_page_is_blank_and_chapters_begin_on_a_page_of_their_own(pdf: Path, lang: str) -> None:
    notice = "本报告使用模拟数据。" if lang == "zh" else "This report uses simulated data."
    texts = [squeezed(page).replace(squeezed(notice), "") for page in pages(pdf)]
    assert all(len(text) > 5 for text in texts)
    second = "第2章满意度指标与评估" if lang == "zh" else "Chapter2Satisfactionmeasures"
    assert any(text.startswith(second) for text in texts)


@needs_poppler
def test_numbers_and_references_are_those_of_the_html(pdf: Path, lang: str) -> None:
    text = squeezed("".join(pages(pdf)))
    for part in (
        ["图1.1", "表2.1", "式(2.1)", "第1.1节", "附录A"]
        if lang == "zh"
        else ["Figure1.1", "Table2.1", "Section1.1", "AppendixA"]
    ):
        assert part in text


@needs_poppler
def test_a_long_table_runs_over_pages_and_repeats_its_header(technical: Path, lang: str) -> None:
    texts = [page for page in pages(technical) if re.search(r"\bQ\d+\b", page)]
    assert len(texts) >= 2
    assert all(("编号" if lang == "zh" else "No.") in text for text in texts)
    found = [int(number) for text in texts for number in re.findall(r"\bQ(\d+)\b", text)]
    assert found == list(range(1, 61))


@needs_poppler
def test_running_heads_name_the_chapter(technical: Path, lang: str) -> None:
    later = next(page for page in pages(technical) if "Q60" in page)
    assert squeezed("附录 A 问卷" if lang == "zh" else "Appendix A Questionnaire") in squeezed(
        later.strip().splitlines()[0]
    )


@needs_poppler
def test_the_appendices_are_a_volume_of_their_own_that_the_report_names(pdf: Path, technical: Path, lang: str) -> None:
    report, volume = (squeezed("".join(pages(path))) for path in (pdf, technical))
    assert technical.name == f"finsat-2025-{lang}-technical.pdf"
    assert technical.name in report
    assert "Q60" in volume
    assert "Q60" not in report
    title = "客户满意度调查报告：技术卷" if lang == "zh" else "Customer Satisfaction Report: technical volume"
    assert (PdfReader(technical).metadata or {})["/Title"] == title


def test_a_reference_to_the_other_volume_leads_to_its_file(tmp_path: Path) -> None:
    made = converted(read_project(stage_sample(tmp_path, "en")))
    assert '#link("finsat-2025-en-technical.pdf")[Appendix A]' in made.typst
    assert "#link(<fig-dimensions>)[Figure 1.1]" in made.typst
    assert "#link(<fig-" not in made.technical


def test_each_volume_lists_the_works_that_it_cites(tmp_path: Path) -> None:
    book = stage_sample(tmp_path, "en")
    appendix = book / "chapters" / "a-questionnaire.qmd"
    without = converted(read_project(book))
    appendix.write_text(appendix.read_text(encoding="utf-8") + "\nAfter @fornell1996.\n", encoding="utf-8")
    cited = converted(read_project(book))
    assert "<ref-fornell1996>" in without.typst
    assert "fornell1996" not in without.technical
    assert "<ref-fornell1996>" in cited.technical


def test_a_book_without_appendices_is_one_volume(tmp_path: Path) -> None:
    write_sources(tmp_path, "en")
    (tmp_path / "en" / "chapters" / "a-questionnaire.qmd").unlink()
    measures = tmp_path / "en" / "chapters" / "02-measures.qmd"
    measures.write_text(measures.read_text(encoding="utf-8").replace(" and @sec-questionnaire", ""), encoding="utf-8")
    project = read_project(stage_sample(tmp_path, "en"))
    assert not converted(project).technical
    assert list(project.downloads) == ["pdf"]


def test_bookmarks_lead_to_chapters_and_sections(pdf: Path, lang: str) -> None:
    outline = PdfReader(pdf).outline
    titles = [entry.title.replace("\u2002", " ") for entry in outline if not isinstance(entry, list)]
    assert titles[1] == ("第 1 章 概述与背景" if lang == "zh" else "Chapter 1 Overview and background")
    assert any(isinstance(entry, list) for entry in outline)


def test_the_document_says_what_it_is_and_when_it_was_published(pdf: Path, lang: str) -> None:
    metadata = PdfReader(pdf).metadata
    assert metadata is not None
    assert metadata.title == sample_content(Path(), lang).title
    assert metadata.author == sample_content(Path(), lang).author
    assert metadata["/CreationDate"] == "D:20251231000000Z"


def test_a_screen_reader_is_told_structure_language_pictures_and_formulas(pdf: Path, lang: str) -> None:
    root = PdfReader(pdf).trailer["/Root"]
    assert "<pdfuaid:part>1" in root["/Metadata"].get_data().decode()
    assert root["/Lang"].startswith(lang)
    elements = list(_elements(root["/StructTreeRoot"]))
    kinds = {element["/S"] for element in elements}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/Formula", "/L", "/TOC"} <= kinds
    spoken = [element.get("/Alt") for element in elements if element["/S"] in {"/Figure", "/Formula"}]
    assert all(spoken)
    assert any("\\sum" in text for text in spoken)


def _elements(node: Any) -> Iterator[Any]:
    """The elements of the structure tree."""
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        found = child.get_object()
        if isinstance(found, dict) and "/S" in found:
            yield found
            yield from _elements(found)


def test_a_picture_without_words_is_published_with_a_warning(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = read_project(stage_sample(tmp_path, "en"))
    body = '#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\" width=\\"9\\" height=\\"9\\"/>"), format: "svg")'
    path = write_pdf(project, body, tmp_path)
    assert "pdfuaid" not in PdfReader(path).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "without the claim to be accessible" in capfd.readouterr().err


def test_two_pdfs_are_identical(tmp_path: Path) -> None:
    project = read_project(stage_sample(tmp_path))
    first = pdf_of(project, tmp_path).read_bytes()
    assert pdf_of(project, tmp_path).read_bytes() == first


@needs_poppler
def test_the_columns_of_a_wide_table_stay_on_the_page(pdf: Path) -> None:
    done = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True)
    edges = [(float(x), word) for x, word in re.findall(r'xMax="([\d.]+)"[^>]*>([^<]*)<', done.stdout)]
    assert edges
    assert max(edges)[0] < 595.3 - 40


@needs_poppler
def test_a_table_of_long_text_wraps_within_the_page(tmp_path: Path) -> None:
    write_sources(tmp_path, "zh")
    rows = [["场景", "步骤", "说明", "责任方"], *([f"场景{i}", LONG_ZH, LONG_ZH * 2, "客户服务部"] for i in range(5))]
    textual = {**tables("zh"), "wide": pipe_table(rows, caption="文字表 {#tbl-wide}", align="llll")}
    pdf = pdf_of(read_project(stage_sample(tmp_path, tables=textual)), tmp_path)
    done = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True)
    assert max(float(x) for x in re.findall(r'xMax="([\d.]+)"', done.stdout)) < 595.3 - 40
    assert any("客户服务部" in page for page in pages(pdf))


def test_a_missing_font_is_an_error_not_a_gap(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    for font in (book / "fonts").iterdir():
        font.unlink()
    with pytest.raises(BookError, match="lack its font"):
        pdf_of(read_project(book), tmp_path)


def test_an_unresolved_reference_stops_the_conversion(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / "index.qmd").write_text("# 摘要 {.unnumbered}\n\n见 @fig-none 。\n", encoding="utf-8")
    with pytest.raises(BookError, match="fig-none"):
        converted(read_project(book))


def test_a_definition_list_is_set_as_one(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    (book / "index.qmd").write_text("# 摘要 {.unnumbered}\n\n净推荐值\n:   推荐者减去贬损者。\n", encoding="utf-8")
    project = read_project(book)
    assert "/ 净推荐值: #block[\n推荐者减去贬损者。" in converted(project).typst


def test_markup_inside_cells_and_captions_is_set(tmp_path: Path) -> None:
    write_sources(tmp_path, "zh")
    rows = [["项目", "值"], ["**粗**", "$x^2$"], ["甲", "`a]b`"]]
    marked = {**tables("zh"), "wide": pipe_table(rows, caption="表*注* {#tbl-wide}", align="ll")}
    project = read_project(stage_sample(tmp_path, tables=marked))
    typst = converted(project).typst
    formula = '#[#set math.equation(alt: "x^2");$x^2$]'
    assert f"[#strong[粗]],\n  [{formula}],\n  [甲],\n  [`a]b`]" in typst
    assert "表#emph[注]" in typst
    assert not re.search("[\x1d\x1e]", typst)


def test_references_citations_and_notes_inside_cells_are_resolved(tmp_path: Path) -> None:
    write_sources(tmp_path, "zh")
    rows = [["项目", "出处"], ["甲", "见 @fig-dimensions 。"], ["乙", "[@fornell1996]"], ["丙", "注。[^cell]"]]
    table = pipe_table(rows, caption="出处 {#tbl-wide}", align="ll") + "\n[^cell]: 格中的注。\n"
    project = read_project(stage_sample(tmp_path, tables={**tables("zh"), "wide": table}))
    made = converted(project)
    assert "[见#link(<fig-dimensions>)[图 1.1]" in made.typst
    assert "#footnote[格中的注。]" in made.typst
    html = "\n".join(made.pages.values())
    for text in (made.typst, html):
        assert "Fornell 和 Johnson" in text
        assert "@fornell1996" not in text
    assert 'href="../chapters/01-overview.html#fig-dimensions"' in html
    assert "格中的注。" in html


@pytest.mark.parametrize(("more", "turned"), [("", False), ("| a |\n|---|\n| 1 |\n\n", True)])
def test_the_front_takes_a_second_page_where_it_has_more_than_how_to_read_it(
    tmp_path: Path, more: str, turned: bool
) -> None:
    source = write_sources(tmp_path, "en")
    front = "::: {.front .one-page}\nFirst.\n:::\n\n::: {.front .one-page .next}\n"
    reading = "## How to read this report {#sec-reading .unnumbered}\n\nAs it is.\n:::\n"
    (source / "index.qmd").write_text(f"# Summary {{.unnumbered}}\n\n{front}{more}{reading}", encoding="utf-8")
    made = converted(read_project(stage_sample(tmp_path, "en"))).typst
    assert ("#pagebreak" in made[made.index("First.") : made.index("As it is.")]) is turned
