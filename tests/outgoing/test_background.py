"""Questions that go out coarser: their answers in classes, named by those that they join, and read again as such."""

from __future__ import annotations

import pandas as pd
from mixed_survey import mixed_edition
from small_survey import Survey

from analysis.edition.instrument import ProfileQuestion
from analysis.outgoing.background import background, joined_question, with_joined

NAMED = {"name": {"zh": "问题", "en": "Question"}, "question": {"zh": "是哪一类", "en": "Which kind"}}
QUESTIONS = {"kind": ["bank", "fund"], "age": ["18-29", "30-59", "60+"], "city": [*"abcde"]}


def test_joined_answers_are_called_by_the_names_of_each(survey: Survey) -> None:
    edition = mixed_edition(survey)
    age = joined_question(edition.instrument.question("age"), (("18-29",), ("30-59", "60+")))
    assert [category.code for category in age.categories] == ["18-29", "30-59|60+"]
    assert age.label("30-59|60+", "en") == "30–59 / 60 or over"
    assert age.classes == (18, 30)
    again = ProfileQuestion.model_validate(age.model_dump(exclude_unset=True))
    assert again.categories == age.categories


def test_only_the_joined_questions_change(survey: Survey) -> None:
    edition = mixed_edition(survey)
    coarse = with_joined(edition, {"age": (("18-29",), ("30-59", "60+"))})
    assert coarse.instrument.question("kind") == edition.instrument.question("kind")
    assert coarse.instrument.question("age") != edition.instrument.question("age")


def test_a_question_that_k_costs_too_much_is_joined_until_it_does_not(survey: Survey) -> None:
    """Of 60 interviews 4 are of a kind that would stand alone in its city."""
    answers = pd.DataFrame({"city": ["a", "b", "c", "d"] * 15, "kind": "bank"})
    answers.loc[[0, 1, 2, 3], "kind"] = "证券 公司"
    rules = {"k": 2, "max_withheld": 0.0, "keys": ["kind", "city"]}
    found = background(answers, mixed_edition(survey, data_release=rules), ())
    assert found.keys == ("kind", "city")
    assert sorted(len(one) for one in found.joined["city"]) == [2, 2]
    assert not found.withheld.to_numpy().any()
    coarse = found.coarse(answers)
    assert coarse.groupby(["kind", "city"]).size().min() == 2
    assert found.untold(answers)["city"].all()


def test_a_question_that_would_tell_what_one_before_it_joined_stays_out(survey: Survey) -> None:
    """Each city has people of one age alone: beside it, ages that were joined would be known."""
    cities = {"a": "18-29", "b": "18-29", "c": "30-59", "d": "30-59", "e": "60+"}
    answers = pd.DataFrame({"city": [*cities] * 40})
    answers["age"], answers["kind"] = answers["city"].map(cities), ["bank", "fund"] * 100
    kinds = ("bank", "fund")
    by_age = [frozenset({("age", age), ("kind", kind)}) for age in ("18-29", "30-59") for kind in kinds]
    by_city = [frozenset({("city", city), ("kind", kind)}) for city in "abcd" for kind in kinds]
    asked = [{"key": key, **NAMED, "categories": codes} for key, codes in QUESTIONS.items()]
    edition = survey.edition({}, instrument={"profile": asked}, data_release={"k": 2, "keys": [*QUESTIONS]})
    assert list(background(answers.drop(columns="age"), edition, by_city).joined) == ["city"]
    found = background(answers, edition, [*by_age, *by_city])
    assert found.joined == {"age": (("18-29", "30-59"), ("60+",))}
    assert (found.keys, found.others) == (("kind", "age"), ())
    assert found.left_out["city"].reason == "unpublished"
