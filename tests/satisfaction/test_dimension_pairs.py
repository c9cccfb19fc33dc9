"""Every dimension between every two categories: the differences, and all of them as one family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.satisfaction.index import score_respondents
from analysis.satisfaction.pairs import PAIR_COLUMNS, dimension_pairs
from analysis.survey.estimation.differences import adjust_p_values


@pytest.fixture
def scores(responses: pd.DataFrame, instrument: Instrument, index: Index) -> pd.DataFrame:
    return score_respondents(responses, instrument=instrument, index=index)


def test_differences_are_those_of_the_means_and_all_of_them_one_family(
    responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    pairs = dimension_pairs(responses, scores, instrument=instrument, index=index)
    assert pairs is not None
    assert tuple(pairs.columns) == PAIR_COLUMNS
    assert len(pairs) == 3 * len(instrument.dimensions)  # three categories
    segment = index.segments[0]
    row = pairs.iloc[0]
    groups = scores[row["construct"]].groupby(responses[segment].to_numpy()).mean()
    assert row["difference"] == pytest.approx(groups[row["a"]] - groups[row["b"]])
    assert row["n_a"] == (scores[row["construct"]].notna() & (responses[segment] == row["a"]).to_numpy()).sum()
    np.testing.assert_allclose(pairs["p_adjusted"], adjust_p_values(pairs["p"].to_numpy(dtype=float), method="holm"))


def test_without_two_categories_there_is_nothing_to_compare(
    responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index
) -> None:
    one = responses.assign(**{index.segments[0]: responses[index.segments[0]].dropna().iloc[0]})
    assert dimension_pairs(one, scores, instrument=instrument, index=index) is None
    silent = index.model_copy(update={"segments": ()})
    assert dimension_pairs(responses, scores, instrument=instrument, index=silent) is None


@pytest.mark.parametrize("planted", [True, False])
def test_a_planted_reversal_stands_up_and_chance_does_not(instrument: Instrument, index: Index, planted: bool) -> None:
    rng = np.random.default_rng(11)
    segment, keys = index.segments[0], [one.key for one in instrument.dimensions][:2]
    codes = ["bank", "fund"]
    ids = [f"r{place}" for place in range(800)]
    answers = pd.DataFrame({"respondent_id": ids, segment: np.repeat(codes, 400)})
    shift = np.where(answers[segment] == codes[0], 5.0, 0.0) if planted else np.zeros(800)
    scores = pd.DataFrame({one.key: rng.normal(80, 14, 800) for one in instrument.dimensions})
    scores[keys[0]] += shift
    scores[keys[1]] -= shift
    found = dimension_pairs(
        answers, scores.assign(respondent_id=ids, csi=80.0, satisfied=True), instrument=instrument, index=index
    )
    assert found is not None
    clear = found[found["p_adjusted"] < 0.05].set_index("construct")["difference"]
    assert {key: float(np.sign(clear[key])) for key in clear.index} == (
        {keys[0]: 1.0, keys[1]: -1.0} if planted else {}
    )
