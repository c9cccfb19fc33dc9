"""Index by segment: domains of the whole sample, in the order of the instrument."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.satisfaction.index import LEVEL_COLUMNS, score_respondents
from analysis.satisfaction.segments import DIMENSION_COLUMNS, SEGMENT_COLUMNS, SegmentResult, segment_index
from analysis.survey.estimation.estimates import means


def _result(responses: pd.DataFrame, instrument: Instrument, index: Index) -> SegmentResult:
    scores = score_respondents(responses, instrument=instrument, index=index)
    return segment_index(responses, scores, instrument=instrument, index=index)


def test_categories_come_in_the_order_of_the_instrument_and_others_after(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    table = _result(responses, instrument, index).segments
    assert tuple(table.columns) == SEGMENT_COLUMNS
    assert list(zip(table["segment"], table["category"], strict=True)) == [
        ("type", "bank"),
        ("type", "fund"),
        ("type", "new"),
        ("region", "n"),
        ("region", "s"),
    ]


def test_a_segment_is_a_domain_of_the_whole_sample(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    scores = score_respondents(responses, instrument=instrument, index=index)
    expected = means(scores[["csi"]], domain=responses["type"]).set_index("category")
    table = _result(responses, instrument, index).segments.set_index("category")
    for category in ("bank", "fund", "new"):
        assert table.loc[category, "csi"] == pytest.approx(expected.loc[category, "estimate"])
        assert table.loc[category, "ci_low"] == pytest.approx(expected.loc[category, "ci_low"])
        group = scores[responses["type"] == category]
        assert table.loc[category, "csat"] == pytest.approx(group["satisfied"].mean())
        assert table.loc[category, "n"] == group["csi"].notna().sum()


def test_the_effective_base_never_exceeds_the_base(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    table = _result(responses, instrument, index).segments
    assert (table["n_eff"] <= table["n"]).all()
    assert (table["n_eff"] > 0.98 * table["n"]).all()


def test_those_who_did_not_say_are_in_no_category(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    table = _result(responses, instrument, index).segments
    assert table.loc[table["segment"] == "region", "n"].sum() <= responses["region"].notna().sum()


def test_dimensions_and_levels_are_those_of_the_first_segment(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    result = _result(responses, instrument, index)
    assert tuple(result.dimensions.columns) == DIMENSION_COLUMNS
    assert len(result.dimensions) == 3 * 3
    assert set(result.dimensions["segment"]) == {"type"}
    assert tuple(result.levels.columns) == LEVEL_COLUMNS
    assert result.levels["construct"].tolist() == ["sat"] * 4 + ["loy"] * 4
    assert result.levels["segment"].isna().tolist() == [True, False, False, False] * 2


def test_a_segment_that_is_not_there_or_empty_is_left_out(
    responses: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    without = _result(responses.drop(columns="type").assign(region=None), instrument, index)
    assert without.segments.empty
    assert tuple(without.segments.columns) == SEGMENT_COLUMNS
    assert without.dimensions.empty
    assert without.levels["construct"].tolist() == ["sat", "loy"]
