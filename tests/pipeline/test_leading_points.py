"""Chapters lead with key points that say the same in both languages; another survey's speak of that survey."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.publish.foreign_words import of_the_guide

NUMBER = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)?%?")


def _points(output: Path, lang: str, chapter: str) -> list[str]:
    path = output / "book" / lang / "tables" / f"_points_{chapter}.md"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line for line in lines if line.startswith("- ")]


@pytest.mark.parametrize("chapter", ["overview", "standards", "training", "monitoring"])
def test_key_points_say_the_same_in_both_languages(small: Path, chapter: str) -> None:
    zh, en = (_points(small, lang, chapter) for lang in ("zh", "en"))
    assert 3 <= len(en) <= 5
    # A number of words may differ (a date, "one of six"); whatever was found does not.
    assert [sorted(NUMBER.findall(line)) for line in zh] == [sorted(NUMBER.findall(line)) for line in en]
    for lang, lines in (("zh", zh), ("en", en)):
        pages = (small / "report" / lang / "chapters").glob(f"0?-{chapter}.html")
        page = re.sub(r"<[^>]+>", "", next(pages).read_text(encoding="utf-8"))
        assert all(
            re.sub(r"\W", "", NUMBER.sub("", line))[:12] in re.sub(r"\W", "", NUMBER.sub("", page)) for line in lines
        )


def test_a_tables_of_these_chapters_keeps_to_twelve_rows_and_six_columns(small: Path) -> None:
    import lxml.html

    for name in ("01-overview", "02-standards", "05-training", "06-monitoring"):
        page = lxml.html.parse(small / "report" / "en" / "chapters" / f"{name}.html").getroot()
        for table in page.xpath("//table"):
            assert len(table.xpath(".//tbody/tr")) <= 12, name
            assert all(len(row.xpath("./td|./th")) <= 6 for row in table.xpath(".//tr")), name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_points_of_another_survey_are_its_own(csibank: Path, lang: str) -> None:
    told = "\n".join(_points(csibank, lang, "overview"))
    kept = (csibank / "tables" / "exclusion_log.csv").read_text(encoding="utf-8").splitlines()[-1]
    assert f"{int(kept.split(',')[5]):,}" in told
    assert not of_the_guide(told, lang)
    assert not any(_points(csibank, lang, chapter) for chapter in ("standards", "training", "monitoring"))
    glance = (csibank / "book" / lang / "tables" / "_glance.md").read_text(encoding="utf-8")
    assert not of_the_guide(glance, lang)
