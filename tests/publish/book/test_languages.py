"""The languages of a book: words in both, and modules that load no heavy library before it is needed."""

import subprocess
import sys

import pytest

from analysis.publish.book.languages import LANGUAGES, book_words, word_group

HEAVY = {"pandas", "numpy", "pydantic", "matplotlib", "jinja2", "lxml", "typst", "fontTools", "babel"}


def test_every_language_has_the_same_words() -> None:
    assert {frozenset(book_words(lang)) for lang in LANGUAGES} == {frozenset(book_words("zh"))}


def test_a_group_is_named_by_the_rest_of_its_keys() -> None:
    assert word_group("zh", "callouts")["note"] == "说明"
    assert word_group("en", "quarto")["crossref-fig-title"] == "Figure"


@pytest.mark.parametrize("key", ["fig", "tbl", "sec", "eq", "ch", "app"])
@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_a_reference_has_one_place_for_its_number(lang: str, key: str) -> None:
    assert "1.2" in book_words(lang)[key] % "1.2"


def test_no_heavy_library_is_loaded_with_the_book() -> None:
    modules = "render, stage, lint, quarto, languages, conditions"
    code = f"import sys; from analysis.publish.book import {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
