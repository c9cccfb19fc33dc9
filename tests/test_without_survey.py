"""An edition without interviews: what has to be stated, what need not be, and what a step can't do without."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis.edition import Edition, load_edition
from analysis.edition.load import SNAPSHOT, snapshot
from analysis.errors import Problems, SurveyReportError
from analysis.pipeline.deps import notebook_reads
from analysis.pipeline.execute import lacking
from analysis.project import ROOT, steps
from analysis.results import Store

TEXT = {"zh": "测试", "en": "Test"}
BASE = {
    "publication": {"year": 2025, "title": TEXT, "subtitle": TEXT, "institute": TEXT, "date": "DAY"},
    "seed": 1,
    "data": {"source": "files", "tables": {"service_log": {"path": "log.csv"}}},
}


def _load(folder: Path, **sections: object) -> Edition:
    path = folder / "edition.yml"
    text = yaml.safe_dump(BASE | sections, allow_unicode=True)
    path.write_text(text.replace("DAY", "2025-12-31"), encoding="utf-8")
    return load_edition(path)


def test_records_need_no_instrument_no_index_and_no_fieldwork(tmp_path: Path) -> None:
    edition = _load(tmp_path)
    assert not edition.interviewed
    assert edition.instrument.constructs == ()
    assert edition.surveyed.start == edition.surveyed.end == edition.publication.date
    kept = tmp_path / SNAPSHOT
    kept.write_text(json.dumps(snapshot(edition)), encoding="utf-8")
    assert load_edition(kept) == edition


def test_nothing_given_at_all_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(SurveyReportError, match="nothing to report on: give responses, or records of the service"):
        _load(tmp_path, data={"source": "files", "tables": {}})


def test_answers_need_all_that_they_needed_before(tmp_path: Path) -> None:
    tables = {"responses": {"path": "answers.csv"}}
    with pytest.raises(Problems) as found:
        _load(tmp_path, data={"source": "files", "tables": tables})
    told = "\n".join(map(str, found.value.problems))
    for key in ("instrument", "index.csat"):
        assert f"edition.yml: {key}" in told


def test_an_instrument_may_name_categories_alone(tmp_path: Path) -> None:
    question = {"key": "institution_type", "name": TEXT, "question": TEXT}
    question["categories"] = [{"code": "bank", "zh": "银行", "en": "Bank"}]
    (tmp_path / "names.yml").write_text(yaml.safe_dump({"name": TEXT, "profile": [question]}), encoding="utf-8")
    edition = _load(tmp_path, instrument="names.yml")
    assert edition.instrument.question("institution_type").label("bank", "zh") == "银行"


def test_standards_may_say_which_question_rates_a_step_though_none_was_asked(tmp_path: Path) -> None:
    edition = _load(tmp_path, standards=str(ROOT / "params" / "standards" / "guide.yml"))
    assert edition.standards is not None


def test_rated_items_need_a_scale(tmp_path: Path) -> None:
    item = {"key": "q1", **TEXT}
    construct = {"key": "quality", "role": "dimension", "name": TEXT, "items": [item]}
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"name": TEXT, "constructs": [construct]}), encoding="utf-8")
    with pytest.raises(SurveyReportError, match="the key 'scale' is missing"):
        _load(tmp_path, instrument="asked.yml")


def test_what_a_step_needs_follows_from_its_source() -> None:
    needs = {step: notebook_reads(ROOT / "notebooks" / f"{step}.ipynb").needs for step in steps()}
    assert needs["03_cleaning"] == ("intake/responses",)
    assert "03_cleaning" in needs["05_satisfaction"]
    free = {step for step, wanted in needs.items() if not wanted}
    assert {"01_sampling", "09_trend", "10_feedback", "11_standards", "12_training", "13_relationships"} <= free


def test_a_step_is_left_out_with_the_reason_of_what_it_lacks(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "deps.json").write_text('{"a": {"needs": ["intake/responses"]}, "b": {"needs": ["a"]}, "c": {}}')
    store.save_record("intake", "responses", {"available": False})
    store.save_frame("a", "old", pd.DataFrame({"x": [1]}))
    assert lacking("a", store) == "no table responses in this edition"
    store.leave_out("a", lacking("a", store))
    assert not store.has("a", "old.parquet")
    assert lacking("b", store) == "no table responses in this edition"
    assert lacking("c", store) == lacking("unknown", store) == ""
    assert store.found("a", "old").reason == store.noted("a", "r").reason == "no table responses in this edition"
    store.take_up("a")
    store.save_frame("a", "old", pd.DataFrame({"x": [1]}))
    assert store.found("a", "old").shown("shape") == (1, 1)
    store.save_record("intake", "responses", {"available": True})
    assert lacking("a", store) == lacking("b", store) == ""
