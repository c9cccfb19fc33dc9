"""The index by one question and by two: every group that anybody belongs to, estimated as a domain of the sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.satisfaction.crossings import MOST_ANSWERS, GroupResult, index_by_groups
from analysis.satisfaction.index import score_respondents
from analysis.survey.design.survey_design import specify_design


def _result(responses: pd.DataFrame, instrument: Instrument, index: Index, **options: object) -> GroupResult:
    scores = score_respondents(responses, instrument=instrument, index=index)
    return index_by_groups(responses, scores, instrument=instrument, index=index, **options)


def test_each_question_stands_alone_and_two_segments_are_crossed_once(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    table = _result(responses, instrument, index).index
    asked = list(dict.fromkeys(zip(table["question"], table["other"], strict=True)))
    assert asked == [("type", None), ("region", None), ("type", "region")]
    assert table.loc[table["other"].isna(), "group"].tolist() == [
        "type=bank",
        "type=fund",
        "type=new",
        "region=n",
        "region=s",
    ]
    assert table["group"].iloc[-1] == "type=new; region=s"


def test_a_group_is_estimated_from_its_people_within_the_whole_sample(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    """Mean and error by the formula of a domain of a weighted sample drawn with replacement."""
    weights = np.random.default_rng(3).uniform(0.5, 2.0, len(responses))
    design = specify_design(len(responses), weights=weights)
    scores = score_respondents(responses, instrument=instrument, index=index)
    result = _result(responses, instrument, index, design=design)
    rows = [("csi", row) for row in result.index.to_dict("records")]
    rows += [(str(row["construct"]), row) for row in result.dimensions.to_dict("records")]
    assert len(rows) == 11 * 4
    for variable, row in rows:
        inside = responses[row["question"]].eq(row["category"]) & scores[variable].notna()
        if row["other"] is not None:
            inside &= responses[row["other"]].eq(row["other_category"])
        y, w = scores.loc[inside, variable].to_numpy(), weights[inside]
        mean = float((w * y).sum() / w.sum())
        u = np.zeros(len(responses))
        u[inside] = w * (y - mean) / w.sum()
        n = len(responses)
        assert row["score"] == pytest.approx(mean)
        assert row["se"] == pytest.approx(np.sqrt(n / (n - 1) * ((u - u.mean()) ** 2).sum()))
        assert row["n"] == inside.sum()


def test_those_outside_the_index_are_in_no_group(responses: pd.DataFrame, instrument: Instrument, index: Index) -> None:
    table = _result(responses, instrument, index.model_copy(update={"exclude": {"type": ("fund",)}})).index
    assert not table["group"].str.contains("fund").any()
    inside = responses["type"].ne("fund") & responses["region"].notna()
    assert table.loc[table["question"].eq("region"), "n"].sum() == inside.sum()


def test_a_combination_of_nobody_has_no_row(responses: pd.DataFrame, instrument: Instrument, index: Index) -> None:
    responses.loc[responses["type"].eq("new"), "region"] = "s"
    assert "type=new; region=n" not in set(_result(responses, instrument, index).index["group"])


def test_a_list_of_places_is_no_grouping(responses: pd.DataFrame, instrument: Instrument, index: Index) -> None:
    responses["region"] = [f"p{i % (MOST_ANSWERS + 1)}" for i in range(len(responses))]
    assert set(_result(responses, instrument, index).index["question"]) == {"type"}


def test_without_questions_there_are_no_groups(responses: pd.DataFrame, instrument: Instrument, index: Index) -> None:
    result = _result(responses.drop(columns=["type", "region"]), instrument, index)
    assert result.index.empty
    assert result.dimensions.empty
