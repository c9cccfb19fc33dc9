"""Exports as survey tools write them, and what the params can say of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from analysis.data.sources import read_raw
from analysis.edition.sections.data import REASONS, TableSource
from analysis.errors import ContractError, SourceError, SurveyReportError

CHANNELS = {
    "key": "channels",
    "name": {"zh": "渠道", "en": "Channels"},
    "question": {"zh": "您用过哪些渠道", "en": "Which channels have you used"},
    "options": [
        {"code": "app", "zh": "手机", "en": "App"},
        {"code": "branch", "zh": "网点", "en": "Branch"},
        {"code": "phone", "zh": "电话", "en": "Phone", "joins": ["热线"]},
    ],
}
AGE = {"key": "age", "name": {"zh": "年龄", "en": "Age"}, "question": {"zh": "您的年龄", "en": "Your age"}}


def _profile(**more: Any) -> dict[str, Any]:
    return {"instrument": {"profile": [AGE | more]}}


def _dates(survey: Any, *written: str, **source: Any) -> list[str]:
    text = "submitted_at|q1|q2|s1\n" + "".join(f"{date}|1|1|1\n" for date in written)
    frame = survey.load(text, **source).frame
    return ["" if pd.isna(date) else str(date) for date in frame["submitted_at"]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("3/22/2023 2:05:11 PM", "2023-03-22 14:05:11"),
        ("03/22/23", "2023-03-22 00:00:00"),
        ("2023/3/22 下午2:05:11", "2023-03-22 14:05:11"),
        ("2023年3月22日 上午12:05", "2023-03-22 00:05:00"),
        ("2023/03/22 2:05:11 PM GMT+8", "2023-03-22 14:05:11"),
        ("2023-03-22 14:05:11.140000+01:00", "2023-03-22 14:05:11.140000"),
        ("Wed Mar 22 2023 14:05:11 GMT+0800 (China Standard Time)", "2023-03-22 14:05:11"),
        ("22-Mar-2023 14:05:11", "2023-03-22 14:05:11"),
        ("22 March 2023", "2023-03-22 00:00:00"),
        ("45007.5869328704", "2023-03-22 14:05:11"),
        ("45007", "2023-03-22 00:00:00"),
    ],
)
def test_dates_are_read_as_the_tools_write_them(survey: Any, written: str, read: str) -> None:
    assert _dates(survey, written) == [read]


def test_two_digit_years_are_read_where_the_column_tells_their_order(survey: Any) -> None:
    assert _dates(survey, "03/22/23", "12/01/23") == ["2023-03-22 00:00:00", "2023-12-01 00:00:00"]
    assert _dates(survey, "01/02/23", "03/04/23") == ["", ""]
    assert _dates(survey, "01/02/23", dates="day_first") == ["2023-02-01 00:00:00"]
    assert _dates(survey, "23/04/05", dates={"submitted_at": "year_first"}) == ["2023-04-05 00:00:00"]


def test_a_column_of_unreadable_dates_is_told_with_what_helps(survey: Any) -> None:
    with pytest.raises(ContractError, match=r"2 of 2 values(.|\n)*submitted_at(.|\n)*responses\.dates"):
        survey.load("submitted_at,q1,q2,s1\n01/02/23,1,1,1\n03/04/23,1,1,1\n", sections={"refused": 0.05})


@pytest.mark.parametrize(
    ("written", "source", "read"),
    [
        (("1,5", "0,25"), {}, [1.5, 0.25]),
        (("1.234,5", "2"), {}, [1234.5, 2.0]),
        (("1,234.5", "2"), {}, [1234.5, 2.0]),
        (("1,234", "2.5"), {}, [1234.0, 2.5]),
        (("1,234", "2"), {"decimal": "comma"}, [1.234, 2.0]),
        (("1,234", "2"), {"decimal": {"weight": "point"}}, [1234.0, 2.0]),
    ],
)
def test_a_comma_is_what_the_column_shows_or_the_params_say(
    survey: Any, written: tuple[str, ...], source: dict[str, Any], read: list[float]
) -> None:
    text = "weight;q1;q2;s1\n" + "".join(f"{number};1;1;1\n" for number in written)
    assert survey.load(text, **source).frame["weight"].tolist() == read


def test_a_comma_that_may_be_either_is_not_guessed(survey: Any) -> None:
    with pytest.raises(ContractError, match=r"may part decimals or thousands(.|\n)*responses\.decimal"):
        survey.load("weight;q1;q2;s1\n1,234;1;1;1\n2;1;1;1\n", sections={"refused": 0.05})


def test_every_item_may_have_its_own_codes_for_no_answer(survey: Any) -> None:
    text = "q1,q2,s1\n9,1,3\n1,8,9\n"
    with pytest.raises(ContractError, match="q2 is outside 1 to 5"):
        survey.load(text, missing=[9], sections={"refused": 0.05})
    frame = survey.load(text, missing={"*": [9], "q2": ["", 8]}).frame
    assert frame.isna().to_numpy().tolist()[0][1:] == [True, False, False]
    assert frame.isna().to_numpy().tolist()[1][1:] == [False, True, True]


@pytest.mark.parametrize("reason", REASONS)
def test_codes_that_say_why_are_told_for_all_columns_with_others_for_one(survey: Any, reason: str) -> None:
    frame = survey.load("q1,q2,s1\n9,1,3\n1,8,9\n", **{reason: {"*": [9], "q2": [8]}}).frame
    assert frame[["q1", "q2", "s1"]].isna().to_numpy().tolist() == [[True, False, False], [False, True, True]]


def test_a_bad_value_that_nothing_needs_costs_the_value_and_not_the_row(survey: Any) -> None:
    text = "submitted_at,duration_s,kind,q1,q2,s1\nsoon,long,shop,1,1,1\n2025-09-01,60,bank,1,1,1\n"
    intake = survey.load(text)
    assert (intake.accepted, intake.quarantined) == (2, 0)
    assert intake.frame[["submitted_at", "duration_s", "kind"]].isna().to_numpy().tolist() == [[True] * 3, [False] * 3]
    assert {fault.column: fault.row for fault in intake.lost} == {"submitted_at": 2, "duration_s": 2, "kind": 2}


def test_one_column_may_be_read_twice_but_not_as_two_items(survey: Any) -> None:
    intake = survey.load("A,B,C\n1,2,3\n", columns={"q1": "A", "q2": "B", "s1": "C", "city": "A"})
    assert intake.frame[["q1", "city"]].to_numpy().tolist() == [[1.0, "1"]]
    assert intake.notes == ("column 1, 'A', is read as q1, city",)


def test_a_header_of_two_rows_is_put_together(survey: Any) -> None:
    text = "编号,7、请评价,,总体\n,速度,等候,\n,ImportId,ImportId,ImportId\n1,5,1,2\n"
    columns = {"respondent_id": "编号", "q1": "7、请评价 速度", "q2": "7、请评价 等候", "s1": "总体"}
    intake = survey.load(text, header_rows=3, header_row=[1, 2], columns=columns)
    assert intake.frame.to_numpy().tolist() == [["1", 5.0, 5.0, 2.0]]


def test_items_that_were_skipped_are_told_apart_from_those_left_open(survey: Any) -> None:
    routed = {"key": "s1", "zh": "总体满意", "en": "Satisfied overall", "asked_if": {"kind": ["bank"]}}
    overall = {"key": "overall", "role": "satisfaction", "name": {"zh": "总体", "en": "Overall"}, "items": [routed]}
    service = {
        "key": "service",
        "role": "dimension",
        "name": {"zh": "服务", "en": "Service"},
        "items": [{"key": "q1", "zh": "一", "en": "One"}, {"key": "q2", "zh": "二", "en": "Two"}],
    }
    text = "kind,q1,q2,s1\nbank,(跳过),,\nfund,(跳过),1,\nfund,1,1,4\n"
    frame = survey.load(text, sections={"instrument": {"constructs": [service, overall]}}).frame
    assert frame["not_asked"].tolist() == ["q1", "q1 s1", ""]
    assert frame["s1"].isna().tolist() == [True, True, False]


def test_a_numeric_background_question_falls_into_classes(survey: Any) -> None:
    text = "age,q1,q2,s1\n18,1,1,1\n29.5,1,1,1\n30,1,1,1\n97,1,1,1\n17,1,1,1\n45-59,1,1,1\n"
    intake = survey.load(text, sections=_profile(classes=[18, 30, 45, 60]))
    assert intake.frame["age"].astype(object).where(intake.frame["age"].notna(), None).tolist() == [
        *("18-29", "18-29", "30-44", "60+", None, "45-59")
    ]
    assert [fault.reason for fault in intake.lost] == ["is below 18, the first class"]


def test_classes_that_do_not_ascend_are_refused(survey: Any) -> None:
    with pytest.raises(SurveyReportError, match="ascending"):
        survey.edition({}, **_profile(classes=[30, 18]))


def test_categories_are_joined_and_may_be_given_by_their_text_alone(survey: Any) -> None:
    joined = {"code": "old", "zh": "年长", "en": "Older", "joins": ["60-69", "70+"]}
    text = "age,q1,q2,s1\nyoung,1,1,1\n60-69,1,1,1\n70+,1,1,1\n年长,1,1,1\n"
    intake = survey.load(text, sections=_profile(categories=["young", joined]))
    assert intake.frame["age"].tolist() == ["young", "old", "old", "old"]


@pytest.mark.parametrize("joined", ["┋", ";", ", ", "|", "、"])
def test_several_choices_in_one_column_are_a_column_each(survey: Any, joined: str) -> None:
    rows = [joined.join(chosen) for chosen in (["App", "网点"], ["热线"], [""])]
    text = "channels\tq1\tq2\ts1\n" + "".join(f"{row}\t1\t1\t1\n" for row in rows)
    frame = survey.load(text, sections={"instrument": {"multiple": [CHANNELS]}}).frame
    chosen = frame[["channels.app", "channels.branch", "channels.phone"]]
    assert chosen.iloc[:2].to_numpy().tolist() == [[1, 1, 0], [0, 0, 1]]
    assert chosen.iloc[2].isna().all()


def test_several_choices_in_columns_of_their_own_are_read_with_their_blanks(survey: Any) -> None:
    text = "A,B,C,q1,q2,s1\n是,,,1,1,1\n,Branch,x,1,1,1\n,,,1,1,1\n0,1,0,1,1,1\n"
    columns = {"channels.app": "A", "channels.branch": "B", "channels.phone": "C"}
    frame = survey.load(text, columns=columns, sections={"instrument": {"multiple": [CHANNELS]}}).frame
    chosen = frame[list(columns)]
    assert chosen.dropna().to_numpy().tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 0]]
    assert chosen.iloc[2].isna().all()


def test_an_answer_that_is_none_of_the_choices_is_left_out_and_told(survey: Any) -> None:
    text = "channels,q1,q2,s1\nApp┋Fax,1,1,1\nApp,1,1,1\n"
    intake = survey.load(text, sections={"instrument": {"multiple": [CHANNELS]}})
    assert intake.frame["channels.app"].isna().tolist() == [True, False]
    assert {fault.value for fault in intake.lost} == {"App┋Fax"}
    assert {fault.reason for fault in intake.lost} == {"is not an answer to channels (app, branch, phone)"}


def test_joined_answers_to_a_question_of_one_choice_are_not_a_category(survey: Any) -> None:
    with pytest.raises(ContractError, match=r"several answers(.|\n)*`multiple`"):
        survey.load("city,q1,q2,s1\nA┋B,1,1,1\nB,1,1,1\n", sections={"refused": 0.05})


def test_a_numbering_used_twice_is_no_interview_twice(survey: Any) -> None:
    text = "respondent_id,city,q1,q2,s1\n1,a,1,1,1\n2,b,2,2,2\n1,c,3,3,3\n2,b,2,2,2\n"
    intake = survey.load(text)
    assert intake.frame["respondent_id"].tolist() == ["1", "2", "1-4"]
    assert intake.quarantine["reason"].tolist() == ["respondent_id is used before, in row 3"]
    assert "is used twice: 1 interviews" in intake.notes[0]


def test_a_number_of_a_person_used_twice_stays_a_fault(survey: Any) -> None:
    intake = survey.load("respondent_id,q1,q2,s1\n70012,1,1,1\n70012,2,2,2\n70013,2,2,2\n")
    assert intake.frame["respondent_id"].tolist() == ["70012", "70013"]


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ({"column": "years", "min": 18, "max": 64}, ["b", "c"]),
        ({"column": 2, "max": 17}, ["a"]),
        ({"key": "age", "keep": ["18-64"]}, ["b", "c"]),
        ({"key": "kind", "drop": ["bank"]}, ["c", "d"]),
    ],
)
def test_filters_take_ranges_positions_and_values_as_they_are_read(
    survey: Any, rule: dict[str, Any], kept: list[str]
) -> None:
    kind = {
        "key": "kind",
        "name": {"zh": "类", "en": "Kind"},
        "question": {"zh": "类", "en": "Kind"},
        "categories": ["bank", "fund"],
    }
    text = "respondent_id,years,kind,q1,q2,s1\na,17,银行,1,1,1\nb,18,银行,1,1,1\nc,64,fund,1,1,1\nd,65,fund,9,1,1\n"
    profile = {"instrument": {"profile": [AGE | {"classes": [0, 18, 65]}, kind]}}
    source = {"columns": {"age": "years"}, "values": {"kind": {"银行": "bank"}}}
    intake = survey.load(text, filters=[rule], sections=profile, **source)
    if "d" in kept:
        assert intake.quarantine["row"].tolist() == [5]
    assert intake.frame["respondent_id"].tolist() == [name for name in kept if name != "d"]
    assert intake.filtered == 4 - len(kept)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"column": "x", "keep": ["1"], "min": 2}, "one of `keep`, `drop` and a range"),
        ({"keep": ["1"]}, "either `column`"),
        ({"column": "x", "min": 3, "max": 2}, "is above max"),
        ({"key": "nothing", "keep": ["1"]}, "'nothing' is not a column"),
        ({"column": "kind", "keep": ["1"]}, "write `key: kind`"),
    ],
)
def test_a_filter_that_says_too_much_or_too_little_is_told(survey: Any, rule: dict[str, Any], words: str) -> None:
    with pytest.raises(SurveyReportError, match=words):
        survey.load("art,q1,q2,s1\n1,1,1,1\n", filters=[rule], columns={"kind": "art"})


@pytest.mark.parametrize("answer", ["5 - very good", "5分", "5. very good", "very good (5)", "5非常满意", "5"])
def test_a_score_with_its_wording_is_the_score(survey: Any, answer: str) -> None:
    assert survey.load(f"q1,q2,s1\n{answer},1,1\n3 or 4,1,1\n").frame["q1"].tolist() == [5]


def test_what_spss_writes_for_a_missing_value_is_none_even_where_other_codes_are_given(survey: Any) -> None:
    intake = survey.load("q1,q2,s1\n#NULL!,1,1\n2,2,2\n", missing=[99])
    assert intake.frame["q1"].isna().tolist() == [True, False]


def test_the_first_line_that_tells_excel_the_delimiter_is_understood(survey: Any) -> None:
    assert survey.load("sep=;\nq1;q2;s1\n1;2;3\n").frame["q1"].tolist() == [1]


def test_nul_characters_are_named_with_their_line(survey: Any) -> None:
    with pytest.raises(SourceError, match=r"3 NUL characters(.|\n)*line 3"):
        survey.load(b"q1,q2,s1\n1,2,3\n2,\x00\x00\x00,3\n" + b"1,2,3\n" * 9)


def test_a_hidden_sheet_is_not_the_first(survey: Any) -> None:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["settings"])  # type: ignore[union-attr]
    book.active.sheet_state = "hidden"  # type: ignore[union-attr]
    for row in (["q1", "q2", "s1"], [1, 2, 3]):
        (book["answers"] if "answers" in book.sheetnames else book.create_sheet("answers")).append(row)
    book.save(buffer)
    assert survey.load(buffer.getvalue(), file="r.xlsx").frame["q1"].tolist() == [1]
    with pytest.raises(SourceError, match=r"Sheet \(hidden\), answers"):
        survey.load(buffer.getvalue(), file="r.xlsx", sheet=1)


def test_columns_of_one_name_are_told_with_what_each_asks(survey: Any) -> None:
    with pytest.raises(SourceError, match=r"column 1: 'Speed'; column 2: 'Waiting'"):
        survey.load("Q7,Q7,q2,s1\nSpeed,Waiting,x,y\n1,1,1,1\n", header_rows=2, columns={"q1": "Q7"})


def test_a_name_is_never_offered_in_place_of_itself(survey: Any) -> None:
    with pytest.raises(ContractError) as caught:
        survey.load("Q2,Q2,q1,q2,s1\n1,1,1,1,1\n", filters=[{"column": "Q2", "keep": [1]}])
    assert "did you mean" not in str(caught.value)
    assert "column: 1" in str(caught.value)
    with pytest.raises(ContractError, match="did you mean 'Q2'\\? It differs in case"):
        survey.load("q1,Q2,s1\n1,1,1\n", columns={"q2": "q2"})


def test_long_names_are_told_in_short(survey: Any) -> None:
    header = ",".join(f"{'question ' * 20}{i}" for i in range(60))
    with pytest.raises(SurveyReportError) as caught:
        survey.load(f"{header}\n{','.join('1' * 60)}\n", columns={"q1": "zzz"})
    assert max(len(line) for line in str(caught.value).splitlines()) < 900


CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "intake"


@pytest.mark.skipif(not CASES.is_dir(), reason="the real cases are not on this machine")
def test_the_real_cases_are_read_as_their_makers_meant_them(survey: Any) -> None:
    dates = _dates(survey, *pd.read_csv(CASES / "fb.csv")["received_at"])
    assert dates == ["2023-03-22 00:00:00", "2023-12-01 00:00:00"]
    scale = {"scale": {"min": 1, "max": 9}}
    columns = {"s1": "q2", "q2": "q1", "city": "g"}
    del columns["q2"]
    label = pd.read_csv(CASES / "label.csv")
    text = label.assign(q2=label["q2"], s1=label["q2"]).to_csv(index=False)
    assert set(survey.load(text, sections={"instrument": scale}).frame["q1"]) == {1, 5, 9}
    nulls = pd.read_csv(CASES / "nullmark.csv", keep_default_na=False).assign(s1=1)
    intake = survey.load(nulls.to_csv(index=False), missing=[99])
    assert intake.frame["q1"].isna().sum() == (nulls["q1"] == "#NULL!").sum() > 0
    multi = pd.read_csv(CASES / "multi.csv").assign(s1=1).rename(columns={"g": "channels"})
    asked = {**CHANNELS, "options": ["A", "B", "C"]}
    read = survey.load(multi.to_csv(index=False), sections={"instrument": {"multiple": [asked]}}).frame
    assert (read["channels.A"] == multi["channels"].str.contains("A")).all()
    with pytest.raises(SourceError, match=r"cp949` \(Korean\) reads"):
        read_raw(CASES / "cp949.csv", TableSource(path="cp949.csv"))
