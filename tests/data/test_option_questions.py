"""A background question that asks for one answer of a question of several choices: a segment and a margin like any."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from small_survey import INSTRUMENT

from analysis.data.intake import check_tables, load_table
from analysis.errors import ContractError, EditionError, Problems
from analysis.survey.weighting.stages import rake

CHANNELS = {
    "key": "channels",
    "name": {"zh": "渠道", "en": "Channels"},
    "question": {"zh": "您用过哪些渠道", "en": "Which channels have you used"},
    "options": [{"code": "app", "zh": "手机", "en": "App"}, {"code": "branch", "zh": "网点", "en": "Branch"}],
}
USES = {
    "key": "uses_app",
    "name": {"zh": "使用手机渠道", "en": "App users"},
    "question": {"zh": "是否用过手机渠道", "en": "Used the app"},
    "option": "channels.app",
}


def _sections(**more: Any) -> dict[str, Any]:
    question = USES | more.pop("question", {})
    return {"instrument": {"profile": [*INSTRUMENT["profile"], question], "multiple": [CHANNELS]}} | more


def test_who_gave_the_answer_and_who_did_not_are_two_categories(survey: Any) -> None:
    text = "channels,q1,q2,s1\nApp┋网点,1,1,1\n网点,1,1,1\n,1,1,1\n"
    assert survey.load(text, sections=_sections()).frame["uses_app"].fillna("").tolist() == ["yes", "no", ""]
    named = [{"code": "app", "zh": "用", "en": "Users"}, {"code": "other", "zh": "不用", "en": "Others"}]
    told = survey.load(text, sections=_sections(question={"categories": named})).frame["uses_app"]
    assert told.fillna("").tolist() == ["app", "other", ""]


def test_columns_of_single_answers_and_a_column_of_its_own_serve_as_well(survey: Any) -> None:
    text = "A,B,q1,q2,s1\n是,,1,1,1\n,Branch,1,1,1\n,,1,1,1\n"
    columns = {"channels.app": "A", "channels.branch": "B"}
    found = survey.load(text, columns=columns, sections=_sections()).frame["uses_app"]
    assert found.fillna("").tolist() == ["yes", "no", ""]
    own = survey.load("U,q1,q2,s1\nYes,1,1,1\n否,1,1,1\n", columns={"uses_app": "U"}, sections=_sections()).frame
    assert own["uses_app"].tolist() == ["yes", "no"]


def test_it_is_a_margin_of_the_weights(survey: Any) -> None:
    (survey.folder / "responses.csv").write_text(
        "channels,q1,q2,s1\n" + "".join(f"{'app' if i % 4 else 'branch'},{i % 5 + 1},3,4\n" for i in range(40)),
        encoding="utf-8",
    )
    (survey.folder / "population.csv").write_text(
        "variable,category,population\nuses_app,yes,600\nuses_app,No,400\n", encoding="utf-8"
    )
    tables = {name: {"path": f"{name}.csv"} for name in ("responses", "population")}
    edition = survey.edition(tables, **_sections(weighting={"margins": ["uses_app"]}))
    _, problems = check_tables(edition)
    assert problems == []
    responses, population = load_table(edition, "responses"), load_table(edition, "population")
    assert responses is not None
    assert population is not None
    targets = population.frame.set_index("category")["population"].to_dict()
    weights = rake(responses.frame, margins={"uses_app": targets}).weights
    share = pd.Series(weights).groupby(responses.frame["uses_app"]).sum() / weights.sum()
    assert share.to_dict() == pytest.approx({"yes": 0.6, "no": 0.4})


def test_segments_take_it_and_its_column_must_be_there(survey: Any) -> None:
    index = {"csat": {"construct": "overall", "satisfied_from": 4}, "segments": ["uses_app"]}
    with pytest.raises(ContractError, match=r"(?s)'uses_app' asks for 'channels.app', which the file does not have"):
        survey.load("q1,q2,s1\n1,1,1\n", sections=_sections(index=index))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"option": "channels.fax"}, r"'channels.fax', which no question offers; there are channels.app"),
        ({"categories": ["a", "b", "c"]}, r"it has two categories"),
        ({"classes": [1, 2]}, r"it has two categories"),
    ],
)
def test_an_option_that_there_is_not_is_named(survey: Any, question: dict[str, Any], message: str) -> None:
    with pytest.raises((EditionError, Problems), match=message):
        survey.load("channels,q1,q2,s1\napp,1,1,1\n", sections=_sections(question=question))
