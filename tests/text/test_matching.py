"""Words of a dictionary in texts: gaps within a clause, ends of English words, and words that look like patterns."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.edition.dictionary import Words
from analysis.text.matching import match_words, word_pattern

WORDS = {
    "wait": Words(zh=("等…久", "排队", "等"), en=("wait*", "took … long")),
    "fee": Words(zh=("手续费", "(费)"), en=("fee",)),
}


def _frame(*texts: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(texts, columns=["text", "lang"])


def test_different_words_of_a_key_are_counted_once_each() -> None:
    frame = _frame(("排队排队，等了半天太久", "zh"), ("Waiting, waited and waited again", "en"), ("很好", "zh"))
    found = match_words(frame, WORDS, keep=True)
    assert found.keys == ("wait", "fee")
    assert found.counts.tolist() == [[2, 0], [2, 0], [0, 0]]
    assert found.words == {0: {"wait": ["排队", "等了半天太久"]}, 1: {"wait": ["waiting", "waited"]}}
    assert match_words(frame, WORDS).words == {}


@pytest.mark.parametrize(
    ("text", "lang", "hit"),
    [
        ("等了八个字以内就是久", "zh", "等了八个字以内就是久"),
        ("等了一二三四五六七八九久", "zh", "等"),  # the gap is too wide for the longer word
        ("等，太久", "zh", "等"),  # nor does it cross a clause
        ("It took far too long", "en", "took far too long"),
        ("It took. So long", "en", None),
        ("awaiting", "en", None),  # an English word begins where the word begins
    ],
)
def test_a_gap_stays_in_its_clause(text: str, lang: str, hit: str | None) -> None:
    found = match_words(_frame((text, lang)), {"wait": WORDS["wait"]}, keep=True)
    assert found.words.get(0, {}).get("wait") == ([hit] if hit else None)


def test_words_are_those_of_the_language_and_texts_of_no_language_hold_none() -> None:
    found = match_words(_frame(("fee 手续费", "zh"), ("fee 手续费", "en"), ("fee 手续费", "other")), WORDS)
    assert found.counts[:, 1].tolist() == [1, 1, 0]


def test_a_word_is_text_and_never_a_pattern() -> None:
    pattern = word_pattern(("(费)", "a.c"), "zh")
    assert pattern is not None
    assert pattern.findall("费 (费) abc a.c") == ["(费)", "a.c"]
    assert word_pattern((), "en") is None
    assert match_words(_frame(("x", "en")), {"none": Words()}).counts.tolist() == [[0]]
