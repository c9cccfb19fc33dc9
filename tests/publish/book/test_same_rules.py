"""The two languages state the same rules and quote the same numbers, section by section."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

HEADING = re.compile(r"^#{1,4} .*?\{#(sec-[\w-]+)[^}]*\}\s*$", re.MULTILINE)
INSERTED = re.compile(r"\{\{<\s*(?:var|include)\s+(\S+)\s*>\}\}")
CONDITION = re.compile(r"(when|unless)-meta=\"([^\"]+)\"")
FIGURE = re.compile(r"\]\(\.\./figures/(\w+)\.svg\)")
MARKUP = re.compile(r"\{\{<.*?>\}\}|\$\$.*?\$\$|\$[^$\n]*\$|!\[.*?\]\(.*?\)|@[\w-]+|\[-?@[^\]]*\]|\{[^}]*\}", re.DOTALL)
MEASURED = re.compile(
    r"(\d+(?:\.\d+)?)\s*"
    r"(%|percentage points?|个百分点|hours?|小时|working days?|个工作日|days?|天|minutes?|分钟)"
)
UNITS = {
    "%": "percent",
    **dict.fromkeys(("percentage point", "percentage points", "个百分点"), "points"),
    **dict.fromkeys(("hour", "hours", "小时"), "hours"),
    **dict.fromkeys(("working day", "working days", "个工作日"), "working days"),
    **dict.fromkeys(("day", "days", "天"), "days"),
    **dict.fromkeys(("minute", "minutes", "分钟"), "minutes"),
}
CHAPTERS = [
    "01-overview", "02-standards", "03-measures", "04-feedback", "05-training", "06-monitoring", "07-experience",
    "08-outlook", "a-questionnaire", "b-method", "c-tables", "d-reproducibility", "e-use",
]  # fmt: skip


def _sections(root: Path, lang: str, chapter: str) -> dict[str, str]:
    text = (root / "report" / lang / "chapters" / f"{chapter}.qmd").read_text(encoding="utf-8")
    parts = HEADING.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _numbers(text: str) -> set[str]:
    """Every number with decimals or of two digits and more, as it is written."""
    return set(re.findall(r"(?<![\w.])\d+\.\d+|(?<![\w.])\d{2,}(?![\w.]*\.\d)", MARKUP.sub(" ", text).replace(",", "")))


def _rules(text: str) -> set[tuple[str, str]]:
    """Numbers with a unit of time or share."""
    return {(value, UNITS[unit]) for value, unit in MEASURED.findall(MARKUP.sub(" ", text))}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_both_languages_have_the_same_sections(root: Path, chapter: str) -> None:
    assert list(_sections(root, "zh", chapter)) == list(_sections(root, "en", chapter))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_both_languages_show_the_same_results_under_the_same_conditions(root: Path, chapter: str) -> None:
    zh, en = (_sections(root, lang, chapter) for lang in ("zh", "en"))
    for name, text in zh.items():
        for pattern in (CONDITION, FIGURE):
            assert Counter(pattern.findall(text)) == Counter(pattern.findall(en[name])), name
        results = [
            {one for one in INSERTED.findall(part) if one.startswith(("findings.", "../tables"))}
            for part in (text, en[name])
        ]
        assert results[0] == results[1], name


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_both_languages_quote_the_same_numbers(root: Path, chapter: str) -> None:
    zh, en = (_sections(root, lang, chapter) for lang in ("zh", "en"))
    different = {name: _numbers(text) ^ _numbers(en[name]) for name, text in zh.items()}
    assert {name: sorted(numbers) for name, numbers in different.items() if numbers} == {}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_both_languages_state_the_same_limits(root: Path, chapter: str) -> None:
    zh, en = (_sections(root, lang, chapter) for lang in ("zh", "en"))
    different = {name: _rules(text) ^ _rules(en[name]) for name, text in zh.items()}
    assert {name: sorted(rules) for name, rules in different.items() if rules} == {}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_was_not_measured_is_said_in_both_languages(root: Path, chapter: str) -> None:
    zh, en = (_sections(root, lang, chapter) for lang in ("zh", "en"))
    lacking = re.compile(
        r"本版(?:都)?(?:未测|没有做|未作分析|没有计算|没有推算|没有作这样的比较|没有这样的登记册)|本版都未测"
    )
    absent = re.compile(
        r"(?:was|were) not (?:measured|analysed|computed|ranked|worked out) in this edition"
        r"|Neither was done in this edition"
        r"|was measured in this edition|No such comparison was made in this edition|This edition holds no such register"
    )
    for name, text in zh.items():
        assert bool(lacking.search(text)) == bool(absent.search(en[name])), name


def test_no_chapter_describes_in_the_present_tense_how_something_is_measured_that_is_not(root: Path) -> None:
    """Procedures that no step of the pipeline follows were once described as if it did."""
    phrases = ("is measured as", "is measured from the service log", "测量口径", "are asked. Individual")
    found = [
        (path.name, phrase)
        for lang in ("zh", "en")
        for path in (root / "report" / lang).rglob("*.qmd")
        for phrase in phrases
        if phrase in path.read_text(encoding="utf-8")
    ]
    assert found == []
