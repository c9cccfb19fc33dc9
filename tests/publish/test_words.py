"""The wordings: no spaces inside Chinese dates, typographic apostrophes, dates and waves as readers write them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from analysis.publish.words import formats
from analysis.publish.words.filling import filled
from analysis.publish.words.labels import catalogue

SPACED = re.compile(r"(?:[0-9]|\{(?:year|name|edition)\})\s+[年月日]|[0-9}][年月]\s+[0-9{]")


def test_no_chinese_wording_has_a_space_inside_a_date() -> None:
    assert [key for key, text in catalogue().items() if SPACED.search(text.zh)] == []


def test_no_english_wording_has_a_typewriters_apostrophe() -> None:
    assert [key for key, text in catalogue().items() if "'" in text.en] == []


@pytest.mark.parametrize(
    ("end", "zh", "en"),
    [
        (dt.date(2025, 10, 31), "2025年9月1日至10月31日", "1 September to 31 October 2025"),
        (dt.date(2026, 1, 2), "2025年9月1日至2026年1月2日", "1 September 2025 to 2 January 2026"),
        (dt.date(2025, 9, 1), "2025年9月1日", "1 September 2025"),
    ],
)
def test_a_period_says_what_its_days_share_once(end: dt.date, zh: str, en: str) -> None:
    start = dt.date(2025, 9, 1)
    assert formats.period(start, end, "zh") == zh
    assert formats.period(start, end, "en") == en


@pytest.mark.parametrize(
    ("label", "zh"),
    [("2025Q3", "2025年第3季度"), ("2025H1", "2025年上半年"), ("2025-09", "2025年9月"), ("2025", "2025年")],
)
def test_a_wave_is_written_without_spaces(label: str, zh: str) -> None:
    assert formats.wave(label, "zh") == zh


@pytest.mark.parametrize(
    ("label", "zh", "sentence", "cell"),
    [
        ("2025-09-01", "2025年9月1日", "the wave of 1 September 2025", "1 September 2025"),
        ("W3", "第3期", "Wave 3", "Wave 3"),
        ("2025Q3", "2025年第3季度", "Q3 2025", "Q3 2025"),
    ],
)
def test_a_wave_of_a_day_is_called_a_wave_in_a_sentence_alone(label: str, zh: str, sentence: str, cell: str) -> None:
    assert formats.wave(label, "zh") == formats.wave(label, "zh", alone=True) == zh
    assert formats.wave(label, "en") == sentence
    assert formats.wave(label, "en", alone=True) == cell


def test_chinese_keeps_a_space_from_latin_names_and_from_numbers_with_a_unit_but_not_from_dates() -> None:
    said = {
        "说得最多的是{name}和其他": ("App 与智能客服", "说得最多的是 App 与智能客服和其他"),
        "最慢的网点{name}应先核查": ("bank-07", "最慢的网点 bank-07 应先核查"),
        "从{name}的 +3.9 分": ("18–29 岁", "从 18–29 岁的 +3.9 分"),
        "自{name}以来": ("2019年第1季度", "自2019年第1季度以来"),
        "“{name}”最低": ("App", "“App”最低"),
        "以 {name} 计": ("App", "以 App 计"),
        "改用{name}的人": ("App", "改用 App 的人"),
    }
    assert {template: filled(template, {"name": name}, "zh") for template, (name, _) in said.items()} == {
        template: written for template, (_, written) in said.items()
    }
    assert filled("in{name}on", {"name": "App"}, "en") == "inAppon"
    with pytest.raises(KeyError):
        filled("{absent}", {}, "zh")


def test_the_last_and_of_a_chinese_list_keeps_apart_from_latin_letters() -> None:
    assert formats.listed(["甲", "乙", "丙"], "zh") == "甲、乙和丙"
    assert formats.listed(["甲"], "zh") == "甲"
    assert formats.listed(["bank-07（36.9 分钟）", "bank-19"], "zh") == "bank-07（36.9 分钟）和 bank-19"
    assert formats.listed(["认同的 47%", "忠诚度的 60%"], "zh") == "认同的 47% 和忠诚度的 60%"
    assert formats.listed(["2024年", "2025年"], "zh") == "2024年和2025年"


def test_no_duration_of_years_is_written_like_a_date() -> None:
    """A date keeps its number at the unit (2025年); a length of time is spaced like every other (5.1 年)."""
    names = {"year", "wave", "first", "last", "since", "name", "edition"}
    found = [
        (key, name)
        for key, text in catalogue().items()
        for name in re.findall(r"\{(\w+)\}年(?!版|度|级)", text["zh"])
        if name not in names
    ]
    assert found == []
