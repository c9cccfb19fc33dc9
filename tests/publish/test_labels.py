"""Every reader-facing string exists in both languages, with the same placeholders."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from analysis.edition import load_edition
from analysis.errors import ResultsError
from analysis.publish.figures import FIGURES
from analysis.publish.labels import Labels, catalogue
from analysis.publish.specs import TABLES

HAN = re.compile(r"[一-鿿]")
SYMBOLS = {"CFI", "TLI", "RMSEA", "SRMR", "AIC", "BIC"}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_wording_stands_in_both_languages(key: str) -> None:
    text = catalogue()[key]
    assert _fields(text.zh) == _fields(text.en) or key.startswith(("findings.", "units.")), key
    assert not HAN.search(text.en)


def test_every_table_has_a_caption_and_every_column_a_heading(root: Path) -> None:
    words = catalogue()
    for spec in TABLES.values():
        assert f"tables.{spec.name}" in words
        assert all(f"columns.{column.heading}" in words for column in spec.columns), spec.name


def test_an_unknown_wording_is_an_error_with_a_hint(root: Path) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    with pytest.raises(ResultsError, match="did you mean"):
        labels.text("rules.speders")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_chapters_show_every_figure_and_no_unknown_one(root: Path, lang: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (root / "report" / lang).rglob("*.qmd"))
    assert set(re.findall(r"figures/([a-z_]+)\.svg", text)) == set(FIGURES)
    included = set(re.findall(r"tables/_([a-z_]+)\.md", text))
    assert included - {"summary", "colophon", "notebooks"} == {name for name, spec in TABLES.items() if spec.in_book}


def test_both_languages_hold_the_same_labels_and_blocks_in_the_same_order(root: Path) -> None:
    kinds = r"\{#([a-z]+-[\w-]+)|(when-meta=\"[\w.]+\"|unless-meta=\"[\w.]+\")|tables/_([a-z_]+)\.md"
    for path in sorted((root / "report" / "zh").rglob("*.qmd")):
        twin = root / "report" / "en" / path.relative_to(root / "report" / "zh")
        found = [re.findall(kinds, file.read_text(encoding="utf-8")) for file in (path, twin)]
        assert found[0] == found[1], path.name
