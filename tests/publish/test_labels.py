"""Every reader-facing string exists in both languages, with the same placeholders."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from printing import SPECS

from analysis.edition import load_edition
from analysis.errors import ResultsError
from analysis.publish.parts import all_parts
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels, catalogue

HAN = re.compile(r"[一-鿿]")
SHORT = ("glance", "open_measures", "steps_and_ratings", "taught")
"""Tables that a chapter shows in short; their figures stand in full in an appendix."""
NOUN = re.compile(r"(?:person|people|providers?)(?:_s)?", re.IGNORECASE)
"""What the params call those who are asked and those whom they rate: no fact, and told as each language likes."""


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name and not NOUN.fullmatch(name)}


def test_every_wording_stands_in_both_languages_with_the_same_facts() -> None:
    faults = [
        f"{key}: {sorted(_fields(text.zh) ^ _fields(text.en))} in one language only"
        for key, text in catalogue().items()
        if _fields(text.zh) != _fields(text.en)
    ]
    faults += [f"{key}: Chinese in the English wording" for key, text in catalogue().items() if HAN.search(text.en)]
    assert not faults, "\n".join(faults)


def test_every_table_has_a_caption_and_every_column_a_heading() -> None:
    wanted = {f"tables.{spec.name}" for spec in SPECS.values()}
    wanted |= {f"columns.{column.heading}" for spec in SPECS.values() for column in spec.columns}
    wanted |= {f"lead.{finding.key}" for part in all_parts() for finding in part.findings if finding.summary}
    assert wanted <= set(catalogue())


def test_a_key_that_two_files_give_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("words", "parts/trend"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "words.yml").write_text("lead:\n  trend: {zh: 走势, en: Trend}\n", encoding="utf-8")
    monkeypatch.setattr("analysis.publish.words.labels.PUBLISH", tmp_path)
    with pytest.raises(ResultsError, match=r"lead\.trend"):
        catalogue.__wrapped__()


def test_an_unknown_wording_is_an_error_with_a_hint(root: Path) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), "en")
    with pytest.raises(ResultsError, match="did you mean"):
        labels.text("rules.speders")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sentence_whose_number_is_withheld_is_not_said(root: Path, lang: str) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), lang)
    values = {"item": "A", "dimension": "B", "score": formats.number(81.2), "ci": formats.interval(80, 82, lang)}
    assert labels.text("findings.items.one", **values, share=formats.percent(0.8))
    assert labels.text("findings.items.one", **values, share=formats.percent(None)) == ""
    told = labels.text("findings.items.one_without_share", **values, share=formats.percent(None))
    assert "81.2" in told, "a value that the wording has no place for is no gap"
    assert labels.text("notes.wave_samples"), "a note is no sentence with numbers"


def test_what_a_model_relates_has_a_name(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    english, chinese = Labels(edition, "en"), Labels(edition, "zh")
    assert english.construct("efficiency") != "efficiency"
    assert english.construct("eff1") == "Waiting time before you are served"
    question = edition.instrument.profile[0]
    code, shown = question.categories[1].code, question.categories[1].en
    assert english.construct(f"{question.key}.{code}") == f"{question.name['en']}: {shown}"
    assert chinese.construct(f"{question.key}.{code}").startswith(f"{question.name['zh']}：")
    assert english.construct(f"{question.key}:eff1") == f"{question.name['en']} × Waiting time before you are served"
    assert english.construct("a_factor") == "a_factor"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_chapters_show_every_figure_and_no_unknown_one(root: Path, lang: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (root / "report" / lang).rglob("*.qmd"))
    assert set(re.findall(r"\{\{< figure ([a-z_]+) >\}\}", text)) == {
        figure.name for part in all_parts() for figure in part.figures
    }
    included = {name for name in re.findall(r"tables/_([a-z_]+)\.md", text) if not name.startswith("points_")}
    composed = {"front_first", "front_second", "colophon", "notebooks", "tabulated", "profiles", "sources", "downloads"}
    composed |= {"cite", "rights", "revisions", *SHORT}
    assert included - composed == {name for name, spec in SPECS.items() if spec.in_book}


def test_both_languages_hold_the_same_labels_and_blocks_in_the_same_order(root: Path) -> None:
    kinds = r"\{#([a-z]+-[\w-]+)|(when-meta=\"[\w.]+\"|unless-meta=\"[\w.]+\")|tables/_([a-z_]+)\.md"
    for path in sorted((root / "report" / "zh").rglob("*.qmd")):
        twin = root / "report" / "en" / path.relative_to(root / "report" / "zh")
        found = [re.findall(kinds, file.read_text(encoding="utf-8")) for file in (path, twin)]
        assert found[0] == found[1], path.name


def test_a_group_stands_in_a_sentence_in_the_plural_or_in_quotation_marks(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    english, chinese = Labels(edition, "en"), Labels(edition, "zh")
    assert english.group("institution_type", "insurance") == "insurers"
    assert english.group("business_area", "sales") == "“Product sales”"
    assert english.group("unasked", "x") == "“x”"
    assert chinese.group("institution_type", "insurance") == "保险公司"
