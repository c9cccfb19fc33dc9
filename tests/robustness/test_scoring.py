"""Ways of scoring the index: against what the report does, against a factor analysis, and with gaps in the answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.errors import MethodError
from analysis.robustness import scoring
from analysis.robustness.scoring import (
    AVAILABLE,
    COMPLETE,
    EQUAL,
    FACTOR,
    HIGH,
    IMPORTANCE,
    IMPUTED,
    PUBLISHED,
    Ratings,
    factor_weights,
    loadings,
    ratings,
    scorings,
    two_way,
)
from analysis.satisfaction.index import score_respondents

NAME = {"zh": "问", "en": "Asked"}


def _construct(key: str, role: str, items: int) -> dict[str, Any]:
    return {"key": key, "role": role, "name": NAME, "items": [{"key": f"{key}{i}", **NAME} for i in range(items)]}


INSTRUMENT = Instrument.model_validate(
    {
        "name": NAME,
        "scale": {"min": 1, "max": 5},
        "constructs": [
            _construct("a", "dimension", 3),
            _construct("b", "dimension", 4),
            _construct("s", "satisfaction", 2),
        ],
    }
)
INDEX = Index.model_validate({"csat": {"construct": "s", "satisfied_from": 4}, "weights": {"a": 3, "b": 1}})


def _responses(rows: int = 400, gaps: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    taste = rng.standard_normal((rows, 1))
    answers = np.clip(np.rint(3.6 + taste + rng.standard_normal((rows, 9))), 1, 5)
    answers[rng.random((rows, 9)) < gaps] = np.nan
    frame = pd.DataFrame(answers, columns=INSTRUMENT.item_keys)
    frame.insert(0, "respondent_id", [f"R{row}" for row in range(rows)])
    return frame


@pytest.mark.parametrize("rows", [7, 4096])
def test_the_published_way_is_the_index_of_the_report(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(scoring, "BLOCK_ROWS", rows)
    responses = _responses()
    given = ratings(responses, instrument=INSTRUMENT, index=INDEX)
    found = scorings(given, published={"a": 3, "b": 1}, satisfaction=None, weights=np.ones(len(responses)))
    expected = score_respondents(responses, instrument=INSTRUMENT, index=INDEX)
    np.testing.assert_allclose(found[PUBLISHED].index(given), expected["csi"], rtol=1e-12)
    np.testing.assert_allclose(given.plain, expected[["a", "b"]], rtol=1e-12)


def test_ways_that_are_alike_are_one() -> None:
    responses = _responses()
    given = ratings(responses, instrument=INSTRUMENT, index=INDEX)
    scores = score_respondents(responses, instrument=INSTRUMENT, index=INDEX)["s"].to_numpy()
    options: dict[str, Any] = {"satisfaction": scores, "weights": np.ones(len(responses))}
    assert set(scorings(given, published={"a": 3, "b": 1}, **options)) == {PUBLISHED, EQUAL, FACTOR, IMPORTANCE, HIGH}
    assert set(scorings(given, published={"a": 1, "b": 1}, **options)) == {PUBLISHED, FACTOR, IMPORTANCE, HIGH}
    alone = {"satisfaction": None, "weights": np.ones(len(responses))}
    assert set(scorings(given, published={"a": 1, "b": 1}, **alone)) == {PUBLISHED, FACTOR, HIGH}


def test_the_share_of_high_ratings_counts_answers_from_the_threshold_on() -> None:
    responses = _responses(gaps=0.0)
    given = ratings(responses, instrument=INSTRUMENT, index=INDEX)
    found = scorings(given, published={"a": 1, "b": 1}, satisfaction=None, weights=np.ones(len(responses)))
    high = responses[INSTRUMENT.item_keys[:7]] >= 4
    expected = 50 * high.iloc[:, :3].mean(axis=1) + 50 * high.iloc[:, 3:].mean(axis=1)
    np.testing.assert_allclose(found[HIGH].index(given), expected)


def test_loadings_of_one_factor_are_found_again() -> None:
    loading = np.array([0.9, 0.7, 0.5, 0.8])
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1.0)
    spread = np.array([2.0, 1.0, 0.5, 3.0])
    found = loadings(correlation * np.outer(spread, spread))
    assert found is not None
    np.testing.assert_allclose(found, loading, atol=1e-4)
    assert loadings(np.zeros((3, 3))) is None


def test_an_item_that_hangs_on_the_factor_more_weighs_more() -> None:
    rng = np.random.default_rng(2)
    factor = rng.standard_normal((3000, 1))
    values = factor * np.array([0.9, 0.6, 0.6]) + rng.standard_normal((3000, 3)) * np.sqrt([0.19, 0.64, 0.64])
    given = Ratings(values, np.full(3, 75.0), np.zeros(3, dtype=np.int64), ("a",), 0.5)
    weights = factor_weights(given, np.ones(3000))
    assert weights is not None
    assert weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(weights, np.array([4.737, 0.9375, 0.9375]) / 6.612, atol=0.06)
    assert (
        factor_weights(
            Ratings(values[:, :2], np.full(2, 75.0), np.zeros(2, dtype=np.int64), ("a",), 0.5), np.ones(3000)
        )
        is None
    )


def test_a_gap_is_filled_by_what_person_and_item_lead_one_to_expect() -> None:
    scores = np.array([[50.0, 70.0], [30.0, np.nan], [np.nan, np.nan], [10.0, 90.0]])
    filled = two_way(scores)
    # Items stand at 30 and 80; the second person is as high on the first item as the item is.
    np.testing.assert_allclose(filled[1], [30.0, 80.0])
    np.testing.assert_allclose(filled[0], scores[0])
    assert np.isnan(filled[2]).all()
    assert np.nanmax(two_way(np.array([[100.0, np.nan], [20.0, 95.0], [30.0, 99.0]]))) == 100.0


def test_complete_and_imputed_answers_are_of_those_who_have_an_index() -> None:
    responses = _responses(gaps=0.3)
    given = ratings(responses, instrument=INSTRUMENT, index=INDEX)
    way = scorings(given, published={"a": 1, "b": 1}, satisfaction=None, weights=np.ones(len(responses)))[PUBLISHED]
    known = {name: ~np.isnan(way.index(given.treated(name))) for name in (AVAILABLE, COMPLETE, IMPUTED)}
    assert known[COMPLETE].sum() == given.complete.sum() < known[AVAILABLE].sum()
    np.testing.assert_array_equal(known[IMPUTED], known[AVAILABLE])
    full = given.complete
    np.testing.assert_allclose(way.index(given.treated(IMPUTED))[full], way.index(given)[full])


def test_an_instrument_without_a_dimension_has_no_index() -> None:
    bare = INSTRUMENT.model_copy(update={"constructs": INSTRUMENT.constructs[2:]})
    with pytest.raises(MethodError, match="no index"):
        ratings(_responses(), instrument=bare, index=INDEX)
