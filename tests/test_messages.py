"""Messages that once misled: each says what is wrong, where, and what to do, in few words."""

from __future__ import annotations

import re
from typing import Any

import openpyxl
import pytest
from small_survey import INSTRUMENT

from analysis.edition.instrument import Instrument
from analysis.errors import ContractError, EditionError, Problems, SourceError, SurveyReportError, listing
from analysis.sem.model.reader import check_model
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means

HEADER = "respondent_id,q1,q2,s1\n"


def _told(survey: Any, content: Any, **options: Any) -> str:
    with pytest.raises(SurveyReportError) as told:
        survey.load(content, **options)
    return str(told.value)


def test_a_column_that_holds_no_dates_is_not_told_to_map_answers(survey: Any) -> None:
    rows = "".join(f"{i},soon,1,2,3\n" for i in range(30))
    told = _told(survey, "respondent_id,submitted_at,q1,q2,s1\n" + rows, sections={"refused": 0.05})
    assert "say how dates are written in data.tables.responses.dates" in told
    assert "map answers" not in told


def test_a_weight_of_nobody_is_not_told_to_map_answers(survey: Any) -> None:
    rows = "".join(f"{i},1,2,3,-1\n" for i in range(30))
    told = _told(survey, HEADER.replace("\n", ",weight\n") + rows)
    assert "weight is not above 0" in told
    assert "data.tables.responses.filters" in told
    assert "map answers" not in told


def test_a_first_line_that_names_another_delimiter_is_pointed_at(survey: Any) -> None:
    told = _told(survey, "sep=;\n" + HEADER + "1,2,3,4\n")
    assert "a first line such as `sep=;`" in told


def test_hidden_sheets_are_passed_over(survey: Any) -> None:
    book = openpyxl.Workbook()
    hidden, shown = book.active, book.create_sheet("answers")
    assert hidden is not None
    hidden.append(["x", "y"])
    hidden.sheet_state = "hidden"
    for row in (["respondent_id", "q1", "q2", "s1"], ["a", 1, 2, 3]):
        shown.append(row)
    book.active = 1
    book.save(survey.folder / "answers.xlsx")
    assert survey.load(None, file="answers.xlsx").accepted == 1


def test_nul_bytes_are_told_with_their_line(survey: Any) -> None:
    told = _told(survey, HEADER.encode() + b"a,1,2\x00,3\nb,1,2,3\n")
    assert "1 NUL characters" in told
    assert "line 2" in told


def test_names_of_a_wide_file_are_told_shortly(survey: Any) -> None:
    names = [f"{i}、这是一个非常长的题目请您评价我们的服务质量如何{i}" for i in range(200)]
    told = _told(
        survey, ",".join(["respondent_id", *names]) + "\n" + ",".join(["1"] * 201) + "\n", columns={"q1": "zzz"}
    )
    assert "no column 'zzz' for 'q1'" in told
    assert "(201 columns)" in told
    assert len(told) < 900


def test_a_list_of_names_says_how_many_there_are_where_it_ends_early() -> None:
    assert listing(["a", "b"]) == "a, b"
    assert listing(list("abcdef"), most=2) == "a, b, … (6)"
    assert re.fullmatch(r"x{39}…(, x{39}…){6}, … \(9\)", listing(["x" * 50] * 9))
    assert listing(["x" * 500], longest=400) == "x" * 399 + "…"


def test_a_name_that_stands_twice_says_what_each_column_asks(survey: Any) -> None:
    text = "respondent_id,q1,q1,q2,s1\n,How fast?,How kind?,x,y\na,1,2,3,4\n"
    told = _told(survey, text, header_rows=2)
    assert "column 2: 'How fast?'; column 3: 'How kind?'" in told
    assert "columns.q1: 2" in told


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("service = ~ q1 + q2\noverall =~ s1", r"(?s)parted by a space: '= ~'.*line 1"),
        (
            "service =~ q1 + q2\noverall =~ s1\noverall ~ b*service\nx := b*c",
            r"(?s)'c' is not a label.*line 4.*known: b",
        ),
    ],
)
def test_faults_of_a_model_are_named(model: str, message: str) -> None:
    with pytest.raises((EditionError, Problems), match=message):
        check_model(model, instrument=Instrument.model_validate(INSTRUMENT), where="model")


def test_a_label_may_have_dots() -> None:
    model = "service =~ q1 + q2\noverall =~ s1\noverall ~ b.qual*service\ntwice := b.qual*2"
    syntax = check_model(model, instrument=Instrument.model_validate(INSTRUMENT), where="model")
    assert [one.label for one in syntax.parameters if one.label] == ["b.qual"]


def test_a_single_unit_is_told_by_the_key_of_the_params() -> None:
    import pandas as pd

    design = {"strata": ["a", "a", "b"], "psu": [1, 2, 3]}
    with pytest.raises(SurveyReportError, match=r"weighting\.singleton to centred or certainty") as told:
        means(pd.DataFrame({"x": [1.0, 2.0, 3.0]}), design=specify_design(3, **design))
    assert "singleton=" not in str(told.value)


def test_kinds_of_errors_stay_apart(survey: Any) -> None:
    with pytest.raises(SourceError):
        survey.load("", file="empty.csv")
    with pytest.raises(ContractError):
        survey.load("respondent_id,q1\na,1\n")
