"""Columns that an expression makes of others: items, background questions, weights, filters, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from small_survey import INSTRUMENT

from analysis.errors import ContractError, EditionError

HEADER = "respondent_id,kind,q1,q2,s1,birth,income,size\n"
ROWS = HEADER + "a,bank,5,1,4,1990,3000,2\nb,fund,2,4,3,1950,4000,\nc,bank,1,1,1,NA,1000,4\n"


def _question(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": {"zh": key, "en": key}, "question": {"zh": key, "en": key}, **more}


def _with(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"instrument": {"profile": [*INSTRUMENT["profile"], *questions]} | more}


def test_numeric_background_questions_are_derived_and_fall_into_classes(survey: Any) -> None:
    sections = _with(_question("age", classes=[18, 60]), _question("rich", categories=["yes", "no"]))
    derive = {"age": "2025 - birth", "rich": "if(income / size > 1000, 'yes', 'no')"}
    intake = survey.load(ROWS, derive=derive, sections=sections)
    assert intake.frame["age"].fillna("").tolist() == ["18-59", "60+", ""]
    assert intake.frame["rich"].fillna("").tolist() == ["yes", "", "no"]
    assert intake.ignored == (), "what an expression reads is used"


def test_an_item_is_a_difference_of_two_on_a_scale_of_its_own(survey: Any) -> None:
    """Perception less expectation: q2 is reversed at intake, and read as it is read."""
    service, overall = INSTRUMENT["constructs"]
    gap = {"key": "gap", "zh": "差距", "en": "Gap", "scale": {"min": -4, "max": 4}}
    instrument = {"constructs": [service | {"items": [*service["items"], gap]}, overall]}
    intake = survey.load(ROWS, derive={"gap": "q1 - q2"}, missing=["", "NA", -3], sections={"instrument": instrument})
    assert intake.frame["q2"].tolist() == [5, 2, 5]
    assert intake.frame["gap"].tolist() == [0, 0, -4], "a code for no answer is none of what is derived"


def test_weights_and_categories_of_ours_serve_an_expression_as_they_are_read(survey: Any) -> None:
    derive = {"weight": "if(kind == 'bank', size * 0.5, 1)", "city": "recode(kind, 'bank', '上海', '北京')"}
    values = {"kind": {"B": "bank"}}
    intake = survey.load(ROWS.replace("a,bank", "a,B"), derive=derive, values=values)
    assert intake.frame["weight"].tolist() == [1, 1, 2]
    assert intake.frame["city"].tolist() == ["上海", "北京", "上海"]


def test_filters_read_derived_columns_of_ours_and_helpers(survey: Any) -> None:
    sections = _with(_question("age", classes=[18, 60]))
    derive = {"age": "born_before + 25", "born_before": "2000 - birth"}
    ours = survey.load(ROWS, derive=derive, filters=[{"key": "age", "keep": ["60+"]}], sections=sections)
    assert ours.frame["respondent_id"].tolist() == ["b"]
    for name in ("key", "column"):
        rule = {name: "born_before", "min": 0, "max": 20}
        helper = survey.load(ROWS, derive=derive, filters=[rule], sections=sections)
        assert helper.frame["respondent_id"].tolist() == ["a"]
        assert "born_before" not in helper.frame


def test_a_column_may_be_made_of_the_files_own_of_that_name_or_of_a_position(survey: Any) -> None:
    sections = _with(_question("size"))
    found = survey.load(ROWS, derive={"size": "size + column(8) + column('size')"}, sections=sections).frame
    assert found["size"].fillna("").tolist() == ["6", "", "12"]


def test_an_answer_of_several_can_be_made_and_read(survey: Any) -> None:
    several = _question("why", options=["price", "service"])
    text = ROWS.replace("birth", "why.price")
    derive = {"why.service": "if(why.price == 1990, 0, 1)"}
    found = survey.load(
        text.replace("1950", "1").replace("1990", "0").replace("NA", "1"),
        derive=derive | {"why.service": "1 - why.price"},
        sections={"instrument": {"multiple": [several]}},
    ).frame
    assert found["why.service"].tolist() == [1, 0, 0]


def test_a_million_rows_are_derived_in_seconds(survey: Any) -> None:
    """Each column is worked out once, by columns: 200,000 rows here, five times that in a survey at the limit."""
    import time

    rows = "".join(f"r{i},bank,{i % 5 + 1},3,4,{1940 + i % 60},{i % 5000},{i % 6 or ''}\n" for i in range(200_000))
    derive = {"city": "if(income / size > 1000, 'a', birth < 1960, 'b', 'c')", "weight": "1 + mean(q1, s1) / 10"}
    plain, derived = [], []
    for given, into in (({}, plain), (derive, derived)):
        started = time.process_time()
        survey.load(HEADER + rows, derive=given)
        into.append(time.process_time() - started)
    assert derived[0] - plain[0] < 4


def test_a_column_that_is_seldom_known_is_told(survey: Any) -> None:
    notes = survey.load(ROWS, derive={"city": "income / size", "weight": "s1"}).notes
    assert "city is derived for 2 of 3 rows: in the others something is not answered" in notes
    assert not [note for note in notes if note.startswith("weight")]


@pytest.mark.parametrize(
    ("derive", "message"),
    [
        ({"age": "2025 - "}, r"(?s)character 8: the end where.*|edition.yml.*derive.age"),
        ({"weight": "sizes * 2"}, r"(?s)There is no column 'sizes'.*derive.weight, character 1.*did you mean 'size'"),
        ({"weight": "kind * 2"}, r"(?s)'kind' is a text where a number.*derive.weight, character 1.*such as 'bank'"),
        ({"wieght": "size * 2"}, r"(?s)'wieght' is not a column.*derive.wieght.*did you mean 'weight'"),
        ({"weight": "city * 2", "city": "weight + 1"}, r"(?s)made of each other.*weight → city → weight"),
    ],
)
def test_faults_name_the_expression_and_the_place_in_it(survey: Any, derive: dict[str, str], message: str) -> None:
    with pytest.raises((ContractError, EditionError), match=message):
        survey.load(ROWS, derive=derive)


def test_a_column_is_derived_or_mapped_and_not_both(survey: Any) -> None:
    with pytest.raises(EditionError, match="weight is given in both `columns` and `derive`"):
        survey.load(ROWS, derive={"weight": "size"}, columns={"weight": "size"})


def test_a_name_that_stands_twice_is_asked_for_by_position(survey: Any) -> None:
    text = ROWS.replace("birth", "size")
    with pytest.raises(ContractError, match=r"(?s)There are 2 columns 'size'.*column\(6\)"):
        survey.load(text, derive={"weight": "size * 2"})
