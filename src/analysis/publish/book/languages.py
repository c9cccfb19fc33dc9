"""The languages that a book can have: what tools must know of each, and the book's own words in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.yml")


@dataclass(frozen=True)
class Language:
    """What the tools must know of a language.

    Attributes
    ----------
    tag : language of a web page, as BCP 47 writes it.
    region : region whose glyphs and habits typst takes.
    features : further arguments of typst's text. English sets the quotation marks and dashes of the Chinese face at
        their proportional width.
    rules : further rules of typst's. Chinese dates are set without the distance that digits keep from characters.
    date_format : the day of publication in Quarto's notation.
    """

    tag: str
    region: str
    features: str
    rules: str
    date_format: str


LANGUAGES: Mapping[str, Language] = {
    "zh": Language(
        tag="zh-CN",
        region="cn",
        features="",
        rules='#show regex("\\\\d+[年月日]"): it => box({ set text(cjk-latin-spacing: none); it })',
        date_format="YYYY年M月D日",
    ),
    "en": Language(tag="en", region="gb", features=', features: ("pwid", "palt")', rules="", date_format="D MMMM YYYY"),
}


@cache
def book_words(lang: str) -> Mapping[str, str]:
    """Return the book's own words in `lang` by their dotted keys; raise EditionError for a word without it."""
    from analysis.publish.words.reading import read_words

    return {key: text[lang] for key, text in read_words(WORDS).items()}


def word_group(lang: str, group: str) -> dict[str, str]:
    """Return the words below one key, as `callouts`, by the rest of their keys."""
    start = f"{group}."
    return {key.removeprefix(start): word for key, word in book_words(lang).items() if key.startswith(start)}
