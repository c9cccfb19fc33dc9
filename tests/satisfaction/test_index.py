"""Scores at their edges and the index with its intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument, load_instrument
from analysis.edition.sections.index import Csat, Index
from analysis.errors import MethodError
from analysis.satisfaction.index import LEVEL_COLUMNS, satisfaction_index, score_respondents
from analysis.satisfaction.segments import segment_index
from analysis.survey.design.survey_design import specify_design


def _answers(instrument: Instrument, **given: float) -> pd.DataFrame:
    """One respondent who answered 3 to everything but what is given."""
    row = dict.fromkeys(instrument.item_keys, 3.0) | given
    return pd.DataFrame([{"respondent_id": "r1", **row}])


def _score(instrument: Instrument, index: Index, **given: float) -> pd.Series:
    return score_respondents(_answers(instrument, **given), instrument=instrument, index=index).iloc[0]


NONE = float("nan")


def test_the_ends_and_the_middle_of_the_scale_are_0_50_and_100(instrument: Instrument, index: Index) -> None:
    score = _score(instrument, index, b1=1.0, b2=1.0, c1=5.0)
    assert score[["a", "b", "c"]].tolist() == [50.0, 0.0, 100.0]
    assert score["csi"] == pytest.approx(50.0)


def test_half_of_the_items_make_a_score_and_fewer_do_not(instrument: Instrument, index: Index) -> None:
    assert _score(instrument, index, a1=5.0, a2=NONE, a3=NONE)["a"] == pytest.approx(75.0)
    assert np.isnan(_score(instrument, index, a1=NONE, a2=NONE, a3=NONE)["a"])
    assert np.isnan(_score(instrument, index, c1=NONE)["c"])


def test_the_index_needs_half_of_the_dimensions_and_leaves_the_others_out(instrument: Instrument, index: Index) -> None:
    two = _score(instrument, index, a1=5.0, a2=5.0, a3=5.0, a4=5.0, b1=1.0, b2=1.0, c1=NONE)
    assert two["csi"] == pytest.approx(50.0)
    one = _score(instrument, index, b1=NONE, b2=NONE, c1=NONE)
    assert np.isnan(one["csi"])
    two_dimensions = [construct for construct in instrument.constructs if construct.key != "c"]
    smaller = instrument.model_copy(update={"constructs": tuple(two_dimensions)})
    assert _score(smaller, index, b1=NONE, b2=NONE)["csi"] == pytest.approx(50.0)


def test_the_weights_of_the_dimensions_count_in_proportion(instrument: Instrument, index: Index) -> None:
    weighted = index.model_copy(update={"weights": {"a": 2.0, "b": 1.0, "c": 1.0}})
    all_answered = _score(instrument, weighted, b1=1.0, b2=1.0, c1=1.0)
    assert all_answered["csi"] == pytest.approx(25.0)
    without_c = _score(instrument, weighted, b1=1.0, b2=1.0, c1=NONE)
    assert without_c["csi"] == pytest.approx(100 / 3)


def test_a_mean_at_the_threshold_is_satisfied(instrument: Instrument, index: Index) -> None:
    at = index.model_copy(update={"csat": Csat(construct="sat", satisfied_from=11 / 3)})
    assert _score(instrument, at, sat1=4.0, sat2=4.0)["satisfied"] == 1.0
    assert _score(instrument, at, sat1=4.0)["satisfied"] == 0.0
    assert np.isnan(_score(instrument, index, sat1=NONE, sat2=NONE)["satisfied"])


def test_the_scores_follow_the_rows_and_the_input_stays(
    instrument: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    before = responses.copy()
    scores = score_respondents(responses, instrument=instrument, index=index)
    assert scores.columns.tolist() == ["respondent_id", "csi", "a", "b", "c", "sat", "loy", "satisfied"]
    shuffled = responses.sample(frac=1, random_state=1)
    again = score_respondents(shuffled, instrument=instrument, index=index).sort_index()
    pd.testing.assert_frame_equal(again, scores)
    pd.testing.assert_frame_equal(responses, before)


def test_an_answer_outside_the_scale_or_an_item_that_is_not_there_is_refused(
    instrument: Instrument, index: Index
) -> None:
    with pytest.raises(MethodError, match="outside the scale"):
        _score(instrument, index, b2=6.0)
    with pytest.raises(MethodError, match="b2"):
        score_respondents(_answers(instrument).drop(columns="b2"), instrument=instrument, index=index)


def test_the_tables_have_the_columns_of_the_contract(
    instrument: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    scores = score_respondents(responses, instrument=instrument, index=index)
    result = satisfaction_index(responses, scores, instrument=instrument, index=index)
    assert result.overall.columns.tolist() == "measure estimate se ci_low ci_high n n_eff deff top_1 top_2".split()
    assert result.overall["measure"].tolist() == ["csi", "csat"]
    shares = ["satisfied_share", "satisfied_low", "satisfied_high"]
    assert result.dimensions.columns.tolist() == [
        *"construct score se ci_low ci_high".split(),
        *shares,
        *"n n_eff deff top_1 top_2".split(),
    ]
    assert result.dimensions["construct"].tolist() == ["a", "b", "c"]
    assert result.items.columns.tolist() == (
        "item construct mean se ci_low ci_high satisfied_share n n_eff deff missing_share top_1 top_2".split()
    )
    assert result.items["item"].tolist() == instrument.item_keys
    assert result.levels.columns.tolist() == list(LEVEL_COLUMNS)
    assert result.levels["construct"].tolist() == ["sat", "loy"]
    assert result.levels[["segment", "category"]].isna().all(axis=None)


def test_the_estimates_are_weighted_means_of_the_scores(
    instrument: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    weights = np.random.default_rng(2).uniform(0.5, 2, len(responses))
    scores = score_respondents(responses, instrument=instrument, index=index)
    result = satisfaction_index(
        responses, scores, instrument=instrument, index=index, design=specify_design(len(scores), weights=weights)
    )
    known = scores["csi"].notna().to_numpy()
    expected = np.average(scores.loc[known, "csi"], weights=weights[known])
    csi = result.overall.set_index("measure").loc["csi"]
    assert csi["estimate"] == pytest.approx(expected)
    residual = weights[known] * (scores.loc[known, "csi"] - expected)
    rows = len(responses)
    spread = (residual**2).sum() * rows / (rows - 1)
    assert csi["se"] == pytest.approx(np.sqrt(spread) / weights[known].sum())
    b1 = result.items.set_index("item").loc["b1"]
    assert b1["missing_share"] == pytest.approx(responses["b1"].isna().mean())
    answered = responses["b1"].notna().to_numpy()
    assert b1["satisfied_share"] == pytest.approx(
        np.average(responses.loc[answered, "b1"] >= 3.5, weights=weights[answered])
    )
    high = (scores["b"] >= 62.5)[scores["b"].notna()]
    b = result.dimensions.set_index("construct").loc["b"]
    assert b["satisfied_share"] == pytest.approx(np.average(high, weights=weights[scores["b"].notna()]))
    assert b["satisfied_low"] < b["satisfied_share"] < b["satisfied_high"]


def test_rows_of_one_sampling_unit_are_not_counted_as_independent(
    instrument: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    """Everybody twice in a unit of their own: as much information as everybody once."""
    scores = score_respondents(responses, instrument=instrument, index=index)
    unit = np.arange(len(responses))
    options = {"instrument": instrument, "index": index}
    once = satisfaction_index(responses, scores, design=specify_design(len(scores), psu=unit), **options).overall
    twice = pd.concat([responses, responses], ignore_index=True)
    doubled = pd.concat([scores, scores], ignore_index=True)
    both = satisfaction_index(
        twice, doubled, design=specify_design(len(doubled), psu=np.tile(unit, 2)), **options
    ).overall
    assert both["se"].tolist() == pytest.approx(once["se"].tolist())
    assert both["se"].iloc[0] > 1.2 * satisfaction_index(twice, doubled, **options).overall["se"].iloc[0]


def test_scores_of_other_respondents_are_refused(instrument: Instrument, index: Index, responses: pd.DataFrame) -> None:
    scores = score_respondents(responses, instrument=instrument, index=index)
    with pytest.raises(MethodError, match="same respondents"):
        satisfaction_index(responses, scores.iloc[::-1], instrument=instrument, index=index)
    with pytest.raises(MethodError, match="design does not match"):
        satisfaction_index(responses, scores, instrument=instrument, index=index, design=specify_design(2))


def test_a_real_survey_has_the_item_means_that_r_found(root: Path, shared: Path) -> None:
    instrument = load_instrument(root / "tests" / "editions" / "csibank-instrument.yml")
    responses = pd.read_csv(shared / "data" / "csibank" / "csibank.csv")
    responses.insert(0, "respondent_id", np.arange(len(responses)).astype(str))
    index = Index(csat=Csat(construct="SAT", satisfied_from=7.0))
    scores = score_respondents(responses, instrument=instrument, index=index)
    result = satisfaction_index(responses, scores, instrument=instrument, index=index)
    means = {"IMAG": 7.26616, "EXPE": 7.72774, "QUAL": 7.63344, "VAL": 6.94010, "SAT": 7.09197, "LOY": 6.90041}
    for key, mean in means.items():
        assert scores[key].mean() / 10 == pytest.approx(mean, abs=1e-5)
    assert result.overall["n"].tolist() == [1707, 1707]


def test_a_census_leaves_no_error_in_index_and_segments(
    instrument: Instrument, index: Index, responses: pd.DataFrame
) -> None:
    scores = score_respondents(responses, instrument=instrument, index=index)
    rows, options = len(scores), {"instrument": instrument, "index": index}
    unit = np.arange(rows) % 17
    errors = {}
    for population in (None, 34, 17):
        fpc = None if population is None else np.full(rows, population)
        design = specify_design(rows, psu=unit, fpc=fpc)
        segments = segment_index(responses, scores, **options, design=design).segments
        errors[population] = np.append(
            satisfaction_index(responses, scores, **options, design=design).overall["se"], segments["se"]
        )
    assert errors[34] == pytest.approx(np.sqrt(0.5) * errors[None], rel=1e-9)
    assert errors[17] == pytest.approx(0 * errors[None], abs=1e-12)
