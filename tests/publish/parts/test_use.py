"""What the report gives to those who carry it on: a citation, its terms of use, its corrections, its glossary."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from analysis.edition import Edition, load_edition
from analysis.edition.sections.publication import Publication
from analysis.publish.parts.edition.use import glossary, texts
from analysis.publish.words.labels import Labels
from analysis.results import Store

PARAMS: dict[str, Any] = {
    "year": 2025,
    "title": {"zh": "甲*调查", "en": "A `survey`"},
    "subtitle": {"zh": "2025年版", "en": "2025 edition"},
    "institute": {"zh": "研究组", "en": "Group {A}"},
    "date": dt.date(2025, 12, 31),
}


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


def said(edition: Edition, tmp_path: Path, lang: str, **changes: Any) -> dict[str, str]:
    publication = Publication.model_validate(PARAMS | changes)
    return dict(texts(Store(tmp_path), Labels(edition.model_copy(update={"publication": publication}), lang)))


@pytest.mark.parametrize(("lang", "date"), [("zh", "2025年12月31日"), ("en", "31 December 2025")])
def test_a_citation_names_institute_title_and_day(edition: Edition, tmp_path: Path, lang: str, date: str) -> None:
    cite = said(edition, tmp_path, lang)["cite"]
    assert date in cite
    assert "2025" in cite
    assert cite.count("```") == 2


def test_braces_and_backquotes_of_a_title_end_no_field_and_no_block(edition: Edition, tmp_path: Path) -> None:
    cite = said(edition, tmp_path, "en")["cite"]
    assert "author = {{Group (A)}}," in cite
    assert "title = {A ’survey’}," in cite


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_terms_of_use_are_told_or_said_to_be_on_no_record(edition: Edition, tmp_path: Path, lang: str) -> None:
    none = said(edition, tmp_path, lang)["rights"]
    stated = said(
        edition, tmp_path, lang, licence={"zh": "可转载", "en": "Free"}, contact={"zh": "电话 1", "en": "Tel 1"}
    )
    assert ("未注明" if lang == "zh" else "None is stated") in none
    assert ("可转载" if lang == "zh" else "Free") in stated["rights"]
    assert ("电话 1" if lang == "zh" else "Tel 1") in stated["rights"]


def test_corrections_are_listed_the_latest_first(edition: Edition, tmp_path: Path) -> None:
    revisions = [{"date": dt.date(2026, month, 1), "zh": f"更正{month}", "en": f"Fix {month}"} for month in (2, 5)]
    text = said(edition, tmp_path, "en", revisions=revisions)["revisions"]
    assert text.index("Fix 5") < text.index("Fix 2")
    assert "31 December 2025" in text.splitlines()[0]


def test_the_glossary_holds_the_terms_of_the_steps_that_found_something(edition: Edition, tmp_path: Path) -> None:
    import pandas as pd

    store = Store(tmp_path)
    before = {row["glossary_term_en"] for row in glossary(edition, store)}
    store.save_table("churn_rates", pd.DataFrame({"rate": [0.1]}))
    assert {"Customer satisfaction index", "Interval"} <= before
    assert "Churn" not in before


def test_terms_of_weighting_stand_where_interviews_are_weighted(edition: Edition, tmp_path: Path) -> None:
    terms = {"Weight", "Effective base", "Design effect"}
    store = Store(tmp_path)
    kept = {"nonresponse": None, "available": False}
    for base, drawn, expected in (("equal", 0, set()), ("equal", 20, terms - {"Weight"}), ("file", 0, terms)):
        store.save_record("04_weighting", "weighting", kept | {"base_source": base})
        store.save_record("05_satisfaction", "satisfaction", {"strata": drawn, "units": 0})
        assert {row["glossary_term_en"] for row in glossary(edition, store)} & terms == expected


def test_a_report_in_one_language_has_no_column_of_the_other(edition: Edition, tmp_path: Path) -> None:
    publication = edition.publication.model_copy(update={"languages": ("en",)})
    alone = glossary(edition.model_copy(update={"publication": publication}), Store(tmp_path))
    assert {row["other_language_en"] for row in alone} == {""}
    assert all(row["other_language_en"] for row in glossary(edition, Store(tmp_path)))
