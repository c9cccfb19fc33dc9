"""Pages as a reader sees them: how PDF pages are filled, and what a screen reader and a phone make of HTML pages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import layout
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
AXE = Path("axe_playwright_python") / "axe.min.js"
LEAST_LETTERS = 9
"""Height in pixels below which no text of a page is set on a phone."""
SMALL = """() => {
  const scale = one => one.getScreenCTM ? Math.hypot(one.getScreenCTM().a, one.getScreenCTM().b) : 1
  const size = one => parseFloat(getComputedStyle(one).fontSize) * scale(one)
  return [...document.querySelectorAll('main *')]
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .filter(one => one.getClientRects().length && size(one) < %s)
  .map(one => one.tagName + ' ' + one.textContent.trim().slice(0, 40))
}"""


def volumes(report: Path) -> list[list[layout.Sheet]]:
    return [layout.sheets(path) for path in sorted(report.glob("*.pdf"))]


@needs_poppler
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_half_empty_but_the_last_of_a_chapter(small: Path, lang: str) -> None:
    assert [layout.hollow(pages) for pages in volumes(small / "report" / lang)] == [[], []]


@needs_poppler
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_heading_no_note_and_no_row_is_left_alone(small: Path, lang: str) -> None:
    for pages in volumes(small / "report" / lang):
        assert layout.stranded_headings(pages) == []
        assert layout.stranded_notes(pages) == []
        assert layout.remainders(pages) == []


@needs_poppler
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_words_are_printed_over_each_other(small: Path, lang: str) -> None:
    assert [layout.overprinted(pages) for pages in volumes(small / "report" / lang)] == [[], []]


@needs_poppler
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_stand_in_the_order_of_their_numbers(small: Path, lang: str) -> None:
    assert [layout.out_of_order(pages) for pages in volumes(small / "report" / lang)] == [[], []]


@needs_poppler
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_has_at_most_sixty_pages(small: Path, lang: str) -> None:
    (report,) = (small / "report" / lang).glob(f"*-{lang}.pdf")
    assert len(layout.sheets(report)) <= 60


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_has_a_fault_that_axe_knows_of(browser: Browser, small: Path, lang: str) -> None:
    script = _installed(AXE).read_text(encoding="utf-8")
    found = {}
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for path in pages_of(small / "report" / lang):
        page.goto(path.as_uri())
        page.evaluate(script)
        result: Any = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
        found[path.name] = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in result["violations"]]
    page.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_no_page_is_wider_and_no_letter_too_small(browser: Browser, small: Path, lang: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for path in pages_of(small / "report" / lang):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path.name
        assert page.evaluate(SMALL % LEAST_LETTERS) == [], path.name
    page.close()


def pages_of(report: Path) -> list[Path]:
    return [*sorted(report.glob("*.html")), *sorted((report / "chapters").glob("*.html"))]


def _installed(name: Path) -> Path:
    module = pytest.importorskip(name.parts[0])
    return Path(module.__file__).parent / name.name


class TestMeasures:
    """The measures see what they are for."""

    @staticmethod
    def sheet(number: int, *lines: str, empty: float = 0.1, size: float = 10.5, opens: bool = False) -> layout.Sheet:
        words = [
            layout.Word(75 + 120 * column, 90 + 20 * row, 110 + 120 * column, 90 + 20 * row + size, text)
            for row, line in enumerate(lines)
            for column, text in enumerate(line.split())
        ]
        return layout.Sheet(number, tuple(words), empty, opens)

    def test_a_hollow_page_is_found_and_the_end_of_a_chapter_is_not(self) -> None:
        pages = [self.sheet(1, "a", empty=0.7), self.sheet(2, "b", empty=0.7), self.sheet(3, "c", opens=True)]
        assert layout.hollow(pages) == ["page 1: 70% empty"]

    def test_a_heading_at_the_foot_is_found(self) -> None:
        assert layout.stranded_headings([self.sheet(1, "2.1 Scope", size=14)]) == ["page 1: 2.1 Scope"]
        assert layout.stranded_headings([self.sheet(1, "running text")]) == []

    def test_a_note_at_the_head_is_found_in_both_languages(self) -> None:
        pages = [self.sheet(1, "Note: Shares add up."), self.sheet(2, "注：相加为100%。"), self.sheet(3, "Notes on")]
        assert len(layout.stranded_notes(pages)) == 2

    def test_a_single_row_below_a_repeated_header_is_found(self) -> None:
        first = self.sheet(1, "Type n Score", "Bank 30 81", "Fund 40 82")
        assert layout.remainders([first, self.sheet(2, "Type n Score", "All 70 82", "Note: Weighted.")])
        assert not layout.remainders([first, self.sheet(2, "Type n Score", "All 70 82", "Sum 70 82")])

    def test_a_figure_before_one_with_a_lower_number_is_found(self) -> None:
        pages = [
            self.sheet(1, "Figure 3.6 Up", size=9),
            self.sheet(2, "Figure 3.4 shows less."),
            self.sheet(3, "Figure 3.5 Down", "图 4.1 始", size=9),
        ]
        assert layout.out_of_order(pages) == ["page 3: Figure 3.5 after Figure 3.6"]
        assert layout.out_of_order(pages[1:]) == []

    def test_words_over_each_other_are_found(self) -> None:
        over = (layout.Word(75, 90, 120, 100, "Limit"), layout.Word(100, 90, 150, 100, "Rule"))
        assert layout.overprinted([layout.Sheet(4, over, 0.1, opens=False)]) == ["page 4: Limit over Rule"]
