"""The section `tabulation`: what it plans, and what it says of questions and statistics that can't be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from household_survey import INSTRUMENT, PARAMS, write_edition

from analysis.edition import load_edition
from analysis.edition.instrument import Instrument
from analysis.edition.load import snapshot
from analysis.edition.sections.tabulation import Tabulation
from analysis.errors import SurveyReportError
from analysis.survey.tabulation.plan import plan_tables

DEBTS = PARAMS["tabulation"]["tables"][0]


def _refused(folder: Path, **section: Any) -> str:
    with pytest.raises(SurveyReportError) as caught:
        load_edition(write_edition(folder, tabulation=section))
    return str(caught.value)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"banner": ["regoin"]}, ["regoin", "background question", "region"]),
        ({"banner": ["region"], "questions": ["depts"]}, ["depts", "debt"]),
        ({"tables": [{**DEBTS, "statistics": ["mode"]}]}, ["mode", "median", "percentile such as p25"]),
        ({"banner": ["sex"], "tables": [{**DEBTS, "statistics": ["nps"]}]}, ["no nps", "numbers", "median"]),
        ({"tables": [{**DEBTS, "questions": ["sex"], "statistics": ["mean"]}]}, ["no mean", "categories", "numeric"]),
        ({"tables": [{**DEBTS, "questions": ["sex"], "statistics": ["net"]}]}, ["net", "positive", "negative"]),
        ({"banner": ["sex"], "tables": [{"key": "debt", "questions": ["debt"]}]}, ["key of a question", "debt_table"]),
        ({"banner": ["sex"], "tables": [{"key": "x"}]}, ["either `questions` or a `ratio`"]),
        (
            {"banner": ["sex"], "tables": [{"key": "x", "ratio": {"numerator": "debt", "denominator": "sex"}}]},
            ["'sex' is not a numeric question"],
        ),
        ({"banner": ["sex"], "tables": [DEBTS, DEBTS]}, ["listed twice"]),
    ],
)
def test_what_can_not_be_tabulated_is_named_with_what_to_do(tmp_path: Path, section: Any, words: list[str]) -> None:
    message = _refused(tmp_path, **section)
    for word in ("household.yml", "tabulation", *words):
        assert word in message, message


def test_a_banner_of_one_category_is_refused(tmp_path: Path) -> None:
    path = write_edition(tmp_path)
    instrument = yaml.safe_load((tmp_path / "household-instrument.yml").read_text(encoding="utf-8"))
    instrument["profile"][1]["categories"] = instrument["profile"][1]["categories"][:1]
    (tmp_path / "household-instrument.yml").write_text(yaml.safe_dump(instrument, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SurveyReportError, match="'sex' has one category"):
        load_edition(path)


def test_a_survey_without_an_index_has_its_background_questions_as_banner() -> None:
    plan = plan_tables(Tabulation(), Instrument.model_validate(INSTRUMENT))
    assert [table.key for table in plan] == ["income", "debt", "products", "region", "sex", "has_debt"]
    assert {table.banner for table in plan} == {(("region",), ("sex",), ("has_debt",))}
    assert all(table.chapter for table in plan)


def test_a_survey_with_an_index_has_tables_where_they_are_asked_for(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    assert plan_tables(edition.tabulation, edition.instrument) == ()
    plan = plan_tables(Tabulation.model_validate({"banner": ["region", "age"]}), edition.instrument)
    assert len(plan) == len(edition.instrument.item_keys) + len(edition.instrument.profile)
    assert not any(table.chapter for table in plan)


def test_an_edition_without_a_dimension_needs_no_index_and_can_have_none(tmp_path: Path) -> None:
    edition = load_edition(write_edition(tmp_path))
    assert edition.interviewed
    assert not edition.indexed
    with pytest.raises(SurveyReportError, match="no index"):
        _ = edition.scoring
    again = type(edition).model_validate(snapshot(edition), strict=False)
    assert again.tabulation == edition.tabulation
    index = {"csat": {"construct": "x", "satisfied_from": 4}}
    with pytest.raises(SurveyReportError, match="no index without a dimension") as caught:
        load_edition(write_edition(tmp_path, index=index))
    assert "remove index.csat" in str(caught.value)
