"""From a raw file to typed columns: what the params map, what the instrument understands, what is set aside."""

from __future__ import annotations

import io
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_survey import INSTRUMENT

from analysis.data.intake import check_tables, load_table
from analysis.edition import load_edition
from analysis.errors import ContractError, EditionError, SourceError

HEADER = "respondent_id,kind,q1,q2,s1\n"


def test_columns_are_typed_and_reverse_items_recoded(survey: Any) -> None:
    text = "respondent_id,submitted_at,duration_s,weight,kind,city,q1,q2,s1,check,comment,extra\n"
    text += "a,2025-09-01 10:00:00,95,1.5,bank,上海,5,1,4,4,很好,x\nb,2025/9/2 8:05,2分5秒,0.5,Fund,,1,5,,3,,y\n"
    intake = survey.load(text)
    frame = intake.frame
    assert frame.columns.tolist() == text.split("\n")[0].removesuffix(",extra").split(",")
    assert frame["q2"].tolist() == [5.0, 1.0]
    assert frame["duration_s"].tolist() == [95.0, 125.0]
    assert frame["kind"].tolist() == ["bank", "fund"]
    assert frame["submitted_at"].tolist() == [pd.Timestamp(2025, 9, 1, 10), pd.Timestamp(2025, 9, 2, 8, 5)]
    assert frame["city"].isna().tolist() == frame["comment"].isna().tolist() == [False, True]
    assert np.isnan(frame["s1"][1])
    assert [str(frame[name].dtype) for name in ("respondent_id", "kind", "q1", "submitted_at")] == [
        *("str", "str", "float64", "datetime64[us]")
    ]
    assert intake.ignored == ("extra",)


def test_answers_are_understood_as_labels_of_the_instrument_in_both_languages(survey: Any) -> None:
    text = HEADER + "a,银行,非常满意,Very dissatisfied,４\nb,FUND,neutral, 不满意 ,5.0\n"
    frame = survey.load(text).frame
    assert frame[["q1", "q2", "s1"]].to_numpy().tolist() == [[5, 5, 4], [3, 4, 5]]
    assert frame["kind"].tolist() == ["bank", "fund"]


def test_answers_are_mapped_by_the_params_per_column_and_for_all_items(survey: Any) -> None:
    text = HEADER + "a,B,同意,不同意,很好\nb,1.0,不同意,同意,同意\n"
    values = {"*": {"同意": 5, "不同意": 1}, "s1": {"很好": 4}, "kind": {"B": "bank", "1": "fund"}}
    frame = survey.load(text, values=values).frame
    assert frame[["q1", "q2", "s1"]].to_numpy().tolist() == [[5, 5, 4], [1, 1, 5]]
    assert frame["kind"].tolist() == ["bank", "fund"]


def test_missing_codes_count_as_text_and_as_number(survey: Any) -> None:
    text = "respondent_id,kind,city,duration_s,q1,q2,s1\n99,bank,99,99,99,99.0,-1\nb,（跳过）,NA,-1,(跳过),n/a,3\n"
    intake = survey.load(text, missing=[99, -1, "(跳过)", "NA", "N/A"])
    frame = intake.frame
    assert intake.quarantined == 0
    assert frame[["q1", "q2"]].isna().all(axis=None)
    assert frame["s1"].tolist()[1] == 3
    assert frame["respondent_id"].tolist() == ["99", "b"]
    assert frame["duration_s"].tolist()[0] == 99
    assert np.isnan(frame["duration_s"][1])
    assert frame["city"].isna().all()
    assert frame["kind"].isna().tolist() == [False, True]


def test_an_answer_that_the_questionnaire_has_is_none_that_is_missing_unless_the_params_say_so(survey: Any) -> None:
    kind = {**INSTRUMENT["profile"][0], "categories": ["NA", "bank"]}  # the country code of Namibia, say
    asked = {"sections": {"instrument": {"profile": [kind, *INSTRUMENT["profile"][1:]]}}}
    text = HEADER + "a,NA,1,NA,3\nb,bank,2,3,4\nc,N/A,2,3,4\n"
    frame = survey.load(text, **deepcopy(asked)).frame
    assert frame["kind"].fillna("—").tolist() == ["NA", "bank", "—"]
    assert frame["q2"].isna().tolist() == [True, False, False]
    stated = survey.load(text, missing=["", "NA", "N/A"], **deepcopy(asked)).frame
    assert stated["kind"].isna().tolist() == [True, False, True]
    counts = "variable,category,population\nkind,NA,5\nkind,bank,7\n"
    counted = survey.load(counts, table="population", **deepcopy(asked)).frame
    assert counted["category"].tolist() == ["NA", "bank"]


def test_a_mapped_answer_may_be_a_missing_code(survey: Any) -> None:
    frame = survey.load(HEADER + "a,bank,不清楚,2,3\n", values={"*": {"不清楚": 9}}, missing=[9]).frame
    assert np.isnan(frame["q1"][0])


def test_columns_are_found_by_name_or_position(survey: Any) -> None:
    text = "编号,7、评价,7、评价, 总体 \n1,5,1,2\n"
    columns = {"respondent_id": "编号", "q1": 2, "q2": 3, "s1": "总体"}
    assert survey.load(text, columns=columns).frame.to_numpy().tolist() == [["1", 5.0, 5.0, 2.0]]


def test_a_column_that_is_mapped_away_is_not_used_under_its_own_name_too(survey: Any) -> None:
    frame = survey.load("respondent_id,q1,q2,s1,city\na,1,2,3,bank\n", columns={"kind": "city"}).frame
    assert "city" not in frame
    assert frame["kind"].tolist() == ["bank"]


def test_respondents_without_an_id_get_their_row_number(survey: Any) -> None:
    text = "q1,q2,s1\n1,1,1\n9,1,1\n\n2,2,2\n"
    assert survey.load(text).frame["respondent_id"].tolist() == ["2", "5"]


def test_filters_keep_and_drop_by_raw_values(survey: Any) -> None:
    text = "respondent_id,Finished,状态,q1,q2,s1\na,1,有效,1,1,1\nb,0,有效,1,1,1\nc,1.0,无效,1,1,1\nd,1,有效,8,1,1\n"
    filters = [{"column": "Finished", "keep": [1]}, {"column": "状态", "drop": ["无效"]}]
    intake = survey.load(text, filters=filters)
    assert (intake.read, intake.filtered, intake.quarantined, intake.accepted) == (4, 2, 1, 1)
    assert intake.quarantine["row"].tolist() == [5]


def test_a_row_in_quarantine_keeps_every_reason_and_its_raw_cells(survey: Any) -> None:
    text = "respondent_id,kind,q1,q2,s1,row\na,bank,6,2.5,好,r1\nb,shop,1,1,1,r2\n,bank,1,1,1,r3\nc,bank,1,1,1,r4\n"
    used = {"index": {"csat": {"construct": "overall", "satisfied_from": 4}, "segments": ["kind"]}}
    quarantine = survey.load(text, sections=used).quarantine
    assert quarantine["row"].tolist() == [2, 3, 4]
    assert quarantine["column"].tolist() == ["q1; q2; s1", "kind", "respondent_id"]
    assert quarantine["value"].tolist() == ["6; 2.5; 好", "shop", ""]
    assert quarantine["reason"].tolist() == [
        "q1 is outside 1 to 5; q2 is not a whole number; s1 is not a number or a known label",
        "kind is not one of bank, fund",
        "respondent_id has no value",
    ]
    assert quarantine["row [6]"].tolist() == ["r1", "r2", "r3"]


def test_a_repeated_id_stays_once_and_names_the_first_row(survey: Any) -> None:
    text = HEADER + "a,bank,1,1,1\nb,bank,9,1,1\na,bank,2,2,2\nb,bank,3,3,3\n"
    intake = survey.load(text)
    assert intake.frame["respondent_id"].tolist() == ["a", "b"]
    assert intake.frame["q1"].tolist() == [1, 3]
    assert intake.quarantine["reason"].tolist() == ["q1 is outside 1 to 5", "respondent_id is used before, in row 2"]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("123", 123),
        ("123秒", 123),
        ("2分3秒", 123),
        ("1小时2分", 3720),
        ("2 min 3 s", 123),
        ("0:02:03", 123),
        ("12.5", 12.5),
    ],
)
def test_durations_are_read_in_many_forms(survey: Any, written: str, seconds: float) -> None:
    assert survey.load(f"duration_s,q1,q2,s1\n{written},1,1,1\n").frame["duration_s"].tolist() == [seconds]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-09-01", "2025-09-01"),
        ("2025/9/1 8:05:07", "2025-09-01 08:05:07"),
        ("2025年9月1日", "2025-09-01"),
        ("20250901", "2025-09-01"),
        ("2025-09-01T08:05:07.25+08:00", "2025-09-01 08:05:07.25"),
        ("2025-09-01 08:05:07Z", "2025-09-01 08:05:07"),
    ],
)
def test_dates_are_read_in_many_forms(survey: Any, written: str, read: str) -> None:
    frame = survey.load(f"submitted_at,q1,q2,s1\n{written},1,1,1\n").frame
    assert frame["submitted_at"].tolist() == [pd.Timestamp(read)]


@pytest.mark.parametrize("written", ["2025-02-30", "2025", "2025-10", "yesterday", "1e5", "2025-09-01 25:00:00"])
def test_what_is_no_date_is_left_out_and_its_row_stays(survey: Any, written: str) -> None:
    intake = survey.load(f"submitted_at,q1,q2,s1\n{written},1,1,1\n2025-09-01,1,1,1\n")
    assert intake.frame["submitted_at"].isna().tolist() == [True, False]
    assert [fault.reason.startswith("is not a date such as") for fault in intake.lost] == [True]


def test_the_order_of_day_and_month_is_taken_from_the_whole_column_or_not_at_all(survey: Any) -> None:
    def dates(*written: str) -> Any:
        return survey.load("submitted_at,q1,q2,s1\n" + "".join(f"{day},1,1,1\n" for day in (*written, "")) + ",1,1,1\n")

    assert dates("7/29/2013", "7/2/2013").frame["submitted_at"].dropna().dt.month.tolist() == [7, 7]
    assert dates("29/7/2013", "2/7/2013").frame["submitted_at"].dropna().dt.month.tolist() == [7, 7]
    unclear = dates("1/7/2013", "2/7/2013")
    assert unclear.frame["submitted_at"].isna().all()
    assert all("can't be told apart" in fault.reason for fault in unclear.lost)


def test_a_time_column_without_any_value_is_missing_throughout(survey: Any) -> None:
    frame = survey.load("submitted_at,q1,q2,s1\n,1,1,1\n").frame
    assert frame["submitted_at"].isna().all()
    assert frame["submitted_at"].dtype == "datetime64[us]"


CELL = st.sampled_from(["1", "5", "3", "", "6", "x", "2.5", "NA", "满意", "99", " 4 "])
ROW = st.tuples(
    st.sampled_from(["a", "b", "c", "", "d"]), st.sampled_from(["bank", "shop", "基金", ""]), CELL, CELL, CELL
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=12), drop=st.booleans())
def test_every_row_is_accepted_set_aside_or_filtered(survey: Any, rows: list[tuple[str, ...]], drop: bool) -> None:
    rows = [*rows, ("good", "bank", "1", "2", "3")]
    text = HEADER + "".join(",".join(row) + "\n" for row in rows)
    filters = [{"column": "kind", "drop": ["shop"]}] if drop else []
    intake = survey.load(text, missing=["NA", 99], filters=filters)
    assert intake.read + intake.blank == len(rows)
    assert intake.read == intake.accepted + intake.quarantined + intake.filtered
    assert intake.filtered == (sum(row[1] == "shop" for row in rows) if drop else 0)
    assert intake.quarantine["row"].is_unique
    assert intake.frame["respondent_id"].is_unique
    items = intake.frame[["q1", "q2", "s1"]]
    assert (items.isna() | items.isin([1, 2, 3, 4, 5])).all(axis=None)


MATRIX = "7、请评价下列各方面"
QUESTIONNAIRE = [
    ["序号", "提交答卷时间", "所用时间", "来源", "来自IP", "1、机构类型", "2、常用渠道", MATRIX, MATRIX, "8、总体满意"],
    ["1", "2025/9/1 10:03:22", "123秒", "微信", "-", "银行", "手机", "满意", "不满意", "非常满意"],
    ["2", "2025/9/1 10:05:40", "98秒", "链接", "-", "(跳过)", "网点", "一般", "(跳过)", "满意"],
]
QUESTIONNAIRE_COLUMNS = {
    "respondent_id": "序号",
    "submitted_at": "提交答卷时间",
    "duration_s": "所用时间",
    "kind": "1、机构类型",
    "city": "2、常用渠道",
    "q1": 8,
    "q2": 9,
    "s1": "8、总体满意",
}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_of_a_chinese_platform_comes_in_by_params_alone(survey: Any, form: str) -> None:
    if form == "csv":
        content = "\r\n".join(",".join(row) for row in QUESTIONNAIRE).encode("gb18030")
    else:
        book, buffer = openpyxl.Workbook(), io.BytesIO()
        for row in QUESTIONNAIRE:
            book.active.append(row)  # type: ignore[union-attr]
        book.save(buffer)
        content = buffer.getvalue()
    intake = survey.load(content, file=f"答卷.{form}", columns=QUESTIONNAIRE_COLUMNS)
    frame = intake.frame
    assert intake.quarantined == 0
    assert frame["duration_s"].tolist() == [123, 98]
    assert frame["city"].tolist() == ["手机", "网点"]
    assert frame["q1"].tolist() == [4, 3]
    assert frame["q2"].tolist()[0] == 4
    assert frame[["kind", "q2"]].isna().to_numpy().tolist() == [[False, False], [True, True]]
    assert intake.ignored == ("来源", "来自IP")


def test_a_table_the_edition_does_not_have_is_none(survey: Any) -> None:
    edition = survey.edition({})
    assert load_table(edition, "waves") is None
    with pytest.raises(EditionError, match="did you mean 'waves'"):
        load_table(edition, "wave")


def test_all_problems_of_all_tables_are_told_at_once(survey: Any) -> None:
    (survey.folder / "waves.csv").write_text("wave,date,csi\n2025Q1,soon,80\n", encoding="utf-8")
    (survey.folder / "responses.csv").write_text("q1,q2,s1\n1,1,1\n", encoding="utf-8")
    edition = survey.edition(
        {"responses": {"path": "responses.csv"}, "waves": {"path": "waves.csv"}, "training": {"path": "no.csv"}}
    )
    assert [type(problem) for problem in check_tables(edition)[1]] == [ContractError, ContractError, SourceError]


def test_a_simulated_edition_that_is_not_made_yet_is_no_problem(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.project.ROOT", tmp_path)
    edition = load_edition(root / "params" / "2025.yml")
    assert check_tables(edition) == ({}, [])
    with pytest.raises(SourceError, match=r"does not exist(.|\n)*2025"):
        load_table(edition, "responses")


def test_relative_paths_start_at_the_root(survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.project.ROOT", tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "r.csv").write_text("q1,q2,s1\n1,1,1\n", encoding="utf-8")
    edition = survey.edition({"responses": {"path": "r.csv"}})
    source = edition.data.tables["responses"].model_copy(update={"path": "deep/r.csv"})
    data = edition.data.model_copy(update={"tables": {"responses": source}})
    intake = load_table(edition.model_copy(update={"data": data}), "responses")
    assert intake is not None
    assert intake.source == "deep/r.csv"


def test_a_real_survey_comes_in_whole(root: Path, shared: Path) -> None:
    assert shared.is_dir()
    intake = load_table(load_edition(root / "tests" / "editions" / "csibank.yml"), "responses")
    assert intake is not None
    assert (intake.read, intake.accepted, intake.quarantined) == (1707, 1707, 0)
    items = intake.frame.select_dtypes("float64")
    assert items.shape == (1707, 27)
    assert items.min().min() == 0
    assert items.max().max() == 10
