"""Published levels beside the same quantity of ours: by hand, in the units of the level, in order, and left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.edition.standards import Benchmark, Measure
from analysis.satisfaction.benchmarks import BENCHMARK_COLUMNS, compare_with_benchmarks
from analysis.satisfaction.index import score_respondents
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.differences import adjust_p_values


def _level(key: str, value: float, kind: str | None, **measure: Any) -> Benchmark:
    text = {"zh": key, "en": key}
    asked = None if kind is None else {"kind": kind, **measure}
    unit = "score" if asked is None else Measure.model_validate(asked).unit
    return Benchmark.model_validate(
        {"key": key, "name": text, "value": value, "unit": unit, "source": text, "section": "1", "measure": asked}
    )


@pytest.fixture
def scores(responses: pd.DataFrame, instrument: Instrument, index: Index) -> pd.DataFrame:
    return score_respondents(responses, instrument=instrument, index=index)


@pytest.fixture
def compare(responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index) -> Any:
    def run(*levels: Benchmark, **options: Any) -> pd.DataFrame:
        options = {"instrument": instrument, "index": index} | options
        return compare_with_benchmarks(responses, scores, levels, **options)

    return run


def test_a_score_is_set_against_a_score(compare: Any, scores: pd.DataFrame) -> None:
    table = compare(_level("index", 48.0, "csi"), _level("trust", 52.0, "construct_score", construct="a"))
    assert tuple(table) == BENCHMARK_COLUMNS
    for row, name in zip(table.to_dict("records"), ("csi", "a"), strict=True):
        own = scores[name].dropna()
        plain = ttest_1samp(own, row["benchmark"])
        assert row["value"] == pytest.approx(own.mean())
        assert row["gap"] == pytest.approx(own.mean() - row["benchmark"])
        assert row["p"] == pytest.approx(plain.pvalue)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(plain.confidence_interval()))
        assert (row["n"], row["unit"], row["gap_unit"], row["year"]) == (len(own), "score", "score", "")


def test_a_share_is_set_against_a_percentage_and_the_gap_is_points(
    compare: Any, scores: pd.DataFrame, responses: pd.DataFrame
) -> None:
    table = compare(
        _level("satisfied", 40.0, "csat"),
        _level("often", 30.0, "item_share", item="a1"),
        _level("high", 25.0, "construct_share", construct="loy"),
    )
    shares = [
        scores["satisfied"].mean(),
        (responses["a1"].dropna() >= 3.5).mean(),
        (responses[["loy1", "loy2"]].mean(axis=1).dropna() >= 3.5).mean(),
    ]
    assert table["value"].to_numpy() == pytest.approx(100 * np.array(shares))
    assert table["gap"].to_numpy() == pytest.approx(100 * np.array(shares) - [40, 30, 25])
    assert table["gap_unit"].tolist() == ["points"] * 3


def test_weights_and_a_category_make_it_that_of_the_people_meant(
    compare: Any, scores: pd.DataFrame, responses: pd.DataFrame
) -> None:
    weights = np.where(np.arange(200) % 5 == 0, 0.0, 1.0 + np.arange(200) % 3)
    level = _level("banks", 50.0, "csi", segment="type", category="bank")
    row = compare(level, design=specify_design(200, weights=weights)).iloc[0]
    mine = (responses["type"] == "bank") & scores["csi"].notna() & (weights > 0)
    assert row["value"] == pytest.approx(np.average(scores["csi"][mine], weights=weights[mine]))
    assert row["n"] == mine.sum()


def test_levels_keep_their_order_and_p_values_are_adjusted_together(compare: Any, index: Index) -> None:
    levels = [_level("x", 45.0, "csi"), _level("y", 40.0, "csat"), _level("z", 55.0, "construct_score", construct="b")]
    table = compare(*levels)
    assert table["key"].tolist() == ["x", "y", "z"]
    assert table["p_adjusted"].to_numpy() == pytest.approx(adjust_p_values(table["p"].to_numpy(), method="holm"))
    plain = compare(*levels, index=index.model_copy(update={"adjustment": "none"}))
    assert plain["p_adjusted"].tolist() == plain["p"].tolist()


@pytest.mark.parametrize(
    "level",
    [
        _level("quoted", 3.0, None),
        _level("item", 3.0, "item_share", item="q99"),
        _level("construct", 3.0, "construct_score", construct="zz"),
        _level("question", 3.0, "csi", segment="town", category="n"),
        _level("category", 3.0, "csi", segment="type", category="nobody"),
    ],
    ids=lambda level: level.key,
)
def test_what_was_not_asked_or_answered_is_left_out(compare: Any, level: Benchmark) -> None:
    nothing = compare(level)
    assert nothing.empty
    assert tuple(nothing) == BENCHMARK_COLUMNS
    assert compare(level, _level("index", 48.0, "csi"))["key"].tolist() == ["index"]
