"""What goes out asks every item on its own scale, an option of several choices once, and amounts as numbers."""

from __future__ import annotations

from typing import Any

from mixed_survey import mixed_edition, mixed_instrument
from small_survey import Survey

from analysis.edition import Edition
from analysis.edition.instrument import NumericQuestion
from analysis.edition.params import Text
from analysis.outgoing.paper import typst_source
from analysis.outgoing.questionnaire import Question, questions
from analysis.outgoing.variables import missing_codes


def edition(survey: Survey) -> Edition:
    asked: dict[str, Any] = mixed_instrument()
    asked["constructs"][0]["items"][0]["scale"] = {"min": -20, "max": 100, "continuous": True}
    categories = [{"code": "yes", "zh": "是", "en": "Yes"}, {"code": "no", "zh": "否", "en": "No"}]
    name = {"zh": "手机用户", "en": "App users"}
    asked["profile"].append(
        {"key": "on_app", "name": name, "question": name, "option": "channels.app", "categories": categories}
    )
    return mixed_edition(survey, instrument=asked)


def test_a_slider_beside_ratings_is_a_number_with_its_own_ends(survey: Survey) -> None:
    found = edition(survey)
    asked: dict[str, Question] = {question.key: question for question in questions(found.instrument)}
    slider, *others = (asked[key] for key in found.instrument.item_keys)
    assert (slider.kind, slider.low, slider.high, slider.whole) == ("score", -20, 100, False)
    assert {question.kind for question in others} == {"rating"}
    assert all(value.code < -20 for value in missing_codes(found.instrument))


def test_an_option_is_asked_with_the_others_alone(survey: Survey) -> None:
    keys = [question.key for question in questions(edition(survey).instrument)]
    assert "channels" in keys
    assert "on_app" not in keys


def test_a_survey_of_amounts_alone_is_a_form_and_on_paper(survey: Survey) -> None:
    name = Text(zh="收入", en="Income")
    made = mixed_edition(survey)
    none = dict.fromkeys(("constructs", "profile", "multiple", "open"), ()) | {"attention": None}
    amount = NumericQuestion(key="income", name=name, question=name, min=0.0)
    alone = made.model_copy(update={"instrument": made.instrument.model_copy(update=none | {"numeric": (amount,)})})
    (question,) = questions(alone.instrument)
    assert (question.key, question.kind, question.low, question.high) == ("income", "number", 0, None)
    assert "Income" in typst_source(alone, "en")
