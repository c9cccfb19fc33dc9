"""Shares of answers where several may be given: their base, their sum, groups, weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.satisfaction.choices import CHOICE_COLUMNS, choice_shares
from analysis.survey.design.survey_design import specify_design

TEXT = {"zh": "题", "en": "item"}
INDEX = Index.model_validate({"csat": {"construct": "c", "satisfied_from": 4.0}, "segments": ["kind"]})


def _instrument(**more: Any) -> Instrument:
    construct = {"key": "c", "role": "dimension", "name": TEXT, "items": [{"key": "q", **TEXT}]}
    kind = {"key": "kind", "name": TEXT, "question": TEXT, "categories": ["a", "b"]}
    asked = {"name": TEXT, "scale": {"min": 1, "max": 5}, "constructs": [construct], "profile": [kind], **more}
    return Instrument.model_validate(asked)


@pytest.fixture
def responses() -> pd.DataFrame:
    random = np.random.default_rng(0)
    kind = np.repeat(["a", "b"], 200)
    app = (random.random(400) < np.where(kind == "a", 0.9, 0.3)).astype(float)
    branch = (random.random(400) < 0.6).astype(float)
    frame = pd.DataFrame({"kind": kind, "used.app": app, "used.branch": branch})
    frame.loc[:39, ["used.app", "used.branch"]] = np.nan
    return frame


MULTIPLE = {"key": "used", "name": TEXT, "question": TEXT, "options": ["app", "branch"]}


def test_shares_are_of_those_who_answered_and_may_add_to_more_than_one(responses: pd.DataFrame) -> None:
    weights = np.random.default_rng(1).uniform(0.5, 2, len(responses))
    design = specify_design(len(responses), weights=weights)
    table = choice_shares(responses, instrument=_instrument(multiple=[MULTIPLE]), index=INDEX, design=design)
    assert table is not None
    assert tuple(table.columns) == CHOICE_COLUMNS
    overall = table[table["segment"].isna()].set_index("option")
    for option in ("app", "branch"):
        known = responses[f"used.{option}"].notna().to_numpy()
        expected = np.average(responses.loc[known, f"used.{option}"], weights=weights[known])
        assert overall.loc[option, "share"] == pytest.approx(expected)
        assert overall.loc[option, "n"] == 360
    assert overall["share"].sum() > 1
    assert (table["ci_low"] < table["share"]).all()
    assert (table["share"] < table["ci_high"]).all()


def test_an_answer_that_depends_on_the_group_is_told_from_one_that_does_not(responses: pd.DataFrame) -> None:
    table = choice_shares(responses, instrument=_instrument(multiple=[MULTIPLE]), index=INDEX)
    assert table is not None
    groups = table[table["segment"] == "kind"].set_index(["option", "category"])
    assert groups.loc[("app", "a"), "share"] == pytest.approx(0.9, abs=0.07)
    assert groups.loc[("app", "b"), "share"] == pytest.approx(0.3, abs=0.1)
    assert groups.loc[("app", "a"), "p_adjusted"] < 1e-6
    assert groups.loc[("branch", "a"), "p_adjusted"] > 0.01
    assert groups["n"].groupby("category").first().tolist() == [160, 200]


def test_without_such_a_question_there_is_no_table(responses: pd.DataFrame) -> None:
    assert choice_shares(responses, instrument=_instrument(), index=INDEX) is None
    unanswered = responses.assign(**{"used.app": np.nan, "used.branch": np.nan})
    assert choice_shares(unanswered, instrument=_instrument(multiple=[MULTIPLE]), index=INDEX) is None
