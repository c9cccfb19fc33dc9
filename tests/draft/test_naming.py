"""Short names for questions and constructs, and what the questions of a grid have in common."""

from __future__ import annotations

import pytest

from analysis.draft.naming import asked, is_worded, of_items, parted, short_name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is your gender?", "Gender"),
        ("How old are you?", "Age"),
        ("In which department do you work?", "Department"),
        ("What year of study are you in?", "Year of study"),
        ("Which of these do you use?", "Which of these do you use"),
        ("Please select your region:", "Region"),
        ("1、您的性别", "性别"),
        ("2、您就诊的科室是哪个？", "就诊的科室是哪个"),
        ("4、您通过哪些方式预约过？【多选题】", "通过哪些方式预约过"),
        ("region", "region"),
    ],
)
def test_a_question_is_called_by_what_it_asks_for(question: str, name: str) -> None:
    assert short_name(question) == name


def test_a_question_loses_its_number_and_marks_and_nothing_else() -> None:
    assert asked("第3题 速度（单选题）") == "速度"
    assert asked("3.5 stars or more?") == "3.5 stars or more?"
    assert asked("5、") == "5、"


def test_the_questions_of_a_grid_are_parted_from_what_they_begin_with() -> None:
    assert parted(["5、请评价—挂号", "5、请评价—候诊"]) == ("请评价", ["挂号", "候诊"])
    assert parted(["Rate us [My desk]", "Rate us [My chair]"]) == ("Rate us", ["My desk", "My chair"])
    assert parted(["My desk is fine", "My chair is fine"]) == ("", ["My desk is fine", "My chair is fine"])
    assert parted(["Alone [x]"]) == ("", ["Alone [x]"])


@pytest.mark.parametrize(
    ("stem", "items", "en"),
    [
        ("Quality of food", ["Taste", "Heat"], "Quality of food"),
        ("How would you rate the following?", ["Taste", "Heat", "Price"], "Taste and 2 more"),
        ("", ["Taste", "Heat"], "Taste and 1 more"),
    ],
)
def test_a_construct_is_called_by_its_grid_unless_that_says_what_to_do(stem: str, items: list[str], en: str) -> None:
    assert of_items(stem, items)["en"] == en
    assert of_items("请评价以下方面", ["挂号", "候诊"])["zh"] == "挂号等2项"


def test_names_of_variables_say_nothing() -> None:
    assert [is_worded(text) for text in ("q1", "x_2", "挂号", "two words")] == [False, False, True, True]
