"""The words of what goes out: both languages name the same values, and dates and apostrophes are set as printers do."""

from __future__ import annotations

import re
import string

from analysis.outgoing.wording import said, words

SPACED = re.compile(r"[0-9}]\s+[年月日]|[0-9}][年月]\s+[0-9{]")


def _named(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_both_languages_name_the_same_values() -> None:
    assert [key for key, text in words().items() if _named(text.zh) != _named(text.en)] == []


def test_no_chinese_date_has_a_space_and_no_english_word_a_typewriters_apostrophe() -> None:
    assert [key for key, text in words().items() if SPACED.search(text.zh) or "'" in text.en] == []


def test_values_are_put_into_a_wording() -> None:
    assert said("form.between", "en", low=1, high=5) == "Enter a number from 1 to 5"
