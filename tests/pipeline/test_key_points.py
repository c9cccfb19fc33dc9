"""Chapters lead with their key points, which say the same in both languages and speak of the survey itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

CHAPTERS = ("03-measures", "04-feedback", "07-experience", "08-outlook")
WAVE = re.compile(r"Q(\d) (\d{4})|(\d{4})年第(\d)季度")
FOREIGN = ("seven dimensions", "the guide", "bank ", "七个维度", "指南", "情感价值")


def _points(report: Path, chapter: str) -> list[str]:
    tree = html.fromstring((report / f"chapters/{chapter}.html").read_text(encoding="utf-8"))
    return [" ".join(item.text_content().split()) for item in tree.xpath("//div[contains(@class, 'key-points')]//li")]


def _numbers(text: str) -> list[str]:
    """Numbers with decimals, which mean the same in either language."""
    return sorted(re.findall(r"\d+\.\d+", text))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_of_results_leads_with_the_same_points_in_both_languages(small: Path, chapter: str) -> None:
    zh, en = (_points(small / "report" / lang, chapter) for lang in ("zh", "en"))
    assert 3 <= len(zh) == len(en) <= 6
    for one, other in zip(zh, en, strict=True):
        assert _numbers(one) == _numbers(other), (one, other)
        assert re.search(r"\d", one), one


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_point_stands_in_its_chapter_again(small: Path, chapter: str) -> None:
    for lang in ("zh", "en"):
        page = small / "report" / lang / f"chapters/{chapter}.html"
        text = " ".join(html.fromstring(page.read_text(encoding="utf-8")).text_content().split())
        for point in _points(small / "report" / lang, chapter):
            assert text.count(point) == 1, point


def test_another_survey_speaks_of_itself(csibank: Path) -> None:
    told = [
        point
        for lang in ("zh", "en")
        for chapter in ("03-measures", "07-experience", "08-outlook")
        for point in _points(csibank / "report" / lang, chapter)
    ]
    assert len(told) >= 6
    assert not [point for point in told if any(word in point for word in FOREIGN)]
