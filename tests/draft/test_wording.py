"""What a draft calls those who were asked and those whom they rate, and the language that it finds."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from analysis.draft.sheet import read_sheet
from analysis.draft.wording import language, publication_words


def _said(folder: Path, name: str, *questions: str) -> dict[str, dict[str, object]]:
    path = folder / name
    rows = [",".join(f'"{question}"' for question in questions)] + [",".join(["3"] * len(questions))] * 6
    path.write_text("\n".join(rows), encoding="utf-8")
    sheet = read_sheet(path)
    found = yaml.safe_load("\n".join(publication_words(sheet)))
    return {**found, "language": language(sheet)}


@pytest.mark.parametrize(
    ("name", "questions", "people", "providers", "lang"),
    [
        (
            "wards.csv",
            ("Did you as a patient feel safe", "Did the hospital tell you enough"),
            "patient",
            "hospital",
            "en",
        ),
        ("a.csv", ("作为患者您是否安心", "医院的讲解是否清楚"), "patient", "hospital", "zh"),
        ("employee_survey.csv", ("q1", "q2"), "employee", "organisation", ""),
        ("abuser.csv", ("userness", "banked"), "respondent", "organisation", ""),
    ],
)
def test_the_words_that_a_file_uses_most_are_proposed(
    tmp_path: Path, name: str, questions: tuple[str, ...], people: str, providers: str, lang: str
) -> None:
    said = _said(tmp_path, name, *questions)
    assert said["people"]["en"]["one"] == people
    assert said["providers"]["en"]["one"] == providers
    assert said["language"] == lang
    assert said.get("languages") == ([lang] if lang else None)


@pytest.mark.parametrize(
    ("questions", "matter"),
    [
        (("Was the treatment explained", "How good was the care"), "care"),
        (("教师授课清楚",), "teaching"),
        (("q1",), "service"),
    ],
)
def test_what_they_rate_is_proposed_too(tmp_path: Path, questions: tuple[str, ...], matter: str) -> None:
    assert _said(tmp_path, "a.csv", *questions)["matter"]["en"] == matter
