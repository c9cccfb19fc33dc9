"""The HTML book as a reader uses it, in a headless Chromium, opened from files."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = (
    "index.html",
    "chapters/01-overview.html",
    "chapters/02-measures.html",
    "chapters/references.html",
    "chapters/a-questionnaire.html",
)


def open_page(page: Page, site: Path, lang: str, name: str) -> None:
    page.goto((site / lang / name).as_uri())


def hits(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator("#search-results a").all_inner_texts()]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 820, 390])
def test_no_page_scrolls_sideways(page: Page, site: Path, lang: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for name in PAGES:
        open_page(page, site, lang, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_wide_table_is_a_list_on_a_phone_and_a_table_again_on_a_page(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "chapters/02-measures.html")
    table = page.locator(".table-scroll table").first
    heads, cells = (table.locator(part).all_inner_texts() for part in ("thead th", "tbody tr:first-child td"))
    page.set_viewport_size({"width": 390, "height": 844})
    boxes = page.locator(".table-scroll")
    assert boxes.evaluate_all("boxes => boxes.every(box => box.scrollWidth <= box.clientWidth)")
    assert page.locator(".table-scroll.listed").count() > 0
    row = page.locator(".listed tbody tr").first
    told = {
        cell.get_attribute("data-label") or "": cell.inner_text()
        for cell in row.locator("td").all()
        if cell.is_visible()
    }
    named = {head: cell for head, cell in zip(heads, cells, strict=True) if cell}
    assert set(told) - {""} <= set(named)
    assert [told[head] for head in told if head] == [named[head] for head in told if head]
    assert sorted(row.locator("td").all_inner_texts()) == sorted(cells), "nothing is lost"
    assert row.locator("td[data-names]").count() >= 1
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.locator(".listed").count() == 0


def test_next_and_previous_lead_through_the_whole_book(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    for name in PAGES[1:]:
        page.locator(".pager .next").click()
        assert page.url.endswith(name)
    for name in reversed(PAGES[:-1]):
        page.locator(".pager .previous").click()
        assert page.url.endswith(name)


def test_the_sidebar_opens_a_chapter_and_leads_to_its_section(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    section = page.locator('.chapters a[href$="01-overview.html#sec-purpose"]')
    assert not section.is_visible()
    page.locator('.entry:has(a[href="chapters/01-overview.html"]) .toggle').click()
    section.click()
    assert page.url.endswith("chapters/01-overview.html#sec-purpose")
    assert page.locator('.chapters a[aria-current="page"]').inner_text().split() == ["1", "概述与背景"]


def test_the_section_being_read_is_marked_in_the_contents(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "chapters/02-measures.html")
    page.locator(".on-this-page a").last.click()
    here = page.locator(".on-this-page a.here")
    here.wait_for()  # in the page a script could not be asked for it: its policy forbids that
    assert "2." in here.inner_text()


def test_a_chinese_word_in_the_middle_of_a_sentence_is_found_in_its_section(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "chapters/02-measures.html")
    page.locator("#search-input").fill("蓝鲸")
    assert len(hits(page)) == 1
    assert page.locator("#search-results mark").first.inner_text() == "蓝鲸"
    page.locator("#search-results a").click()
    page.wait_for_url("**/01-overview.html**")
    assert page.locator("article mark").inner_text() == "蓝鲸"


def test_a_heading_that_holds_the_word_comes_before_text(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    page.locator("#search-input").fill("宽表")
    assert "2.2 宽表" in hits(page)[0]
    page.keyboard.press("Enter")
    page.wait_for_url("**/02-measures.html**#section-2.2")
    assert page.locator("section[id='section-2.2']").evaluate("node => node.getBoundingClientRect().top") < 900


def test_the_keyboard_alone_reaches_a_result(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    page.keyboard.press("/")
    page.keyboard.type("机构类型")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#search-results a").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    target = str(second.get_attribute("href"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/chapters/**")
    assert target.partition("?")[0] in page.url


def test_a_phrase_that_stands_nowhere_is_found_by_its_parts(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    page.locator("#search-input").fill("机构类型样本")
    assert any("1.1 目的与意义" in hit for hit in hits(page))
    page.locator("#search-input").fill("没有这样的词")
    assert page.locator("#search-results p").inner_text() == "没有找到相关内容"


def test_escape_closes_the_search(page: Page, site: Path) -> None:
    open_page(page, site, "en", "index.html")
    page.locator("#search-input").fill("whale")
    assert page.locator("#search-results").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#search-results").is_visible()


def test_the_drawer_of_a_phone_opens_closes_and_searches(page: Page, site: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, site, "zh", "index.html")
    assert not page.locator(".sidebar").is_visible()
    page.locator("#menu-button").click()
    page.locator('.chapters a[href="chapters/01-overview.html"]').click()
    assert page.url.endswith("chapters/01-overview.html")
    page.locator("#search-button").click()
    page.locator("#search-input").fill("宽表")
    page.locator("#search-results a").first.click()
    page.wait_for_url("**/02-measures.html**")
    assert not page.locator(".sidebar").is_visible()


def test_the_other_language_shows_the_same_chapter(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "chapters/01-overview.html")
    page.locator("a.language").click()
    assert page.url.endswith("/en/chapters/01-overview.html")
    assert page.locator("h1").inner_text() == "Overview and background"


def test_a_reference_leads_to_the_figure_in_the_other_chapter(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    page.locator("a.crossref", has_text="图 1.1").click()
    page.wait_for_url("**/01-overview.html#fig-dimensions")
    drawn = "figure => figure.querySelector('svg, img').getBoundingClientRect().width > 20"
    assert page.locator("#fig-dimensions").evaluate(drawn)


def test_the_book_brings_its_own_chinese_font(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "index.html")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Book Sans\"', '客户'))")
    assert page.evaluate("[...document.fonts].some(face => face.status === 'loaded')")


def test_the_print_shows_the_text_without_the_navigation(page: Page, site: Path) -> None:
    open_page(page, site, "zh", "chapters/01-overview.html")
    page.emulate_media(media="print")
    assert not page.locator(".sidebar").is_visible()
    assert page.locator("article").is_visible()
    assert page.locator(".notice").is_visible()


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_book_works_from_a_web_server_too(page: Page, address: str) -> None:
    page.goto(f"{address}/zh/index.html")
    page.locator("#search-input").fill("蓝鲸")
    page.locator("#search-results a").click()
    page.wait_for_url("**/01-overview.html**")
    page.wait_for_load_state("networkidle")
