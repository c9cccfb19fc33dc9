"""The HTML book of the embedded renderer: numbers, references, search index, tables, fonts, determinism."""

import json
import re
from datetime import date
from pathlib import Path

import lxml.html
import pytest
from book_sample import stage_sample
from fontTools.ttLib import TTFont

from analysis.publish.book.embedded import embedded_version, render_embedded
from analysis.publish.book.languages import LANGUAGES
from analysis.publish.book.lint import lint_html
from analysis.publish.words import formats

HTML = ("html",)
"""What is asked for where no PDF is read."""


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, lang: str) -> Path:
    folder = tmp_path_factory.mktemp(f"embedded-{lang}")
    render_embedded(stage_sample(folder, lang), folder / "report" / lang)
    return folder / "report" / lang


def page(report: Path, name: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring((report / name).read_text(encoding="utf-8").encode())


def texts(tree: lxml.html.HtmlElement, path: str) -> list[str]:
    return [" ".join(element.text_content().split()) for element in tree.xpath(path)]


PAGES = (
    "index.html",
    "chapters/01-overview.html",
    "chapters/02-measures.html",
    "chapters/references.html",
    "chapters/a-questionnaire.html",
)


def test_every_page_passes_the_lint(report: Path) -> None:
    lint_html(report, pages=[report / name for name in PAGES])


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_language_title_notice_and_one_heading(report: Path, lang: str, name: str) -> None:
    tree = page(report, name)
    assert tree.get("lang") == LANGUAGES[lang].tag
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath('//meta[@name="description"]/@content')[0]
    assert ("模拟数据" if lang == "zh" else "simulated data") in texts(tree, '//*[@class="notice"]')[0]


def test_references_are_numbered_in_the_language_and_lead_across_chapters(report: Path, lang: str) -> None:
    links = {
        link.text_content(): link.get("href")
        for name in ("index.html", "chapters/02-measures.html")
        for link in page(report, name).xpath('//a[contains(@class, "crossref")]')
    }
    zh = {
        "图 1.1": "chapters/01-overview.html#fig-dimensions",
        "表 1.1": "chapters/01-overview.html#tbl-profile",
        "式 (2.1)": "#eq-csi",
        "第 1 章": "../chapters/01-overview.html#sec-overview",
        "第 1.1 节": "../chapters/01-overview.html#sec-purpose",
        "附录 A": "../chapters/a-questionnaire.html#sec-questionnaire",
    }
    en = ("Figure 1.1", "Table 1.1", "Equation 2.1", "Chapter 1", "Section 1.1", "Appendix A")
    expected = zh if lang == "zh" else dict(zip(en, zh.values(), strict=True))
    assert links == expected


def test_every_internal_link_has_its_target(report: Path) -> None:
    ids = {name: set(page(report, name).xpath("//@id")) for name in PAGES}
    for name in PAGES:
        for href in page(report, name).xpath("//main//a/@href"):
            path, _, fragment = href.partition("#")
            target = (
                str((report / name).parent.joinpath(path).resolve().relative_to(report.resolve())) if path else name
            )
            if fragment and target in ids:
                assert fragment in ids[target], (name, href)


def test_captions_carry_their_numbers(report: Path, lang: str) -> None:
    captions = texts(page(report, "chapters/01-overview.html"), "//figcaption")
    assert [re.match(r"\S+ \d\.\d", text) is not None for text in captions] == [True, True]
    assert captions[0].startswith("图 1.1" if lang == "zh" else "Figure 1.1")


def test_chinese_references_stand_without_spaces_between_chinese_characters(report: Path, lang: str) -> None:
    text = " ".join(texts(page(report, "chapters/02-measures.html"), "//article//p"))
    assert ("参见第 1 章、第 1.1 节与附录 A" if lang == "zh" else "see Chapter 1, Section 1.1 and Appendix A") in text


def test_notes_belong_to_their_chapter(report: Path, lang: str) -> None:
    notes = {name: texts(page(report, name), '//*[@class and contains(@class, "footnotes")]//li') for name in PAGES}
    assert [len(notes[name]) for name in PAGES] == [0, 1, 0, 0, 1]
    assert ("脚注的正文" if lang == "zh" else "The text of the note") in notes[PAGES[1]][0]


def test_citations_lead_to_the_reference_list(report: Path) -> None:
    assert page(report, "index.html").xpath('//a[@href="chapters/references.html#ref-fornell1996"]')
    assert "Fornell" in texts(page(report, "chapters/references.html"), '//*[@id="refs"]')[0]


def test_citations_are_set_as_the_language_does(report: Path, lang: str) -> None:
    text = texts(page(report, "index.html"), "//article//p")[0]
    assert ("Fornell 和 Johnson（1996）" if lang == "zh" else "Fornell and Johnson (1996)") in text


def test_formulas_are_mathml_with_a_number(report: Path) -> None:
    tree = page(report, "chapters/02-measures.html")
    assert tree.xpath("//math")
    assert texts(tree, '//*[@class="equation-number"]') == ["(2.1)"]


def test_callouts_keep_their_title_out_of_the_contents(report: Path, lang: str) -> None:
    tree = page(report, "chapters/01-overview.html")
    title = "怎样读区间" if lang == "zh" else "How to read an interval"
    assert texts(tree, '//*[@class="callout-title"]') == [title]
    assert title not in " ".join(texts(tree, "//nav"))


def test_tables_scroll_in_their_own_box_and_name_their_columns(report: Path) -> None:
    tree = page(report, "chapters/02-measures.html")
    assert tree.xpath('//div[@class="table-scroll"]/table')
    assert set(tree.xpath("//th/@scope")) == {"col"}
    assert len(tree.xpath('//figure[@class="table"]//td[not(@class)]')) == 12
    assert not tree.xpath("//td/@style | //th/@style")
    styles = (report / "assets" / "book.css").read_text(encoding="utf-8")
    assert ":where(figure.table) td:not([class]), th.num, td.right, th.right { text-align: right; }" in styles


def test_the_sidebar_lists_chapters_with_the_current_one_open(report: Path, lang: str) -> None:
    tree = page(report, "chapters/01-overview.html")
    assert len(tree.xpath('//nav[@class="chapters"]/ol/li[not(@class="part")]')) == len(PAGES)
    assert tree.xpath('//li[@class="open"]//a[@aria-current="page"]/@href') == ["../chapters/01-overview.html"]
    assert len(tree.xpath('//li[@class="open"]/ol/li')) == 2


def test_pages_follow_each_other(report: Path) -> None:
    name, seen = "index.html", []
    while name:
        seen.append(name)
        following = page(report, name).xpath('//nav[@class="pager"]/a[@rel="next"]/@href')
        name = following[0].removeprefix("../") if following else ""
    assert seen == list(PAGES)


def test_the_other_language_is_one_link_away_on_the_same_chapter(tmp_path: Path) -> None:
    stage_sample(tmp_path, "en")
    render_embedded(stage_sample(tmp_path, "zh", formats=HTML), tmp_path / "report" / "zh")
    link = page(tmp_path / "report" / "zh", "chapters/01-overview.html").xpath('//a[@class="language"]')[0]
    assert link.get("href") == "../../en/chapters/01-overview.html"
    assert link.text == "English"


def test_a_report_in_one_language_links_to_no_other(tmp_path: Path) -> None:
    render_embedded(stage_sample(tmp_path, "zh", languages=("zh",), formats=HTML), tmp_path / "out")
    assert not page(tmp_path / "out", "index.html").xpath('//a[@class="language"]')


def test_a_real_survey_shows_no_notice(tmp_path: Path) -> None:
    render_embedded(stage_sample(tmp_path, "zh", notice=None, formats=HTML), tmp_path / "out")
    assert not page(tmp_path / "out", "index.html").xpath('//*[@class="notice"]')


def test_the_search_index_holds_every_section_and_the_text_before_the_first(report: Path, lang: str) -> None:
    script = (report / "assets" / "search.js").read_text(encoding="utf-8")
    entries = json.loads(script.removeprefix("window.bookIndex = ").rstrip(";\n"))
    by_url = {entry["url"]: entry for entry in entries}
    assert len(by_url) == len(entries)
    assert not any("\\mathrm" in entry["text"] for entry in entries)
    assert ("蓝鲸" if lang == "zh" else "blue whale") in by_url["chapters/01-overview.html"]["text"]
    assert "1.1" in by_url["chapters/01-overview.html#sec-purpose"]["title"]
    assert "84.2" in by_url["chapters/02-measures.html#" + ("section-2.2" if lang == "zh" else "a-wide-table")]["text"]


def test_the_web_fonts_hold_the_characters_of_the_book_and_little_more(report: Path, lang: str) -> None:
    styles = (report / "assets" / "book.css").read_text(encoding="utf-8")
    for weight in ("regular", "bold"):
        (path,) = (report / "assets" / "fonts").glob(f"book-{weight}-*.woff")
        assert f"fonts/{path.name}" in styles
        with TTFont(path) as font:
            cmap = font.getBestCmap()
        shown = "客户满意度调查报告模拟数据图表" if lang == "zh" else "Customer Satisfaction Report"
        assert all(ord(char) in cmap for char in shown)
        assert path.stat().st_size < 200_000


def test_attachments_and_figures_are_copied(report: Path) -> None:
    assert (report / "notebooks" / "01_sampling.html").is_file()
    assert (report / "figures" / "dimensions.svg").is_file()


def test_two_renderings_are_identical(tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    for name in ("one", "two"):
        render_embedded(book, tmp_path / name)
    one, two = (
        {str(p.relative_to(tmp_path / name)): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        for name in ("one", "two")
    )
    assert one == two


def test_web_fonts_of_the_same_characters_are_taken_over_and_of_others_made_again(tmp_path: Path) -> None:
    book = stage_sample(tmp_path, formats=HTML)
    render_embedded(book, tmp_path / "one")
    fonts = tmp_path / "one" / "assets" / "fonts"
    names = sorted(path.name for path in fonts.iterdir())
    for path in fonts.iterdir():
        path.write_bytes(b"known by its name")
    render_embedded(book, tmp_path / "two", earlier=tmp_path / "one")
    assert {path.read_bytes() for path in (tmp_path / "two" / "assets" / "fonts").iterdir()} == {b"known by its name"}
    index = book / "index.qmd"
    index.write_text(f"{index.read_text(encoding='utf-8')}\n\n鑫\n", encoding="utf-8")
    render_embedded(book, tmp_path / "three", earlier=tmp_path / "one")
    others = sorted(path.name for path in (tmp_path / "three" / "assets" / "fonts").iterdir())
    assert len(others) == len(names) == 2
    assert not set(others) & set(names)


def test_dates_are_written_as_the_language_does() -> None:
    assert formats.date(date(2025, 3, 1), "zh") == "2025年3月1日"
    assert formats.date(date(2025, 3, 1), "en") == "1 March 2025"


def test_the_version_names_both_tools() -> None:
    assert re.fullmatch(r"pandoc 3\.\S+ \+ typst 0\.\S+", embedded_version())
