"""Categories joined by the params of an edition: in the answers, the population, classes, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from small_survey import INSTRUMENT

from analysis.data.intake import load_table
from analysis.edition import load_edition
from analysis.edition.instrument import Instrument
from analysis.edition.load import snapshot
from analysis.edition.merging import merge_categories
from analysis.edition.sections.data import Data
from analysis.errors import EditionError, Problems

SEX = ("woman", "man", "diverse", "unknown")


def _question(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": {"zh": key, "en": key}, "question": {"zh": key, "en": key}, **more}


PROFILE = [
    _question("sex", categories=[{"code": code, "zh": code.upper(), "en": code.title()} for code in SEX]),
    _question("age", classes=[18, 30, 45, 60]),
    *INSTRUMENT["profile"],
]


def _merged(**merge: Any) -> Instrument:
    data = Data.model_validate({"source": "simulated", "merge": merge})
    return merge_categories(Instrument.model_validate(INSTRUMENT | {"profile": PROFILE}), data.merge)


def test_a_category_that_there_is_takes_others_in_and_keeps_its_name() -> None:
    question = _merged(sex={"man": ["diverse", "unknown"]}).question("sex")
    assert [category.code for category in question.categories] == ["woman", "man"]
    assert set(question.categories[1].joins) == {
        "MAN",
        "Man",
        "diverse",
        "DIVERSE",
        "Diverse",
        "unknown",
        "UNKNOWN",
        "Unknown",
    }
    assert question.label("man", "en") == "Man"


def test_a_new_category_has_a_name_and_stands_where_the_first_stood() -> None:
    found = _merged(
        sex={"other": {"of": ["unknown", "man"], "zh": "其他", "en": "Others", "plural": "others"}}
    ).question("sex")
    assert [category.code for category in found.categories] == ["woman", "other", "diverse"]
    assert (found.label("other", "zh"), found.group("other", "en")) == ("其他", "others")


def test_neighbouring_classes_become_one() -> None:
    instrument = _merged(age={"under_45": {"of": ["18-29", "30-44"], "zh": "45岁以下", "en": "Under 45"}})
    question = instrument.question("age")
    assert question.classes == (18, 45, 60)
    assert [category.code for category in question.categories] == ["under_45", "45-59", "60+"]


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        (
            {"sexe": {"man": ["diverse"]}},
            r"(?s)'sexe' is not a background question.*data.merge.sexe.*did you mean 'sex'",
        ),
        ({"sex": {"man": ["divers"]}}, r"(?s)no category 'divers'.*data.merge.sex.man.*did you mean 'diverse'"),
        ({"sex": {"rest": ["diverse", "unknown"]}}, r"(?s)'rest' has no name.*of: \[diverse, unknown\]"),
        ({"sex": {"man": ["unknown"], "woman": ["unknown"]}}, r"'unknown' joins 'man' and 'woman'"),
        ({"city": {"a": ["b"]}}, r"(?s)categories of 'city' are not listed"),
        ({"age": {"18-29": {"of": ["45-59"], "zh": "x", "en": "x"}}}, r"do not follow each other"),
        ({"age": {"18-29": ["30-44"]}}, r"(?s)'18-29' has no name"),
    ],
)
def test_what_cannot_be_joined_is_named(merge: dict[str, Any], message: str) -> None:
    with pytest.raises(EditionError, match=message):
        _merged(**merge)


def _edition(survey: Any, **sections: Any) -> Any:
    tables = {"responses": {"path": "responses.csv"}, "population": {"path": "population.csv"}}
    (survey.folder / "responses.csv").write_text(
        "respondent_id,sex,q1,q2,s1\n" + "".join(f"r{i},{SEX[i % 4].title()},3,3,{i % 5 + 1}\n" for i in range(40)),
        encoding="utf-8",
    )
    (survey.folder / "population.csv").write_text(
        "variable,category,population\nsex,woman,500\nsex,man,480\nsex,Diverse,7\nsex,UNKNOWN,13\nsex,MAN,1\n",
        encoding="utf-8",
    )
    edition = survey.edition(tables, instrument={"profile": PROFILE}, **sections)
    path = survey.folder / "edition.yml"
    text = path.read_text(encoding="utf-8")
    merge = "  merge: {sex: {man: [diverse, unknown]}}\n"
    path.write_text(text.replace("data:\n", "data:\n" + merge), encoding="utf-8")
    return load_edition(path) if edition else None


def test_answers_and_population_are_joined_alike_and_counts_are_added(survey: Any) -> None:
    edition = _edition(survey, weighting={"margins": ["sex"]})
    responses, population = load_table(edition, "responses"), load_table(edition, "population")
    assert responses is not None
    assert population is not None
    assert responses.frame["sex"].value_counts().to_dict() == {"man": 30, "woman": 10}
    assert population.frame.to_numpy().tolist() == [["sex", "woman", 500.0], ["sex", "man", 500.0]]
    assert population.quarantine["reason"].tolist() == ["variable + category is used before, in row 3"], (
        "twice the same is a fault"
    )
    assert population.read == population.accepted + population.quarantined + population.filtered + population.paired


def test_the_snapshot_holds_the_joined_categories(survey: Any, tmp_path: Any) -> None:
    import json

    edition = _edition(survey)
    path = tmp_path / "edition.json"
    path.write_text(json.dumps(snapshot(edition)), encoding="utf-8")
    assert load_edition(path).instrument == edition.instrument
    assert len(edition.instrument.question("sex").categories) == 2


def test_names_of_joined_categories_are_unknown_to_the_rest_of_the_params(survey: Any) -> None:
    index = {"csat": {"construct": "overall", "satisfied_from": 4}, "exclude": {"sex": ["diverse"]}}
    with pytest.raises(
        (EditionError, Problems), match=r"(?s)'diverse' is not a category of sex.*joins it to 'man': name that"
    ):
        _edition(survey, index=index)
