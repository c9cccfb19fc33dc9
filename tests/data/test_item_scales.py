"""Items on scales of their own: what is taken for an answer, and what the check says of ends that nobody used."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from small_survey import INSTRUMENT

from analysis.errors import EditionError, Problems
from analysis.pipeline import check
from analysis.pipeline.command import Call

SLIDER = {"min": 0, "max": 100, "continuous": True}
HEADER = "respondent_id,q1,q2,s1\n"


def _instrument(**more: Any) -> dict[str, Any]:
    """q1 as ever (1–5), q2 a reversed slider, s1 on 1–10."""
    service, overall = INSTRUMENT["constructs"]
    first, second = service["items"]
    service = service | {"items": [first, second | {"scale": SLIDER}]}
    return {"constructs": [service, overall | {"scale": {"min": 1, "max": 10}}]} | more


def test_every_item_is_judged_by_its_own_scale(survey: Any) -> None:
    rows = "a,5,12.5,10\nb,1,100,1\nc,6,50,5\nd,3,101,5\ne,3,50,11\nf,3,50,5.5\n"
    intake = survey.load(HEADER + rows, sections={"instrument": _instrument()})
    assert intake.frame["respondent_id"].tolist() == ["a", "b"]
    assert intake.frame["q2"].tolist() == [87.5, 0.0], "reversed on its own scale"
    told = intake.quarantine.set_index("row")["reason"].to_dict()
    assert told == {
        4: "q1 is outside 1 to 5",
        5: "q2 is outside 0 to 100",
        6: "s1 is outside 1 to 10",
        7: "s1 is not a whole number",
    }


def test_labels_of_a_scale_are_those_of_its_items(survey: Any) -> None:
    scale = {"min": 1, "max": 3, "labels": {1: {"zh": "少", "en": "Rarely"}, 3: {"zh": "多", "en": "Often"}}}
    _, overall = _instrument()["constructs"]
    instrument = {"constructs": [INSTRUMENT["constructs"][0], overall | {"scale": scale}]}
    index = {"csat": {"construct": "overall", "satisfied_from": 2}}
    intake = survey.load(
        HEADER + "a,满意,2,often\nb,often,2,often\n", sections={"instrument": instrument, "index": index}
    )
    assert intake.frame[["q1", "s1"]].to_numpy().tolist() == [[4.0, 3.0]]
    assert intake.quarantine["reason"].tolist() == ["q1 is not a number or a known label"]


def test_an_attention_check_may_have_its_scale(survey: Any) -> None:
    attention = INSTRUMENT["attention"] | {"expected": 7, "scale": {"min": 1, "max": 9}}
    text = "respondent_id,q1,q2,s1,check\na,3,3,3,9\n"
    assert survey.load(text, sections={"instrument": {"attention": attention}}).frame["check"].tolist() == [9]


def _told(survey: Any, capsys: pytest.CaptureFixture[str], rows: str, **sections: Any) -> list[str]:
    (survey.folder / "responses.csv").write_text(HEADER + rows, encoding="utf-8")
    survey.edition({"responses": {"path": "responses.csv"} | sections.pop("source", {})}, **sections)
    check.main(Call(survey.folder / "edition.yml", survey.folder / "out", argparse.Namespace()))
    return capsys.readouterr().out.splitlines()


def test_ends_that_nobody_used_are_told_by_scale(survey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A declared 1–10 of which only 1–5 occurs beside a slider that is used in full."""
    rows = "".join(f"r{i},{i % 5 + 1},{i % 11 * 10},{i % 5 + 1}\n" for i in range(110))
    lines = _told(survey, capsys, rows, instrument=_instrument())
    assert "answers of s1 reach from 1 to 5, the scale from 1 to 10: is it the right one?" in lines
    assert not [line for line in lines if "q1" in line or "q2" in line]


def test_a_single_item_far_below_the_end_is_told(survey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"r{i},{i % 10 + 1},{i % 10 + 1},{i % 5 + 1}\n" for i in range(100))
    lines = _told(survey, capsys, rows, instrument={"scale": {"min": 1, "max": 10}})
    assert "answers far below the end of the scale (10): s1 up to 5; has the item a scale of its own?" in lines


def test_a_code_for_no_answer_that_lies_on_a_scale_is_told(survey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"r{i},{i % 5 + 1},{i % 11 * 10},{i % 10 + 1}\n" for i in range(110))
    lines = _told(survey, capsys, rows, instrument=_instrument(), source={"missing": ["", 99]})
    assert [line for line in lines if "counts as no answer" in line] == [
        "q2: 99 counts as no answer and lies on its scale (0 to 100): give `missing` for it"
    ]
    own = {"missing": {"*": ["", 99], "q2": [""]}}
    assert not [
        line for line in _told(survey, capsys, rows, instrument=_instrument(), source=own) if "counts as" in line
    ]


def test_a_scale_that_ends_before_it_begins_is_named_by_its_item(survey: Any) -> None:
    service, overall = INSTRUMENT["constructs"]
    wrong = [service, overall | {"scale": {"min": 9, "max": 5}}]
    with pytest.raises((EditionError, Problems), match=r"(?s)constructs\.1\.scale.*|scale.min \(9\) must be below"):
        survey.load(HEADER + "a,1,1,1\n", sections={"instrument": {"constructs": wrong}})
