"""Wordings in one language only, for a report that has one: told where a language of the report lacks its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_survey import INSTRUMENT, STANDARDS, as_yaml

from analysis.edition import Edition, load_edition
from analysis.edition.load import snapshot
from analysis.edition.params import Text, unworded
from analysis.edition.sections.publication import Noun, Publication
from analysis.errors import EditionError, Problems


def _only(content: Any, lang: str) -> Any:
    """Params with the wordings of one language."""
    other = {"zh": "en", "en": "zh"}[lang]
    if isinstance(content, dict):
        worded = {"zh", "en"} <= set(content)
        return {key: _only(value, lang) for key, value in content.items() if not (worded and key == other)}
    return [_only(value, lang) for value in content] if isinstance(content, list) else content


def _edition(folder: Path, lang: str, languages: list[str]) -> Edition:
    title = {lang: "Report"}
    content = {
        "publication": {
            "year": 2025,
            "title": title,
            "subtitle": title,
            "institute": title,
            "date": "2025-12-31",
            "fieldwork": {"start": "2025-12-31", "end": "2025-12-31"},
            "languages": languages,
        },
        "seed": 1,
        "instrument": "instrument.yml",
        "standards": "standards.yml",
        "data": {"source": "files", "tables": {"responses": {"path": "none.csv"}}},
        "index": {"csat": {"construct": "overall", "satisfied_from": 4}},
    }
    (folder / "instrument.yml").write_text(as_yaml(_only(INSTRUMENT, lang)), encoding="utf-8")
    (folder / "standards.yml").write_text(as_yaml(_only(STANDARDS, lang)), encoding="utf-8")
    path = folder / "edition.yml"
    path.write_text(as_yaml(content).replace("'2025-12-31'", "2025-12-31"), encoding="utf-8")
    return load_edition(path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_in_one_language_needs_the_wordings_of_that_one(tmp_path: Path, lang: str) -> None:
    edition = _edition(tmp_path, lang, [lang])
    item, scale = edition.instrument.constructs[0].items[0], edition.instrument.scale
    expected = INSTRUMENT["constructs"][0]["items"][0][lang]
    assert (item.zh, item.en, item[lang]) == (expected, expected, expected)
    assert scale.labels[1].zh == scale.labels[1].en == INSTRUMENT["scale"]["labels"][1][lang]
    assert edition.standards is not None
    assert edition.standards.scenarios[0].steps[0].owner[lang] == {"zh": "甲", "en": "A"}[lang]
    held = tmp_path / "edition.json"
    held.write_text(json.dumps(snapshot(edition)), encoding="utf-8")
    assert load_edition(held).instrument == edition.instrument


def test_a_report_in_two_languages_names_every_wording_that_lacks_one(tmp_path: Path) -> None:
    with pytest.raises(Problems) as told:
        _edition(tmp_path, "en", ["zh", "en"])
    places = [str(problem.where) for problem in told.value.problems]
    assert f"{tmp_path / 'edition.yml'}: publication.title.zh" in places
    assert f"{tmp_path / 'instrument.yml'}: constructs.0.items.1.zh" in places
    assert f"{tmp_path / 'instrument.yml'}: scale.labels.5.zh" in places
    assert f"{tmp_path / 'standards.yml'}: scenarios.0.steps.0.rule.zh" in places
    assert "leave that language out of publication.languages" in str(told.value)


def test_the_other_language_alone_is_no_wording_either(tmp_path: Path) -> None:
    with pytest.raises((EditionError, Problems), match=r"title\.zh"):
        _edition(tmp_path, "en", ["zh"])


def test_what_is_filled_in_is_not_stated() -> None:
    text = Text.model_validate({"en": "Quality"})
    assert text.model_dump(exclude_unset=True) == {"en": "Quality"}
    assert list(unworded({"a": [text]}, ("zh", "en"))) == ["a.0.zh"]
    with pytest.raises(ValueError, match="zh"):
        Text.model_validate({})


@pytest.mark.parametrize(
    ("said", "zh", "many"),
    [
        ({"zh": "患者"}, "患者", "患者"),
        ({"en": {"one": "patient", "many": "patients"}}, "patients", "patients"),
        ({"zh": "患者", "en": {"one": "patient", "many": "patients"}}, "患者", "patients"),
    ],
)
def test_a_noun_is_said_in_the_one_language_of_the_report_too(said: dict[str, Any], zh: str, many: str) -> None:
    noun = Noun.model_validate(said)
    assert (noun.zh, noun.en.many) == (zh, many)
    assert noun.model_dump(exclude_unset=True) == said
    assert list(unworded([noun], ("zh", "en"))) == [f"0.{lang}" for lang in ("zh", "en") if lang not in said]


@pytest.mark.parametrize("said", [{}, {"en": {"one": "patient"}}, {"en": 3}, {"zh": ""}])
def test_what_is_no_noun_is_an_error(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="people"):
        Publication.model_validate({"people": said})
