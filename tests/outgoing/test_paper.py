"""The questionnaire on paper: every question with its number, and the way past those that are not for everybody."""

from __future__ import annotations

import io
import re

import pytest
from mixed_survey import mixed_edition
from pypdf import PdfReader
from small_survey import Survey

from analysis.edition import Edition
from analysis.outgoing.paper import typst_source, write_paper
from analysis.outgoing.questionnaire import questions


@pytest.fixture
def mixed(survey: Survey) -> Edition:
    return mixed_edition(survey)


def _text(pdf: bytes) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_question_and_every_answer_is_printed(mixed: Edition, lang: str) -> None:
    read = _text(write_paper(mixed, lang))
    for question in questions(mixed.instrument):
        assert re.sub(r"\s+", "", question.text[lang]) in read, question.key
        for answer in question.answers if question.kind in {"one", "several"} else ():
            assert re.sub(r"\s+", "", answer.text[lang]).replace('"', "") in re.sub('["“”]', "", read), answer.code


def test_the_way_past_a_question_is_told_with_numbers(mixed: Edition) -> None:
    numbers = {question.key: place for place, question in enumerate(questions(mixed.instrument), start=1)}
    assert [numbers[key] for key in ("kind", "age", "q3", "q4", "check")] == [1, 2, 5, 6, 7]
    english = typst_source(mixed, "en")
    assert "Question 6 only if you chose “Securities firm” in question 1; otherwise go to question 7." in english
    third = 'Question 5 only if you chose “Bank” or “Other, e.g. ${kind} or \\"none\\"” in question 1 and you chose'
    assert third in english
    assert "“30–59” or “60 or over” in question 2; otherwise go to question 6." in english
    assert "第6题：仅限第1题选“证券公司”者作答；否则请跳至第7题。" in typst_source(mixed, "zh")


def test_neighbours_with_one_route_are_skipped_together(survey: Survey) -> None:
    from mixed_survey import mixed_instrument

    together = mixed_instrument()
    together["constructs"][0]["items"][2]["asked_if"] = {"kind": ["证券 公司"]}
    source = typst_source(mixed_edition(survey, instrument=together), "en")
    assert source.count("#route(") == 1
    assert "Questions 4 to 5 only if you chose “Securities firm” in question 1; otherwise go to question 6." in source


def test_the_paper_is_the_same_bytes_twice(mixed: Edition) -> None:
    assert write_paper(mixed, "zh") == write_paper(mixed, "zh")
