"""What goes out comes back: the files are read by the intake to the same answers, by a draft to the same questions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml
from made_up_answers import answers, design, release
from mixed_survey import mixed_instrument
from pyarrow import parquet
from small_survey import Survey

from analysis.data.intake import load_table
from analysis.draft import draft_edition
from analysis.edition import Edition, load_edition
from analysis.outgoing.datafiles import csv_bytes, sav_bytes, write_parquet
from analysis.outgoing.public_file import PublicFile
from analysis.outgoing.release_folder import write_release
from analysis.satisfaction.index import satisfaction_index, score_respondents
from analysis.survey.design.survey_design import specify_design

RULES = {"k": 12, "max_withheld": 0.9}


def _written(
    survey: Survey, folder: Path, frame: pd.DataFrame | None = None, **sections: Any
) -> tuple[Edition, PublicFile, Path]:
    edition, made = release(survey, frame, **sections)
    out = folder / "out"
    out.mkdir()
    write_release(made, edition, out)
    return edition, made, out


def _read(folder: Path, path: str, **changes: Any) -> tuple[Edition, pd.DataFrame]:
    """The edition of the released params, and its answers as the intake takes them from `path`."""
    params = yaml.safe_load((folder / "params.yml").read_text(encoding="utf-8"))
    table = params["data"]["tables"]["responses"] | {"path": str(folder / path)} | changes
    params["data"] = {"source": "files", "tables": {"responses": table}}
    name = folder / f"{path.replace('.', '_')}.yml"
    name.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    edition = load_edition(name)
    found = load_table(edition, "responses")
    assert found is not None
    assert found.quarantined == 0
    return edition, found.frame


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("responses.zh.sav", {}),
        ("responses.en.sav", {}),
        ("responses.csv", {}),
        ("responses.parquet", {"values": {}, "columns": {}}),
    ],
)
def test_the_answers_come_back_as_they_went_out(
    survey: Survey, tmp_path: Path, path: str, changes: dict[str, Any]
) -> None:
    _, made, folder = _written(survey, tmp_path, data_release=RULES)
    _, back = _read(folder, path, **changes)
    for key in ("kind", "age", "city"):
        assert back[key].fillna("").tolist() == made.frame[key].fillna("").tolist(), key
    numbers = ["q1", "q2", "q3", "q4", "s1", "check", "channels.app", "channels.网 点", "weight"]
    for key in numbers:
        assert back[key].to_numpy() == pytest.approx(made.frame[key].to_numpy(), rel=1e-12, nan_ok=True), key
    told = [set(keys.split()) for keys in back["not_asked"]]
    known = made.frame["kind"].notna() & made.frame["age"].notna()
    assert [keys for keys, there in zip(told, known, strict=True) if there] == [
        set(keys.split()) for keys, there in zip(made.frame["not_asked"], known, strict=True) if there
    ]


def test_the_results_of_the_file_are_those_of_the_report_where_nothing_is_withheld(
    survey: Survey, tmp_path: Path
) -> None:
    index = {"csat": {"construct": "overall", "satisfied_from": 4}, "segments": ["kind"]}
    frame = answers()
    frame["kind"] = frame["kind"].fillna("bank")
    edition, made, folder = _written(survey, tmp_path, frame, index=index, data_release={"k": 2})
    assert made.safety.touched == 0
    own = _index(frame, edition, design(frame)["weight"])
    there, back = _read(folder, "responses.zh.sav")
    assert _index(back, there, back["weight"]) == pytest.approx(own, rel=1e-9)


def _index(frame: pd.DataFrame, edition: Edition, weights: pd.Series) -> Any:
    drawn = specify_design(len(frame), weights=weights.to_numpy())
    scores = score_respondents(frame, instrument=edition.instrument, index=edition.index)
    options = {"instrument": edition.instrument, "index": edition.index, "design": drawn}
    overall = satisfaction_index(frame, scores, **options).overall
    return overall.select_dtypes("number").to_numpy().ravel()


def test_a_draft_from_the_spss_file_finds_the_questions_and_answers_again(survey: Survey, tmp_path: Path) -> None:
    edition, _, folder = _written(survey, tmp_path)
    draft = draft_edition(folder / "responses.zh.sav", name="back", shown="back.sav", today=dt.date(2026, 1, 1))
    asked = yaml.safe_load(draft.instrument)
    items = {item["key"]: item for construct in asked["constructs"] for item in construct["items"]}
    wordings = {item.key: item.zh for construct in edition.instrument.constructs for item in construct.items}
    assert {key: items[key]["zh"] for key in wordings} == wordings
    kinds = next(question for question in asked["profile"] if question["key"] == "kind")
    assert [one["zh"] if isinstance(one, dict) else one for one in kinds["categories"]] == ["银行", "证券公司", "其他"]
    assert (asked["scale"]["min"], asked["scale"]["max"]) == (1, 5)
    assert asked["scale"]["labels"][5]["zh"] == "非常满意"


def test_the_spss_file_says_what_every_value_is(survey: Survey, tmp_path: Path) -> None:
    _, made, folder = _written(survey, tmp_path, data_release=RULES)
    frame, found = pyreadstat.read_sav(folder / "responses.en.sav", user_missing=True)
    assert list(frame.columns) == [variable.name for variable in made.variables]
    assert found.column_names_to_labels["q1"] == "Speed"
    assert found.variable_value_labels["kind"] == {
        1: "Bank",
        2: "Securities firm",
        3: 'Other, e.g. ${kind} or "none"',
        -9: "No answer",
        -8: "Not asked",
        -7: "Withheld to protect respondents",
    }
    assert [one["lo"] for one in found.missing_ranges["q3"]] == [-9, -8, -7]
    measures = {key: found.variable_measure[key] for key in ("q1", "kind", "age", "weight")}
    assert measures == {"q1": "ordinal", "kind": "nominal", "age": "ordinal", "weight": "scale"}
    assert frame["q3"].isin([-8, -7]).sum() >= answers()["q3"].isna().sum()
    header = (folder / "responses.en.sav").read_bytes()[76:80]
    assert list(frame.columns)[int.from_bytes(header, "little") - 1] == "weight"


def test_the_parquet_file_is_typed_and_carries_the_labels(survey: Survey, tmp_path: Path) -> None:
    _, _, folder = _written(survey, tmp_path)
    table = parquet.read_table(folder / "responses.parquet")
    kinds = {name: str(table.schema.field(name).type) for name in ("q1", "kind", "weight", "channels.app")}
    assert kinds["kind"].startswith("dictionary<values=string")
    assert (kinds["q1"], kinds["weight"], kinds["channels.app"]) == ("int32", "double", "int32")
    said = yaml.safe_load(table.schema.field("q4").metadata[b"variable"])
    assert said["label"] == {"zh": "行情", "en": "Quotes"}
    assert said["asked_if"] == {"kind": ["证券 公司"]}
    assert said["values"]["1"] == {"zh": "非常不满意", "en": "Very dissatisfied"}
    assert table.column("q4").null_count == answers()["q4"].isna().sum()


def test_long_labels_are_cut_between_characters(survey: Survey, tmp_path: Path) -> None:
    long = mixed_instrument()
    long["constructs"][0]["items"][0]["zh"] = "很长的题目" * 40
    _, made = release(survey, instrument=long)
    (tmp_path / "x.sav").write_bytes(sav_bytes(made, "zh", title="标题" * 30, day=dt.date(2025, 1, 1)))
    _, found = pyreadstat.read_sav(tmp_path / "x.sav", metadataonly=True)
    label = found.column_names_to_labels["q1"]
    assert ("很长的题目" * 40).startswith(label)
    assert 250 <= len(label.encode()) <= 255


def test_texts_that_a_spreadsheet_would_run_are_texts_in_the_csv_file(survey: Survey) -> None:
    _, made = release(survey, data_release={"open_text": "masked"})
    text = csv_bytes(made).decode("utf-8-sig")
    assert "'=SUM(A1)" in text
    assert ",=SUM" not in text


def test_the_files_are_the_same_bytes_twice(survey: Survey, tmp_path: Path) -> None:
    edition, made = release(survey)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_release(made, edition, tmp_path / name)
        write_parquet(made, tmp_path / name / "again.parquet", title="x")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_survey_in_one_language_has_one_spss_file(survey: Survey, tmp_path: Path) -> None:
    text = {"zh": "测试", "en": "Test"}
    publication = {"year": 2025, "title": text, "subtitle": text, "institute": text, "date": "2025-12-31"}
    publication |= {"fieldwork": {"start": "2025-09-01", "end": "2025-10-31"}, "languages": ["en"]}
    _, _, folder = _written(survey, tmp_path, publication=publication)
    assert sorted(path.name for path in folder.iterdir()) == [
        "codebook.en.html",
        "ddi.xml",
        "instrument.yml",
        "params.yml",
        "report.en.html",
        "responses.csv",
        "responses.en.sav",
        "responses.parquet",
    ]
    _, back = _read(folder, "responses.en.sav")
    assert len(back) == len(answers())


def test_what_is_dropped_is_gone_from_the_instrument_with_all_that_rests_on_it(survey: Survey, tmp_path: Path) -> None:
    _, _, folder = _written(survey, tmp_path, data_release={"drop": ["kind", "channels", "check", "q2"]})
    edition, back = _read(folder, "responses.zh.sav")
    assert not {"kind", "channels.app", "check", "q2"} & set(back)
    assert [item.key for item in edition.instrument.constructs[0].items] == ["q1", "q3", "q4"]
    assert edition.instrument.constructs[0].items[2].asked_if == {}
    assert edition.instrument.multiple == ()


def test_without_the_measure_of_satisfaction_there_are_no_params_to_report_by(survey: Survey, tmp_path: Path) -> None:
    _, _, folder = _written(survey, tmp_path, data_release={"drop": ["s1"]})
    assert not (folder / "params.yml").exists()
    assert (folder / "responses.csv").exists()


def test_the_design_goes_into_the_params_with_the_file(survey: Survey, tmp_path: Path) -> None:
    _, made, folder = _written(survey, tmp_path, data_release={"design": True})
    edition, back = _read(folder, "responses.csv")
    assert edition.weighting.psu == "psu"
    assert back["psu"].astype(int).tolist() == made.frame["psu"].tolist()
    assert np.isfinite(back["weight"]).all()
