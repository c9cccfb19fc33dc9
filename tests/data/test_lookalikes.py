"""Answers that look alike are told: in a column without listed categories, and beside an answer that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.data.lookalikes import as_seen, likely, look_alikes

HEADER = "respondent_id,kind,city,q1,q2,s1\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Male", "male "), ("Ｍale", "MALE"), ("臺灣", "台湾"), ("very good!", "Very  good"), ("國有銀行", "国有银行")],
)
def test_case_width_white_space_and_the_commonest_traditional_forms_do_not_tell_texts_apart(
    one: str, other: str
) -> None:
    assert as_seen(one) == as_seen(other)


def test_groups_are_told_once_and_numbers_do_not_begin_one_another() -> None:
    found = set(look_alikes(["N", "north", "south", "Male", "male", "北京市", "北京", "1", "10", "18-29", "18-2"]))
    assert found == {("N", "north"), ("Male", "male"), ("北京", "北京市")}


def test_an_answer_that_may_mean_several_means_none() -> None:
    known = {"north": "north", "northeast": "northeast", "south": "south"}
    assert (likely("N", known), likely("s", known), likely("", known), likely("xyz", known)) == ("", "south", "", "")


def test_a_column_without_categories_says_which_answers_look_alike(survey: Any) -> None:
    rows = "a,bank,Harbin,1,1,1\nb,bank,harbin ,2,2,2\nc,fund,哈爾濱,3,3,3\nd,fund,Oslo,3,3,3\n"
    notes = survey.load(HEADER + rows).notes
    assert [note for note in notes if note.startswith("city")] == [
        "city: 'Harbin' (1), 'harbin' (1) look alike: join them in values, or list the categories with `joins`"
    ]


def test_a_refused_answer_is_told_with_the_category_that_it_may_be(survey: Any) -> None:
    intake = survey.load(HEADER + "a,B,x,1,1,1\nb,bank,x,2,2,2\nc,ＦＵＮＤ,x,3,3,3\nd,shop,x,3,3,3\n")
    told = {fault.value: str(fault) for fault in (*intake.faults, *intake.lost)}
    assert "is not one of bank, fund ('B' may be bank: map it in values)" in told["B"]
    assert "may be" not in told["shop"]
    assert "fund" in intake.frame["kind"].tolist(), "width and case are no hint but understood"
