"""Words in files: the dictionary of tickets and comments, and wordings in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.edition.dictionary import DEFAULT_DICTIONARY, load_dictionary
from analysis.errors import EditionError, Problems
from analysis.publish.words.reading import read_words

THEMES = "themes:\n  - {key: fee, name: {zh: 费用, en: fees}, zh: [手续费], construct: results}\n"


def _file(folder: Path, text: str) -> Path:
    path = folder / "words.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_dictionary_keeps_classes_in_the_order_of_their_priority(tmp_path: Path) -> None:
    classes = "classes:\n" + "".join(f"  - {{key: {key}, name: {{zh: 类, en: c}}}}\n" for key in ("b", "a"))
    found = load_dictionary(_file(tmp_path, classes + THEMES))
    assert [one.key for one in found.classes] == ["b", "a"]
    assert (found.themes[0].construct_key, found.themes[0].en, found.classes[0].severity) == ("results", (), 0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("themes: []\n", "themes"),
        (THEMES + THEMES.removeprefix("themes:\n"), "more than once|twice"),
        (THEMES.replace("zh: [手续费]", "zh: [手续费], severity: 2"), "severity"),
        (THEMES.replace("name: {zh: 费用, en: fees}", "name: {}"), "name.en"),
        ("scale: {min: 1}\n", "not of the kind"),
    ],
)
def test_a_broken_dictionary_names_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises((EditionError, Problems), match=words) as told:
        load_dictionary(_file(tmp_path, text))
    assert "words.yml" in str(told.value)


def test_no_word_of_the_default_dictionary_stands_for_two_themes() -> None:
    found = load_dictionary(DEFAULT_DICTIONARY)
    for lang in ("zh", "en"):
        words = [word for theme in found.themes for word in getattr(theme, lang)]
        assert sorted(set(words)) == sorted(words)


def test_wordings_are_read_by_dotted_keys_with_the_apostrophe_of_printers(tmp_path: Path) -> None:
    found = read_words(_file(tmp_path, 'a:\n  b: {zh: 甲, en: "it\'s"}\n  c:\n    d: {zh: 乙, en: two}\n'))
    assert list(found) == ["a.b", "a.c.d"]
    assert (found["a.b"].en, found["a.b"].zh) == ("it’s", "甲")


@pytest.mark.parametrize(
    "entry", ["{zh: 甲}", "{zh: 甲, en: ''}", "text", "{zh: 甲, en: b, fr: c}", "[]", "{zh: 甲, en: 3}"]
)
def test_a_wording_in_one_language_is_named(tmp_path: Path, entry: str) -> None:
    with pytest.raises(EditionError, match="not given in both languages") as told:
        read_words(_file(tmp_path, f"a:\n  b: {entry}\n"))
    assert told.value.where == "words.yml: a.b"
