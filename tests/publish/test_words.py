"""The wordings: no spaces inside Chinese dates, typographic apostrophes, dates and waves as readers write them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from analysis.publish.words import formats
from analysis.publish.words.labels import catalogue

SPACED = re.compile(r"[0-9}]\s+[年月日]|[0-9}][年月]\s+[0-9{]")


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
