"""From every figure, table, finding and number of the pages to what it was made from, in both languages."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from analysis.publish.book.sources import SHOWN

LEAD = {"zh": "来源：", "en": "Source:"}
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@cache
def _page(path: Path) -> Any:
    return html.parse(path).getroot()


def _pages(small: Path, lang: str) -> list[Path]:
    report = small / "report" / lang
    return [report / "index.html", *sorted((report / "chapters").glob("*.html"))]


def _figures(small: Path, lang: str) -> list[tuple[Path, Any]]:
    """Numbered figures; those of profiles are a part of their page."""
    drawn = [(path, figure) for path in _pages(small, lang) for figure in _page(path).find_class("drawn")]
    return [(path, figure) for path, figure in drawn if figure.get("id")]


def _leads_somewhere(page: Path, address: str) -> bool:
    """Whether the file is there, and the place in it that the address names."""
    name, _, fragment = address.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.is_file() and (not fragment or f'id="{fragment}"' in target.read_text(encoding="utf-8"))


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("lang", ["zh", "en"])
class TestSources:
    def test_every_figure_is_titled_by_what_it_shows_and_told_to_those_who_can_not_see_it(
        self, small: Path, lang: str
    ) -> None:
        figures = _figures(small, lang)
        assert len(figures) > 20
        for _, figure in figures:
            (caption,) = figure.iter("figcaption")
            (title,) = caption.iter("strong")
            assert len(_text(title)) > 5
            assert figure.index(caption) == 0, "the title stands above the drawing"
            assert caption.find_class("subtitle"), _text(title)
            drawings = figure.find_class("drawing")
            assert [one.get("role") for one in drawings] == ["img", "img"]
            for one in drawings:
                assert " ".join(one.get("aria-label").split()).startswith(_text(title)[:20])

    def test_every_figure_has_source_data_pictures_and_code_below_it(self, small: Path, lang: str) -> None:
        for page, figure in _figures(small, lang):
            note = figure.getnext()
            assert "figure-note" in note.get("class", ""), figure.get("id")
            assert _text(note).startswith(LEAD[lang])
            addresses = [link.get("href") for link in note.iter("a")]
            kinds = {address.partition("#")[0].rpartition(".")[2] for address in addresses}
            assert {"csv", "svg", "png"} <= kinds, figure.get("id")
            assert all(_leads_somewhere(page, address) for address in addresses), addresses

    def test_text_of_a_figure_is_text_on_the_page_and_in_the_pdf(self, small: Path, lang: str) -> None:
        (scores,) = [one for _, one in _figures(small, lang) if one.get("id") == "fig-dimensions"]
        written = [_text(text) for text in scores.find_class("for-page")[0].iter("text")]
        assert len(written) > 10
        if shutil.which("pdftotext"):
            pdf = next((small / "report" / lang).glob(f"*-{lang}.pdf"))
            done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
            whole = re.sub(r"\s", "", done.stdout)
            assert [text for text in written if re.sub(r"\s", "", text) not in whole] == []

    def test_a_title_repeats_no_sentence_of_the_chapter(self, small: Path, lang: str) -> None:
        for page, figure in _figures(small, lang):
            title = _text(next(figure.iter("strong")))
            prose = " ".join(_text(one) for tag in ("p", "li") for one in _page(page).iter(tag))
            assert title not in prose

    def test_every_table_of_a_notebook_leads_to_its_data_and_its_cell(self, small: Path, lang: str) -> None:
        found = 0
        for page in _pages(small, lang):
            for note in _page(page).find_class("table-note"):
                addresses = [link.get("href") for link in note.iter("a") if not link.get("href").startswith("#")]
                own = [one for one in addresses if one.endswith(".csv") or "notebooks/" in one]
                assert all(_leads_somewhere(page, address) for address in own), own
                found += any("#cell-" in address for address in own)
        assert found > 40

    def test_every_finding_and_number_leads_to_its_tables_and_its_cell(self, small: Path, lang: str) -> None:
        marks = 0
        for page in _pages(small, lang):
            for link in (*_page(page).find_class("source-mark"), *_page(page).find_class("source")):
                assert _leads_somewhere(page, link.get("href")), link.get("href")
                assert link.get("aria-label") or _text(link)
                marks += 1
        assert marks > 40
        appendix = _page(small / "report" / lang / "chapters" / "d-reproducibility.html")
        rows = [row for row in appendix.iter("tr") if row.xpath(".//*[starts-with(@id, 'src-')]")]
        made = [row for row in rows if any("#cell-" in link.get("href") for link in row.iter("a"))]
        assert len(rows) > 40
        assert len(made) > 0.8 * len(rows)

    def test_the_hashes_of_the_params_are_those_of_the_manifest(self, small: Path, lang: str) -> None:
        manifest = (small / "manifest.json").read_text(encoding="utf-8")
        appendix = (small / "report" / lang / "chapters" / "d-reproducibility.html").read_text(encoding="utf-8")
        digests = set(re.findall(rf"\b[0-9a-f]{{{SHOWN}}}\b", appendix[appendix.index('id="sec-sources"') :]))
        assert len(digests) > 5
        assert [one for one in digests if one not in manifest] == []


def test_titles_of_both_languages_tell_the_same_numbers(small: Path) -> None:
    told: dict[str, list[list[str]]] = {}
    for lang in ("zh", "en"):
        for _, figure in _figures(small, lang):
            title = re.sub(
                r"\d{4}年(第\d季度|\d+月)|Q\d \d{4}|[A-Z][a-z]+ \d{4}", "", _text(next(figure.iter("strong")))
            )
            told.setdefault(figure.get("id"), []).append(sorted(NUMBER.findall(title)))
    assert {name: found for name, found in told.items() if found[0] != found[-1]} == {}
